import { callNative } from '../errors';
import { native } from '../native';
import { checkKnown, optionsObject, signalOption } from '../options/arguments';
import { pathOption } from '../options/paths';
import { bundle } from './bundle';
import type { Core } from './core';
import { awaitJobs, throwIfAborted } from './job';

export function save(
  core: Core,
  path: string | URL,
  options?: { signal?: AbortSignal },
): Promise<void> {
  const file = pathOption(path, 'path');
  const given = optionsObject(options, 'save: options');
  checkKnown(given, ['signal'], 'save');
  const signal = signalOption(given.signal, 'signal');
  return write(core, file, signal);
}

async function write(core: Core, file: string, signal: AbortSignal | undefined): Promise<void> {
  const parts = bundle(core, 'save()');
  throwIfAborted(signal);
  const job = callNative(() => native().saveFile(core.engine, file, parts));
  await awaitJobs(core, 'save()', [job], signal);
}
