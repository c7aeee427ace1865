import { availableParallelism } from 'node:os';
import { NeuralForecaster } from '../lib';
import { fitted } from './support/forecasters';
import { INPUT, sine, tinySpec, twoSeries } from './support/series';

test('counts memory and plans', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NHITS') });
  const fresh = forecaster.stats();
  expect(fresh.planCache).toEqual({ hits: 0, misses: 0 });
  expect(fresh.threads).toBe(availableParallelism());

  await forecaster.fit(twoSeries());
  for (let i = 0; i < 5; i++) forecaster.predictBatchSync(sine(4 * INPUT));
  const { pool, planCache } = forecaster.stats();
  expect(pool.misses).toBeGreaterThan(0);
  expect(pool.hitRate).toBeCloseTo(pool.hits / (pool.hits + pool.misses), 12);
  expect(pool.peakBytes).toBeGreaterThanOrEqual(pool.bytesInUse + pool.bytesCached);
  expect(planCache.hits).toBeGreaterThanOrEqual(4);
  expect(planCache.misses).toBeGreaterThan(0);
});

test('memoryPool: false caches nothing', async () => {
  using forecaster = await fitted({ memoryPool: false });
  forecaster.predictBatchSync(sine(INPUT));
  expect(forecaster.stats().pool).toMatchObject({ hits: 0, hitRate: 0, bytesCached: 0 });
});

test('memoryPool.maxBytes caps what is cached', async () => {
  using forecaster = await fitted({ memoryPool: { maxBytes: 4096 } });
  for (let n = 1; n < 200; n += 20) await forecaster.predictBatch(sine(n * INPUT));
  expect(forecaster.stats().pool.bytesCached).toBeLessThanOrEqual(4096);
});

test('simdEnabled and numThreads show', async () => {
  using scalar = await fitted({ simdEnabled: false, numThreads: 3 });
  expect(scalar.stats()).toMatchObject({ simdTarget: 'SCALAR', threads: 3 });
  using vector = await fitted();
  expect(vector.stats().simdTarget).not.toBe('SCALAR');
});
