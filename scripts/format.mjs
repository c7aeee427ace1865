// npm run format: rewrites native/ with clang-format and everything else with Biome.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { clangFormatMajor, findClangFormat } from './setup/system.mjs';
import { inRoot, isMain, run, runMain, say, toolPath } from './util.mjs';

export function nativeSources() {
  return ['native', 'bench/native']
    .flatMap((folder) =>
      readdirSync(inRoot(folder), { recursive: true }).map((name) => join(folder, name)),
    )
    .filter((name) => /\.(cc|h)$/.test(name))
    .sort();
}

/** Runs clang-format; false where only another major version, which formats otherwise, is there. */
export function clangFormat(...options) {
  const tool = findClangFormat();
  if (tool === null || tool.major !== clangFormatMajor) {
    say(
      `clang-format ${clangFormatMajor} is not there (found ${tool?.major ?? 'none'}): native/ left as it is`,
    );
    return false;
  }
  run(tool.path, [...options, ...nativeSources()]);
  return true;
}

if (isMain(import.meta.url)) {
  runMain(() => {
    clangFormat('-i');
    run(process.execPath, [toolPath('@biomejs/biome', 'biome'), 'check', '--write', '.']);
  });
}
