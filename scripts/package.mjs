// npm run package: the tarball of this platform, in build/. It is packed from a staging folder, so
// that the copy of the addon that it holds never shadows the one that the checkout builds.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addonPath, buildJs, buildNative } from './build.mjs';
import { setUp } from './setup.mjs';
import { inRoot, isMain, output, readJson, root, run, runMain, ScriptError, say } from './util.mjs';

/** Libraries that every Linux with this glibc or a newer one has. */
const systemLibraries = /^(libc|libm|libpthread|libdl|librt|ld-linux.*)\.so/;

function checkAddon(path) {
  if (process.platform !== 'linux') return;
  const dynamic = output('readelf', ['-d', path]);
  if (dynamic === null) {
    throw new ScriptError('readelf (of binutils) does not run: what the addon needs is unknown');
  }
  const needed = [...dynamic.matchAll(/NEEDED.*\[(.*)\]/g)];
  const foreign = needed.map(([, name]) => name).filter((name) => !systemLibraries.test(name));
  if (foreign.length > 0) {
    throw new ScriptError(
      `the addon needs ${foreign.join(', ')}, which a user's machine may lack. Run\n` +
        '  node scripts/setup.mjs --from-source\nremove build/release and package again.',
    );
  }
}

/** Stages and packs what is built; returns { tarball, folder }. */
export function pack() {
  const folder = inRoot('build', 'package');
  rmSync(folder, { recursive: true, force: true });
  const platform = join(folder, 'prebuilds', `${process.platform}-${process.arch}`);
  mkdirSync(platform, { recursive: true });
  for (const name of ['dist', 'types', 'tools', 'README.md', 'CHANGELOG.md', 'LICENSE']) {
    if (!existsSync(inRoot(name))) throw new ScriptError(`${name} is missing`);
    cpSync(inRoot(name), join(folder, name), { recursive: true });
  }
  // What only the checkout can run stays out of the published package.json. The checkout's own is private: publishing
  // from the root would publish a package without a binary.
  const { private: _, scripts, devDependencies, ...published } = readJson(inRoot('package.json'));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  const addon = join(platform, 'neural_forecaster.node');
  cpSync(addonPath, addon);
  if (process.platform === 'linux') run('strip', ['--strip-unneeded', addon]);
  if (process.platform === 'darwin') run('strip', ['-x', addon]);
  checkAddon(addon);
  const args = ['pack', folder, '--json', '--pack-destination', inRoot('build')];
  const packed = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (packed.status !== 0) throw new ScriptError(`npm ${args.join(' ')} failed:\n${packed.stderr}`);
  const listed = JSON.parse(packed.stdout);
  // npm 11 prints a list, npm 12 an object by package name.
  const [entry] = Array.isArray(listed) ? listed : Object.values(listed);
  return { tarball: inRoot('build', entry.filename), folder, files: entry.files, size: entry.size };
}

if (isMain(import.meta.url)) {
  runMain(async () => {
    await setUp();
    buildNative('release');
    buildJs();
    const { tarball, files, size } = pack();
    say(`${tarball}: ${files.length} files, ${Math.round(size / 1024)} KiB`);
  });
}
