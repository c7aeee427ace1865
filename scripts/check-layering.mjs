// A native folder includes only folders below it: those that its nf_module line in CMakeLists.txt
// names after DEPS, and theirs. native/testing holds what tests share: only tests include it, and what its headers include
// counts as included by the test. A folder of lib/ imports only folders below it, as libDeps says, and no
// two files of lib/ import each other. lib/ and native/ know nothing of test/, bench/ and examples/.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, isMain, runMain, ScriptError } from './util.mjs';

/** What lies right below each folder of lib/, or file that stands in lib/ itself. All may import types/. */
const libDeps = new Map([
  ['index', ['forecaster', 'series', 'runtime']],
  ['forecaster', ['fit', 'forecast']],
  ['fit', ['model']],
  ['forecast', ['model']],
  ['model', ['data']],
  ['series', ['data']],
  ['data', ['time']],
  ['time', ['options']],
  ['options', ['native']],
  ['runtime', ['native']],
  ['native', ['errors']],
  ['errors', ['generated']],
  ['generated', []],
]);

/** Folder -> itself and all that lies below it. `direct` maps it to what lies right below. */
function closure(direct) {
  const all = new Map();
  const close = (name) => {
    if (!all.has(name)) {
      const reached = new Set([name]);
      for (const below of direct.get(name) ?? [])
        for (const each of close(below)) reached.add(each);
      all.set(name, reached);
    }
    return all.get(name);
  };
  for (const name of direct.keys()) close(name);
  return all;
}

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

/** 'data' of 'data/read.ts', 'errors' of 'errors.ts'. */
const libLayer = (name) => name.split('/')[0].replace(/\.ts$/, '');

/** The file that `path` in lib/`name` names, from lib/ on; '../types/native' and the like stay as they are. */
function libTarget(name, path) {
  const target = join(name, '..', path).replaceAll('\\', '/');
  const asFolder = `${target}/index.ts`.replace(/^\.\//, '');
  return existsSync(inRoot('lib', asFolder)) ? asFolder : `${target}.ts`;
}

/** File of lib/ -> the paths it imports, as they are written, with the files that they name. */
function libImports() {
  const relative = /(?:from|import|require\()\s*\(?['"](\.[^'"]*)['"]/g;
  return new Map(
    files('lib', /\.ts$/).map((name) => {
      const text = readFileSync(inRoot('lib', name), 'utf8');
      const paths = [...text.matchAll(relative)].map(([, path]) => path);
      return [name, paths.map((path) => ({ path, target: libTarget(name, path) }))];
    }),
  );
}

function libFaults() {
  const allowed = closure(libDeps);
  const imports = libImports();
  const faults = [];
  for (const [name, list] of imports) {
    const layer = libLayer(name);
    if (!allowed.has(layer)) {
      faults.push(`lib/${name}: libDeps in scripts/check-layering.mjs does not know ${layer}`);
      continue;
    }
    for (const { path, target } of list) {
      if (target.startsWith('../types/')) continue;
      if (target.startsWith('../')) faults.push(`lib/${name}: imports "${path}" from outside lib/`);
      else if (!allowed.get(layer).has(libLayer(target))) {
        faults.push(
          `lib/${name}: imports "${path}", but ${layer} lies below or beside ${libLayer(target)}`,
        );
      }
    }
  }
  const circle = importCycle(imports);
  if (circle) faults.push(`lib/: files import each other: ${circle.join(' > ')}`);
  return faults;
}

/** Files of which each imports the next, the last one being the first again; undefined when there are none. */
function importCycle(imports) {
  const done = new Set();
  const way = [];
  const visit = (name) => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
    if (done.has(name)) return undefined;
    way.push(name);
    for (const { target } of imports.get(name) ?? []) {
      const circle = visit(target);
      if (circle) return circle;
    }
    way.pop();
    done.add(name);
    return undefined;
  };
  for (const name of imports.keys()) {
    const circle = visit(name);
    if (circle) return circle;
  }
  return undefined;
}

export function checkLayering() {
  const faults = [...nativeFaults(), ...libFaults()];
  if (faults.length > 0) throw new ScriptError(`layering:\n  ${faults.join('\n  ')}`);
}

if (isMain(import.meta.url)) runMain(checkLayering);
