import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import type { Engine, Model } from '../types/native';
import { isPlainObject, show } from './arguments';
import { type Core, fittedHistory } from './core';
import { checkAttached } from './data/column';
import { fillOption } from './data/regular';
import { AbortError, callNative, ForecastError, invalidType, outOfRange } from './errors';
import { fixedCalendar, LAST_DATE, parseFrequency } from './frequency';
import { localScalerNames } from './generated';
import { checkTogether, describeMember, type Member } from './member';
import { checkNames } from './names';
import { native, packageVersion } from './native';
import { type ComputeOptions, engineOptions, type Settings } from './options';
import { zoneOption } from './zone';

/** Raised when a file of this version could no longer be read by an older package. */
const FORMAT = 1;

/** lib/'s own part of a model file; weights, configurations and the kept series are native. */
interface Header {
  format: number;
  version: string;
  ids: string[];
  lastDs: number[];
  /** null: found from the data. Only without series, as in a file that holds models alone. */
  frequency: string | number | null;
  /** null, or not there in files of versions before it: none was given, and UTC is meant. */
  timeZone?: string | null;
  fill: unknown;
  parallelModels: boolean;
  localScaler: Settings['localScaler'];
  seed: number;
  simdEnabled: boolean;
  lowMemory: boolean;
  memoryPool: ComputeOptions['memoryPool'];
}

/** What is needed to write a forecaster down. */
export function bundle(core: Core, compute: ComputeOptions, what: string) {
  const history = fittedHistory(core, what);
  const header: Header = {
    format: FORMAT,
    version: packageVersion(),
    ids: history.ids,
    lastDs: Array.from(history.lastDs),
    frequency: core.time.frequency?.text ?? null,
    timeZone: core.settings.zone?.name ?? null,
    fill: core.time.fill ?? null,
    parallelModels: core.settings.parallelModels,
    localScaler: core.settings.localScaler,
    seed: core.settings.seed,
    simdEnabled: compute.simdEnabled ?? true,
    lowMemory: core.lowMemory,
    memoryPool: compute.memoryPool ?? true,
  };
  return {
    header: JSON.stringify(header),
    models: core.members.map(({ model }) => model),
    panel: history.panel,
  };
}

/** The state of a saved forecaster. `given` wins over what was saved. */
export function restore(
  bytes: Uint8Array,
  given: ComputeOptions,
): { core: Core; compute: ComputeOptions } {
  if (!types.isUint8Array(bytes)) {
    throw invalidType(`bytes must be a Uint8Array; got ${show(bytes)}`);
  }
  checkAttached(bytes, 'bytes');
  const header = parseHeader(callNative(() => native().readHeader(bytes)));
  const { simdEnabled, lowMemory, memoryPool } = header;
  const compute = { simdEnabled, lowMemory, memoryPool, ...withoutUndefined(given) };
  const options = engineOptions(compute);
  const engine = callNative(() => new (native().Engine)(options));
  try {
    return { core: readCore(engine, bytes, header, options.lowMemory), compute };
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

function readCore(engine: Engine, bytes: Uint8Array, header: Header, lowMemory: boolean): Core {
  const parts = callNative(() => native().deserialize(engine, bytes));
  if (parts.models.length === 0 || parts.panel === undefined) throw corrupt('it holds no models');
  if (parts.panel.seriesCount !== header.ids.length) throw corrupt('series and ids differ');
  const zone = zoneOption(header.timeZone ?? undefined);
  const calendar =
    header.frequency === null ? undefined : parseFrequency(header.frequency, 'frequency', zone);
  const fill = header.fill === null ? undefined : fillOption(header.fill, 'fill');
  const time = { frequency: calendar, fill, zone };
  return {
    engine,
    lowMemory,
    settings: {
      ...time,
      parallelModels: header.parallelModels,
      localScaler: header.localScaler,
      seed: header.seed,
    },
    members: readMembers(parts.models),
    history: {
      panel: parts.panel,
      ids: header.ids,
      lastDs: Float64Array.from(header.lastDs),
      calendar: calendar ?? fixedCalendar(1, 'integer', 1),
    },
    time,
    fitting: false,
    disposed: false,
  };
}

function readMembers(models: Model[]): Member[] {
  const members = models.map((model) => describeMember(model));
  try {
    for (const [i, { name, config }] of members.entries()) {
      // Text that is not given is an empty one here.
      const given = Object.entries(config).filter(([, value]) => value !== '');
      checkNames(Object.fromEntries(given), `models[${i}]: ${name}`);
    }
    checkTogether(members);
  } catch (error) {
    throw corrupt((error as Error).message);
  }
  return members;
}

function parseHeader(text: string): Header {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw corrupt('its header is not JSON');
  }
  if (!isPlainObject(header)) throw corrupt('its header is not an object');
  if (typeof header.format === 'number' && header.format > FORMAT) {
    throw new ForecastError(
      'ERR_CORRUPT_MODEL',
      `The model file has format ${header.format}, this version of neural-forecaster reads up to ${FORMAT}: update the package`,
    );
  }
  const fault = headerFault(header);
  if (fault) throw corrupt(`its header has a wrong '${fault}'`);
  return header as unknown as Header;
}

/** The first member that is not what bundle() writes. */
function headerFault(header: Record<string, unknown>): keyof Header | undefined {
  const { ids, lastDs } = header;
  const most = typeof header.frequency === 'string' ? LAST_DATE : Number.MAX_SAFE_INTEGER;
  const checks: [keyof Header, boolean][] = [
    ['format', header.format === FORMAT],
    ['ids', Array.isArray(ids) && ids.every((id) => typeof id === 'string')],
    [
      'lastDs',
      Array.isArray(lastDs) &&
        lastDs.length === (ids as unknown[])?.length &&
        lastDs.every((time) => Number.isInteger(time) && Math.abs(time) <= most),
    ],
    [
      'frequency',
      header.frequency === null
        ? (ids as unknown[])?.length === 0
        : isReadable(() => parseFrequency(header.frequency)),
    ],
    ['timeZone', isReadable(() => zoneOption(header.timeZone ?? undefined))],
    ['fill', header.fill === null || isReadable(() => fillOption(header.fill, 'fill'))],
    ['parallelModels', typeof header.parallelModels === 'boolean'],
    ['localScaler', ['', ...localScalerNames].includes(header.localScaler as '')],
    ['seed', Number.isSafeInteger(header.seed)],
    ['simdEnabled', typeof header.simdEnabled === 'boolean'],
    ['lowMemory', typeof header.lowMemory === 'boolean'],
    ['memoryPool', isReadable(() => engineOptions({ memoryPool: header.memoryPool as boolean }))],
  ];
  return checks.find(([, right]) => !right)?.[0];
}

function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

function corrupt(reason: string): ForecastError {
  return new ForecastError(
    'ERR_CORRUPT_MODEL',
    `The model file is damaged or was not written by neural-forecaster: ${reason}`,
  );
}

function withoutUndefined(options: ComputeOptions): ComputeOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** A path as text, from a string or a file: URL. */
export function pathOption(value: unknown): string {
  if (isFileUrl(value)) {
    return fileURLToPath(value as URL);
  }
  if (typeof value !== 'string') {
    throw invalidType(`path must be a string or a file: URL; got ${show(value)}`);
  }
  if (value === '' || value.includes('\0')) {
    throw outOfRange(`path must be a file's name; got ${show(value)}`);
  }
  return value;
}

function isFileUrl(value: unknown): boolean {
  return typeof value === 'object' && (value as URL | null)?.protocol === 'file:';
}

/** A whole file; a failure is ERR_IO with the system's reason. */
export async function readModelFile(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    return await readFile(path, { signal });
  } catch (error) {
    if (signal?.aborted) throw new AbortError(signal.reason);
    throw new ForecastError('ERR_IO', `${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
