// Source archives of the pinned libraries. Two ways, the first that works: the Debian or Ubuntu
// mirror that apt is configured with (its pool keeps the upstream archive, and apt's proxy settings
// hold), then the upstream release. Whatever the way, the extracted tree must have the pinned hash.
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { inRoot, output, run, runQuietly, ScriptError, say, which } from '../util.mjs';

const aptHelper = '/usr/lib/apt/apt-helper';

/** One hash for a folder: SHA-256 over its sorted "<path> <hash>" lines. */
export function hashTree(folder) {
  const lines = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = entry.isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
    const hash = createHash('sha256').update(content).digest('hex');
    lines.push(`${relative(folder, path).replaceAll('\\', '/')} ${hash}\n`);
  }
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}

function aptSites() {
  const sites = output('apt-get', ['indextargets', '--format', '$(SITE)']) ?? '';
  return [...new Set(sites.split('\n').filter((site) => site !== ''))];
}

function fetchThroughApt(library, target) {
  if (output(aptHelper, ['--help']) === null) return false;
  for (const site of aptSites()) {
    for (const component of ['main', 'universe']) {
      const address = `${site}/pool/${component}/${library.pool}/${library.archive}`;
      const args = ['download-file', address, target, `SHA256:${library.sha256}`];
      if (output(aptHelper, args) === null) continue;
      say(`${library.name} ${library.version}: source from the configured apt mirror`);
      return true;
    }
  }
  return false;
}

/** curl where it exists (it knows about proxies), else Node's own client. */
async function fetchUpstream(library, target) {
  say(`${library.name} ${library.version}: source from ${library.upstream}`);
  try {
    if (which('curl') !== null) {
      run('curl', ['-fsSL', '--retry', '3', '-o', target, library.upstream]);
      return;
    }
    const response = await fetch(library.upstream);
    if (!response.ok) throw new ScriptError(`HTTP ${response.status}`);
    writeFileSync(target, Buffer.from(await response.arrayBuffer()));
  } catch (error) {
    throw new ScriptError(
      `cannot fetch ${library.name} ${library.version} (${error.message}): neither the apt mirror nor ` +
        `${library.upstream} answers. Unpack that archive to .deps/src/${library.folder} and run this again.`,
    );
  }
}

function verified(folder, library) {
  try {
    return hashTree(folder) === library.tree;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** The folder of the library's sources, fetched and verified. */
export async function fetchSource(library) {
  const folder = inRoot('.deps', 'src', library.folder);
  if (verified(folder, library)) return folder;
  const work = inRoot('.deps', 'fetch', library.id);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const archive = join(work, library.archive);
  if (!fetchThroughApt(library, archive)) await fetchUpstream(library, archive);
  // CMake's own tar knows every compression; the system's may lack xz.
  runQuietly('cmake', ['-E', 'tar', 'xf', archive], { cwd: work });
  const unpacked = join(work, library.folder);
  if (!verified(unpacked, library)) {
    throw new ScriptError(
      `the sources of ${library.name} ${library.version} are not the pinned ones: expected tree hash ` +
        `${library.tree}, got ${hashTree(unpacked)}`,
    );
  }
  mkdirSync(inRoot('.deps', 'src'), { recursive: true });
  rmSync(folder, { recursive: true, force: true });
  renameSync(unpacked, folder);
  rmSync(work, { recursive: true, force: true });
  return folder;
}
