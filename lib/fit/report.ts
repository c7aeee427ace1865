import { types } from 'node:util';
import type * as Native from '../../types/native';

/** What one model's training came to. `JSON.stringify` writes `trainLoss` as a list of numbers. */
export interface ModelFitReport {
  /** The model's alias. */
  model: string;
  /** Optimiser steps done. */
  steps: number;
  /** earlyStopPatienceSteps ended the training. */
  stoppedEarly: boolean;
  /** Loss of every step, in the scale that the model trains in. */
  trainLoss: Float64Array;
  /**
   * The model's `validLoss` at every validation check. By default errors are counted in the series' own mean change
   * from row to row, as MASE is, so that 1 is about as good as repeating the last value whatever the series' unit;
   * with `validLossScale: 'data'` in the unit of y.
   */
  validLoss: { step: number; loss: number }[];
  /**
   * The least of `validLoss`; NaN without validation. With early stopping it is the loss of the weights that are kept.
   * Models trained by different losses compare when they are given one `validLoss`, such as 'MAE'.
   */
  bestValidLoss: number;
  /** Wall time of the training. */
  seconds: number;
  /** Windows trained on in a second. */
  samplesPerSecond: number;
  /**
   * What is worth knowing before the forecasts are used, a sentence each; 20 at most, and how many more there are.
   * Prophet: columns that are the same in every row, and columns that cannot be told from others. Else: series that
   * move by less than 1e-4 from row to row, too little for the network and `scalerType`; a resumed checkpoint of a
   * training that had ended. Usually empty.
   */
  warnings: string[];
}

/** What fit() came to. */
export interface FitReport {
  /** In the order of the forecaster's models. */
  models: ModelFitReport[];
  /** Wall time of all of them. */
  seconds: number;
}

/** The native report of the model of this alias. */
export function modelReport(report: Native.FitReport, alias: string): ModelFitReport {
  return withLists({
    model: alias,
    steps: report.steps,
    stoppedEarly: report.stoppedEarly,
    trainLoss: report.trainLoss,
    validLoss: Array.from(report.validLoss, (loss, i) => ({ step: report.validSteps[i]!, loss })),
    bestValidLoss: report.bestValidLoss,
    seconds: report.seconds,
    samplesPerSecond: report.samplesPerSecond,
    warnings: report.warnings,
  });
}

/** `value`, of which JSON.stringify writes typed arrays as lists of numbers; no enumerable member says so. */
function withLists<T extends object>(value: T): T {
  const toJSON = () =>
    Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        types.isTypedArray(member) ? Array.from(member as ArrayLike<unknown>) : member,
      ]),
    );
  return Object.defineProperty(value, 'toJSON', { value: toJSON });
}
