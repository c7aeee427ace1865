// A training that is stopped half-way and goes on from its checkpoint, to the same weights bit for bit as
// one that was never stopped.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { models, NeuralForecaster } from 'neural-forecaster';

const data = { y: Float64Array.from({ length: 800 }, (_, i) => Math.sin(i / 4) + 0.001 * i) };
const model = models.NBEATS({ horizon: 12, inputSize: 36, maxSteps: 60, windowsBatchSize: 64 });
const create = () => new NeuralForecaster({ models: model, frequency: 1, seed: 7 });

const folder = await mkdtemp(path.join(tmpdir(), 'neural-forecaster-'));
const checkpoint = { checkpointPath: path.join(folder, 'training'), checkpointFrequency: 10 };

using interrupted = create();
const controller = new AbortController();
try {
  await interrupted.fit(data, {
    ...checkpoint,
    signal: controller.signal,
    onProgress: ({ step }) => {
      if (step >= 30) controller.abort(new Error('the night is over'));
    },
  });
} catch (error) {
  const { name, cause } = error as Error;
  console.log(`stopped: ${name}, because ${(cause as Error).message}`);
}

const report = await interrupted.fit(data, { ...checkpoint, resume: true });
console.log(`resumed: ${report.models[0]!.steps} steps in all`);

using straight = create();
await straight.fit(data);
const [one, other] = [await interrupted.predict(), await straight.predict()];
const same = one.columns.NBEATS!.every((value, i) => Object.is(value, other.columns.NBEATS![i]));
console.log(`the same forecast as without the stop: ${same}`);
await rm(folder, { recursive: true });
if (!same) process.exitCode = 1;
