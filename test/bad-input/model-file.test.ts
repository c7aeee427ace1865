// Damaged model files: ERR_CORRUPT_MODEL each time, never a crash and never a wrong forecast.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NeuralForecaster } from '../../lib';
import { rejectedBy, thrownBy } from '../support/errors';
import { bits, fitted } from '../support/forecasters';
import { withoutChecksum } from '../support/safetensors';
import { noise, tinySpec, twoSeries } from '../support/series';

let forecaster: NeuralForecaster;
let bytes: Uint8Array;
beforeAll(async () => {
  forecaster = await fitted({ models: [tinySpec('NHITS'), tinySpec('NLinear')] });
  bytes = forecaster.serialize();
});
afterAll(() => {
  using loaded = NeuralForecaster.deserialize(bytes);
  expect(bits(loaded)).toEqual(bits(forecaster));
  forecaster.dispose();
});

const corrupt = { name: 'ForecastError', code: 'ERR_CORRUPT_MODEL' };
const read = (data: Uint8Array) => NeuralForecaster.deserialize(data).dispose();

test('truncated anywhere', () => {
  const lengths = [0, 1, 7, 8, 9, 100, 1000, bytes.length - 1];
  for (let i = 1; i < 60; i++) lengths.push(Math.floor((bytes.length * i) / 60));
  for (const length of lengths) {
    expect(thrownBy(() => read(bytes.slice(0, length)))).toMatchObject(corrupt);
  }
});

test('bytes behind the end', () => {
  const longer = new Uint8Array(bytes.length + 8);
  longer.set(bytes);
  expect(thrownBy(() => read(longer))).toMatchObject(corrupt);
});

test('something else', () => {
  for (const text of ['', 'not a model', '{}', `${'\u0000'.repeat(8)}{}`, 'x'.repeat(5000)]) {
    expect(thrownBy(() => read(new TextEncoder().encode(text)))).toMatchObject(corrupt);
  }
});

const headerLength = () =>
  Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));

test('a flipped bit anywhere is an error', () => {
  const random = noise(1);
  const ends = [8, 8 + headerLength(), bytes.length];
  for (let i = 0; i < 600; i++) {
    const damaged = bytes.slice();
    const at = Math.floor(((random() + 1) / 2) * ends[i % 3]!);
    damaged[at] = damaged[at]! ^ (1 << Math.floor(4 * (random() + 1)));
    expect(thrownBy(() => read(damaged))).toMatchObject(corrupt);
  }
});

/** The file with its JSON header rewritten, and no checksum that would find only that. */
function withHeader(change: (text: string) => string): Uint8Array {
  const size = headerLength();
  const header = new TextEncoder().encode(
    change(new TextDecoder().decode(withoutChecksum(bytes).subarray(8, 8 + size))),
  );
  const result = new Uint8Array(8 + header.length + bytes.length - 8 - size);
  new DataView(result.buffer).setBigUint64(0, BigInt(header.length), true);
  result.set(header, 8);
  result.set(bytes.subarray(8 + size), 8 + header.length);
  return result;
}

test('the unchanged header reads', () => {
  expect(() => read(withHeader((text) => text))).not.toThrow();
});

test.each<[string, RegExp, string]>([
  ['format', /\\"format\\":1/, '\\"format\\":0'],
  ['a newer format', /\\"format\\":1/, '\\"format\\":99'],
  ['ids', /\\"ids\\":\[\\"a\\",/, '\\"ids\\":['],
  ['lastDs', /\\"lastDs\\":\[\d+,/, '\\"lastDs\\":[\\"x\\",'],
  ['a lastDs beyond all dates', /\\"lastDs\\":\[\d+,/, '\\"lastDs\\":[8640000000000001,'],
  ['frequency', /\\"frequency\\":\\"1h\\"/, '\\"frequency\\":\\"1parsec\\"'],
  ['seed', /\\"seed\\":1/, '\\"seed\\":null'],
  ['localScaler', /\\"localScaler\\":\\"\\"/, '\\"localScaler\\":\\"x\\"'],
  ['memoryPool', /\\"memoryPool\\":true/, '\\"memoryPool\\":5'],
  ['model name', /NHITS\\"/, 'NHITZ\\"'],
])('wrong %s', (name, pattern, replacement) => {
  const damaged = withHeader((text) => {
    expect(text).toMatch(pattern);
    return text.replace(pattern, replacement);
  });
  const error = thrownBy(() => read(damaged));
  expect(error).toMatchObject(corrupt);
  if (name === 'a newer format') expect(error.message).toContain('update the package');
});

test.each<[string, RegExp, string, RegExp]>([
  ['an unknown header member', /\\"fill\\"/, '\\"fyll\\"', /unknown member 'fyll'.*written by/],
  ['a missing header member', /\\"fill\\":null,/, '', /has no 'fill'/],
  [
    'a header member twice',
    /\\"fill\\":null/,
    '\\"fill\\":null,\\"fill\\":1',
    /'fill' stands twice/,
  ],
  ['ids that are not unique', /\\"ids\\":\[\\"a\\"/, '\\"ids\\":[\\"b\\"', /wrong 'ids'/],
  ['a time off the grid of its frequency', /\\"1h\\"/, '\\"MS\\"', /wrong 'lastDs'/],
  [
    'a time beyond every date',
    /\\"lastDs\\":\[\d+/,
    '\\"lastDs\\":[8640000000003600000',
    /wrong 'lastDs'/,
  ],
  [
    'a time just before the last date',
    /\\"lastDs\\":\[\d+/,
    '\\"lastDs\\":[8640000000000000',
    /ends where time does/,
  ],
  ['a negative seed', /\\"seed\\":1/, '\\"seed\\":-1', /wrong 'seed'/],
  ['an unknown option', /\\"scalerType\\"/, '\\"skalerType\\"', /skalerType/],
  ['a missing option', /\\"scalerType\\":\\"identity\\",/, '', /NHITS.scalerType is missing/],
  ['two models of one name', /(NLinear.*)\\"alias\\":\\"\\"/, '$1\\"alias\\":\\"NHITS\\"', /NHITS/],
])('%s', (_, pattern, replacement, message) => {
  const damaged = withHeader((text) => {
    expect(text).toMatch(pattern);
    return text.replace(pattern, replacement);
  });
  const error = thrownBy(() => read(damaged));
  expect(error).toMatchObject(corrupt);
  expect(error.message).toMatch(message);
});

test.each<[string, unknown]>([
  ['undefined', undefined],
  ['text', 'model.safetensors'],
  ['numbers', [1, 2, 3]],
  ['an ArrayBuffer', new ArrayBuffer(8)],
])('bytes as %s', (_, value) => {
  expect(thrownBy(() => read(value as Uint8Array))).toMatchObject({
    name: 'TypeError',
    code: 'ERR_INVALID_ARG_TYPE',
    message: expect.stringContaining('bytes must be a Uint8Array'),
  });
});

test('detached bytes', () => {
  const copy = bytes.slice();
  structuredClone(copy, { transfer: [copy.buffer] });
  expect(thrownBy(() => read(copy))).toMatchObject({
    name: 'TypeError',
    message: expect.stringContaining('detached'),
  });
});

test('load() of a damaged file, and of a whole one after it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  try {
    const file = path.join(folder, 'model');
    writeFileSync(file, bytes.subarray(0, bytes.length / 2));
    expect(await rejectedBy(() => NeuralForecaster.load(file))).toMatchObject(corrupt);
    writeFileSync(file, bytes);
    using loaded = await NeuralForecaster.load(file);
    expect(bits(loaded)).toEqual(bits(forecaster));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a resume from a damaged checkpoint', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  try {
    const checkpointPath = path.join(folder, 'checkpoint');
    writeFileSync(checkpointPath, bytes.subarray(0, 500));
    using other = new NeuralForecaster({ models: tinySpec('NLinear') });
    expect(
      await rejectedBy(() => other.fit(twoSeries(), { checkpointPath, resume: true })),
    ).toMatchObject(corrupt);
    await other.fit(twoSeries(), { checkpointPath });
    expect(other.fitted).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
