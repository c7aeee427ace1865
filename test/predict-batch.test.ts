import { losses, NeuralForecaster } from '../lib';
import { rejectedBy, thrownBy } from './support/errors';
import { fitted } from './support/forecasters';
import { HORIZON, INPUT, sine, tinySpec } from './support/series';

const windows = (count: number) => sine(count * INPUT, { seed: 4 });

describe.each([
  ['Float64Array', Float64Array],
  ['Float32Array', Float32Array],
] as const)('%s', (_, FloatArray) => {
  test('one row a window, of the same type, as predict() has it', async () => {
    using forecaster = await fitted();
    const input = FloatArray.from(windows(5));
    const result = await forecaster.predictBatch(input);
    expect(result.constructor.name).toBe(FloatArray.name);
    expect(result).toHaveLength(5 * HORIZON);
    for (let i = 0; i < 5; i++) {
      const y = Float64Array.from(input.subarray(i * INPUT, (i + 1) * INPUT));
      const { columns } = forecaster.predictSync({ data: { y }, frequency: 1 });
      for (let k = 0; k < HORIZON; k++) {
        expect(result[i * HORIZON + k]).toBeCloseTo(columns.NHITS![k]!, 4);
      }
    }
  });

  test('sync and async agree bit for bit', async () => {
    using forecaster = await fitted();
    const input = FloatArray.from(windows(33));
    expect(forecaster.predictBatchSync(input)).toEqual(await forecaster.predictBatch(input));
  });

  test('out is filled and returned', async () => {
    using forecaster = await fitted();
    const input = FloatArray.from(windows(3));
    const expected = forecaster.predictBatchSync(input);
    const out = new FloatArray(3 * HORIZON);
    expect(await forecaster.predictBatch(input, { out })).toBe(out);
    expect(out).toEqual(expected);
    out.fill(0);
    expect(forecaster.predictBatchSync(input, { out })).toBe(out);
    expect(out).toEqual(expected);
  });
});

test('a forecast does not depend on the other windows', async () => {
  using forecaster = await fitted();
  const input = windows(40);
  const all = forecaster.predictBatchSync(input);
  for (const i of [0, 7, 39]) {
    const one = forecaster.predictBatchSync(input.slice(i * INPUT, (i + 1) * INPUT));
    expect(one).toEqual(all.slice(i * HORIZON, (i + 1) * HORIZON));
  }
});

test('level gives columns', async () => {
  using forecaster = await fitted({
    models: tinySpec('NHITS', { loss: losses.MQLoss({ level: [80, 95] }) }),
  });
  const input = windows(3);
  const columns = await forecaster.predictBatch(input, { level: [80] });
  expect(Object.keys(columns).sort()).toEqual(['NHITS', 'NHITS-hi-80', 'NHITS-lo-80']);
  expect(columns.NHITS).toEqual(await forecaster.predictBatch(input));
  expect(forecaster.predictBatchSync(input, { level: [80] })).toEqual(columns);
  expect((await rejectedBy(() => forecaster.predictBatch(input, { level: [50] }))).code).toBe(
    'ERR_UNSUPPORTED',
  );
});

test('model chooses among several', async () => {
  using forecaster = await fitted({ models: [tinySpec('NHITS'), tinySpec('NLinear')] });
  const input = windows(2);
  expect(thrownBy(() => forecaster.predictBatchSync(input))).toMatchObject({
    name: 'TypeError',
    message: expect.stringContaining("'NHITS', 'NLinear'"),
  });
  expect(thrownBy(() => forecaster.predictBatchSync(input, { model: 'nhits' }))).toMatchObject({
    name: 'RangeError',
    message: expect.stringContaining("'NHITS', 'NLinear'"),
  });
  const [first, second] = ['NHITS', 'NLinear'].map((model) =>
    forecaster.predictBatchSync(input, { model }),
  );
  expect(first).not.toEqual(second);
});

test('models with exogenous inputs are ERR_UNSUPPORTED', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NHITS', { historicExog: ['x'] }) });
  await forecaster.fit({ y: sine(60), x: sine(60) });
  expect(await rejectedBy(() => forecaster.predictBatch(windows(1)))).toMatchObject({
    code: 'ERR_UNSUPPORTED',
    message: expect.stringContaining('NHITS'),
  });
  expect(thrownBy(() => forecaster.predictBatchSync(windows(1))).code).toBe('ERR_UNSUPPORTED');
});

test('abort', async () => {
  using forecaster = await fitted();
  const signal = AbortSignal.abort('late');
  expect(await rejectedBy(() => forecaster.predictBatch(windows(1), { signal }))).toMatchObject({
    code: 'ABORT_ERR',
    cause: 'late',
  });
});

test('windows transferred away while the job runs are read all the same', async () => {
  using forecaster = await fitted();
  const input = windows(2000);
  const expected = forecaster.predictBatchSync(input);
  const promise = forecaster.predictBatch(input);
  structuredClone(input, { transfer: [input.buffer] });
  expect(await promise).toEqual(expected);
});

test('out transferred away while the job runs is an error, not a crash', async () => {
  using forecaster = await fitted();
  const out = new Float64Array(2000 * HORIZON);
  const promise = forecaster.predictBatch(windows(2000), { out });
  structuredClone(out, { transfer: [out.buffer] });
  expect(await rejectedBy(() => promise)).toMatchObject({
    name: 'TypeError',
    message: expect.stringContaining('out is detached'),
  });
});

test('out may share memory with the windows', async () => {
  using forecaster = await fitted();
  const memory = new Float64Array(2 * INPUT);
  memory.set(windows(2));
  const expected = forecaster.predictBatchSync(memory.slice());
  expect(forecaster.predictBatchSync(memory, { out: memory.subarray(0, 2 * HORIZON) })).toEqual(
    expected,
  );
});
