// A native folder includes only folders below it: those that its nf_module line in CMakeLists.txt
// names after DEPS, and theirs. lib/ and native/ know nothing of test/, bench/ and examples/.
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

function nativeFaults() {
  const allowed = allowedIncludes(readFileSync(inRoot('CMakeLists.txt'), 'utf8'));
  const folders = new Set(readdirSync(inRoot('native')));
  const faults = [];
  for (const name of files('native', /\.(cc|h|inc)$/)) {
    const folder = name.split('/')[0];
    const below = allowed.get(folder);
    if (below === undefined) {
      faults.push(`native/${name}: CMakeLists.txt has no nf_module(${folder})`);
      continue;
    }
    const text = readFileSync(inRoot('native', name), 'utf8');
    for (const [, path] of text.matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)) {
      const target = path.split('/')[0];
      // Quoted headers of libraries (hwy/highway.h, gtest/gtest.h) are no folder of native/.
      if (!folders.has(target)) continue;
      if (!below.has(target)) {
        faults.push(
          `native/${name}: includes "${path}", but ${folder} lies below or beside ${target}`,
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
