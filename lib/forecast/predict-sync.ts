import { callNative, nameSeries } from '../errors';
import type { Core } from '../model/core';
import { checkKnown, optionsObject } from '../options/arguments';
import type { Forecast } from './forecast';
import {
  collect,
  type PredictSyncOptions,
  planPrediction,
  predictNames,
  releasePrediction,
} from './prediction';

export function predictSync(core: Core, options?: PredictSyncOptions): Forecast {
  const given = optionsObject(options, 'predictSync: options');
  checkKnown(given, predictNames, 'predictSync');
  const prediction = planPrediction(core, given, 'predictSync()');
  try {
    for (const { member, options } of prediction.tasks) {
      callNative(() => member.model.predictSync(options));
    }
    return collect(prediction);
  } catch (error) {
    throw nameSeries(error, prediction.series.ids);
  } finally {
    releasePrediction(prediction);
  }
}
