import { type FitProgress, NeuralForecaster } from '../lib';
import { rejectedBy, thrownBy } from './support/errors';
import { bits, fitted } from './support/forecasters';
import { HORIZON, HOUR, START, sine, tinySpec, twoSeries } from './support/series';

test('the report tells steps, losses and speed of every model', async () => {
  using forecaster = new NeuralForecaster({ models: [tinySpec('NHITS'), tinySpec('NLinear')] });
  const report = await forecaster.fit(twoSeries(), { validationSize: 8, valCheckSteps: 5 });
  expect(report.models.map(({ model }) => model)).toEqual(['NHITS', 'NLinear']);
  for (const model of report.models) {
    expect(model.steps).toBe(20);
    expect(model.stoppedEarly).toBe(false);
    expect(model.trainLoss).toHaveLength(20);
    expect([...model.trainLoss].every(Number.isFinite)).toBe(true);
    expect(model.validLoss.map(({ step }) => step)).toEqual([5, 10, 15, 20]);
    expect(model.bestValidLoss).toBe(Math.min(...model.validLoss.map(({ loss }) => loss)));
    expect(model.seconds).toBeGreaterThan(0);
    expect(model.samplesPerSecond).toBeGreaterThan(0);
  }
  expect(report.seconds).toBeGreaterThan(0);
});

test('without validation there is no validation loss', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
  const { models } = await forecaster.fit(twoSeries());
  expect(models[0]).toMatchObject({ validLoss: [], bestValidLoss: Number.NaN });
});

test('training options of fit win, for that fit', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
  const short = await forecaster.fit(twoSeries(), { maxSteps: 3 });
  expect(short.models[0]!.steps).toBe(3);
  const long = await forecaster.fit(twoSeries());
  expect(long.models[0]!.steps).toBe(20);
});

test('of maxSteps and epochs those of fit win; side by side epochs do', async () => {
  const steps = async (model: object, fit: object) => {
    using forecaster = new NeuralForecaster({ models: tinySpec('NLinear', model) });
    return (await forecaster.fit({ y: sine(60) }, fit)).models[0]!.steps; // an epoch of one step
  };
  expect(await steps({ epochs: 7 }, { maxSteps: 3 })).toBe(3);
  expect(await steps({ maxSteps: 9 }, { epochs: 4 })).toBe(4);
  expect(await steps({ epochs: 7, maxSteps: 9 }, {})).toBe(7);
  expect(await steps({}, { epochs: 5, maxSteps: 3 })).toBe(5);
  expect(await steps({ epochs: 7 }, { epochs: 0, maxSteps: 3 })).toBe(3);
  expect(await steps({ epochs: 7, maxSteps: 9 }, { epochs: 0 })).toBe(9);
});

test('progress comes with the alias and ends at the last step', async () => {
  using forecaster = new NeuralForecaster({
    models: [tinySpec('NHITS', { alias: 'first', maxSteps: 100 }), tinySpec('NLinear')],
  });
  const seen: FitProgress[] = [];
  await forecaster.fit(twoSeries(), { onProgress: (progress) => seen.push(progress) });
  for (const [model, maxSteps] of [
    ['first', 100],
    ['NLinear', 20],
  ] as const) {
    const steps = seen.filter((progress) => progress.model === model);
    expect(steps.at(-1)).toMatchObject({ step: maxSteps, maxSteps });
    expect(steps.every(({ trainLoss }) => Number.isFinite(trainLoss))).toBe(true);
    expect(steps.every(({ step }, i) => i === 0 || step > steps[i - 1]!.step)).toBe(true);
  }
});

test('what onProgress throws stops the fit and is what it rejects with', async () => {
  using forecaster = await fitted();
  const before = bits(forecaster);
  const error = new Error('from the callback');
  const onProgress = () => {
    throw error;
  };
  await expect(forecaster.fit(twoSeries(), { onProgress, maxSteps: 1e6 })).rejects.toBe(error);
  expect(bits(forecaster)).toEqual(before);
});

test('verbose gives lines to a function', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
  const lines: string[] = [];
  await forecaster.fit(twoSeries(), { verbose: (line) => lines.push(line) });
  expect(lines.at(-1)).toMatch(/^NLinear step 20\/20: train [\d.e-]+, [\d.]+ s$/);
});

describe('abort', () => {
  test('before the start', async () => {
    using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
    const signal = AbortSignal.abort('no need');
    expect(await rejectedBy(() => forecaster.fit(twoSeries(), { signal }))).toMatchObject({
      name: 'AbortError',
      code: 'ABORT_ERR',
      cause: 'no need',
    });
  });

  test('on the way: the forecaster stays as it was and can fit again', async () => {
    using forecaster = await fitted();
    const before = bits(forecaster);
    const controller = new AbortController();
    const fit = forecaster.fit(twoSeries(), {
      maxSteps: 1e6,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    expect(await rejectedBy(() => fit)).toMatchObject({
      name: 'AbortError',
      code: 'ABORT_ERR',
      cause: new Error('enough'),
    });
    expect(bits(forecaster)).toEqual(before);
    await forecaster.fit(twoSeries());
    expect(bits(forecaster)).toEqual(before);
  });

  test('of the second model undoes the first', async () => {
    using forecaster = new NeuralForecaster({ models: [tinySpec('NLinear'), tinySpec('MLP')] });
    const controller = new AbortController();
    const fit = forecaster.fit(twoSeries(), {
      maxSteps: 2000,
      signal: controller.signal,
      onProgress: ({ model }) => model === 'MLP' && controller.abort(),
    });
    expect((await rejectedBy(() => fit)).code).toBe('ABORT_ERR');
    expect(forecaster.fitted).toBe(false);
    expect(thrownBy(() => forecaster.predictSync()).code).toBe('ERR_NOT_FITTED');
  });

  test('leaves no listener behind', async () => {
    using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, args);
    };
    await forecaster.fit(twoSeries(), { signal });
    expect(listeners).toBe(0);
  });
});

test('a second fit at the same time is ERR_BUSY, and the first goes on', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NHITS', { maxSteps: 200 }) });
  const first = forecaster.fit(twoSeries());
  expect(await rejectedBy(() => forecaster.fit(twoSeries()))).toMatchObject({
    name: 'ForecastError',
    code: 'ERR_BUSY',
  });
  expect((await first).models[0]!.steps).toBe(200);
});

test('predictions go on with the old weights while a fit runs', async () => {
  using forecaster = await fitted();
  const before = bits(forecaster);
  const fit = forecaster.fit(twoSeries(), { maxSteps: 300, learningRate: 0.05 });
  const during = await forecaster.predict();
  expect([...during.columns.NHITS!]).toEqual(before.NHITS);
  await fit;
  expect(bits(forecaster)).not.toEqual(before);
});

test('the data is copied: changing or transferring it later changes nothing', async () => {
  using reference = await fitted({ models: tinySpec('NHITS', { maxSteps: 200 }) });
  using forecaster = new NeuralForecaster({ models: tinySpec('NHITS', { maxSteps: 200 }) });
  const data = twoSeries();
  const fit = forecaster.fit(data);
  data.y.fill(Number.NaN);
  structuredClone(data.y, { transfer: [data.y.buffer] });
  await fit;
  expect(bits(forecaster)).toEqual(bits(reference));
});

test('early stopping keeps the best weights', async () => {
  using forecaster = new NeuralForecaster({
    models: tinySpec('NHITS', { learningRate: 0.05, maxSteps: 400 }),
  });
  const { models } = await forecaster.fit(twoSeries(), {
    validationSize: 12,
    valCheckSteps: 10,
    earlyStopPatienceSteps: 2,
  });
  expect(models[0]!.stoppedEarly).toBe(true);
  expect(models[0]!.steps).toBeLessThan(400);
  expect(models[0]!.bestValidLoss).toBe(Math.min(...models[0]!.validLoss.map((v) => v.loss)));
  expect(models[0]!.validLoss.at(-1)!.loss).toBeGreaterThan(models[0]!.bestValidLoss);
});

test('early stopping without validation names what is missing', () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
  expect(thrownBy(() => forecaster.fit(twoSeries(), { earlyStopPatienceSteps: 2 }))).toMatchObject({
    name: 'RangeError',
    message: expect.stringContaining('validationSize'),
  });
});

test('validation on other data', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
  const validationData = { y: sine(60, { seed: 9 }), ds: twoSeries(60).ds.slice(0, 60) };
  const { models } = await forecaster.fit(twoSeries(), { validationData, valCheckSteps: 10 });
  expect(models[0]!.validLoss).toHaveLength(2);
});

test('a masked gap in y is trained around', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NHITS') });
  const data = twoSeries();
  const availableMask = new Uint8Array(data.y.length).fill(1);
  for (let i = 20; i < 26; i++) {
    data.y[i] = Number.NaN;
    availableMask[i] = 0;
  }
  const { models } = await forecaster.fit({ ...data, availableMask });
  expect([...models[0]!.trainLoss].every(Number.isFinite)).toBe(true);
  expect(bits(forecaster).NHITS!.every(Number.isFinite)).toBe(true);
});

test('warmStart goes on from the last weights', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NHITS', { maxSteps: 300 }) });
  const first = await forecaster.fit(twoSeries());
  const warm = await forecaster.fit(twoSeries(), {
    warmStart: true,
    maxSteps: 5,
    learningRate: 1e-6,
  });
  expect(warm.models[0]!.trainLoss[0]).toBeLessThan(first.models[0]!.trainLoss[0]! / 2);
});

test('parallelModels gives the same bits as one after another', async () => {
  const specs = [tinySpec('NHITS'), tinySpec('MLP'), tinySpec('NLinear')];
  using serial = new NeuralForecaster({ models: specs });
  using parallel = new NeuralForecaster({ models: specs, parallelModels: true });
  await serial.fit(twoSeries());
  const report = await parallel.fit(twoSeries());
  expect(report.models.map(({ model }) => model)).toEqual(['NHITS', 'MLP', 'NLinear']);
  expect(bits(parallel)).toEqual(bits(serial));
});

test('a fit that diverges says so', async () => {
  using fresh = new NeuralForecaster({
    models: tinySpec('MLP', { optimizer: 'sgd', numLayers: 1 }),
  });
  const wild = { learningRate: 1e3, maxSteps: 500, gradientClipNorm: 0 };
  expect(await rejectedBy(() => fresh.fit(twoSeries(), wild))).toMatchObject({
    name: 'ForecastError',
    code: 'ERR_DIVERGED',
  });
  // A first fit keeps the last good weights: there is a finite forecast, or none at all.
  expect(bits(fresh).MLP!.every(Number.isFinite)).toBe(true);

  await fresh.fit(twoSeries(), { optimizer: 'adam' });
  const before = bits(fresh);
  expect((await rejectedBy(() => fresh.fit(twoSeries(), wild))).code).toBe('ERR_DIVERGED');
  expect(bits(fresh)).toEqual(before);
});

test('the forecast begins one step after the data', async () => {
  using forecaster = await fitted();
  const forecast = await forecaster.predict();
  expect(forecast.series('a').ds[0]).toBe(START + 80 * HOUR);
  expect(forecast.length).toBe(2 * HORIZON);
});
