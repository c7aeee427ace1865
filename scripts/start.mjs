// npm start: sets up what is missing, builds, and runs examples/sp500.
import { buildJs, buildNative } from './build.mjs';
import { listPrograms, runProgram } from './program.mjs';
import { setUp } from './setup.mjs';
import { runMain, ScriptError } from './util.mjs';

runMain(async (args) => {
  await setUp();
  buildNative('release');
  buildJs();
  const program = listPrograms('examples').find(({ name }) => name === 'sp500');
  if (program === undefined) throw new ScriptError('examples/sp500 is missing');
  runProgram('examples', program, args);
});
