import { types } from 'node:util';
import { checkAttached } from '../data/column';
import { callNative, invalidType } from '../errors';
import { native } from '../native';
import { show } from '../options/arguments';
import { type ComputeOptions, loadOptions } from '../options/compute';
import type { Core } from './core';
import { finishRestore, planRestore } from './restore';

export function deserialize(bytes: Uint8Array, options?: ComputeOptions): Core {
  const given = loadOptions(options, []);
  if (!types.isUint8Array(bytes)) {
    throw invalidType(`bytes must be a Uint8Array; got ${show(bytes)}`);
  }
  checkAttached(bytes, 'bytes');
  const header = callNative(() => native().readHeader(bytes));
  const plan = planRestore(header, given);
  try {
    const contents = callNative(() => native().deserialize(plan.engine, bytes));
    return finishRestore(plan, contents);
  } catch (error) {
    plan.engine.dispose();
    throw error;
  }
}
