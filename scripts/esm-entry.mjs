// dist/index.mjs: the ESM entry over the CommonJS core. It names every export, so that bundlers and
// editors see them, and takes them from the one core, so that classes are the same from both.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inRoot } from './util.mjs';

export function writeEsmEntry() {
  const core = createRequire(import.meta.url)(inRoot('dist', 'index.js'));
  const names = Object.keys(core)
    .filter((name) => name !== '__esModule' && name !== 'default')
    .sort();
  const code = [
    "import core from './index.js';",
    '',
    'export const {',
    ...names.map((name) => `  ${name},`),
    '} = core;',
    '',
  ];
  writeFileSync(inRoot('dist', 'index.mjs'), code.join('\n'));
  writeFileSync(inRoot('dist', 'index.d.mts'), "export * from './index.js';\n");
}
