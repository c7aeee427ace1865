// The forms that name their series once: a list of series, and compressed columns.
import { types } from 'node:util';
import type { FloatArray } from '../../types/native';
import { ForecastError, invalidType, outOfRange } from '../errors';
import { isPlainObject, show } from '../options/arguments';
import { UTC } from '../time/zone';
import {
  checkLength,
  column,
  notANumber,
  REMEDY,
  type Times,
  toFloats,
  toId,
  toIds,
  toInstants,
  toMask,
  toTimes,
} from './column';
import { checkUnique, DEFAULT_ID, givenName, SERIES_ID_NAMES } from './ids';
import { readStaticMember } from './statics';
import { emptyLike, membersOf, missingColumn, type SeriesTable, type Wanted } from './table';
import { ownMembers, refuseUnread } from './unread';

/** `[{ id, ds?, y, exog?, static? }, ...]`: read one by one, then joined. */
export function readSeriesList(list: readonly unknown[], wanted: Wanted): SeriesTable {
  const tables = list.map((item, i) => readSeries(item, i, list.length, wanted));
  checkUnique(
    tables.map((table) => table.ids[0]!),
    (i) => `${wanted.name}[${i}].id`,
  );
  return tables.length === 1 ? tables[0]! : join(tables, wanted);
}

function readSeries(item: unknown, i: number, count: number, wanted: Wanted): SeriesTable {
  const what = `${wanted.name}[${i}]`;
  if (!isPlainObject(item)) throw invalidType(`${what} must be a series object; got ${show(item)}`);
  refuseUnread('series', ownMembers(item, what), wanted);
  const name = givenName(item, SERIES_ID_NAMES, what);
  if (name === undefined && count > 1) throw noId(what, count, wanted);
  const id = name === undefined ? DEFAULT_ID : toId(item[name], `${what}.${name}`);
  const y = wanted.y ? toFloats(item.y, column(what, 'y'), REMEDY.y) : undefined;
  const exog = readExog(item, wanted, what, id);
  const [firstName, firstValues] = exog.entries().next().value ?? [];
  const rows = y?.length ?? firstValues?.length ?? 0;
  const longest = y ? `${what}.y` : `${what}.exog.${firstName}`;
  for (const [name, values] of exog) {
    checkLength(values.length, rows, column(`${what}.exog`, name), longest);
  }
  const times = item.ds === undefined ? undefined : toTimes(item.ds, column(what, 'ds'));
  if (times) checkLength(times.values.length, rows, column(what, 'ds'), longest);
  const maskPlace = column(what, 'availableMask');
  const mask =
    wanted.y && item.availableMask !== undefined
      ? toMask(item.availableMask, maskPlace)
      : undefined;
  if (mask) checkLength(mask.length, rows, maskPlace, longest);
  return {
    ids: [id],
    nameless: name === undefined,
    offsets: Float64Array.of(0, rows),
    times,
    y,
    mask,
    exog,
    statics: readStatics(item, wanted, what, id),
  };
}

function noId(what: string, count: number, wanted: Wanted): TypeError {
  const rest = wanted.y ? `y, ... }, or fromOHLCV(candles, { id: 'BTC' })` : 'exog: { ... } }';
  return invalidType(
    `${what}.id must be a string or a number, because ${wanted.name} holds ${count} series; got undefined. Give each an id of its own: { id: 'BTC', ${rest}`,
  );
}

/** Columns under `exog`, or directly in the series. */
function readExog(
  item: Record<string, unknown>,
  wanted: Wanted,
  what: string,
  id: string,
): Map<string, FloatArray> {
  const result = new Map<string, FloatArray>();
  const nested = membersOf(item.exog);
  for (const [name, model] of wanted.exog) {
    const value = nested[name] === undefined ? item[name] : nested[name];
    if (value === undefined) throw missingOf(wanted.name, `exog.${name}`, id, model);
    if (item[name] !== undefined && item[name] !== value) {
      throw invalidType(
        `${what} has both 'exog.${name}' and '${name}', and they differ: give one of them`,
      );
    }
    result.set(name, toFloats(value, column(`${what}.exog`, name), REMEDY.exog));
  }
  return result;
}

function readStatics(
  item: Record<string, unknown>,
  wanted: Wanted,
  what: string,
  id: string,
): Map<string, FloatArray> {
  const result = new Map<string, FloatArray>();
  const own = membersOf(item.static);
  for (const [name, model] of wanted.statics) {
    const value = own[name];
    if (value === undefined) throw missingOf(wanted.name, `static.${name}`, id, model);
    if (typeof value !== 'number') throw notANumber(value, `${what}.static.${name}`, REMEDY.static);
    result.set(name, Float64Array.of(value));
  }
  return result;
}

function missingOf(owner: string, name: string, id: string, model: string): ForecastError {
  return new ForecastError(
    owner === 'futureExog' ? 'ERR_MISSING_FUTURE_EXOG' : 'ERR_MISSING_EXOG',
    `${owner}: series '${id}' has no '${name}', which ${model} needs`,
  );
}

function join(tables: SeriesTable[], wanted: Wanted): SeriesTable {
  const offsets = new Float64Array(tables.length + 1);
  for (let s = 0; s < tables.length; s++) offsets[s + 1] = offsets[s]! + tables[s]!.offsets[1]!;
  const joined = (pick: (table: SeriesTable) => FloatArray) => concat(tables.map(pick), offsets);
  const exog = new Map<string, FloatArray>();
  for (const name of wanted.exog.keys())
    exog.set(
      name,
      joined((table) => table.exog.get(name)!),
    );
  const statics = new Map<string, FloatArray>();
  for (const name of wanted.statics.keys()) {
    statics.set(
      name,
      Float64Array.from(tables, (table) => table.statics.get(name)![0]!),
    );
  }
  return {
    ids: tables.map((table) => table.ids[0]!),
    nameless: false,
    offsets,
    times: joinTimes(tables, offsets, wanted),
    y: wanted.y ? joined((table) => table.y!) : undefined,
    mask: joinMasks(tables, offsets),
    exog,
    statics,
  };
}

function concat(parts: FloatArray[], offsets: Float64Array): FloatArray {
  const wide = parts.find((part) => types.isFloat64Array(part));
  const result = emptyLike(wide ?? parts[0]!, offsets[parts.length]!);
  for (let s = 0; s < parts.length; s++) result.set(parts[s]!, offsets[s]);
  return result;
}

function joinTimes(
  tables: SeriesTable[],
  offsets: Float64Array,
  { name, zone = UTC }: Wanted,
): Times | undefined {
  const first = tables[0]!.times;
  const odd = tables.findIndex((table) => (table.times === undefined) !== (first === undefined));
  if (odd >= 0) {
    throw invalidType(
      `${name}[${odd}].ds must be ${first ? 'given' : 'left out'} as in ${name}[0]: either all series have timestamps or none`,
    );
  }
  if (first === undefined) return undefined;
  const numbers = first.form === 'number';
  const other = tables.findIndex((table) => (table.times!.form === 'number') !== numbers);
  if (other >= 0) {
    throw invalidType(
      `${name}[${other}].ds must be ${numbers ? 'numbers' : 'Dates or text'} as in ${name}[0].ds: all series need the same kind of timestamps`,
    );
  }
  const alike = tables.every((table) => table.times!.form === first.form);
  const values = new Float64Array(offsets[tables.length]!);
  for (let s = 0; s < tables.length; s++) {
    const times = tables[s]!.times!;
    values.set(alike ? times.values : toInstants(times, zone), offsets[s]);
  }
  const calendar = tables.some((table) => table.times!.calendar);
  return { values, calendar, form: alike ? first.form : 'instant' };
}

function joinMasks(tables: SeriesTable[], offsets: Float64Array): Uint8Array | undefined {
  if (tables.every((table) => table.mask === undefined)) return undefined;
  const mask = new Uint8Array(offsets[tables.length]!).fill(1);
  for (let s = 0; s < tables.length; s++) {
    const own = tables[s]!.mask;
    if (own) mask.set(own, offsets[s]);
  }
  return mask;
}

/** `{ ids, offsets, ds?, y, ... }`. */
export function readCompressed(data: Record<string, unknown>, wanted: Wanted): SeriesTable {
  refuseUnread('columns', ownMembers(data, wanted.name), wanted);
  const place = (name: string) => column(wanted.name, name);
  const ids = toIds(data.ids, place('ids'));
  checkUnique(ids, (i) => place('ids').at(i));
  const offsets = readOffsets(data.offsets, ids.length, wanted.name);
  const rows = offsets[ids.length]!;
  const ends = `${wanted.name}.offsets (its last)`;
  const sized = <T extends { length: number }>(values: T, name: string): T => {
    checkLength(values.length, rows, place(name), ends);
    return values;
  };
  const exog = new Map<string, FloatArray>();
  for (const [name, model] of wanted.exog) {
    if (data[name] === undefined) throw missingColumn(wanted, name, model);
    exog.set(name, sized(toFloats(data[name], place(name), REMEDY.exog), name));
  }
  const times = data.ds === undefined ? undefined : toTimes(data.ds, place('ds'));
  if (times) sized(times.values, 'ds');
  const mask = wanted.y && data.availableMask !== undefined;
  const table: SeriesTable = {
    ids,
    nameless: false,
    offsets,
    times,
    y: wanted.y ? sized(toFloats(data.y, place('y'), REMEDY.y), 'y') : undefined,
    mask: mask
      ? sized(toMask(data.availableMask, place('availableMask')), 'availableMask')
      : undefined,
    exog,
    statics: new Map(),
  };
  readStaticMember(data.static, table, wanted, true);
  return table;
}

function readOffsets(value: unknown, count: number, name: string): Float64Array {
  const place = column(name, 'offsets');
  const plain = types.isBigInt64Array(value) ? Float64Array.from(value, Number) : value;
  const offsets = Float64Array.from(toFloats(plain, place));
  if (offsets.length !== count + 1) {
    throw outOfRange(
      `${place.whole} must have one entry more than ids (${count + 1}); got ${offsets.length}`,
    );
  }
  for (let s = 0; s <= count; s++) {
    const before = s === 0 ? 0 : offsets[s - 1]!;
    if (Number.isInteger(offsets[s]) && (s === 0 ? offsets[0] === 0 : offsets[s]! >= before)) {
      continue;
    }
    throw outOfRange(
      `${place.at(s)} must be ${s === 0 ? '0' : `an integer >= ${before}, the one before`}; got ${offsets[s]}`,
    );
  }
  return offsets;
}
