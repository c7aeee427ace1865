import type { FloatArray } from '../../types/native';
import { callNative } from '../errors';
import type { Core } from '../model/core';
import { awaitJobs, throwIfAborted } from '../model/job';
import { checkKnown, optionsObject, signalOption } from '../options/arguments';
import { type BatchColumns, type BatchSyncOptions, batchNames, planBatch } from './batch';

/** Options of `predictBatch`. */
export interface BatchOptions<T extends FloatArray = FloatArray> extends BatchSyncOptions<T> {
  /** Stops the forecast; the promise rejects with an AbortError. */
  signal?: AbortSignal;
}

export function predictBatch<T extends FloatArray>(
  core: Core,
  windows: T,
  options?: BatchOptions<T>,
): Promise<T | BatchColumns<T>> {
  const given = optionsObject(options, 'predictBatch: options');
  checkKnown(given, [...batchNames, 'signal'], 'predictBatch');
  const signal = signalOption(given.signal, 'signal');
  // The caller could transfer `out` away while the job fills it: it gets a copy at the end.
  const batch = planBatch(core, windows, given, 'predictBatch()', false);
  throwIfAborted(signal);
  const { localScaler } = core.settings;
  const { model } = batch.member;
  const { out, quantiles } = batch;
  const job = callNative(() => model.predictBatch({ windows, localScaler, quantiles, out }));
  return awaitJobs(core, 'predictBatch()', [job], signal).then(() => batch.result());
}
