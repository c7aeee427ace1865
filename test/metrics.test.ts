import { metrics } from '../lib';
import { thrownBy } from './support/errors';

const actual = [3, -1, 2, 7];
const predicted = Float64Array.of(2.5, 0, 2, 8);
const train = [1, 2, 4, 3];

describe('values by hand', () => {
  test.each<[string, number, number]>([
    ['mae', metrics.mae(actual, predicted), 2.5 / 4],
    ['mse', metrics.mse(actual, predicted), 2.25 / 4],
    ['rmse', metrics.rmse(actual, predicted), 0.75],
    ['mape', metrics.mape(actual, predicted), (0.5 / 3 + 1 + 0 + 1 / 7) / 4],
    ['smape', metrics.smape(actual, predicted), (1 / 5.5 + 2 + 0 + 2 / 15) / 4],
    ['mase', metrics.mase(actual, predicted, train), 2.5 / 4 / (4 / 3)],
    ['mase, season 2', metrics.mase(actual, predicted, train, { seasonality: 2 }), 2.5 / 4 / 2],
    ['rmae', metrics.rmae(actual, predicted, [0, 0, 0, 0]), 2.5 / 13],
    ['r2', metrics.r2(actual, predicted), 1 - 2.25 / 32.75],
    ['quantileLoss', metrics.quantileLoss(actual, predicted, 0.9), (0.45 + 0.1 + 0 + 0.1) / 4],
    ['crps', metrics.crps(actual, [predicted, predicted], [0.5, 0.9]), 2.5 / 8 + 0.65 / 4],
    ['coverage', metrics.coverage(actual, [3, 0, 0, 0], [4, 1, 5, 6]), 0.5],
    ['winkler', metrics.winkler([0, 5], [1, 1], [3, 3], 80), (2 + 10 + 2 + 20) / 2],
    ['directionalAccuracy', metrics.directionalAccuracy([1, 2, 1, 1], [0, 3, 3, 1]), 2 / 3],
    ['directionalAccuracy from previous', metrics.directionalAccuracy([2, 0], [3, 3], [1, 1]), 0.5],
    ['smape of zeros', metrics.smape([0, 1], [0, 1]), 0],
  ])('%s', (_, value, expected) => {
    expect(value).toBeCloseTo(expected, 12);
  });

  test('a baseline set against itself has owa 1', () => {
    expect(metrics.owa(actual, predicted, predicted, train)).toBeCloseTo(1, 12);
    expect(metrics.owa(actual, actual, predicted, train)).toBe(0);
  });
});

describe('arguments', () => {
  const pairs = ['mae', 'mse', 'rmse', 'mape', 'smape', 'r2'] as const;
  test.each(pairs)('%s checks them', (name) => {
    const call = metrics[name] as (a: unknown, p: unknown) => number;
    expect(thrownBy(() => call('no', predicted))).toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      message: expect.stringContaining('actual'),
    });
    expect(thrownBy(() => call(actual, [1]))).toMatchObject({
      name: 'RangeError',
      message: expect.stringContaining('predicted must have 4 values'),
    });
    expect(thrownBy(() => call([], [])).code).toBe('ERR_OUT_OF_RANGE');
    expect(thrownBy(() => call([1, '2'], [1, 2])).message).toContain('actual[1]');
    expect(thrownBy(() => call([1, 2], [1, Number.NaN]))).toMatchObject({
      name: 'ForecastError',
      code: 'ERR_NON_FINITE',
      message: expect.stringContaining('predicted[1]'),
    });
  });

  test.each<[string, () => number]>([
    ['mape of a zero', () => metrics.mape([0], [1])],
    ['r2 of a constant', () => metrics.r2([1, 1], [1, 2])],
    ['mase of a constant train', () => metrics.mase([1], [2], [3, 3])],
    ['mase of a short train', () => metrics.mase([1], [2], [3, 4], { seasonality: 2 })],
    ['rmae of a perfect baseline', () => metrics.rmae([1], [2], [1])],
    ['a quantile of 1', () => metrics.quantileLoss([1], [2], 1)],
    ['a level of 100', () => metrics.winkler([1], [0], [2], 100)],
    ['one value without previous', () => metrics.directionalAccuracy([1], [2])],
  ])('%s', (_, call) => {
    expect(thrownBy(call)).toMatchObject({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
  });

  test('crps wants one forecast a quantile', () => {
    expect(thrownBy(() => metrics.crps([1], [[1]], [0.1, 0.9])).code).toBe('ERR_INVALID_ARG_TYPE');
  });
});
