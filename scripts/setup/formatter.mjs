// clang-format: its output changes between major versions, so one is authoritative. From apt where that has it, else
// PyPI's build of the same version, in a folder of the checkout. Only formatting needs it, so a machine that cannot have
// it is told, and fails where it formats.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, output, runQuietly, ScriptError, say, which } from '../util.mjs';
import { aptCanInstall, installWithApt } from './system.mjs';

const major = 14;
const release = '14.0.6';
const folder = inRoot('.deps', 'clang-format');
const programs = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');

function find() {
  const own = join(programs, process.platform === 'win32' ? 'clang-format.exe' : 'clang-format');
  const candidates = [which(`clang-format-${major}`), which('clang-format'), own];
  const is = (path) =>
    /version (\d+)/.exec(output(path, ['--version']) ?? '')?.[1] === String(major);
  return candidates.find((path) => path !== null && existsSync(path) && is(path)) ?? null;
}

/** The path of the authoritative clang-format; throws where there is none. */
export function clangFormatPath() {
  const path = find();
  if (path !== null) return path;
  throw new ScriptError(
    `clang-format ${major} is not there, and others format otherwise. Put it on PATH, or:\n` +
      `  python3 -m venv ${folder} && ${join(programs, 'pip')} install clang-format==${release}`,
  );
}

function install() {
  const apt = `clang-format-${major}`;
  if (aptCanInstall(apt)) return installWithApt([apt]);
  const python = ['python3', 'python'].find((name) => output(name, ['--version']) !== null);
  if (python === undefined) throw new ScriptError('neither apt nor Python has it here');
  say(`clang-format ${release} from PyPI into .deps/clang-format`);
  runQuietly(python, ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', `clang-format==${release}`];
  runQuietly(join(programs, 'python'), pip);
}

/** Installs it where it can. */
export function setUpFormatter() {
  if (find() !== null) return;
  try {
    install();
  } catch (error) {
    say(`clang-format ${major} was not installed: ${error.message}`);
  }
}
