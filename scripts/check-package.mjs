// Packs the package as it would be published and checks the tarball: what it holds, how package.json
// declares it (publint, attw), that both module systems load it in an empty project, and that its types compile there.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from './package.mjs';
import { inRoot, isMain, run, runMain, runQuietly, ScriptError, toolPath } from './util.mjs';

const wanted = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'dist/index.js',
  'dist/index.mjs',
  'tools/export_neuralforecast.py',
];
const allowed =
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.*\.(js|mjs|d\.ts|d\.mts)|types\/.*\.d\.ts|prebuilds\/[\w-]+\/neural_forecaster\.node|tools\/[\w.-]+)$/;

function checkFiles(files) {
  const paths = files.map((file) => file.path);
  const missing = wanted.filter((path) => !paths.includes(path));
  if (missing.length > 0) throw new ScriptError(`the tarball lacks ${missing.join(', ')}`);
  const extra = paths.filter((path) => !allowed.test(path));
  if (extra.length > 0) throw new ScriptError(`the tarball holds ${extra.join(', ')}`);
}

/** A strict TypeScript project with an older library and no skipLibCheck, as a user may have. */
function checkTypes(project) {
  writeFileSync(
    join(project, 'use.ts'),
    `import { losses, models, NeuralForecaster } from 'neural-forecaster';
const loss = losses.MQLoss({ level: [80] });
const spec = models.NHITS({ horizon: 3, inputSize: 4, loss });
export async function sum(): Promise<number> {
  const forecaster = new NeuralForecaster({ models: spec });
  await forecaster.fit({ y: [1, 2, 3] });
  const row = (await forecaster.predict()).toRows()[0];
  return row.NHITS + row['NHITS-lo-80'] + row.uniqueId.length;
}
`,
  );
  const typeRoots = inRoot('node_modules', '@types');
  run(process.execPath, [
    toolPath('typescript', 'tsc'),
    ...['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', 'false'],
    ...['--target', 'es2020', '--lib', 'ES2020', '--module', 'node20'],
    ...['--types', 'node', '--typeRoots', typeRoots, join(project, 'use.ts')],
  ]);
}

/** Installs the tarball into an empty project, scripts off, and loads it both ways. */
function checkInstalled(tarball) {
  const project = mkdtempSync(join(tmpdir(), 'neural-forecaster-'));
  try {
    mkdirSync(join(project, 'node_modules'));
    writeFileSync(
      join(project, 'package.json'),
      '{"name":"user","version":"1.0.0","private":true}\n',
    );
    const options = { cwd: project, shell: process.platform === 'win32' };
    const flags = ['--ignore-scripts', '--offline', '--no-audit', '--no-fund'];
    runQuietly('npm', ['install', ...flags, tarball], options);
    writeFileSync(
      join(project, 'use.mjs'),
      `import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as esm from 'neural-forecaster';
const cjs = createRequire(import.meta.url)('neural-forecaster');
const names = Object.keys(cjs).sort();
assert.ok(names.includes('NeuralForecaster'));
assert.deepEqual(Object.keys(esm).sort(), names);
for (const name of names) assert.equal(esm[name], cjs[name], name);
// Loads the addon that the tarball brought.
assert.ok(esm.listModels().length > 0);
`,
    );
    const { NEURAL_FORECASTER_ADDON, ...env } = process.env;
    runQuietly(process.execPath, ['use.mjs'], { cwd: project, env });
    checkTypes(project);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

export function checkPackage() {
  const { tarball, folder, files } = pack();
  checkFiles(files);
  run(process.execPath, [toolPath('publint'), 'run', '--strict', folder]);
  run(process.execPath, [toolPath('@arethetypeswrong/cli', 'attw'), tarball]);
  checkInstalled(tarball);
}

if (isMain(import.meta.url)) runMain(checkPackage);
