import { callNative } from '../errors';
import { native } from '../native';
import { bundle } from './bundle';
import type { Core } from './core';

export function serialize(core: Core): Uint8Array<ArrayBuffer> {
  const parts = bundle(core, 'serialize()');
  return callNative(() => native().serialize(parts));
}
