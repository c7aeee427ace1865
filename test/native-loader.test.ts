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

test('collects what went wrong and says what to run', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  const broken = path.join(folder, 'broken.node');
  writeFileSync(broken, 'no addon');
  const root = packageRoot();
  const existsSync = jest.spyOn(require('node:fs') as typeof import('node:fs'), 'existsSync');
  existsSync.mockImplementation((file) => file === broken);
  try {
    const error = thrownBy(freshLoad(broken));
    expect(error).toMatchObject({ name: 'ForecastError', code: 'ERR_NATIVE_MISSING' });
    expect(error.message).toContain(`"npm run build" in ${root}`);
    expect(error.message).toContain(`${broken}: `);
    expect(error.message).toContain(
      `${path.join(root, 'build', 'release', 'neural_forecaster.node')}: not there`,
    );
  } finally {
    existsSync.mockRestore();
    rmSync(folder, { recursive: true });
  }
});
