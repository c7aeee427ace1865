// The low-latency path: forecasts straight from raw lookback windows, on the calling thread.
import { models, NeuralForecaster } from 'neural-forecaster';

const inputSize = 48;
const horizon = 24;
using forecaster = new NeuralForecaster({
  models: models.NLinear({ inputSize, horizon, maxSteps: 200, learningRate: 1e-2 }),
  frequency: 1,
});
const price = (t: number, asset: number) => 100 + asset + 3 * Math.sin(t / 5 + asset);
const series = Array.from({ length: 20 }, (_, asset) => ({
  id: `asset ${asset}`,
  y: Float64Array.from({ length: 400 }, (_, t) => price(t, asset)),
}));
await forecaster.fit(series);

// One window an asset, side by side: its last 48 values, oldest first.
const windows = new Float32Array(series.length * inputSize);
for (const [asset, { y }] of series.entries()) {
  windows.set(y.subarray(-inputSize), asset * inputSize);
}
await forecaster.warmup({ batchSizes: [series.length] });
const out = new Float32Array(series.length * horizon); // may be used again for every call

const begin = performance.now();
const calls = 1000;
for (let call = 0; call < calls; call++) forecaster.predictBatchSync(windows, { out });
const microseconds = ((performance.now() - begin) / calls) * 1000;

console.log(`${series.length} forecasts of ${horizon} steps in ${microseconds.toFixed(1)} us`);
for (const asset of [0, 1, 2]) {
  const next = out[asset * horizon]!.toFixed(2);
  console.log(`asset ${asset}: next ${next}, in truth ${price(400, asset).toFixed(2)}`);
}
