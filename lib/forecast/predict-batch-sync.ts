import type { FloatArray } from '../../types/native';
import { callNative } from '../errors';
import type { Core } from '../model/core';
import { checkKnown, optionsObject } from '../options/arguments';
import { type BatchColumns, type BatchSyncOptions, batchNames, planBatch } from './batch';

export function predictBatchSync<T extends FloatArray>(
  core: Core,
  windows: T,
  options?: BatchSyncOptions<T>,
): T | BatchColumns<T> {
  const given = optionsObject(options, 'predictBatchSync: options');
  checkKnown(given, batchNames, 'predictBatchSync');
  const batch = planBatch(core, windows, given, 'predictBatchSync()', true);
  const { localScaler } = core.settings;
  const { member, out, quantiles } = batch;
  callNative(() => member.model.predictBatchSync({ windows, localScaler, quantiles, out }));
  return batch.result();
}
