import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type * as Native from '../types/native';
import { ForecastError } from './errors';

export type NativeAddon = typeof Native;

let loaded: NativeAddon | undefined;

/** The native addon, loaded at the first call. Throws ERR_NATIVE_MISSING. */
export function native(): NativeAddon {
  loaded ??= load();
  return loaded;
}

/** The package's folder: lib/ and dist/ both lie directly in it. */
export function packageRoot(): string {
  return path.dirname(__dirname);
}

/** The version in package.json. */
export function packageVersion(): string {
  const text = readFileSync(path.join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function candidates(): string[] {
  const root = packageRoot();
  const file = 'neural_forecaster.node';
  const list = [
    path.join(root, 'prebuilds', `${process.platform}-${process.arch}`, file),
    path.join(root, 'build', 'release', file),
  ];
  const override = process.env.NEURAL_FORECASTER_ADDON;
  return override ? [path.resolve(override), ...list] : list;
}

function load(): NativeAddon {
  const failures: string[] = [];
  for (const file of candidates()) {
    if (!existsSync(file)) {
      failures.push(`${file}: not there`);
      continue;
    }
    try {
      const addon = require(file) as NativeAddon;
      const expected = packageVersion();
      if (addon.version === expected) return addon;
      failures.push(`${file}: built for version ${addon.version}, the package is ${expected}`);
    } catch (error) {
      failures.push(`${file}: ${(error as Error).message}`);
    }
  }
  throw new ForecastError(
    'ERR_NATIVE_MISSING',
    `The native addon for ${process.platform}-${process.arch} cannot be loaded. ${wayOut()} Tried:\n  ${failures.join('\n  ')}`,
  );
}

/** A checkout can build the addon; an installed package has the binaries that it came with. */
function wayOut(): string {
  const root = packageRoot();
  if (existsSync(path.join(root, 'CMakeLists.txt'))) {
    return `To build it, run "npm run build" in ${root}.`;
  }
  const folder = path.join(root, 'prebuilds');
  const platforms = existsSync(folder) ? readdirSync(folder).sort() : [];
  return `This package holds it for ${platforms.join(', ') || 'no platform'}. For another one build it from a clone of the repository: "npm run package" there makes a tarball to install.`;
}
