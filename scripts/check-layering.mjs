// A native folder includes only folders below it: those that its nf_module line in CMakeLists.txt
// names after DEPS, and theirs. native/testing holds what tests share: only tests include it, and what its headers include
// counts as included by the test. lib/ and native/ know nothing of test/, bench/ and examples/.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, isMain, runMain, ScriptError } from './util.mjs';

/** Folder -> the set of folders it may include. */
export function allowedIncludes(cmake) {
  const direct = new Map();
  for (const [, name, rest] of cmake.matchAll(/^nf_module\((\w+)([^)]*)\)/gm)) {
    const deps = /DEPS ([a-z ]+?)(?: LIBS|$)/.exec(rest)?.[1] ?? '';
    direct.set(
      name,
      deps.split(' ').filter((word) => word !== ''),
    );
  }
  const allowed = new Map();
  const close = (name) => {
    if (!allowed.has(name)) {
      const reached = new Set([name]);
      for (const below of direct.get(name) ?? [])
        for (const each of close(below)) reached.add(each);
      allowed.set(name, reached);
    }
    return allowed.get(name);
  };
  for (const name of direct.keys()) close(name);
  allowed.set('bind', new Set(['bind', ...direct.keys()]));
  return allowed;
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

function libFaults() {
  const faults = [];
  for (const name of files('lib', /\.ts$/)) {
    const text = readFileSync(inRoot('lib', name), 'utf8');
    for (const [, path] of text.matchAll(/(?:from|import|require\()\s*['"](\.[^'"]*)['"]/g)) {
      const target = join('lib', name, '..', path).split(/[\\/]/)[0];
      if (!['lib', 'types'].includes(target))
        faults.push(`lib/${name}: imports "${path}" from outside lib/`);
    }
  }
  return faults;
}

export function checkLayering() {
  const faults = [...nativeFaults(), ...libFaults()];
  if (faults.length > 0) throw new ScriptError(`layering:\n  ${faults.join('\n  ')}`);
}

if (isMain(import.meta.url)) runMain(checkLayering);
