import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { losses, NeuralForecaster } from '../lib';
import { rejectedBy, thrownBy } from './support/errors';
import { bits, fitted } from './support/forecasters';
import { DAY, hours, START, sine, tinySpec, twoSeries } from './support/series';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => path.join(folder, name);

test('a loaded forecaster gives the same bits', async () => {
  using forecaster = await fitted({
    models: [
      tinySpec('NHITS', { loss: losses.MQLoss({ level: [80] }) }),
      tinySpec('NBEATS', { scalerType: 'robust', alias: 'second' }),
      tinySpec('DLinear'),
    ],
  });
  await forecaster.save(file('model.safetensors'));
  using loaded = await NeuralForecaster.load(file('model.safetensors'));
  expect(loaded.models).toEqual(['NHITS', 'second', 'DLinear']);
  expect(loaded.fitted).toBe(true);
  expect(bits(loaded)).toEqual(bits(forecaster));
  expect(bits(loaded, { horizon: 9 })).toEqual(bits(forecaster, { horizon: 9 }));
  expect([...loaded.predictSync().ds]).toEqual([...forecaster.predictSync().ds]);
  expect(loaded.predictSync().ids).toEqual(['a', 'b']);
  const data = { y: sine(40), ds: hours(40, START + 9 * DAY) };
  expect(bits(loaded, { data })).toEqual(bits(forecaster, { data }));
  // And it can be saved and trained on like the first.
  expect(loaded.serialize()).toEqual(forecaster.serialize());
  await Promise.all([loaded.fit(twoSeries(90)), forecaster.fit(twoSeries(90))]);
  expect(bits(loaded)).toEqual(bits(forecaster));
});

test('exogenous inputs, local scalers and masks come back', async () => {
  const data = twoSeries();
  const x = sine(160, { seed: 8 });
  const availableMask = Uint8Array.from(data.y, (_, i) => (i % 80 === 75 ? 0 : 1));
  using forecaster = new NeuralForecaster({
    models: tinySpec('MLP', { historicExog: ['x'] }),
    localScalerType: 'standard',
    lowMemory: true,
    memoryPool: false,
    seed: 5,
  });
  await forecaster.fit({ ...data, x, availableMask });
  using loaded = NeuralForecaster.deserialize(forecaster.serialize());
  expect(bits(loaded)).toEqual(bits(forecaster));
});

test('compute options given to load() win', async () => {
  using forecaster = await fitted({ simdEnabled: false, numThreads: 3 });
  await forecaster.save(file('compute'));
  using same = await NeuralForecaster.load(file('compute'));
  expect(same.stats().simdTarget).toBe('SCALAR');
  using other = await NeuralForecaster.load(file('compute'), { simdEnabled: true, numThreads: 1 });
  expect(other.stats().simdTarget).not.toBe('SCALAR');
  expect(other.stats().threads).toBe(1);
});

test('file URLs and the checkpoint aliases', async () => {
  using forecaster = await fitted();
  const url = pathToFileURL(file('with space'));
  await forecaster.saveCheckpoint(url);
  using loaded = await NeuralForecaster.loadCheckpoint(url);
  expect(bits(loaded)).toEqual(bits(forecaster));
});

test('save replaces a file whole and leaves nothing beside it', async () => {
  const inside = mkdtempSync(path.join(folder, 'atomic-'));
  const target = path.join(inside, 'model');
  writeFileSync(target, 'old');
  using forecaster = await fitted();
  await forecaster.save(target);
  expect(readdirSync(inside)).toEqual(['model']);
  expect(new Uint8Array(readFileSync(target))).toEqual(new Uint8Array(forecaster.serialize()));
});

test('save follows a link as open() does: the link stays', async () => {
  const inside = mkdtempSync(path.join(folder, 'links-'));
  const at = (name: string) => path.join(inside, name);
  writeFileSync(at('model'), 'old', { mode: 0o640 });
  symlinkSync('model', at('link'));
  symlinkSync(at('new'), at('dangling'));
  using forecaster = await fitted();
  const bytes = Buffer.from(forecaster.serialize());
  for (const [link, target] of [
    ['link', 'model'],
    ['dangling', 'new'],
  ] as const) {
    await forecaster.save(at(link));
    expect(lstatSync(at(link)).isSymbolicLink()).toBe(true);
    expect(readFileSync(at(target))).toEqual(bytes);
  }
  expect(statSync(at('model')).mode & 0o777).toBe(0o640);
  expect(readdirSync(inside).sort()).toEqual(['dangling', 'link', 'model', 'new']);
});

test('save removes what a killed save left, and writes names of 255 bytes', async () => {
  const inside = mkdtempSync(path.join(folder, 'stale-'));
  writeFileSync(path.join(inside, 'model.4711-12.tmp'), 'half');
  writeFileSync(path.join(inside, 'model.notes.tmp'), 'somebody else');
  const longest = 'n'.repeat(255);
  using forecaster = await fitted();
  await forecaster.save(path.join(inside, 'model'));
  await forecaster.save(path.join(inside, longest));
  expect(readdirSync(inside).sort()).toEqual(['model', 'model.notes.tmp', longest].sort());
});

test('a failed or aborted save leaves the old file', async () => {
  using forecaster = await fitted();
  const nowhere = file('no/such/folder/model');
  expect(await rejectedBy(() => forecaster.save(nowhere))).toMatchObject({
    name: 'ForecastError',
    code: 'ERR_IO',
    message: expect.stringContaining('no/such/folder'),
  });
  writeFileSync(file('kept'), 'old');
  const signal = AbortSignal.abort();
  expect((await rejectedBy(() => forecaster.save(file('kept'), { signal }))).code).toBe(
    'ABORT_ERR',
  );
  expect(readFileSync(file('kept'), 'utf8')).toBe('old');
});

test('errors of load', async () => {
  expect(await rejectedBy(() => NeuralForecaster.load(file('missing')))).toMatchObject({
    code: 'ERR_IO',
    message: expect.stringMatching(/missing.*ENOENT/),
  });
  expect((await rejectedBy(() => NeuralForecaster.load(folder))).code).toBe('ERR_IO');
  expect(thrownBy(() => NeuralForecaster.load(5 as never))).toMatchObject({
    name: 'TypeError',
    message: expect.stringContaining('path must be'),
  });
  expect(thrownBy(() => NeuralForecaster.load('')).code).toBe('ERR_OUT_OF_RANGE');
  expect(thrownBy(() => NeuralForecaster.load('x', { seed: 1 } as never)).message).toContain(
    'seed',
  );
});

test('before fit there is nothing to save', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
  expect((await rejectedBy(() => forecaster.save(file('x')))).code).toBe('ERR_NOT_FITTED');
  expect(thrownBy(() => forecaster.serialize()).code).toBe('ERR_NOT_FITTED');
});

test('only the end of the series is kept', async () => {
  using short = await fitted();
  using long = new NeuralForecaster({ models: tinySpec('NHITS') });
  await long.fit(twoSeries(5000));
  expect(long.serialize().length - short.serialize().length).toBeLessThan(200);
});
