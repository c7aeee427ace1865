// A native folder includes only folders below it: those that its nf_module line in CMakeLists.txt
// names after DEPS, and theirs. native/testing holds what tests share: only tests include it, and what its headers include
// counts as included by the test. lib/ and native/ know nothing of test/, bench/ and examples/.
import { readdirSync, readFileSync } from 'node:fs';
import { closure, libFaults } from './layering-lib.mjs';
import { inRoot, isMain, runMain, ScriptError } from './util.mjs';

/** Native folder -> the set of folders it may include. */
function allowedIncludes(cmake) {
  const direct = new Map();
  for (const [, name, rest] of cmake.matchAll(/^nf_module\((\w+)([^)]*)\)/gm)) {
    const deps = /DEPS ([a-z ]+?)(?: LIBS|$)/.exec(rest)?.[1] ?? '';
    direct.set(
      name,
      deps.split(' ').filter((word) => word !== ''),
    );
  }
  return closure(direct).set('bind', new Set(['bind', ...direct.keys()]));
}

const files = (folder, pattern) =>
  readdirSync(inRoot(folder), { recursive: true })
    .filter((name) => pattern.test(name))
    .map((name) => name.replaceAll('\\', '/'));

const includesOf = (text) =>
  [...text.matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)].map(([, path]) => path);

/** What a file includes, with what the headers of native/testing among it include. */
function includesThroughTesting(name, seen = new Set()) {
  for (const path of includesOf(readFileSync(inRoot('native', name), 'utf8'))) {
    if (seen.has(path)) continue;
    seen.add(path);
    if (path.startsWith('testing/')) includesThroughTesting(path, seen);
  }
  return seen;
}

function nativeFaults() {
  const allowed = allowedIncludes(readFileSync(inRoot('CMakeLists.txt'), 'utf8'));
  const folders = new Set(readdirSync(inRoot('native')));
  const faults = [];
  for (const name of files('native', /\.(cc|h|inc)$/)) {
    const folder = name.split('/')[0];
    if (folder === 'testing') continue;
    const isTest = name.endsWith('_test.cc');
    const below = allowed.get(folder);
    if (below === undefined) {
      faults.push(`native/${name}: CMakeLists.txt has no nf_module(${folder})`);
      continue;
    }
    for (const path of includesThroughTesting(name)) {
      const target = path.split('/')[0];
      // Quoted headers of libraries (hwy/highway.h, gtest/gtest.h) are no folder of native/.
      if (!folders.has(target)) continue;
      if (target === 'testing' && isTest) continue;
      if (!below.has(target)) {
        faults.push(
          `native/${name}: includes "${path}", but ${target === 'testing' ? 'only tests include that' : `${folder} lies below or beside ${target}`}`,
        );
      }
    }
  }
  return faults;
}

export function checkLayering() {
  const faults = [...nativeFaults(), ...libFaults(files('lib', /\.ts$/))];
  if (faults.length > 0) throw new ScriptError(`layering:\n  ${faults.join('\n  ')}`);
}

if (isMain(import.meta.url)) runMain(checkLayering);
