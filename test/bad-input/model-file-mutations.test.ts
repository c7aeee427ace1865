// A slice of `npm run bench -- fuzz-model-files`: what a file says is damaged, in files of every kind of model.
import { changeCount, growthOf, mutated } from '../../bench/_model-mutations';
import { NeuralForecaster } from '../../lib';
import { everyModel, HORIZON, INPUT, neuralNames, tinySpec, twoSeries } from '../support/series';

const ROUNDS = 60;

test.each(everyModel)(
  'a damaged file of %s is refused, or forecasts what is finite',
  async (name) => {
    using forecaster = new NeuralForecaster({
      models: tinySpec(name, neuralNames.includes(name) ? { maxSteps: 1 } : {}),
    });
    await forecaster.fit(twoSeries());
    const bytes = forecaster.serialize();
    let refused = 0;
    // From all over the file.
    const stride = Math.ceil(changeCount(bytes) / ROUNDS);
    for (let seed = 1; seed < ROUNDS * stride; seed += stride) {
      const damaged = mutated(bytes, seed);
      let loaded: NeuralForecaster;
      try {
        loaded = NeuralForecaster.deserialize(damaged, { numThreads: 1 });
      } catch (error) {
        expect(error).toMatchObject({ name: 'ForecastError', code: 'ERR_CORRUPT_MODEL' });
        refused++;
        continue;
      }
      try {
        if (growthOf(damaged, HORIZON, INPUT) > 5) continue;
        for (const column of Object.values(loaded.predictSync().columns)) {
          expect(column.every(Number.isFinite)).toBe(true);
        }
      } catch (error) {
        if (!('code' in (error as object))) throw error;
        expect((error as { code?: string }).code).toMatch(/^ERR_(?!INTERNAL)/);
      } finally {
        loaded.dispose();
      }
    }
    expect(refused).toBeGreaterThan(ROUNDS / 2);
  },
);
