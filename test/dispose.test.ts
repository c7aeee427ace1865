import { NeuralForecaster } from '../lib';
import { rejectedBy, thrownBy } from './support/errors';
import { fitted } from './support/forecasters';
import { INPUT, sine, tinySpec, twoSeries } from './support/series';

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
