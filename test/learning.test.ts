import { metrics, NeuralForecaster } from '../lib';
import { bits } from './support/forecasters';
import { HORIZON, INPUT, learningNames, sine, tinySpec } from './support/series';

const held = sine(40 * (INPUT + HORIZON), { seed: 1234, size: 0.2 });

/** Lookback windows of series that no model has seen, and what came next. */
function heldOut() {
  const windows: number[] = [];
  const actual: number[] = [];
  const naive: number[] = [];
  for (let begin = 0; begin < held.length; begin += INPUT + HORIZON) {
    windows.push(...held.subarray(begin, begin + INPUT));
    actual.push(...held.subarray(begin + INPUT, begin + INPUT + HORIZON));
    for (let i = 0; i < HORIZON; i++) naive.push(held[begin + INPUT - 1]!);
  }
  return { windows: Float64Array.from(windows), actual, naive };
}

/** Enough for a linear model as for a transformer, whatever its own rate. */
const training = { maxSteps: 800, learningRate: 0.01, lrScheduler: 'cosine' };

test.each(learningNames)('%s beats the naive forecast of a noisy sine', async (name) => {
  using forecaster = new NeuralForecaster({
    // The states of a recurrent network lie within -1 and 1; the series do not.
    models: tinySpec(name, { ...training, scalerType: 'standard' }),
  });
  const { models } = await forecaster.fit({ y: sine(400, { size: 0.2 }) });
  const { windows, actual, naive } = heldOut();
  const predicted = forecaster.predictBatchSync(windows);
  expect(metrics.rmae(actual, predicted, naive)).toBeLessThan(0.5);
  const loss = models[0]!.trainLoss;
  expect(loss.at(-1)).toBeLessThan(loss[0]! / 2);
});

test.each(learningNames)('%s over-fits a short series', async (name) => {
  using forecaster = new NeuralForecaster({
    models: tinySpec(name, {
      maxSteps: 1500,
      loss: 'MSE',
      learningRate: 0.02,
      lrScheduler: 'cosine',
      scalerType: 'standard',
    }),
  });
  const y = sine(INPUT + HORIZON, { size: 0.5 });
  await forecaster.fit({ y });
  const predicted = forecaster.predictBatchSync(y.slice(0, INPUT));
  expect(metrics.mae(y.subarray(INPUT), predicted)).toBeLessThan(0.05);
});

test('a useful historic column is used', async () => {
  // y is the column of a step ago: nothing in y itself foretells it.
  const x = sine(400, { period: 3, size: 3 });
  const y = Float64Array.from(x, (_, i) => x[Math.max(0, i - 1)]!);
  const options = { horizon: 1, inputSize: 4, maxSteps: 600, learningRate: 0.01 };
  const lossOf = async (spec: object) => {
    using forecaster = new NeuralForecaster({ models: tinySpec('MLP', { ...options, ...spec }) });
    const { models } = await forecaster.fit({ y, x });
    return models[0]!.trainLoss.at(-1)!;
  };
  expect(await lossOf({ historicExog: ['x'] })).toBeLessThan((await lossOf({})) / 3);
});

test('a useful future column is used', async () => {
  const holiday = Float64Array.from({ length: 400 }, (_, i) =>
    Math.imul(i, 2654435761) >>> 29 === 0 ? 1 : 0,
  );
  const noise = sine(400, { size: 0.05, level: 0 });
  const y = Float64Array.from(noise, (value, i) => value + 5 * holiday[i]!);
  using forecaster = new NeuralForecaster({
    models: tinySpec('MLP', { futureExog: ['holiday'], maxSteps: 600, learningRate: 0.01 }),
  });
  await forecaster.fit({ y, holiday });
  const values = bits(forecaster, { futureExog: { holiday: [0, 1, 0, 1] } }).MLP!;
  expect(Math.min(values[1]!, values[3]!)).toBeGreaterThan(Math.max(values[0]!, values[2]!) + 2);
});

test('local scaling learns series of very different size', async () => {
  const data = ['small', 'large'].map((id, i) => ({
    id,
    y: sine(200, { size: 0.1 }).map((value) => (value - 10) * 1000 ** i + 5 * 1000 ** i),
  }));
  using forecaster = new NeuralForecaster({
    models: tinySpec('NHITS', { maxSteps: 300, learningRate: 0.005 }),
    localScalerType: 'standard',
  });
  await forecaster.fit(data);
  const forecast = await forecaster.predict();
  const next = sine(204, { size: 0.1 }).subarray(200);
  for (const [i, id] of ['small', 'large'].entries()) {
    const actual = next.map((value) => (value - 10) * 1000 ** i + 5 * 1000 ** i);
    const error = metrics.mae(actual, forecast.series(id).columns.NHITS!);
    expect(error).toBeLessThan(0.5 * 1000 ** i);
  }
});
