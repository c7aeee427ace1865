// npm run format: rewrites native/ with clang-format and everything else with Biome.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { clangFormatPath, setUpFormatter } from './setup/formatter.mjs';
import { inRoot, isMain, run, runMain, toolPath } from './util.mjs';

export function nativeSources() {
  return ['native', 'bench/native']
    .flatMap((folder) =>
      readdirSync(inRoot(folder), { recursive: true }).map((name) => join(folder, name)),
    )
    .filter((name) => /\.(cc|h)$/.test(name))
    .sort();
}

/** Runs clang-format; fails where the one that formats as this repository is written is not there. */
export function clangFormat(...options) {
  run(clangFormatPath(), [...options, ...nativeSources()]);
}

if (isMain(import.meta.url)) {
  runMain(() => {
    run(process.execPath, [toolPath('@biomejs/biome', 'biome'), 'check', '--write', '.']);
    setUpFormatter();
    clangFormat('-i');
  });
}
