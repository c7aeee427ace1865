import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { native, packageRoot } from '../lib/native';
import { thrownBy } from './support/errors';

/** A loader that has loaded nothing yet. */
function freshLoad(addon?: string): () => unknown {
  let load: (() => unknown) | undefined;
  const before = process.env.NEURAL_FORECASTER_ADDON;
  if (addon !== undefined) process.env.NEURAL_FORECASTER_ADDON = addon;
  jest.isolateModules(() => {
    load = (require('../lib/native') as typeof import('../lib/native')).native;
  });
  return () => {
    try {
      return load!();
    } finally {
      if (before === undefined) delete process.env.NEURAL_FORECASTER_ADDON;
      else process.env.NEURAL_FORECASTER_ADDON = before;
    }
  };
}

test('loads once', () => {
  expect(native()).toBe(native());
  expect(typeof native().version).toBe('string');
});

describe('an addon that cannot be loaded', () => {
  const root = packageRoot();
  const fs = require('node:fs') as typeof import('node:fs');
  let folder: string;
  let broken: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
    broken = path.join(folder, 'broken.node');
    writeFileSync(broken, 'no addon');
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The error of a loader that finds the broken addon and, of the package's own folder, only `present`. */
  function failure(...present: string[]) {
    const there = [broken, ...present.map((name) => path.join(root, name))];
    jest.spyOn(fs, 'existsSync').mockImplementation((file) => there.includes(String(file)));
    return thrownBy(freshLoad(broken));
  }

  test('names every file that was tried, why it failed, and in a checkout what to run', () => {
    const error = failure('CMakeLists.txt');
    expect(error).toMatchObject({ name: 'ForecastError', code: 'ERR_NATIVE_MISSING' });
    expect(error.message).toContain(`"npm run build" in ${root}`);
    expect(error.message).toContain(`${broken}: `);
    expect(error.message).toContain(
      `${path.join(root, 'build', 'release', 'neural_forecaster.node')}: not there`,
    );
  });

  test('names this platform and, in an installed package, those that it has a binary for', () => {
    jest
      .spyOn(fs, 'readdirSync')
      .mockReturnValue(['linux-x64', 'darwin-arm64'] as unknown as ReturnType<
        typeof fs.readdirSync
      >);
    const error = failure('prebuilds');
    expect(error.message).toContain(`for ${process.platform}-${process.arch} cannot be loaded`);
    expect(error.message).toContain('holds it for darwin-arm64, linux-x64.');
    expect(error.message).not.toContain('npm run build');
    expect(failure().message).toContain('holds it for no platform.');
  });
});
