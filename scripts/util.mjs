// What every script needs: the repository's root, running a command, and saying what is done.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, writeSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const inRoot = (...parts) => join(root, ...parts);
export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** A failure whose message is all that the user needs: printed without a stack. */
export class ScriptError extends Error {}

let commentary = 1;

/** From now on what the scripts and the tools they run say goes to standard error. */
export function keepStdoutClean() {
  commentary = 2;
}

export function say(message) {
  writeSync(commentary, `[neural-forecaster] ${message}\n`);
}

/** Is this module the script that node was asked to run? */
export function isMain(moduleUrl) {
  return (
    process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(moduleUrl)
  );
}

/** Runs `main` and turns a ScriptError into its message and exit code 1. */
export async function runMain(main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    console.error(`\n[neural-forecaster] ${error.message}`);
    process.exitCode = 1;
  }
}

/** The path of a program on PATH, or null. */
export function which(program) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, program + ending);
      if (folder !== '' && existsSync(path)) return path;
    }
  }
  return null;
}

/** The program's standard output, or null when it is absent or fails. */
export function output(program, args) {
  const result = spawnSync(program, args, { encoding: 'utf8', cwd: root });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** Runs a command with its output shown; throws when it fails. */
export function run(program, args, options = {}) {
  const stdio = ['inherit', commentary, 'inherit'];
  const result = spawnSync(program, args, { stdio, cwd: root, ...options });
  if (result.error) throw new ScriptError(`cannot run ${program}: ${result.error.message}`);
  if (result.status !== 0) {
    throw new ScriptError(
      `${[program, ...args].join(' ')} failed (exit ${result.status ?? result.signal})`,
    );
  }
}

/** Runs a command quietly; when it fails, its output is shown. */
export function runQuietly(program, args, options = {}) {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    cwd: root,
    maxBuffer: 2 ** 28,
    ...options,
  });
  if (result.error) throw new ScriptError(`cannot run ${program}: ${result.error.message}`);
  if (result.status === 0) return;
  const text = (result.stdout + result.stderr).split('\n').slice(-60).join('\n');
  throw new ScriptError(
    `${text}\n${[program, ...args].join(' ')} failed (exit ${result.status ?? result.signal})`,
  );
}

/** Runs the command line of a development dependency (a script under node_modules). */
export function toolPath(packageName, binary = packageName) {
  const folder = inRoot('node_modules', packageName);
  const { bin } = readJson(join(folder, 'package.json'));
  return join(folder, typeof bin === 'string' ? bin : bin[binary]);
}

/** -1, 0 or 1 for dotted versions ("3.22" against "3.9.1"). */
export function compareVersions(a, b) {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); ++i) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
