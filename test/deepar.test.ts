// DeepAR: forecasts that are sampled path by path, through the API.
import { listModels, losses, metrics, models, NeuralForecaster } from '../lib';
import { HORIZON, INPUT, noise, sine, twoSeries } from './support/series';

const spec = (options: object = {}) =>
  models.DeepAR({
    horizon: HORIZON,
    inputSize: INPUT,
    lstmHiddenSize: 16,
    maxSteps: 20,
    windowsBatchSize: 64,
    trajectorySamples: 50,
    scalerType: 'standard',
    ...options,
  });

test('has a distribution for its loss unless it is told another', async () => {
  const { loss } = listModels().find(({ name }) => name === 'DeepAR')!;
  expect(loss).toEqual({ name: 'DistributionLoss', distribution: 'StudentT' });
  using forecaster = new NeuralForecaster({ models: [spec()] });
  await forecaster.fit(twoSeries());
  const { columns } = await forecaster.predict();
  expect(Object.keys(columns)).toEqual([
    'DeepAR',
    'DeepAR-median',
    'DeepAR-lo-90',
    'DeepAR-lo-80',
    'DeepAR-hi-80',
    'DeepAR-hi-90',
  ]);
  using point = new NeuralForecaster({ models: [spec({ loss: 'MAE' })] });
  await point.fit(twoSeries());
  expect(Object.keys((await point.predict()).columns)).toEqual(['DeepAR']);
});

test('gives any quantile, and the paths themselves', async () => {
  using forecaster = new NeuralForecaster({ models: [spec()] });
  await forecaster.fit(twoSeries());
  const { columns } = await forecaster.predict({ level: [95, 50], samples: 50 });
  for (const value of Object.values(columns)) expect(value).toHaveLength(2 * HORIZON);
  for (let at = 0; at < 2 * HORIZON; ++at) {
    const paths = Array.from({ length: 50 }, (_, i) => columns[`DeepAR-sample-${i + 1}`]![at]!);
    const mean = paths.reduce((sum, value) => sum + value, 0) / 50;
    expect(columns.DeepAR![at]).toBeCloseTo(mean, 9);
    const sorted = paths.sort((a, b) => a - b);
    // Between two paths, as torch.quantile has it.
    const quantile = (q: number) => {
      const below = Math.floor(q * 49);
      return sorted[below]! + (q * 49 - below) * (sorted[below + 1]! - sorted[below]!);
    };
    expect(columns['DeepAR-lo-95']![at]).toBeCloseTo(quantile(0.025), 9);
    expect(columns['DeepAR-hi-50']![at]).toBeCloseTo(quantile(0.75), 9);
  }
  const byQuantile = await forecaster.predict({ quantiles: [0.025] });
  // 0.5 - 95 / 200 is not quite 0.025.
  byQuantile.columns['DeepAR-lo-95']!.forEach((value, at) => {
    expect(value).toBeCloseTo(columns['DeepAR-lo-95']![at]!, 9);
  });
  expect(forecaster.predictSync({ quantiles: [0.025] }).columns).toEqual(byQuantile.columns);
});

test('forecasts a series alone as among others, and any horizon', async () => {
  using forecaster = new NeuralForecaster({ models: [spec()] });
  const data = twoSeries();
  await forecaster.fit(data);
  const all = await forecaster.predict({ samples: 2 });
  const alone = await forecaster.predict({
    data: [{ id: 'b', ds: data.ds.slice(80), y: data.y.slice(80) }],
    samples: 2,
  });
  const longer = await forecaster.predict({ horizon: 3 * HORIZON, samples: 2 });
  for (const [name, column] of Object.entries(all.columns)) {
    expect(alone.columns[name]).toEqual(column.subarray(HORIZON));
    expect(longer.columns[name]!.subarray(0, HORIZON)).toEqual(column.subarray(0, HORIZON));
  }
});

test('reads future and static columns, and comes back from a file with the same bits', async () => {
  const random = noise(5);
  const series = (id: string, length: number) => ({
    id,
    y: sine(length),
    holiday: Float64Array.from({ length }, () => (random() > 0.6 ? 1 : 0)),
    static: { size: id === 'a' ? 1 : 2 },
  });
  const options = { futureExog: ['holiday'], staticExog: ['size'] };
  using forecaster = new NeuralForecaster({ models: [spec(options)], frequency: 1 });
  await forecaster.fit([series('a', 90), series('b', 70)]);
  const horizon = 6; // not a round more is read
  const futureExog = [
    { id: 'a', exog: { holiday: [0, 1, 0, 0, 1, 1] } },
    { id: 'b', exog: { holiday: [0, 0, 0, 1, 0, 0] } },
  ];
  const forecast = await forecaster.predict({ horizon, futureExog, samples: 3 });
  using loaded = NeuralForecaster.deserialize(forecaster.serialize());
  expect((await loaded.predict({ horizon, futureExog, samples: 3 })).columns).toEqual(
    forecast.columns,
  );
});

test('gives intervals that hold about what they say over all steps', async () => {
  using forecaster = new NeuralForecaster({
    models: [spec({ maxSteps: 300, learningRate: 5e-3, trajectorySamples: 200 })],
    frequency: 1,
  });
  await forecaster.fit({ y: sine(600, { size: 0.8 }) });
  const fresh = sine(4000, { size: 0.8, seed: 9 });
  const ids = Array.from({ length: 200 }, (_, i) => i);
  const at = (i: number) => 18 * i + INPUT + 1;
  const cut = ids.map((i) => ({ id: `${i}`, y: fresh.slice(at(i) - INPUT - 1, at(i)) }));
  const { columns } = await forecaster.predict({ data: cut, level: [80] });
  const actual = Float64Array.from(ids.flatMap((i) => [...fresh.slice(at(i), at(i) + HORIZON)]));
  const inside = metrics.coverage(actual, columns['DeepAR-lo-80']!, columns['DeepAR-hi-80']!);
  expect(inside).toBeGreaterThan(0.68);
  expect(inside).toBeLessThan(0.92);
});

test('is validated along its mean, by its likelihood or by a loss of its columns', async () => {
  for (const validLoss of [undefined, 'MAE' as const, losses.MQLoss({ level: [80] })]) {
    using forecaster = new NeuralForecaster({
      models: [spec({ valCheckSteps: 10, ...(validLoss === undefined ? {} : { validLoss }) })],
      frequency: 1,
    });
    const report = await forecaster.fit({ y: sine(200) }, { validationSize: 20 });
    const checks = report.models[0]!.validLoss;
    expect(checks).toHaveLength(2);
    expect(checks.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  }
});

test('says what its options miss', () => {
  const made = (options: object) => () => new NeuralForecaster({ models: [spec(options)] });
  expect(made({ decoderHiddenLayers: 2 })).toThrow(
    'models[0]: DeepAR.decoderHiddenSize must be >= 1 with decoderHiddenLayers 2; got 0',
  );
  expect(made({ trajectorySamples: 0 })).toThrow('trajectorySamples');
  expect(made({ historicExog: ['x'] })).toThrow('historicExog');
});
