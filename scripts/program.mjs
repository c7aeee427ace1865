// Runs an example or a JS bench as a user's program runs: plain .mjs as it is, TypeScript compiled to
// build/js; both import 'neural-forecaster' by name, which Node resolves to dist/.
import { existsSync, readdirSync } from 'node:fs';
import { inRoot, run, toolPath } from './util.mjs';

const compiledEnding = { '.mts': '.mjs', '.ts': '.js', '.mjs': '.mjs' };

/** The programs of a folder: [{ name, ending }]. Names that begin with "_" are helpers. */
export function listPrograms(folder) {
  if (!existsSync(inRoot(folder))) return [];
  return readdirSync(inRoot(folder))
    .map((file) => /^([^_.][^.]*)(\.mts|\.ts|\.mjs)$/.exec(file))
    .filter((match) => match !== null)
    .map(([, name, ending]) => ({ name, ending }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The file that Node runs for a program. */
export function programPath(folder, { name, ending }) {
  const file = name + compiledEnding[ending];
  return ending === '.mjs' ? inRoot(folder, file) : inRoot('build', 'js', folder, file);
}

export function compilePrograms() {
  run(process.execPath, [toolPath('typescript', 'tsc'), '-p', 'tsconfig.examples.json']);
}

/** Runs a program of `folder` with the arguments given. */
export function runProgram(folder, program, args) {
  if (program.ending !== '.mjs') compilePrograms();
  run(process.execPath, [programPath(folder, program), ...args], { stdio: 'inherit' });
}
