// Configures and builds what changed: the addon through CMake, then lib/ to dist/.
//   node scripts/build.mjs [--preset release|test|bench|dev|debug|asan|tsan]
// The presets release, test and bench share build/release, so nothing is compiled twice.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeEsmEntry } from './esm-entry.mjs';
import { setUp } from './setup.mjs';
import {
  inRoot,
  isMain,
  readJson,
  root,
  run,
  runMain,
  ScriptError,
  say,
  toolPath,
} from './util.mjs';

export const addonPath = inRoot('build', 'release', 'neural_forecaster.node');

/** Where a preset builds: its own binaryDir or that of the preset it inherits from. */
export function presetFolder(name) {
  const preset = readJson(inRoot('CMakePresets.json')).configurePresets.find(
    (candidate) => candidate.name === name && !candidate.hidden,
  );
  if (preset === undefined) throw new ScriptError(`no preset "${name}" in CMakePresets.json`);
  return inRoot('build', ['release', 'test', 'bench'].includes(name) ? 'release' : name);
}

/** A folder that CMake made for a checkout elsewhere: it refuses to work on, so it is made anew. */
function removeMoved(folder) {
  const cache = join(folder, 'CMakeCache.txt');
  if (!existsSync(cache)) return;
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'))?.[1];
  if (home !== undefined && existsSync(home) && realpathSync(home) === realpathSync(root)) return;
  say(`${folder} was configured in ${home}: building it anew`);
  rmSync(folder, { recursive: true });
}

/** Runs CMake where this preset's options are not yet in the folder; Ninja does the rest itself. */
function configure(preset, folder) {
  removeMoved(folder);
  const record = join(folder, 'presets.json');
  const hash = createHash('sha256')
    .update(readFileSync(inRoot('CMakePresets.json')))
    .digest('hex');
  const known =
    existsSync(record) && existsSync(join(folder, 'build.ninja')) ? readJson(record) : {};
  if (known[preset] === hash) return;
  run('cmake', ['--preset', preset]);
  writeFileSync(record, JSON.stringify({ ...known, [preset]: hash }));
}

/** Builds `targets` of a preset, or what its build preset names. */
export function buildNative(preset = 'release', targets = []) {
  const folder = presetFolder(preset);
  configure(preset, folder);
  const chosen = targets.length > 0 ? ['--target', ...targets] : [];
  run('cmake', ['--build', '--preset', preset, ...chosen]);
  return folder;
}

/** Removes what an earlier build left for a source that is gone. */
function pruneDist() {
  const expected = new Set(['index.mjs', 'index.d.mts']);
  for (const name of readdirSync(inRoot('lib'), { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    expected.add(name.replace(/\.ts$/, '.js')).add(name.replace(/\.ts$/, '.d.ts'));
  }
  for (const entry of readdirSync(inRoot('dist'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !expected.has(path.slice(inRoot('dist').length + 1))) rmSync(path);
  }
}

export function buildJs() {
  mkdirSync(inRoot('dist'), { recursive: true });
  run(process.execPath, [toolPath('typescript', 'tsc'), '-p', 'tsconfig.build.json']);
  pruneDist();
  writeEsmEntry();
}

if (isMain(import.meta.url)) {
  runMain(async (args) => {
    const at = args.indexOf('--preset');
    const preset = at < 0 ? 'release' : args[at + 1];
    presetFolder(preset);
    await setUp({ bench: preset === 'bench' });
    buildNative(preset);
    buildJs();
  });
}
