import { losses, NeuralForecaster } from '../lib';
import { rejectedBy, thrownBy } from './support/errors';
import { bits } from './support/forecasters';
import { HORIZON, INPUT, learningNames, sine, tinySpec, twoSeries } from './support/series';

/** 'btc' around 10,000 and 'ada' around 1, alike but for the unit. */
const priced = (unit: number) => [
  { id: 'btc', ds: index(80), y: sine(80).map((y) => y * unit) },
  { id: 'ada', ds: index(80), y: sine(80, { seed: 2 }) },
];
const index = (length: number) => Float64Array.from({ length }, (_, i) => i);

async function validLoss(unit: number, options: object, fit: object = {}) {
  using forecaster = new NeuralForecaster({
    models: tinySpec('NLinear', { scalerType: 'standard', learningRate: 1e-3, ...options }),
    frequency: 1,
  });
  const report = await forecaster.fit(priced(unit), { validationSize: 8, ...fit });
  return report.models[0]!.bestValidLoss;
}

describe('validLossScale', () => {
  test('by default a series counts the same in any unit', async () => {
    const alike = await validLoss(1, {});
    expect(await validLoss(10_000, {})).toBeCloseTo(alike, 3);
    // In units of the mean change from row to row.
    expect(alike).toBeGreaterThan(0.1);
    expect(alike).toBeLessThan(3);
  });

  test("'data' is the unit of y, in which the largest series decides", async () => {
    const alike = await validLoss(1, { validLossScale: 'data' });
    const large = await validLoss(10_000, { validLossScale: 'data' });
    expect(large).toBeGreaterThan(1000 * alike);
    expect(await validLoss(10_000, {}, { validLossScale: 'data' })).toBe(large);
  });

  test('a local scaler does not change what the series count', async () => {
    const scaled = async (localScalerType?: 'standard') => {
      using forecaster = new NeuralForecaster({
        models: tinySpec('NLinear', { scalerType: 'standard', learningRate: 1e-3 }),
        frequency: 1,
        ...(localScalerType && { localScalerType }),
      });
      const report = await forecaster.fit(priced(10_000), { validationSize: 8 });
      return report.models[0]!.bestValidLoss;
    };
    expect(await scaled('standard')).toBeCloseTo(await scaled(), 2);
  });

  test('a loss that is relative already is the same in both', async () => {
    const series = await validLoss(100, { validLoss: 'SMAPE' });
    expect(await validLoss(100, { validLoss: 'SMAPE', validLossScale: 'data' })).toBe(series);
  });

  test('another word is refused', () => {
    const { code, message } = thrownBy(
      () => new NeuralForecaster({ models: tinySpec('NLinear', { validLossScale: 'row' }) }),
    );
    expect(code).toBe('ERR_OUT_OF_RANGE');
    expect(message).toMatch(/validLossScale.*series.*data/);
  });
});

describe('validLoss', () => {
  test('one metric compares models of different losses', async () => {
    // Median first: what MAE trains and what MQLoss of that one quantile trains is the same forecast.
    const median = losses.MQLoss({ quantiles: [0.5] });
    const point = await validLoss(1, { loss: 'MAE' });
    const quantiles = await validLoss(1, { loss: median, validLoss: 'MAE' });
    expect(quantiles).toBeCloseTo(point, 3);
    const many = await validLoss(1, { loss: 'MQLoss', validLoss: 'MAE' });
    expect(many / point).toBeGreaterThan(0.5);
    expect(many / point).toBeLessThan(2);
  });

  test('implicit quantiles are judged the same in whatever order the metric names them', async () => {
    const by = (...quantiles: number[]) =>
      validLoss(1, { loss: 'IQLoss', validLoss: losses.MQLoss({ quantiles }) });
    const loss = await by(0.6, 0.9, 0.95);
    expect(loss).toBeGreaterThan(0);
    expect(await by(0.95, 0.6, 0.9)).toBeCloseTo(loss, 12);
    expect(await by(0.9, 0.95, 0.6)).toBeCloseTo(loss, 12);
  });

  test('quantiles that the model does not forecast are refused', () => {
    const make = (options: object) =>
      thrownBy(() => new NeuralForecaster({ models: tinySpec('NLinear', options) }));
    const none = make({ loss: 'MAE', validLoss: 'MQLoss' });
    expect(none.code).toBe('ERR_UNSUPPORTED');
    const level = (l: number) => losses.MQLoss({ level: [l] });
    expect(make({ loss: level(80), validLoss: level(90) }).message).toMatch(
      /validLoss: MQLoss needs the quantiles 0.5, 0.05, 0.95.*gives 0.5, 0.1, 0.9/,
    );
  });
});

describe('messages name the series by its id', () => {
  test.each(['data', 'validationData'])('Box-Cox in %s', async (where) => {
    using forecaster = new NeuralForecaster({
      models: tinySpec('NLinear'),
      localScalerType: 'boxcox',
      frequency: 1,
    });
    const bad = [
      { id: 'up', ds: index(80), y: sine(80) },
      { id: 'below zero', ds: index(80), y: sine(80, { level: 0 }) },
    ];
    const fit =
      where === 'data'
        ? () => forecaster.fit(bad)
        : () => forecaster.fit(priced(1), { validationData: bad });
    expect((await rejectedBy(fit)).message).toMatch(/series 'below zero', y/);
  });

  test('a short series of validationData, which may hold more than the data', async () => {
    using forecaster = new NeuralForecaster({ models: tinySpec('NLinear'), frequency: 1 });
    const one = [{ id: 'only', ds: index(80), y: sine(80) }];
    const apart = [...priced(1), { id: 'short', ds: index(5), y: sine(5) }];
    const { code, message } = await rejectedBy(() =>
      forecaster.fit(one, { validationData: apart }),
    );
    expect(code).toBe('ERR_SERIES_TOO_SHORT');
    expect(message).toMatch(/'short'/);
  });
});

/** Deep and narrow, so that a step of any size in every weight overflows whatever the optimiser. */
const deep = { numLayers: 12, loss: 'MSE', valCheckSteps: 1, maxSteps: 40 };
describe.each(['sgd', 'adam', 'adamw', 'rmsprop'])(
  '%s diverges by its learning rate',
  (optimizer) => {
    test('and the weights from before stay', async () => {
      using forecaster = new NeuralForecaster({ models: tinySpec('MLP', { ...deep, optimizer }) });
      await forecaster.fit(twoSeries(), { learningRate: 1e-4 });
      const before = bits(forecaster);
      const error = await rejectedBy(() => forecaster.fit(twoSeries(), { learningRate: 1e3 }));
      expect(error.code).toBe('ERR_DIVERGED');
      expect(error.message).toMatch(
        /largest value of the batch, as scaled: [\d.]+, in series '[ab]'/,
      );
      expect(bits(forecaster)).toEqual(before);
    });

    test('and a first fit keeps weights that forecast', async () => {
      using forecaster = new NeuralForecaster({ models: tinySpec('MLP', { ...deep, optimizer }) });
      const error = await rejectedBy(() => forecaster.fit(twoSeries(), { learningRate: 1e3 }));
      expect(error.code).toBe('ERR_DIVERGED');
      expect(bits(forecaster).MLP!.every(Number.isFinite)).toBe(true);
    });
  },
);

test.each(learningNames)('%s keeps its weights when sgd diverges', async (name) => {
  using forecaster = new NeuralForecaster({
    models: tinySpec(name, { loss: 'MSE', optimizer: 'sgd', maxSteps: 3, learningRate: 1e-4 }),
  });
  await forecaster.fit(twoSeries());
  const before = bits(forecaster);
  const wild = { learningRate: 1e3, maxSteps: 1000 };
  expect((await rejectedBy(() => forecaster.fit(twoSeries(), wild))).code).toBe('ERR_DIVERGED');
  expect(bits(forecaster)).toEqual(before);
});

test.each(learningNames)('%s is validated by MASE against its own lookback', async (name) => {
  const y = sine(80, { size: 0.5 });
  using forecaster = new NeuralForecaster({
    models: tinySpec(name, { maxSteps: 3, valCheckSteps: 3, validLoss: losses.MASE() }),
    frequency: 1,
  });
  const { models } = await forecaster.fit({ y }, { validationSize: HORIZON });
  const end = y.length - HORIZON;
  const { columns } = await forecaster.predict({ data: { y: y.slice(0, end) } });
  const forecast = Object.values(columns)[0]!;
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const error = mean([...forecast].map((v, t) => Math.abs(v - y[end + t]!)));
  const naive = Array.from({ length: INPUT - 1 }, (_, i) =>
    Math.abs(y[end - 1 - i]! - y[end - 2 - i]!),
  );
  expect(models[0]!.validLoss.at(-1)!.loss).toBeCloseTo(error / mean(naive), 4);
});
