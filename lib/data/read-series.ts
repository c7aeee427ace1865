// The forms that name their series once: a list of series, and compressed columns.
import { types } from 'node:util';
import type { FloatArray } from '../../types/native';
import { isPlainObject, show } from '../arguments';
import { ForecastError, invalidType, outOfRange } from '../errors';
import { UTC } from '../zone';
import {
  checkLength,
  column,
  type Times,
  toFloats,
  toId,
  toIds,
  toInstants,
  toMask,
  toTimes,
} from './column';
import { DEFAULT_ID, missingExog } from './read-long';
import { emptyLike, type SeriesTable, type Wanted } from './table';

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
  const name = ['id', 'uniqueId', 'unique_id'].find((key) => item[key] !== undefined) ?? 'id';
  const given = item[name];
  if (given === undefined && count > 1) {
    throw invalidType(`${what}.id must be a string or a number; got undefined`);
  }
  const id = given === undefined ? DEFAULT_ID : toId(given, `${what}.${name}`);
  const y = wanted.y ? toFloats(item.y, column(what, 'y')) : undefined;
  const exog = readNamed(item, 'exog', wanted.exog, what, id, wanted.name);
  const [firstName, firstValues] = exog.entries().next().value ?? [];
  const rows = y?.length ?? firstValues?.length ?? 0;
  const longest = y ? `${what}.y` : `${what}.exog.${firstName}`;
  for (const [name, values] of exog) {
    checkLength(values.length, rows, column(`${what}.exog`, name), longest);
  }
  const times = item.ds === undefined ? undefined : toTimes(item.ds, column(what, 'ds'));
  if (times) checkLength(times.values.length, rows, column(what, 'ds'), longest);
  const maskPlace = column(what, 'availableMask');
  const mask = item.availableMask === undefined ? undefined : toMask(item.availableMask, maskPlace);
  if (mask) checkLength(mask.length, rows, maskPlace, longest);
  const statics = new Map<string, FloatArray>();
  for (const [name, model] of wanted.statics) {
    const value = (item.static as Record<string, unknown> | undefined)?.[name];
    if (value === undefined) throw missingOf(wanted.name, `static.${name}`, id, model);
    if (typeof value !== 'number') {
      throw invalidType(`${what}.static.${name} must be a number; got ${show(value)}`);
    }
    statics.set(name, Float64Array.of(value));
  }
  return { ids: [id], offsets: Float64Array.of(0, rows), times, y, mask, exog, statics };
}

/** Columns under `exog`, or directly in the series. */
function readNamed(
  item: Record<string, unknown>,
  member: string,
  names: Map<string, string>,
  what: string,
  id: string,
  owner: string,
): Map<string, FloatArray> {
  const result = new Map<string, FloatArray>();
  const nested = isPlainObject(item[member]) ? (item[member] as Record<string, unknown>) : {};
  for (const [name, model] of names) {
    const value = nested[name] ?? item[name];
    if (value === undefined) throw missingOf(owner, `${member}.${name}`, id, model);
    result.set(name, toFloats(value, column(`${what}.${member}`, name)));
  }
  return result;
}

function missingOf(owner: string, name: string, id: string, model: string): ForecastError {
  return new ForecastError(
    owner === 'futureExog' ? 'ERR_MISSING_FUTURE_EXOG' : 'ERR_MISSING_EXOG',
    `${owner}: series '${id}' has no '${name}', which ${model} needs`,
  );
}

function checkUnique(ids: string[], what: (index: number) => string): void {
  const seen = new Map<string, number>();
  for (let i = 0; i < ids.length; i++) {
    const before = seen.get(ids[i]!);
    if (before !== undefined) {
      throw outOfRange(
        `${what(i)} is '${ids[i]}' like ${what(before)}: every series needs an id of its own`,
      );
    }
    seen.set(ids[i]!, i);
  }
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
    if (data[name] === undefined) throw missingExog(wanted.name, name, model);
    exog.set(name, sized(toFloats(data[name], place(name)), name));
  }
  const times = data.ds === undefined ? undefined : toTimes(data.ds, place('ds'));
  if (times) sized(times.values, 'ds');
  return {
    ids,
    offsets,
    times,
    y: wanted.y ? sized(toFloats(data.y, place('y')), 'y') : undefined,
    mask:
      data.availableMask === undefined
        ? undefined
        : sized(toMask(data.availableMask, place('availableMask')), 'availableMask'),
    exog,
    statics: readStatics(data.static, ids.length, wanted),
  };
}

function readStatics(value: unknown, count: number, wanted: Wanted): Map<string, FloatArray> {
  const statics = new Map<string, FloatArray>();
  for (const [name, model] of wanted.statics) {
    const member = (value as Record<string, unknown> | undefined)?.[name];
    if (member === undefined) throw missingExog(wanted.name, `static.${name}`, model);
    const place = column(`${wanted.name}.static`, name);
    const values = toFloats(member, place);
    checkLength(values.length, count, place, `${wanted.name}.ids`);
    statics.set(name, values);
  }
  return statics;
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
