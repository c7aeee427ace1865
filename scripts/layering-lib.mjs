// A folder of lib/ imports only folders below it, as libDeps says, and no two files of lib/ import each other, be it for
// a type: what needs the other way has a part that belongs further down.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from './util.mjs';

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
export function closure(direct) {
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

/** 'data' of 'data/read.ts', 'errors' of 'errors.ts'. */
const libLayer = (name) => name.split('/')[0].replace(/\.ts$/, '');

/** The file that `path` in lib/`name` names, from lib/ on; '../types/native' and the like stay as they are. */
function libTarget(name, path) {
  const target = join(name, '..', path).replaceAll('\\', '/');
  const asFolder = `${target}/index.ts`.replace(/^\.\//, '');
  return existsSync(inRoot('lib', asFolder)) ? asFolder : `${target}.ts`;
}

/** File of lib/ -> the paths it imports, as they are written, with the files that they name. */
function importsOf(names) {
  const relative = /(?:from|import|require\()\s*\(?['"](\.[^'"]*)['"]/g;
  return new Map(
    names.map((name) => {
      const text = readFileSync(inRoot('lib', name), 'utf8');
      const paths = [...text.matchAll(relative)].map(([, path]) => path);
      return [name, paths.map((path) => ({ path, target: libTarget(name, path) }))];
    }),
  );
}

/** What is wrong in these files, named from lib/ on. */
export function libFaults(names) {
  const allowed = closure(libDeps);
  const imports = importsOf(names);
  const faults = [];
  for (const [name, list] of imports) {
    const layer = libLayer(name);
    if (!allowed.has(layer)) {
      faults.push(`lib/${name}: libDeps in scripts/layering-lib.mjs does not know ${layer}`);
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
