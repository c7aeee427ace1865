// Finds or installs everything that the build needs and says what it does:
//   node scripts/setup.mjs                 tools, GoogleTest, Eigen; Highway and oneTBB; the formatter
//   node scripts/setup.mjs --bench         also what bench/native compares with
//   node scripts/setup.mjs --from-source   Highway from source even if the system has it (packaging)
// Running it again checks and does nothing.
import { setUpFormatter } from './setup/formatter.mjs';
import { setUpLibraries } from './setup/libraries.mjs';
import { setUpNpm } from './setup/npm.mjs';
import { setUpSystem } from './setup/system.mjs';
import { compareVersions, isMain, runMain, ScriptError, say } from './util.mjs';

const oldestNode = '20.19';

export async function setUp({ bench = false, fromSource = false } = {}) {
  if (compareVersions(process.versions.node, oldestNode) < 0) {
    throw new ScriptError(
      `Node ${process.versions.node} is too old: ${oldestNode} or newer is needed`,
    );
  }
  setUpSystem({ bench });
  await setUpLibraries({ fromSource });
  setUpNpm();
}

if (isMain(import.meta.url)) {
  runMain(async (args) => {
    await setUp({ bench: args.includes('--bench'), fromSource: args.includes('--from-source') });
    setUpFormatter();
    say('everything that the build needs is there');
  });
}
