import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { models, NeuralForecaster } from '../lib';
import { rejectedBy, thrownBy } from './support/errors';
import { fitted } from './support/forecasters';
import { INPUT, longForecast, sine, tinySpec, twoSeries } from './support/series';

test('afterwards everything says ERR_DISPOSED', async () => {
  const forecaster = await fitted();
  forecaster.dispose();
  expect(forecaster.fitted).toBe(false);
  const sync = [
    () => forecaster.predictSync(),
    () => forecaster.predictBatchSync(sine(INPUT)),
    () => forecaster.serialize(),
    () => forecaster.stats(),
  ];
  for (const call of sync) expect(thrownBy(call).code).toBe('ERR_DISPOSED');
  const async = [
    () => forecaster.fit(twoSeries()),
    () => forecaster.predict(),
    () => forecaster.predictBatch(sine(INPUT)),
    () => forecaster.warmup(),
    () => forecaster.save('x'),
  ];
  for (const call of async) {
    expect(await rejectedBy(call)).toMatchObject({
      name: 'ForecastError',
      code: 'ERR_DISPOSED',
      message: expect.stringContaining('new one'),
    });
  }
});

test('a second call does nothing', async () => {
  const forecaster = await fitted();
  forecaster.dispose();
  expect(() => forecaster.dispose()).not.toThrow();
});

test('stops what runs', async () => {
  const forecaster = await fitted();
  const fit = forecaster.fit(twoSeries(), { maxSteps: 1e6 });
  const batch = forecaster.predictBatch(sine(20_000 * INPUT));
  const outcomes = Promise.allSettled([fit, batch]);
  forecaster.dispose();
  const [fitOutcome, batchOutcome] = await outcomes;
  expect(fitOutcome).toMatchObject({ status: 'rejected', reason: { code: 'ERR_DISPOSED' } });
  // The forecast may have been ready already.
  if (batchOutcome!.status === 'rejected') {
    expect(batchOutcome!.reason).toMatchObject({ code: 'ERR_DISPOSED' });
  }
});

test('waits for nothing: neither dispose() nor the rejection', async () => {
  // One step of this takes seconds.
  const forecaster = new NeuralForecaster({
    models: models.GRU({ horizon: 24, inputSize: 168, windowsBatchSize: 4096, maxSteps: 100 }),
    frequency: 1,
  });
  const fit = forecaster.fit({ y: sine(6000) });
  const outcome = rejectedBy(() => fit);
  await sleep(200);
  const begin = performance.now();
  forecaster.dispose();
  expect((await outcome).code).toBe('ERR_DISPOSED');
  expect(performance.now() - begin).toBeLessThan(200); // 10 ms where nothing else runs
});

test('in the middle of each operation', async () => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'dispose-')), 'model');
  const operations: ((forecaster: NeuralForecaster) => Promise<unknown>)[] = [
    (forecaster) => forecaster.fit(twoSeries(), { maxSteps: 1e6 }),
    (forecaster) => forecaster.predict(longForecast()),
    (forecaster) => forecaster.predictBatch(sine(50_000 * INPUT)),
    (forecaster) => forecaster.save(file),
    (forecaster) => forecaster.warmup({ batchSizes: [1000] }),
  ];
  for (const delay of [undefined, 0, 3]) {
    for (const [i, operation] of operations.entries()) {
      const forecaster = await fitted();
      const [outcome] = await Promise.all([
        operation(forecaster).then(
          () => 'done',
          (error: Error & { code?: string }) => error.code,
        ),
        (delay === undefined ? Promise.resolve() : sleep(delay)).then(() => forecaster.dispose()),
      ]);
      // What was ready by then may be given.
      const expected = i === 0 ? ['ERR_DISPOSED'] : ['ERR_DISPOSED', 'done'];
      expect(expected).toContain(outcome);
    }
  }
});

test('a save that it stops is whole or not there', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'dispose-'));
  const file = path.join(folder, 'model');
  for (let i = 0; i < 10; i++) {
    const forecaster = await fitted();
    const saved = forecaster.save(file).then(
      () => true,
      (error: { code: string }) => {
        expect(error.code).toBe('ERR_DISPOSED');
        return false;
      },
    );
    if (i % 2 === 1) await sleep(i / 4);
    forecaster.dispose();
    const done = await saved;
    expect(await readdir(folder)).toEqual(done ? ['model'] : []);
    if (done) {
      (await NeuralForecaster.load(file)).dispose();
      await rm(file);
    }
  }
});

test('200 forecasters fitted and disposed of in a row', async () => {
  const outcomes: Promise<unknown>[] = [];
  const begin = performance.now();
  for (let i = 0; i < 200; i++) {
    const forecaster = new NeuralForecaster({ models: tinySpec('MLP', { maxSteps: 1e6 }) });
    outcomes.push(rejectedBy(() => forecaster.fit(twoSeries())));
    forecaster.dispose();
  }
  expect(performance.now() - begin).toBeLessThan(5000); // 0.5 s where nothing else runs
  for (const error of await Promise.all(outcomes)) {
    expect(error).toMatchObject({ code: 'ERR_DISPOSED' });
  }
});

test('between two models of a fit', async () => {
  const forecaster = new NeuralForecaster({
    models: [tinySpec('NLinear', { maxSteps: 50 }), tinySpec('MLP', { maxSteps: 1e6 })],
  });
  const fit = forecaster.fit(twoSeries(), {
    onProgress: ({ model }) => model === 'NLinear' && forecaster.dispose(),
  });
  expect((await rejectedBy(() => fit)).code).toBe('ERR_DISPOSED');
});

test('using and await using', async () => {
  let kept: NeuralForecaster;
  {
    using forecaster = await fitted();
    kept = forecaster;
  }
  expect(thrownBy(() => kept.stats()).code).toBe('ERR_DISPOSED');
  {
    await using forecaster = await fitted();
    kept = forecaster;
  }
  expect(thrownBy(() => kept.stats()).code).toBe('ERR_DISPOSED');
});

test('one forecaster leaves the others alone', async () => {
  const first = await fitted();
  using second = await fitted();
  const fit = second.fit(twoSeries(), { maxSteps: 200 });
  first.dispose();
  expect((await fit).models[0]!.steps).toBe(200);
});
