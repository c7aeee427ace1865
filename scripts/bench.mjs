// npm run bench -- <name> [arguments]: a JS bench (bench/<name>.mjs, .ts, .mts) or a native one
// (bench/native/<name>.cc), after setting up and building what it needs. --json: one object a row.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildJs, buildNative } from './build.mjs';
import { listPrograms, runProgram } from './program.mjs';
import { setUp } from './setup.mjs';
import { inRoot, keepStdoutClean, run, runMain, ScriptError } from './util.mjs';

function nativeBenches() {
  const folder = inRoot('bench', 'native');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.cc'))
    .map((file) => file.slice(0, -'.cc'.length))
    .sort();
}

runMain(async ([name, ...args]) => {
  const programs = listPrograms('bench');
  const program = programs.find((candidate) => candidate.name === name);
  const native = nativeBenches();
  if (program === undefined && !native.includes(name)) {
    const names = [...new Set([...programs.map((entry) => entry.name), ...native])].sort();
    throw new ScriptError(
      `npm run bench -- <name> [--json], where <name> is one of: ${names.join(', ')}`,
    );
  }
  // Rows alone go to standard output, so that --json can be piped.
  keepStdoutClean();
  if (program === undefined) {
    await setUp({ bench: true });
    const folder = buildNative('bench', [`bench_${name}`]);
    run(join(folder, 'bench', name), args, { stdio: 'inherit' });
  } else {
    await setUp();
    buildNative('release');
    buildJs();
    runProgram('bench', program, args);
  }
});
