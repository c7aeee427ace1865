import { fillOption } from '../data/settings';
import { ForecastError } from '../errors';
import { localScalerNames } from '../generated';
import { packageVersion } from '../native';
import { isPlainObject } from '../options/arguments';
import { engineOptions, type KeptOptions } from '../options/compute';
import { type Calendar, LAST_DATE, parseFrequency } from '../time/frequency';
import { type Zone, zoneOption } from '../time/zone';
import type { Settings } from './options';

/** Raised when a file of this version could no longer be read by an older package. */
export const FORMAT = 1;

/** lib/'s own part of a model file; weights, configurations and the kept series are native. */
export interface Header extends KeptOptions {
  format: number;
  /** Of the package that wrote it; 'python' for what tools/export_neuralforecast.py wrote. */
  version: string;
  ids: string[];
  /** null: none was given, and UTC is meant. */
  timeZone: string | null;
  /** null: found from the data. Only without series, as in a file that holds models alone. */
  frequency: string | number | null;
  lastDs: number[];
  fill: unknown;
  parallelModels: boolean;
  localScaler: Settings['localScaler'];
  seed: number;
}

interface HeaderMember {
  /** Whether it is what bundle() writes. `header` holds the members above it, checked already. */
  right(value: unknown, header: Header): boolean;
  /** What files from before the member existed mean; without it, the member must be there. */
  absent?: unknown;
}

const isBoolean: HeaderMember = { right: (value) => typeof value === 'boolean' };
const reads = (read: (value: unknown) => unknown): HeaderMember => ({
  right: (value) => isReadable(() => read(value)),
});

/** Every member, once. A younger one says what its absence means. */
const headerMembers: { readonly [K in keyof Header]: HeaderMember } = {
  format: { right: (value) => value === FORMAT },
  version: { right: (value) => typeof value === 'string' },
  ids: { right: areIds },
  timeZone: { right: (_, header) => isReadable(() => zoneOf(header)), absent: null },
  frequency: {
    right: (value, header) =>
      isReadable(() => calendarOf(header)) && (value !== null || header.ids.length === 0),
  },
  lastDs: { right: areTimes },
  fill: reads((value) => (value === null ? undefined : fillOption(value, 'fill'))),
  parallelModels: isBoolean,
  localScaler: { right: (value) => ['', ...localScalerNames].includes(value as '') },
  seed: { right: (value) => Number.isSafeInteger(value) && (value as number) >= 0 },
  simdEnabled: isBoolean,
  lowMemory: isBoolean,
  memoryPool: reads((value) => engineOptions({ memoryPool: value as boolean })),
};

function areIds(value: unknown): boolean {
  if (!Array.isArray(value) || !value.every((id) => typeof id === 'string')) return false;
  return new Set(value).size === value.length;
}

function areTimes(value: unknown, header: Header): boolean {
  if (!Array.isArray(value) || value.length !== header.ids.length) return false;
  const calendar = calendarOf(header);
  return value.every((time) => calendar && isTime(calendar, time) && calendar.onGrid(time));
}

/** How time goes on in the series of a file. */
export function calendarOf(header: Header): Calendar | undefined {
  if (header.frequency === null) return undefined;
  return parseFrequency(header.frequency, 'frequency', zoneOf(header));
}

export function zoneOf({ timeZone }: Header): Zone | undefined {
  return zoneOption(timeZone ?? undefined);
}

/** Whether a time can be one of this calendar; beyond, numbers and dates are no longer exact. */
export function isTime({ kind }: Pick<Calendar, 'kind'>, time: unknown): time is number {
  const most = kind === 'integer' ? Number.MAX_SAFE_INTEGER : LAST_DATE;
  return Number.isInteger(time) && Math.abs(time as number) <= most;
}

function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

/** The header of a file, complete and checked. Throws ERR_CORRUPT_MODEL. */
export function parseHeader(text: string): Header {
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
  checkUnknown(header);
  for (const [name, member] of Object.entries(headerMembers)) {
    if (!Object.hasOwn(header, name)) {
      if (!('absent' in member)) throw corrupt(`its header has no '${name}'`);
      header[name] = member.absent;
    } else if (!member.right(header[name], header as unknown as Header)) {
      throw corrupt(`its header has a wrong '${name}'`);
    }
  }
  return header as unknown as Header;
}

/** A member that is not known says something that would be lost. */
function checkUnknown(header: Record<string, unknown>): void {
  const unknown = Object.keys(header).find((name) => !Object.hasOwn(headerMembers, name));
  if (unknown === undefined) return;
  const { version } = header;
  const writer = typeof version === 'string' ? version : 'an unknown version';
  throw corrupt(
    `its header has the unknown member '${unknown}' (written by ${writer}, read by ${packageVersion()})`,
  );
}

export function corrupt(reason: string): ForecastError {
  return new ForecastError(
    'ERR_CORRUPT_MODEL',
    `The model file is damaged or was not written by neural-forecaster: ${reason}`,
  );
}
