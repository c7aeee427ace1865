// Highway and oneTBB: the system's copy where it will do, else built once from pinned sources into
// .deps/prefix, where CMakeLists.txt looks. A stamp written last records what the prefix holds, so
// an interrupted set-up starts that library again.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { inRoot, output, runQuietly, say } from '../util.mjs';
import { fetchSource } from './fetch.mjs';

const common = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DCMAKE_INSTALL_LIBDIR=lib',
  '-DCMAKE_POSITION_INDEPENDENT_CODE=ON',
  '-DBUILD_SHARED_LIBS=OFF',
];

const libraries = [
  {
    name: 'Highway',
    id: 'highway',
    version: '1.2.0',
    // Debian 12's 1.0.3 lacks targets and operations that the kernels use.
    system: 'find_package(hwy 1.2 CONFIG REQUIRED)',
    archive: 'highway_1.2.0.orig.tar.gz',
    sha256: '7e0be78b8318e8bdbf6fa545d2ecb4c90f947df03f7aadc42c1967f019e63343',
    pool: 'h/highway',
    upstream: 'https://github.com/google/highway/archive/refs/tags/1.2.0.tar.gz',
    folder: 'highway-1.2.0',
    tree: '53069b975f63edb1b3bd9bdae0ec65c182d077e999b38b03846e88ef45ed4f24',
    flags: [
      '-DBUILD_TESTING=OFF',
      '-DHWY_ENABLE_TESTS=OFF',
      '-DHWY_ENABLE_EXAMPLES=OFF',
      '-DHWY_ENABLE_CONTRIB=OFF',
    ],
  },
  {
    name: 'oneTBB (static)',
    id: 'onetbb',
    version: '2022.1.0',
    // A shared libtbb would be shared with any other addon that brings its own copy, so only a
    // static one will do.
    system: `find_package(TBB 2021.9 CONFIG REQUIRED)
get_target_property(type TBB::tbb TYPE)
if(NOT type STREQUAL "STATIC_LIBRARY")
  message(FATAL_ERROR "TBB is not static")
endif()`,
    archive: 'onetbb_2022.1.0.orig.tar.xz',
    sha256: 'c220a5e4fe452f3a24f562212377dc796d90e8d4e9bfb3392524f18c8f48cd7f',
    pool: 'o/onetbb',
    upstream: 'https://github.com/uxlfoundation/oneTBB/archive/refs/tags/v2022.1.0.tar.gz',
    folder: 'oneTBB-2022.1.0',
    tree: '56f57f61cfed8b05cc61ba0ebbff9f695a29c162a5f6a22a56077ebea168dea8',
    flags: [
      '-DTBB_TEST=OFF',
      '-DTBBMALLOC_BUILD=OFF',
      '-DTBB_DISABLE_HWLOC_AUTOMATIC_SEARCH=ON',
      '-DTBB_STRICT=OFF',
    ],
  },
];

const stampPath = (library) => inRoot('.deps', 'stamps', library.id);

/** What the stamp must say; a changed version, hash or flag builds the library anew. */
function recipe(library) {
  return JSON.stringify([library.version, library.sha256, ...common, ...library.flags]);
}

function writeStamp(library, text) {
  mkdirSync(inRoot('.deps', 'stamps'), { recursive: true });
  const path = stampPath(library);
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** Asks CMake itself, so that set-up and build agree on what will do. */
function systemHas(library) {
  const folder = inRoot('.deps', 'probe', library.id);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'CMakeLists.txt'),
    `cmake_minimum_required(VERSION 3.22)\nproject(probe LANGUAGES C CXX)\n${library.system}\n`,
  );
  const found =
    output('cmake', ['-S', folder, '-B', join(folder, 'build'), '-G', 'Ninja']) !== null;
  rmSync(folder, { recursive: true, force: true });
  return found;
}

function build(library, source) {
  const folder = inRoot('.deps', 'build', library.id);
  rmSync(folder, { recursive: true, force: true });
  const prefix = `-DCMAKE_INSTALL_PREFIX=${inRoot('.deps', 'prefix')}`;
  runQuietly('cmake', [
    '-S',
    source,
    '-B',
    folder,
    '-G',
    'Ninja',
    prefix,
    ...common,
    ...library.flags,
  ]);
  runQuietly('cmake', ['--build', folder, '--parallel', String(availableParallelism())]);
  runQuietly('cmake', ['--install', folder]);
  rmSync(folder, { recursive: true, force: true });
}

export async function setUpLibraries({ fromSource = false } = {}) {
  for (const library of libraries) {
    const path = stampPath(library);
    const stamp = existsSync(path) ? readFileSync(path, 'utf8') : null;
    if (stamp === recipe(library) || (stamp === 'system' && !fromSource)) continue;
    if (!fromSource && systemHas(library)) {
      say(`${library.name}: the system's copy`);
      writeStamp(library, 'system');
      continue;
    }
    const source = await fetchSource(library);
    const started = Date.now();
    say(`${library.name} ${library.version}: building into .deps/prefix`);
    build(library, source);
    writeStamp(library, recipe(library));
    say(
      `${library.name} ${library.version}: built in ${Math.round((Date.now() - started) / 1000)} s`,
    );
  }
}
