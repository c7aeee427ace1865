import { callNative, invalidType } from '../errors';
import { type Core, fittedHistory } from '../model/core';
import { checkKnown, integerOption, optionsObject, show } from '../options/arguments';

interface WarmupOptions {
  batchSizes?: readonly number[];
}

export function warmup(core: Core, options?: WarmupOptions): Promise<void> {
  return warm(core, sizesOf(options));
}

async function warm(core: Core, sizes: number[]): Promise<void> {
  fittedHistory(core, 'warmup()');
  for (const { model } of core.members) callNative(() => model.warmup(sizes));
}

function sizesOf(options: WarmupOptions | undefined): number[] {
  const given = optionsObject(options, 'warmup: options');
  checkKnown(given, ['batchSizes'], 'warmup');
  const { batchSizes = [1] } = given;
  if (!Array.isArray(batchSizes)) {
    throw invalidType(`batchSizes must be an array of integers; got ${show(batchSizes)}`);
  }
  return batchSizes.map((size: unknown, i) =>
    integerOption(size, `batchSizes[${i}]`, 1, 1_000_000),
  );
}
