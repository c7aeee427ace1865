import type * as Native from '../../types/native';
import { callNative, nameSeries } from '../errors';
import type { Core } from '../model/core';
import { abandon, awaitJobs, throwIfAborted } from '../model/job';
import { checkKnown, optionsObject, signalOption } from '../options/arguments';
import type { Forecast } from './forecast';
import {
  collect,
  type Prediction,
  type PredictSyncOptions,
  planPrediction,
  predictNames,
  releasePrediction,
} from './prediction';

/** Options of `predict`. */
export interface PredictOptions extends PredictSyncOptions {
  /** Stops the forecast; the promise rejects with an AbortError. */
  signal?: AbortSignal;
}

export function predict(core: Core, options?: PredictOptions): Promise<Forecast> {
  const given = optionsObject(options, 'predict: options');
  checkKnown(given, [...predictNames, 'signal'], 'predict');
  const signal = signalOption(given.signal, 'signal');
  const prediction = planPrediction(core, given, 'predict()');
  const jobs: Native.Job<void>[] = [];
  try {
    throwIfAborted(signal);
    for (const { member, options } of prediction.tasks) {
      jobs.push(callNative(() => member.model.predict(options)));
    }
  } catch (error) {
    abandon(jobs);
    releasePrediction(prediction);
    throw error;
  }
  return finishPredict(core, prediction, jobs, signal);
}

async function finishPredict(
  core: Core,
  prediction: Prediction,
  jobs: Native.Job<void>[],
  signal: AbortSignal | undefined,
): Promise<Forecast> {
  try {
    await awaitJobs(core, 'predict()', jobs, signal);
    return collect(prediction);
  } catch (error) {
    throw nameSeries(error, prediction.series.ids);
  } finally {
    releasePrediction(prediction);
  }
}
