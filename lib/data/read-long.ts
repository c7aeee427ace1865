// The long forms: columns and rows.
import type { FloatArray } from '../../types/native';
import { invalidType } from '../errors';
import { isPlainObject, show } from '../options/arguments';
import {
  checkLength,
  column,
  isColumn,
  type Place,
  REMEDY,
  toFloats,
  toId,
  toMask,
  toTimes,
} from './column';
import { groupRows } from './group';
import { DEFAULT_ID, givenName, ROW_ID_NAMES } from './ids';
import { collapseStatics, readLongStatics, readStaticMember } from './statics';
import { mapRows, missingColumn, type SeriesTable, type Wanted } from './table';
import { type Members, ownMembers, refuseUnread } from './unread';

type PlaceOf = (name: string) => Place;

/** `{ uniqueId?, ds?, y, ...exog }`. */
export function readColumns(data: Record<string, unknown>, wanted: Wanted): SeriesTable {
  refuseUnread('columns', ownMembers(data, wanted.name), wanted);
  return readLong(data, wanted, (name) => column(wanted.name, name));
}

/**
 * `[{ uniqueId?, ds?, y, ...exog }, ...]`, turned into columns. A member counts as given when any row has it:
 * the first row alone must not decide that the times or ids of the others are not read.
 */
export function readRows(rows: readonly unknown[], wanted: Wanted): SeriesTable {
  for (let i = 0; i < rows.length; i++) {
    if (isPlainObject(rows[i])) continue;
    throw invalidType(
      `${wanted.name}[${i}] must be an object like the first row; got ${show(rows[i])}`,
    );
  }
  const items = rows as readonly Record<string, unknown>[];
  const names = [...ROW_ID_NAMES, 'ds', ...wanted.exog.keys(), ...wanted.statics.keys()];
  if (wanted.y) names.push('y', 'availableMask');
  const columns: Record<string, unknown[]> = {};
  for (const name of names) {
    if (name !== 'y' && items.every((row) => row[name] === undefined)) continue;
    columns[name] = items.map((row) => row[name]);
  }
  const members: Members = {
    owner: wanted.name,
    names: namesOf(items),
    has: (name) => columns[name] !== undefined,
    values: (name) => items.map((row) => row[name]),
  };
  refuseUnread('rows', members, wanted);
  for (const name of [...ROW_ID_NAMES, 'ds']) checkEvery(columns[name], name, wanted.name);
  return readLong(columns, wanted, (name) => ({
    whole: `'${name}' of ${wanted.name}`,
    at: (index) => `${wanted.name}[${index}].${name}`,
  }));
}

/** The members that any row has. Most rows are alike: each is compared with the one before it. */
function namesOf(items: readonly Record<string, unknown>[]): Set<string> {
  const names = new Set<string>();
  const before: string[] = [];
  for (const row of items) {
    let at = 0;
    for (const name in row) {
      if (before[at] !== name) {
        before[at] = name;
        names.add(name);
      }
      at++;
    }
  }
  return names;
}

/** What says where a row belongs must stand in every row when it stands in one. */
function checkEvery(values: unknown[] | undefined, name: string, owner: string): void {
  const without = values?.indexOf(undefined) ?? -1;
  if (without < 0) return;
  const other = values!.findIndex((value) => value !== undefined);
  throw invalidType(
    `${owner}[${without}] has no '${name}', ${owner}[${other}] has: give it in every row or in none`,
  );
}

function readLong(data: Record<string, unknown>, wanted: Wanted, placeOf: PlaceOf): SeriesTable {
  const y = wanted.y ? toFloats(data.y, placeOf('y'), REMEDY.y) : undefined;
  const exog = readExog(data, wanted, placeOf);
  const rows = y?.length ?? exog.values().next().value?.length ?? 0;
  const longest = y ? placeOf('y').whole : `'${exog.keys().next().value}' of ${wanted.name}`;
  const sized = <T extends { length: number }>(values: T, name: string): T => {
    checkLength(values.length, rows, placeOf(name), longest);
    return values;
  };
  for (const [name, values] of exog) sized(values, name);
  const statics = readLongStatics(data, wanted, placeOf);
  for (const [name, values] of statics) sized(values, name);
  const times = data.ds === undefined ? undefined : toTimes(data.ds, placeOf('ds'));
  if (times) sized(times.values, 'ds');
  const mask = wanted.y && data.availableMask !== undefined;
  const { ids, nameless, offsets, order } = readGroups(data, rows, wanted, placeOf, longest);
  let table: SeriesTable = {
    ids,
    nameless,
    offsets,
    times,
    y,
    mask: mask
      ? sized(toMask(data.availableMask, placeOf('availableMask')), 'availableMask')
      : undefined,
    exog,
    statics: new Map(),
  };
  if (order) {
    const inOrder = <T extends FloatArray | Uint8Array>(values: T): T => {
      const result = values.slice() as T;
      for (let i = 0; i < order.length; i++) result[i] = values[order[i]!]!;
      return result;
    };
    table = mapRows(table, offsets, inOrder);
    for (const [name, values] of statics) statics.set(name, inOrder(values));
  }
  collapseStatics(statics, table, wanted);
  readStaticMember(data.static, table, wanted, false);
  return table;
}

function readExog(
  data: Record<string, unknown>,
  wanted: Wanted,
  placeOf: PlaceOf,
): Map<string, FloatArray> {
  const exog = new Map<string, FloatArray>();
  for (const [name, model] of wanted.exog) {
    if (data[name] === undefined) throw missingColumn(wanted, name, model);
    exog.set(name, toFloats(data[name], placeOf(name), REMEDY.exog));
  }
  return exog;
}

interface Groups {
  ids: string[];
  nameless: boolean;
  offsets: Float64Array;
  order: Uint32Array | undefined;
}

function readGroups(
  data: Record<string, unknown>,
  rows: number,
  wanted: Wanted,
  placeOf: PlaceOf,
  longest: string,
): Groups {
  const name = givenName(data, ROW_ID_NAMES, wanted.name);
  const value = name === undefined ? undefined : data[name];
  if (name === undefined || typeof value === 'string') {
    const ids = [typeof value === 'string' ? value : DEFAULT_ID];
    const offsets = Float64Array.of(0, rows);
    return { ids, nameless: name === undefined, offsets, order: undefined };
  }
  const place = placeOf(name);
  if (!isColumn(value)) {
    throw invalidType(
      `${place.whole} must be an array of strings or numbers, or one string; got ${show(value)}`,
    );
  }
  const items = value as ArrayLike<unknown>;
  checkLength(items.length, rows, place, longest);
  return { nameless: false, ...groupRows(items, (item, i) => toId(item, place.at(i))) };
}
