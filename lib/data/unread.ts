// Members of an input that nobody reads, though their names or values say what they were meant as. Left alone, rows would
// silently be of one series, in the order they came, or all observed.
import { types } from 'node:util';
import { invalidType } from '../errors';
import { besideColumns } from '../options/names';
import { parseIso } from '../time/civil';
import { isColumn } from './column';
import type { Wanted } from './table';

/** An input by the names of its members. `values` gives one of them: a column, or what stands in its place. */
export interface Members {
  owner: string;
  names: Iterable<string>;
  has(name: string): boolean;
  values(name: string): unknown;
}

/** Those of an object. */
export function ownMembers(data: Record<string, unknown>, owner: string): Members {
  const values = (name: string) => data[name];
  return { owner, names: Object.keys(data), has: (name) => data[name] !== undefined, values };
}

/**
 * What members mean in each form, with the names that may stand instead. Left out are those whose absence is an error
 * where it matters.
 */
const MEANT: Record<string, Record<string, readonly string[]>> = {
  columns: {
    uniqueId: ['unique_id', 'ids'],
    ids: ['uniqueId', 'unique_id'],
    offsets: ['uniqueId', 'unique_id'],
    frequency: ['freq'],
    freq: ['frequency'],
    fill: [],
  },
  rows: { uniqueId: ['unique_id'] },
  series: { id: ['uniqueId', 'unique_id'], uniqueId: ['id', 'unique_id'] },
};
const KNOWN_OF_SERIES = [...besideColumns, 'id', 'exog'];
const SETTINGS = ['frequency', 'freq', 'fill'];

/** Refuses members that are not read, and that seem to be meant as what the form reads under other names. */
export function refuseUnread(
  form: 'columns' | 'rows' | 'series',
  { owner, names, has, values }: Members,
  wanted: Wanted,
): void {
  const known = form === 'series' ? KNOWN_OF_SERIES : besideColumns;
  const strange = Array.from(names).filter(
    (name) => !known.includes(name) && !isRead(name, wanted),
  );
  if (strange.length === 0) return;
  const missed = Object.entries(MEANT[form]!)
    .filter(([name, others]) => ![name, ...others].some(has))
    .map(([name]) => name);
  const [noTimes, noMask] = [!has('ds'), wanted.y && !has('availableMask')];
  for (const name of strange) {
    const meant = missed.find((other) => plain(other) === plain(name));
    if (meant !== undefined && isMissed(meant, values(name), wanted)) {
      throw unread(owner, name, meant);
    }
    if (form !== 'series' && plain(name) === 'id') {
      if (missed.includes('uniqueId')) refuseUnreadId(name, values(name), owner);
      continue;
    }
    if (noMask && MASK_NAME.test(plain(name)) && isMask(name, values(name))) {
      throw unread(owner, name, 'availableMask');
    }
    if (!noTimes || !seemsTimes(name, values(name))) continue;
    throw invalidType(
      `${owner} has '${name}', which seems to hold the times of the rows but is read by no model: name it ds, or leave it out`,
    );
  }
}

function isRead(name: string, { exog, statics, elsewhere }: Wanted): boolean {
  return exog.has(name) || statics.has(name) || elsewhere?.has(name) === true;
}

function unread(owner: string, name: string, meant: string): TypeError {
  return invalidType(`${owner} has '${name}', which is not read: name it ${meant}`);
}

/** A name without what spellings differ in: 'available_mask' and 'AvailableMask' are one. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Columns may be called like settings, and settings are not read in futureExog. */
function isMissed(meant: string, value: unknown, wanted: Wanted): boolean {
  if (value == null) return false;
  return !SETTINGS.includes(meant) || (wanted.y && !isColumn(value));
}

/**
 * The long form does not read `id`. Where that names series (one id, or one that comes again: a key of the
 * row never does), rows of several series would silently become one.
 */
function refuseUnreadId(name: string, id: unknown, owner: string): void {
  const repeats = isColumn(id) && repeatsAny(id as ArrayLike<unknown>);
  if (!repeats && typeof id !== 'string' && typeof id !== 'number') return;
  throw invalidType(
    `${owner} has '${name}', which columns and rows do not read: call it uniqueId, or give a list of series [{ id, ds, y }]`,
  );
}

function repeatsAny(values: ArrayLike<unknown>): boolean {
  const seen = new Set<unknown>();
  for (let i = 0; i < values.length; i++) {
    // Rows that have no id are none of one series.
    if (values[i] == null) continue;
    if (seen.has(values[i])) return true;
    seen.add(values[i]);
  }
  return false;
}

const MASK_NAME = /^(available)?mask$/;

/** Zeros and ones, or whatever stands under a name that can mean nothing else. */
function isMask(name: string, values: unknown): boolean {
  if (!isColumn(values)) return false;
  const flags: unknown[] = [0, 1, true, false, null, undefined];
  const areFlags = () => every(values as ArrayLike<unknown>, (item) => flags.includes(item));
  return plain(name) !== 'mask' || areFlags();
}

/** What times are called, alone and within a name such as openTime. */
const TIME_NAME = /^(ds|t|ts|dt|epoch|unix|times?|dates?|datetimes?|timestamps?|(open|close)time)$/;
const TIME_WORD = /^(times?|dates?|datetimes?|timestamps?|(open|close)time)$/;
const LEAST_EPOCH = 1e8; // smaller numbers only count, or are lengths of time

/** Whether a column is times by its name, or dates by its values. A value that never changes is no time of a row. */
function seemsTimes(name: string, values: unknown): boolean {
  if (!isColumn(values)) return false;
  const items = values as ArrayLike<unknown>;
  const first = firstOf(items);
  const called = TIME_NAME.test(plain(name));
  const changes = () => !every(items, (item) => item == null || String(item) === String(first));
  if (types.isDate(first)) return called || changes();
  if (typeof first === 'string') return called || (parseIso(first) !== undefined && changes());
  if (typeof first !== 'number' && typeof first !== 'bigint') return false;
  if (called) return plain(name).length > 2 || every(items, isWhole);
  return wordsOf(name).some((word) => TIME_WORD.test(word)) && every(items, isEpoch) && changes();
}

/** 'openTime' and 'open_time' as 'open', 'time'. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
}

function firstOf(items: ArrayLike<unknown>): unknown {
  let at = 0;
  while (at < items.length && items[at] == null) at++;
  return items[at];
}

const isWhole = (item: unknown) =>
  item == null || typeof item === 'bigint' || Number.isInteger(item);
const isEpoch = (item: unknown) => item == null || Number(item) >= LEAST_EPOCH;

function every(items: ArrayLike<unknown>, holds: (item: unknown) => boolean): boolean {
  for (let i = 0; i < items.length; i++) if (!holds(items[i])) return false;
  return true;
}
