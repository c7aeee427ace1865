// The smallest program: train on hourly values, forecast the next half day.
import { models, NeuralForecaster } from 'neural-forecaster';

const y = Float64Array.from({ length: 500 }, (_, i) => 20 + 5 * Math.sin((2 * Math.PI * i) / 24));
const ds = Array.from(y, (_, hour) => Date.UTC(2026, 0, 1, hour));

using forecaster = new NeuralForecaster({
  models: models.NHITS({ horizon: 12, inputSize: 48, maxSteps: 50, windowsBatchSize: 64 }),
});
await forecaster.fit({ ds, y });
const forecast = await forecaster.predict();
for (const row of forecast.toRows()) console.log(new Date(row.ds).toISOString(), row.NHITS);
