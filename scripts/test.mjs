// npm test: sets up what is missing, then runs every check and says how each went. A failure does not
// stop the others.
//   node scripts/test.mjs [--only format,lint,...]
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildJs, buildNative } from './build.mjs';
import { checkLayering } from './check-layering.mjs';
import { checkPackage } from './check-package.mjs';
import { clangFormat } from './format.mjs';
import { checkGenerated } from './generate.mjs';
import { compilePrograms, listPrograms, programPath } from './program.mjs';
import { setUpFormatter } from './setup/formatter.mjs';
import { setUp } from './setup.mjs';
import { inRoot, readJson, run, runMain, ScriptError, toolPath } from './util.mjs';

const node = process.execPath;
const reports = inRoot('build', 'reports');

/** Runs `command`, then counts; a command that fails without a failed test counts as one. */
function counted(command, count) {
  let error = null;
  try {
    command();
  } catch (caught) {
    error = caught;
  }
  const { passed, failed } = count();
  if (error === null && failed === 0) return { passed, failed };
  return { passed, failed: Math.max(failed, 1), error };
}

function nativeTests() {
  const folder = join(reports, 'native');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, GTEST_OUTPUT: `json:${folder}/` };
  return counted(
    () => run('ctest', ['--preset', 'test', '--parallel', '2'], { env }),
    () => {
      const suites = readdirSync(folder).map((name) => readJson(join(folder, name)));
      const failed = suites.reduce((sum, suite) => sum + suite.failures, 0);
      return { passed: suites.reduce((sum, suite) => sum + suite.tests, 0) - failed, failed };
    },
  );
}

function jestTests() {
  const report = join(reports, 'jest.json');
  rmSync(report, { force: true });
  mkdirSync(reports, { recursive: true });
  return counted(
    () =>
      run(node, [toolPath('jest'), '--json', `--outputFile=${report}`], {
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    () => {
      if (!existsSync(report)) return { passed: 0, failed: 1 };
      const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = readJson(report);
      return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
    },
  );
}

function examples() {
  const programs = listPrograms('examples');
  if (programs.length === 0) throw new ScriptError('examples/ holds no program');
  if (programs.some(({ ending }) => ending !== '.mjs')) compilePrograms();
  let passed = 0;
  const failures = [];
  for (const program of programs) {
    try {
      run(node, [programPath('examples', program)]);
      ++passed;
    } catch (error) {
      failures.push(`${program.name}: ${error.message}`);
    }
  }
  if (failures.length === 0) return { passed, failed: 0 };
  return { passed, failed: failures.length, error: new ScriptError(failures.join('\n')) };
}

/** In order; a stage that needs the build is not run when the build failed. */
const stages = [
  {
    name: 'format',
    run: () => {
      setUpFormatter();
      clangFormat('--dry-run', '-Werror');
    },
  },
  {
    name: 'lint',
    run: () =>
      run(node, [toolPath('@biomejs/biome', 'biome'), 'check', '--error-on-warnings', '.']),
  },
  { name: 'layering', run: checkLayering },
  {
    name: 'build',
    run: () => {
      buildNative('test');
      buildJs();
    },
  },
  { name: 'types', run: () => run(node, [toolPath('typescript', 'tsc'), '-p', '.']) },
  { name: 'generated', needsBuild: true, run: () => checkGenerated() },
  { name: 'native', needsBuild: true, run: nativeTests },
  { name: 'jest', needsBuild: true, run: jestTests },
  { name: 'examples', needsBuild: true, run: examples },
  { name: 'package', needsBuild: true, run: checkPackage },
];

function chooseStages(args) {
  const at = args.indexOf('--only');
  if (at < 0) return stages;
  const names = (args[at + 1] ?? '').split(',');
  const unknown = names.filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    const known = stages.map((stage) => stage.name).join(', ');
    throw new ScriptError(`no stage "${unknown.join(', ')}"; --only takes some of: ${known}`);
  }
  const chosen = stages.filter((stage) => names.includes(stage.name));
  const build = chosen.some((stage) => stage.needsBuild) ? ['build'] : [];
  return stages.filter((stage) => [...names, ...build].includes(stage.name));
}

async function runStage(stage) {
  console.log(`\n--- ${stage.name}`);
  const started = Date.now();
  let result;
  try {
    const counts = await stage.run();
    result = typeof counts === 'object' ? counts : { passed: 1, failed: 0 };
  } catch (error) {
    result = { passed: 0, failed: 1, error };
  }
  if (result.error)
    console.error(result.error instanceof ScriptError ? result.error.message : result.error);
  return { name: stage.name, seconds: (Date.now() - started) / 1000, ...result };
}

runMain(async (args) => {
  const chosen = chooseStages(args);
  const started = Date.now();
  await setUp();
  const results = [];
  for (const stage of chosen) {
    const buildFailed = results.some(({ name, failed }) => name === 'build' && failed > 0);
    if (stage.needsBuild && buildFailed) {
      results.push({
        name: stage.name,
        seconds: 0,
        passed: 0,
        failed: 1,
        note: 'not run: no build',
      });
    } else {
      results.push(await runStage(stage));
    }
  }
  console.log('');
  for (const { name, seconds, passed, failed, note } of results) {
    const verdict = failed > 0 ? 'FAILED' : 'ok';
    const counts = `${passed} passed, ${failed} failed`;
    console.log(
      `${name.padEnd(10)} ${verdict.padEnd(7)}${seconds.toFixed(1).padStart(7)} s  ${note ?? counts}`,
    );
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  console.log(`${'all'.padEnd(17)} ${((Date.now() - started) / 1000).toFixed(1).padStart(7)} s`);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  if (sum('failed') > 0) process.exitCode = 1;
});
