// Paths that lead nowhere, to no regular file or beyond: a named error at once, and nothing waits or is replaced.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { NeuralForecaster } from '../../lib';
import { rejectedBy, thrownBy } from '../support/errors';
import { fitted } from '../support/forecasters';
import { tinySpec, twoSeries } from '../support/series';

let folder: string;
let forecaster: NeuralForecaster;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  mkdirSync(path.join(folder, 'folder'));
  execFileSync('mkfifo', [path.join(folder, 'pipe')]);
  forecaster = await fitted();
});
afterAll(() => {
  forecaster.dispose();
  rmSync(folder, { recursive: true });
});

const use: [string, string, (value: never) => Promise<unknown>][] = [
  ['save', 'path', (value) => forecaster.save(value)],
  ['saveCheckpoint', 'path', (value) => forecaster.saveCheckpoint(value)],
  ['load', 'path', (value) => NeuralForecaster.load(value)],
  ['loadCheckpoint', 'path', (value) => NeuralForecaster.loadCheckpoint(value)],
  ['checkpointPath', 'checkpointPath', (value) => trained({ checkpointPath: value })],
  ['resume', 'checkpointPath', (value) => trained({ checkpointPath: value, resume: true })],
];

async function trained(options: object) {
  using other = new NeuralForecaster({ models: tinySpec('NLinear') });
  await other.fit(twoSeries(), options);
}

test.each(use)('%s refuses what is no path', async (_, name, call) => {
  const url = (text: string) => new URL(text);
  const before = readdirSync(folder);
  const cases: [unknown, string, RegExp][] = [
    [`${folder}/a\0b`, 'ERR_OUT_OF_RANGE', /must not hold a NUL character; got ".*\\u0000b"/],
    [url(`file://${folder}/a%00b`), 'ERR_OUT_OF_RANGE', /must not hold a NUL character/],
    [url(`file://${folder}/a%2Fb`), 'ERR_OUT_OF_RANGE', /names no file/],
    [url('file://host/a'), 'ERR_OUT_OF_RANGE', /names no file/],
    [url('https://example.org/a'), 'ERR_INVALID_ARG_TYPE', /a string or a file: URL/],
    ['', 'ERR_OUT_OF_RANGE', /a file's name/],
    [`/${'x/'.repeat(3000)}`, 'ERR_OUT_OF_RANGE', /at most 4095 bytes; got 6001/],
    [5, 'ERR_INVALID_ARG_TYPE', /got 5/],
    [null, 'ERR_INVALID_ARG_TYPE', /got null/],
  ];
  for (const [value, code, message] of cases) {
    // Wrong arguments throw at once.
    const error = await Promise.resolve()
      .then(() => call(value as never))
      .then(
        () => undefined,
        (thrown) => thrown as { code: string; message: string },
      );
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error!.message).toMatch(new RegExp(`^${name}`));
  }
  expect(readdirSync(folder)).toEqual(before);
});

test.each(use)('%s takes regular files alone, and waits for nothing', async (_, __, call) => {
  const cases = [
    [path.join(folder, 'pipe'), 'a pipe (FIFO)'],
    [path.join(folder, 'folder'), 'a folder'],
    ['/dev/null', 'a character device'],
  ];
  for (const [file, kind] of cases) {
    expect(await rejectedBy(() => call(file as never))).toMatchObject({
      name: 'ForecastError',
      code: 'ERR_IO',
      message: expect.stringContaining(`'${file}': it is ${kind}, not a regular file`),
    });
  }
  expect(lstatSync(path.join(folder, 'pipe')).isFIFO()).toBe(true);
  expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
});

test('a fit with a path that it cannot write fails before it trains', async () => {
  using other = new NeuralForecaster({ models: tinySpec('NLinear', { maxSteps: 1e6 }) });
  const options = { checkpointPath: path.join(folder, 'none', 'checkpoint') };
  expect(await rejectedBy(() => other.fit(twoSeries(), options))).toMatchObject({
    code: 'ERR_IO',
    message: expect.stringMatching(/Cannot write .*none\/checkpoint': ENOENT/),
  });
});

test('an aborted load or save ends as an AbortError', async () => {
  const signal = AbortSignal.abort('enough');
  const file = path.join(folder, 'model');
  const aborted = { name: 'AbortError', cause: 'enough' };
  expect(await rejectedBy(() => forecaster.save(file, { signal }))).toMatchObject(aborted);
  expect(existsSync(file)).toBe(false);
  await forecaster.save(file);
  expect(await rejectedBy(() => NeuralForecaster.load(file, { signal }))).toMatchObject(aborted);
  rmSync(file);
});

test('a checkpoint of an alias that looks like a path stays in its folder', async () => {
  const aliases = ['../up', 'a/b', 'c\\d', '100%', 'plain'];
  using other = new NeuralForecaster({
    models: aliases.map((alias) => tinySpec('NLinear', { alias, maxSteps: 1 })),
  });
  const inside = path.join(folder, 'aliases');
  mkdirSync(inside);
  await other.fit(twoSeries(), { checkpointPath: pathToFileURL(path.join(inside, 'c')) });
  expect(readdirSync(inside).sort()).toEqual(
    ['c...%2Fup', 'c.100%25', 'c.a%2Fb', 'c.c%5Cd', 'c.plain'].sort(),
  );
});

test('a path that is thrown for leaves the forecaster idle', () => {
  using other = new NeuralForecaster({ models: tinySpec('NLinear') });
  const call = () => other.fit(twoSeries(), { checkpointPath: 'a\0b' });
  expect(thrownBy(call)).toMatchObject({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
});
