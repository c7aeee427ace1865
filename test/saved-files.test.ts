// What the first version wrote (test/saved/: every model, tiny, and a checkpoint) is still read: an option or a header
// member that is younger must say what its absence means (`later` in native/config/fields.h, `absent` in lib/model/header.ts).
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { models, NeuralForecaster } from '../lib';
import { DAY, START } from './support/series';

const saved = (name: string) => path.join(__dirname, 'saved', name);
const ds = Float64Array.from({ length: 40 }, (_, i) => START + i * DAY);
const y = Float64Array.from({ length: 40 }, (_, i) => 10 + Math.sin(i / 2) + (i % 3) / 10);

test('a model file of the first version forecasts what it did', async () => {
  const expected = JSON.parse(readFileSync(saved('first.json'), 'utf8')) as {
    ds: number[];
    columns: Record<string, number[]>;
  };
  using loaded = await NeuralForecaster.load(saved('first.safetensors'));
  const forecast = loaded.predictSync();
  expect([...forecast.ds]).toEqual(expected.ds);
  expect(Object.keys(forecast.columns)).toEqual(Object.keys(expected.columns));
  for (const [name, values] of Object.entries(expected.columns)) {
    // To rounding: other processors have other vector instructions. Prophet's intervals are simulated.
    for (const [i, value] of values.entries()) {
      expect(forecast.columns[name]![i]! / value).toBeCloseTo(1, 4);
    }
  }
});

test('a checkpoint of the first version goes on', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  try {
    const checkpointPath = path.join(folder, 'checkpoint');
    copyFileSync(saved('first-checkpoint.safetensors'), checkpointPath);
    const model = models.NLinear({ horizon: 2, inputSize: 6, maxSteps: 6 });
    using forecaster = new NeuralForecaster({ models: model, frequency: 'D' });
    const report = await forecaster.fit({ ds, y }, { checkpointPath, resume: true });
    expect(report.models[0]!.steps).toBe(6);
    using afresh = new NeuralForecaster({ models: model, frequency: 'D' });
    await afresh.fit({ ds, y });
    const columns = (f: NeuralForecaster) => [...f.predictSync().columns.NLinear!];
    expect(columns(forecaster)).toEqual(columns(afresh));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
