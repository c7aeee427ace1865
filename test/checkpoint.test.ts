// Resuming from a checkpoint that is not the one of this training: what differs is said.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { losses, NeuralForecaster, type NeuralForecasterOptions } from '../lib';
import { rejectedBy } from './support/errors';
import { readSafetensors, writeSafetensors } from './support/safetensors';
import { tinySpec, twoSeries } from './support/series';

let folder: string;
let checkpointPath: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  checkpointPath = path.join(folder, 'checkpoint');
  await resumed({ models: tinySpec('NLinear') });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Fits from the checkpoint, or makes it. */
async function resumed(options: NeuralForecasterOptions, more: object = {}) {
  using forecaster = new NeuralForecaster(options);
  return await forecaster.fit(twoSeries(), { checkpointPath, resume: true, ...more });
}

test.each<[string, NeuralForecasterOptions, object, string]>([
  [
    'inputSize',
    { models: tinySpec('NLinear', { inputSize: 24 }) },
    {},
    'inputSize is 12 there and 24 here',
  ],
  ['horizon', { models: tinySpec('NLinear', { horizon: 2 }) }, {}, 'horizon is 4 there and 2 here'],
  [
    'scalerType',
    { models: tinySpec('NLinear', { scalerType: 'robust' }) },
    {},
    'scalerType is "identity" there and "robust" here',
  ],
  ['model', { models: tinySpec('DLinear') }, {}, 'model is "NLinear" there and "DLinear" here'],
  ['seed', { models: tinySpec('NLinear'), seed: 2 }, {}, 'seed is 1 there and 2 here'],
  [
    'optimizer',
    { models: tinySpec('NLinear') },
    { optimizer: 'sgd' },
    'optimizer is "adam" there and "sgd" here',
  ],
  ['loss', { models: tinySpec('NLinear', { loss: losses.MSE() }) }, {}, 'loss is {"name":"MAE"'],
])('another %s', async (_, options, more, message) => {
  const before = readFileSync(checkpointPath);
  expect(await rejectedBy(() => resumed(options, more))).toMatchObject({
    name: 'RangeError',
    code: 'ERR_OUT_OF_RANGE',
    message: expect.stringMatching(/^checkpointPath: .* is of another training: /),
  });
  const { message: said } = await rejectedBy(() => resumed(options, more));
  expect(said).toContain(message);
  expect(readFileSync(checkpointPath)).toEqual(before);
});

test.each([
  [
    'other values',
    { y: 1 },
    /data is "160 rows of 2 series \(checksum [0-9a-f]{8}\)" there and "160 rows/,
  ],
  ['another unit', { y: 1000 }, /\) there and "160 rows|data is/],
  ['fewer rows', { rows: -1 }, /data is "160 rows of 2 series .* there and "158 rows of 2 series/],
])(
  '%s are other data, which warmStart is for',
  async (_, { y = 0, rows = 0 }: { y?: number; rows?: number }, message) => {
    const data = twoSeries(80 + rows);
    if (y > 0) data.y[3]! *= 1 + y;
    using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
    const error = await rejectedBy(() => forecaster.fit(data, { checkpointPath, resume: true }));
    expect(error).toMatchObject({
      code: 'ERR_OUT_OF_RANGE',
      message: expect.stringMatching(
        /is of another training.*\(to go on from a trained model with new data: warmStart\)$/,
      ),
    });
    expect(error.message).toMatch(message);
  },
);

test('rows held out and the local scale of the data belong to the training', async () => {
  const held = await rejectedBy(() =>
    resumed({ models: tinySpec('NLinear') }, { validationSize: 8 }),
  );
  expect(held.message).toContain('the last 8 of each held out" here');
  const scaled = { models: tinySpec('NLinear'), localScalerType: 'standard' } as const;
  expect((await rejectedBy(() => resumed(scaled))).message).toMatch(/another training: data is/);
});

test('a training that had ended is not gone on with, and the report says so', async () => {
  const report = await resumed({ models: tinySpec('NLinear') });
  expect(report.models[0]!.warnings).toEqual([
    `NLinear: ${checkpointPath} is of a training that had ended, at step 20: nothing was trained`,
  ]);
});

test('several differences are named together', async () => {
  const options = { models: tinySpec('NLinear', { inputSize: 24, horizon: 2 }), seed: 2 };
  const { message } = await rejectedBy(() => resumed(options));
  expect(message).toContain(
    'horizon is 4 there and 2 here, inputSize is 12 there and 24 here, seed is 1 there and 2 here',
  );
});

test('more steps, another rate or alias go on from it', async () => {
  const model = tinySpec('NLinear', { maxSteps: 25, learningRate: 1e-4, alias: 'other' });
  const copy = path.join(folder, 'copy');
  writeFileSync(copy, readFileSync(checkpointPath));
  const { models } = await resumed({ models: model }, { checkpointPath: copy });
  expect(models[0]!.steps).toBe(25);
});

test.each(['parameters/', 'moment1/', 'moment2/', 'good/'])(
  'a checkpoint whose %s are not finite is refused as damaged',
  async (prefix) => {
    const file = readSafetensors(checkpointPath);
    const [name, tensor] = [...file.tensors].find(([key]) => key.startsWith(prefix))!;
    const bytes = Uint8Array.from(tensor.bytes);
    new DataView(bytes.buffer).setFloat32(4, Number.NaN, true);
    file.tensors.set(name, { ...tensor, bytes });
    const damaged = path.join(folder, 'damaged');
    writeFileSync(damaged, writeSafetensors(file));
    const options = { models: tinySpec('NLinear') };
    const error = await rejectedBy(() => resumed(options, { checkpointPath: damaged }));
    expect(error).toMatchObject({ name: 'ForecastError', code: 'ERR_CORRUPT_MODEL' });
    expect(error.message).toContain(`damaged is damaged: a value of '${prefix}' is not finite`);
  },
);

test('a checkpoint of the first version, which says its model alone, goes on', async () => {
  const file = readSafetensors(checkpointPath);
  const { identity, ...state } = JSON.parse(file.metadata.state!);
  file.metadata.state = JSON.stringify({ ...state, model: identity.model });
  const old = path.join(folder, 'old');
  writeFileSync(old, writeSafetensors(file));
  const { models } = await resumed({ models: tinySpec('NLinear') }, { checkpointPath: old });
  expect(models[0]!.steps).toBe(20);
  const other = { models: tinySpec('NLinear', { inputSize: 24 }) };
  const { message } = await rejectedBy(() => resumed(other, { checkpointPath: old }));
  expect(message).toMatch(
    /has the shape \[.*12\], and the model's configuration asks for \[.*24\]/,
  );
});

test('a checkpoint is no model file', async () => {
  expect(await rejectedBy(() => NeuralForecaster.load(checkpointPath))).toMatchObject({
    code: 'ERR_CORRUPT_MODEL',
    message: expect.stringMatching(/a checkpoint of a training.*resume: true/),
  });
});
