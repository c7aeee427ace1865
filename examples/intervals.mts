// Prediction intervals: a model trained on several quantiles at once.
import { losses, metrics, models, NeuralForecaster } from 'neural-forecaster';

// A daily wave with noise that grows in the afternoon; the seed makes it the same at every run.
let state = 1;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32 - 0.5;
};
const value = (hour: number) => {
  const wave = Math.sin((2 * Math.PI * hour) / 24);
  return 50 + 10 * wave + (hour % 24 < 12 ? 2 : 8) * (uniform() + uniform() + uniform());
};
const all = Float64Array.from({ length: 2000 }, (_, hour) => value(hour));
const horizon = 24;
const train = all.subarray(0, -horizon);
const actual = all.subarray(-horizon);

using forecaster = new NeuralForecaster({
  models: models.NHITS({
    horizon,
    inputSize: 72,
    loss: losses.MQLoss({ level: [80, 95] }),
    scalerType: 'standard',
    maxSteps: 100,
    windowsBatchSize: 128,
  }),
  frequency: 1,
});
await forecaster.fit({ y: train });
const { columns } = await forecaster.predict({ level: [80, 95] });

console.log('columns:', Object.keys(columns).join(', '));
for (const level of [80, 95]) {
  const [low, high] = [columns[`NHITS-lo-${level}`]!, columns[`NHITS-hi-${level}`]!];
  const hit = (100 * metrics.coverage(actual, low, high)).toFixed(0);
  const score = metrics.winkler(actual, low, high, level).toFixed(1);
  console.log(`level ${level}: holds ${hit}% of the next day, Winkler score ${score}`);
}
