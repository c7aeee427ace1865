// Accuracy measures: plain functions of arrays of the same length. Every argument is checked: a wrong type
// or length throws at once, a value that is not finite is ERR_NON_FINITE, and a measure that is not defined
// (a division by zero) throws ERR_OUT_OF_RANGE rather than returning NaN.
import { types } from 'node:util';
import { checkAttached } from '../data/column';
import { ForecastError, invalidType, outOfRange } from '../errors';
import { integerOption, optionsObject, show } from '../options/arguments';

/** Numbers in an array or a typed array. */
export type Numbers = ArrayLike<number>;

function check(values: unknown, name: string, length?: number): Numbers {
  if (types.isTypedArray(values)) checkAttached(values, name);
  const bigints = types.isBigInt64Array(values) || types.isBigUint64Array(values);
  if (bigints || (!Array.isArray(values) && !types.isTypedArray(values))) {
    throw invalidType(`${name} must be an array of numbers; got ${show(values)}`);
  }
  const list = values as Numbers;
  if (list.length === 0) throw outOfRange(`${name} is empty: there is nothing to measure`);
  if (length !== undefined && list.length !== length) {
    throw outOfRange(`${name} must have ${length} values like actual; got ${list.length}`);
  }
  for (let i = 0; i < list.length; i++) {
    const value: unknown = list[i];
    if (Number.isFinite(value)) continue;
    if (typeof value !== 'number') {
      throw invalidType(`${name}[${i}] must be a number; got ${show(value)}`);
    }
    throw new ForecastError('ERR_NON_FINITE', `${name}[${i}] is ${value}`);
  }
  return list;
}

function checkPair(actual: Numbers, predicted: Numbers): void {
  check(actual, 'actual');
  check(predicted, 'predicted', actual.length);
}

function fraction(value: unknown, name: string, max: number): number {
  if (typeof value !== 'number') throw invalidType(`${name} must be a number; got ${show(value)}`);
  if (value > 0 && value < max) return value;
  throw outOfRange(`${name} must lie between 0 and ${max}; got ${value}`);
}

function mean(count: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += term(i);
  return sum / count;
}

function divide(value: number, by: number, message: string): number {
  if (by === 0) throw outOfRange(message);
  return value / by;
}

/** Mean absolute error. */
export function mae(actual: Numbers, predicted: Numbers): number {
  checkPair(actual, predicted);
  return mean(actual.length, (i) => Math.abs(actual[i]! - predicted[i]!));
}

/** Mean squared error. */
export function mse(actual: Numbers, predicted: Numbers): number {
  checkPair(actual, predicted);
  return mean(actual.length, (i) => (actual[i]! - predicted[i]!) ** 2);
}

/** Root of the mean squared error. */
export function rmse(actual: Numbers, predicted: Numbers): number {
  return Math.sqrt(mse(actual, predicted));
}

/** Mean absolute error relative to the actual values, as a share: 0.1 is ten percent. */
export function mape(actual: Numbers, predicted: Numbers): number {
  checkPair(actual, predicted);
  return mean(actual.length, (i) =>
    divide(
      Math.abs(actual[i]! - predicted[i]!),
      Math.abs(actual[i]!),
      `mape: actual[${i}] is 0, so the relative error is not defined; use smape or mae`,
    ),
  );
}

/** Symmetric relative error: mean of 2|a - p| / (|a| + |p|), 0 to 2; where both are 0 it is 0. */
export function smape(actual: Numbers, predicted: Numbers): number {
  checkPair(actual, predicted);
  return mean(actual.length, (i) => {
    const size = Math.abs(actual[i]!) + Math.abs(predicted[i]!);
    return size === 0 ? 0 : (2 * Math.abs(actual[i]! - predicted[i]!)) / size;
  });
}

/** Options of the measures that scale by a naive forecast on the training data. */
export interface ScaledOptions {
  /** Length of a season: the naive forecast repeats the value that many steps ago. Default 1. */
  seasonality?: number;
}

/**
 * Mean absolute error over that of the (seasonal) naive forecast within the training data: below 1 is better than
 * naive. Hyndman and Koehler, 2006.
 */
export function mase(
  actual: Numbers,
  predicted: Numbers,
  train: Numbers,
  options?: ScaledOptions,
): number {
  checkPair(actual, predicted);
  check(train, 'train');
  const { seasonality = 1 } = optionsObject(options, 'options');
  const lag = integerOption(seasonality, 'options.seasonality', 1, Number.MAX_SAFE_INTEGER);
  if (train.length <= lag) {
    throw outOfRange(`train must have more than ${lag} values (seasonality); got ${train.length}`);
  }
  const scale = mean(train.length - lag, (i) => Math.abs(train[i + lag]! - train[i]!));
  return divide(mae(actual, predicted), scale, 'mase: the naive forecast makes no error on train');
}

/** Mean absolute error over that of another forecast of the same values. */
export function rmae(actual: Numbers, predicted: Numbers, baseline: Numbers): number {
  checkPair(actual, predicted);
  check(baseline, 'baseline', actual.length);
  return divide(
    mae(actual, predicted),
    mae(actual, baseline),
    'rmae: the baseline makes no error, so nothing can be set against it',
  );
}

/** Share of the variance explained: 1 is perfect, 0 is as good as the mean. */
export function r2(actual: Numbers, predicted: Numbers): number {
  checkPair(actual, predicted);
  const center = mean(actual.length, (i) => actual[i]!);
  const total = mean(actual.length, (i) => (actual[i]! - center) ** 2);
  return 1 - divide(mse(actual, predicted), total, 'r2: actual is constant, it has no variance');
}

/** Pinball loss of a forecast of quantile q, 0 < q < 1. */
export function quantileLoss(actual: Numbers, predicted: Numbers, q: number): number {
  checkPair(actual, predicted);
  fraction(q, 'q', 1);
  return mean(actual.length, (i) => {
    const error = actual[i]! - predicted[i]!;
    return Math.max(q * error, (q - 1) * error);
  });
}

/**
 * Continuous ranked probability score, from forecasts of several quantiles: twice their mean pinball loss.
 * predicted[k] is the forecast of quantiles[k].
 */
export function crps(
  actual: Numbers,
  predicted: readonly Numbers[],
  quantiles: readonly number[],
): number {
  check(quantiles, 'quantiles');
  if (!Array.isArray(predicted) || predicted.length !== quantiles.length) {
    throw invalidType(
      `predicted must be an array of ${quantiles.length} forecasts, one a quantile; got ${show(predicted)}`,
    );
  }
  return 2 * mean(quantiles.length, (k) => quantileLoss(actual, predicted[k]!, quantiles[k]!));
}

function checkInterval(actual: Numbers, lower: Numbers, upper: Numbers): void {
  check(actual, 'actual');
  check(lower, 'lower', actual.length);
  check(upper, 'upper', actual.length);
}

/** Share of the actual values that lie within [lower, upper]. */
export function coverage(actual: Numbers, lower: Numbers, upper: Numbers): number {
  checkInterval(actual, lower, upper);
  return mean(actual.length, (i) => (actual[i]! >= lower[i]! && actual[i]! <= upper[i]! ? 1 : 0));
}

/**
 * Winkler score of an interval of `level` percent: its width, plus 2 / alpha times how far the actual value lies
 * outside. Lower is better.
 */
export function winkler(actual: Numbers, lower: Numbers, upper: Numbers, level: number): number {
  checkInterval(actual, lower, upper);
  const alpha = 1 - fraction(level, 'level', 100) / 100;
  return mean(actual.length, (i) => {
    const outside = Math.max(lower[i]! - actual[i]!, actual[i]! - upper[i]!, 0);
    return upper[i]! - lower[i]! + (2 / alpha) * outside;
  });
}

/**
 * Share of steps whose direction was forecast: actual[i] against `previous`[i] (the value known before), default the
 * actual value of the step before, which leaves the first step out. No change counts as a direction of its own.
 */
export function directionalAccuracy(
  actual: Numbers,
  predicted: Numbers,
  previous?: Numbers,
): number {
  checkPair(actual, predicted);
  if (previous !== undefined) {
    check(previous, 'previous', actual.length);
    return mean(actual.length, (i) => sameSide(actual[i]!, predicted[i]!, previous[i]!));
  }
  if (actual.length < 2) {
    throw outOfRange('actual must have at least 2 values when previous is left out; got 1');
  }
  return mean(actual.length - 1, (i) => sameSide(actual[i + 1]!, predicted[i + 1]!, actual[i]!));
}

function sameSide(actual: number, predicted: number, previous: number): number {
  return Math.sign(actual - previous) === Math.sign(predicted - previous) ? 1 : 0;
}

/**
 * Overall weighted average of the M4 competition: the mean of sMAPE and MASE, each over that of a baseline
 * (naive 2 there). Below 1 is better than the baseline.
 */
export function owa(
  actual: Numbers,
  predicted: Numbers,
  baseline: Numbers,
  train: Numbers,
  options?: ScaledOptions,
): number {
  checkPair(actual, predicted);
  check(baseline, 'baseline', actual.length);
  const message = 'owa: the baseline makes no error, so nothing can be set against it';
  const relativeSmape = divide(smape(actual, predicted), smape(actual, baseline), message);
  const own = mase(actual, predicted, train, options);
  return (relativeSmape + divide(own, mase(actual, baseline, train, options), message)) / 2;
}
