// Tools and libraries that come from the system's package manager: apt on Debian and Ubuntu,
// Homebrew on macOS; elsewhere the commands are printed.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compareVersions, output, run, runQuietly, ScriptError, say, which } from '../util.mjs';

const oldestGcc = '11';
const oldestClang = '14';
const oldestCmake = '3.22';

/** Paths of CMake's config packages: <prefix>/{lib,share}[/<triplet>]/cmake, <prefix>/share/<name>/cmake. */
function hasCmakePackage(...names) {
  const prefixes = ['/usr/local', '/usr', '/opt/homebrew', '/opt/homebrew/opt/eigen@3'];
  if (process.env.CMAKE_PREFIX_PATH) prefixes.unshift(...process.env.CMAKE_PREFIX_PATH.split(':'));
  const folders = [];
  for (const prefix of prefixes) {
    const lib = join(prefix, 'lib');
    folders.push(join(prefix, 'share'), join(prefix, 'share', 'cmake'), join(lib, 'cmake'));
    if (existsSync(lib)) {
      for (const entry of readdirSync(lib)) {
        if (/-(linux|apple)-?/.test(entry)) folders.push(join(lib, entry, 'cmake'));
      }
    }
  }
  return folders.some((folder) => names.some((name) => existsSync(join(folder, name))));
}

/** The compiler that CMake will take ($CXX, else c++) and whether it is new enough for C++20. */
function findCompiler() {
  const compiler = process.env.CXX ?? 'c++';
  const banner = output(compiler, ['--version']);
  const cc = process.env.CC ?? 'cc';
  if (banner === null || output(cc, ['--version']) === null) return false;
  const version = /(\d+\.\d+(\.\d+)?)/.exec(banner)?.[1] ?? '0';
  const oldest = /clang/i.test(banner) ? oldestClang : oldestGcc;
  if (compareVersions(version, oldest) >= 0) return true;
  throw new ScriptError(
    `${compiler} ${version} cannot compile C++20 as used here: install g++ >= ${oldestGcc} or ` +
      `clang >= ${oldestClang} and set CC and CXX to it`,
  );
}

function findCmake() {
  const version = /version (\d+(\.\d+)+)/.exec(output('cmake', ['--version']) ?? '')?.[1];
  if (version === undefined) return false;
  if (compareVersions(version, oldestCmake) >= 0) return true;
  throw new ScriptError(`cmake ${version} is too old: ${oldestCmake} or newer is needed on PATH`);
}

const needs = [
  { name: 'a C++20 compiler', found: findCompiler, apt: ['g++'], brew: [] },
  {
    name: 'make (GCC links the addon in parallel through it)',
    found: () => which('make') !== null,
    apt: ['make'],
    brew: [],
  },
  { name: `cmake >= ${oldestCmake}`, found: findCmake, apt: ['cmake'], brew: ['cmake'] },
  {
    name: 'ninja',
    found: () => which('ninja') !== null,
    apt: ['ninja-build'],
    brew: ['ninja'],
  },
  {
    name: 'GoogleTest',
    found: () => hasCmakePackage('GTest'),
    apt: ['libgtest-dev'],
    brew: ['googletest'],
  },
  {
    name: 'Eigen 3.4',
    found: () => hasCmakePackage('eigen3', 'Eigen3', 'eigen3/cmake'),
    apt: ['libeigen3-dev'],
    brew: ['eigen@3'],
  },
];

const benchNeeds = [
  {
    name: 'oneDNN (the peer of the GEMM bench)',
    found: () => hasCmakePackage('dnnl'), // beside the library and dnnl.h
    apt: ['libdnnl-dev'],
    brew: ['onednn'],
  },
];

/** The words before apt-get: none as root, sudo where it may be used, else null. */
function rootPrefix() {
  if (process.getuid() === 0) return [];
  if (which('sudo') === null) return null;
  // Without a terminal sudo can only be used where it asks for no password.
  if (process.stdin.isTTY || output('sudo', ['-n', 'true']) !== null) return ['sudo'];
  return null;
}

/** Has apt the package, and may it install it? */
export function aptCanInstall(name) {
  if (which('apt-get') === null || rootPrefix() === null) return false;
  return /Candidate: (?!\(none\))/.test(output('apt-cache', ['policy', name]) ?? '');
}

export function installWithApt(packages) {
  const prefix = rootPrefix();
  if (prefix === null) {
    throw new ScriptError(
      `no right to install packages. As root, run:\n  apt-get update\n` +
        `  apt-get install -y --no-install-recommends ${packages.join(' ')}\nthen run this again.`,
    );
  }
  const apt = (...args) => {
    const words = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    runQuietly(words[0], words.slice(1));
  };
  // Another apt (a machine's first boot) may hold the lock: wait for it rather than fail.
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'];
  say('apt-get update');
  apt(...options, 'update');
  say(`apt-get install ${packages.join(' ')}`);
  apt(...options, 'install', '-y', '--no-install-recommends', ...packages);
}

function installWithBrew(missing) {
  if (missing.some((need) => need.brew.length === 0)) {
    throw new ScriptError(
      'no C++ compiler or make. Run:\n  xcode-select --install\nthen run this again.',
    );
  }
  if (which('brew') === null) {
    throw new ScriptError(
      `missing: ${missing.map((need) => need.name).join(', ')}, and Homebrew is not installed. ` +
        'Install it (https://brew.sh), then run this again.',
    );
  }
  run('brew', ['install', ...missing.flatMap((need) => need.brew)]);
}

function printCommands(missing) {
  const packages = missing.flatMap((need) => need.apt);
  throw new ScriptError(
    `missing: ${missing.map((need) => need.name).join(', ')}. This set-up installs packages on ` +
      'Debian, Ubuntu and macOS only. On Debian the command would be\n' +
      `  apt-get install -y --no-install-recommends ${packages.join(' ')}\n` +
      "Install their counterparts with this system's package manager, then run this again.",
  );
}

export function setUpSystem({ bench = false } = {}) {
  const wanted = bench ? [...needs, ...benchNeeds] : needs;
  const lacking = () => wanted.filter((need) => !need.found());
  const missing = lacking();
  if (missing.length === 0) return;
  say(`missing: ${missing.map((need) => need.name).join(', ')}`);
  if (process.platform === 'darwin') installWithBrew(missing);
  else if (process.platform === 'linux' && which('apt-get') !== null)
    installWithApt(missing.flatMap((need) => need.apt));
  else printCommands(missing);
  const still = lacking();
  if (still.length > 0) {
    throw new ScriptError(`still not found: ${still.map((need) => need.name).join(', ')}`);
  }
}
