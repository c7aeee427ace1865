import { NeuralForecaster } from '../lib';
import { rejectedBy, thrownBy } from './support/errors';
import { fitted } from './support/forecasters';
import { INPUT, sine, tinySpec } from './support/series';

test('plans before the first call', async () => {
  using forecaster = await fitted();
  await forecaster.warmup({ batchSizes: [1, 32] });
  const { misses } = forecaster.stats().planCache;
  forecaster.predictBatchSync(sine(INPUT));
  forecaster.predictBatchSync(sine(32 * INPUT));
  expect(forecaster.stats().planCache.misses).toBe(misses);
  expect(forecaster.stats().planCache.hits).toBeGreaterThan(0);
});

test('changes no forecast', async () => {
  using forecaster = await fitted();
  const cold = forecaster.predictBatchSync(sine(3 * INPUT));
  await forecaster.warmup({ batchSizes: [3, 7] });
  expect(forecaster.predictBatchSync(sine(3 * INPUT))).toEqual(cold);
});

test('checks its argument', async () => {
  using forecaster = await fitted();
  expect(thrownBy(() => forecaster.warmup({ batchSizes: [0] })).message).toContain(
    'batchSizes[0] must be an integer from 1',
  );
  expect(thrownBy(() => forecaster.warmup({ batchSizes: 1 as never })).name).toBe('TypeError');
  await forecaster.warmup();
});

test('before fit: ERR_NOT_FITTED', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
  expect((await rejectedBy(() => forecaster.warmup())).code).toBe('ERR_NOT_FITTED');
});
