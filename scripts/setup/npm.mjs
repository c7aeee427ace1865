// node_modules, when it does not hold what package-lock.json says.
import { existsSync } from 'node:fs';
import { inRoot, readJson, run, say } from '../util.mjs';

/** npm writes node_modules/.package-lock.json last, so an interrupted install is seen as none. */
function installed() {
  const record = inRoot('node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const have = readJson(record).packages;
  const want = Object.entries(readJson(inRoot('package-lock.json')).packages);
  return want.every(
    ([path, entry]) =>
      path === '' ||
      (have[path] ? have[path].version === entry.version : entry.optional || entry.peer),
  );
}

export function setUpNpm() {
  if (installed()) return;
  say('npm packages: installing what package-lock.json lists');
  // No package here needs its install script, and npm 12 would block them anyway.
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  run(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    shell: process.platform === 'win32',
  });
}
