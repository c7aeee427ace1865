// The long forms: columns and rows.
import type { FloatArray } from '../../types/native';
import { isPlainObject, show } from '../arguments';
import { ForecastError, invalidType, outOfRange } from '../errors';
import {
  checkLength,
  column,
  isColumn,
  type Place,
  toFloats,
  toId,
  toIds,
  toMask,
  toTimes,
} from './column';
import { groupRows } from './group';
import { mapRows, type SeriesTable, type Wanted } from './table';

/** The id of a series that has none. */
export const DEFAULT_ID = 'series';

type PlaceOf = (name: string) => Place;

/** `{ uniqueId?, ds?, y, ...exog }`. */
export function readColumns(data: Record<string, unknown>, wanted: Wanted): SeriesTable {
  return readLong(data, wanted, (name) => column(wanted.name, name));
}

/** `[{ uniqueId?, ds?, y, ...exog }, ...]`, turned into columns. */
export function readRows(rows: readonly unknown[], wanted: Wanted): SeriesTable {
  const first = rows[0] as Record<string, unknown>;
  const names = ['uniqueId', 'unique_id', 'ds', 'availableMask'].filter((name) => name in first);
  names.push(...wanted.exog.keys(), ...wanted.statics.keys());
  if (wanted.y) names.push('y');
  const present = [...new Set(names)].filter((name) => name in first || name === 'y');
  const columns: Record<string, unknown[]> = {};
  for (const name of present) columns[name] = new Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!isPlainObject(row)) {
      throw invalidType(
        `${wanted.name}[${i}] must be an object like the first row; got ${show(row)}`,
      );
    }
    for (const name of present) columns[name]![i] = row[name];
  }
  return readLong(columns, wanted, (name) => ({
    whole: `'${name}' of ${wanted.name}`,
    at: (index) => `${wanted.name}[${index}].${name}`,
  }));
}

function readLong(data: Record<string, unknown>, wanted: Wanted, placeOf: PlaceOf): SeriesTable {
  const y = wanted.y ? toFloats(data.y, placeOf('y')) : undefined;
  const exog = readExog(data, wanted.exog, wanted.name, placeOf);
  const longStatics = readLongStatics(data, wanted, placeOf);
  const rows = y?.length ?? exog.values().next().value?.length ?? 0;
  const longest = y ? placeOf('y').whole : `'${exog.keys().next().value}' of ${wanted.name}`;
  for (const [name, values] of [...exog, ...longStatics]) {
    checkLength(values.length, rows, placeOf(name), longest);
  }
  const times = data.ds === undefined ? undefined : toTimes(data.ds, placeOf('ds'));
  if (times) checkLength(times.values.length, rows, placeOf('ds'), longest);
  const mask =
    data.availableMask === undefined
      ? undefined
      : toMask(data.availableMask, placeOf('availableMask'));
  if (mask) checkLength(mask.length, rows, placeOf('availableMask'), longest);

  const { ids, offsets, order } = readGroups(data, rows, placeOf, longest);
  // Static columns of the long form ride along as exogenous ones until the rows are in order.
  const all = new Map([...exog, ...prefixed(longStatics)]);
  let table: SeriesTable = { ids, offsets, times, y, mask, exog: all, statics: new Map() };
  if (order) {
    table = mapRows(table, offsets, (values) => {
      const result = values.slice() as typeof values;
      for (let i = 0; i < order.length; i++) result[i] = values[order[i]!]!;
      return result;
    });
  }
  collapseStatics(table, wanted, longStatics);
  readStaticMember(data.static, table, wanted);
  return table;
}

const STATIC_PREFIX = '\0static ';

function prefixed(columns: Map<string, FloatArray>): [string, FloatArray][] {
  return [...columns].map(([name, values]) => [STATIC_PREFIX + name, values]);
}

function readExog(
  data: Record<string, unknown>,
  names: Map<string, string>,
  owner: string,
  placeOf: PlaceOf,
): Map<string, FloatArray> {
  const exog = new Map<string, FloatArray>();
  for (const [name, model] of names) {
    if (data[name] === undefined) throw missingExog(owner, name, model);
    exog.set(name, toFloats(data[name], placeOf(name)));
  }
  return exog;
}

export function missingExog(owner: string, name: string, model: string): ForecastError {
  return owner === 'futureExog'
    ? new ForecastError(
        'ERR_MISSING_FUTURE_EXOG',
        `futureExog has no column '${name}', which ${model} needs over the horizon`,
      )
    : new ForecastError(
        'ERR_MISSING_EXOG',
        `${owner} has no column '${name}', which ${model} needs; add it, or leave it out of the model's options`,
      );
}

function readLongStatics(
  data: Record<string, unknown>,
  wanted: Wanted,
  placeOf: PlaceOf,
): Map<string, FloatArray> {
  const member = isPlainObject(data.static) ? data.static : {};
  const result = new Map<string, FloatArray>();
  for (const [name, model] of wanted.statics) {
    if (member[name] !== undefined) continue;
    if (data[name] === undefined) throw missingExog(wanted.name, name, model);
    result.set(name, toFloats(data[name], placeOf(name)));
  }
  return result;
}

function readGroups(
  data: Record<string, unknown>,
  rows: number,
  placeOf: PlaceOf,
  longest: string,
): { ids: string[]; offsets: Float64Array; order: Uint32Array | undefined } {
  const name = data.uniqueId === undefined ? 'unique_id' : 'uniqueId';
  const value = data[name];
  if (value === undefined || typeof value === 'string') {
    return {
      ids: [value ?? DEFAULT_ID],
      offsets: Float64Array.of(0, rows),
      order: undefined,
    };
  }
  const place = placeOf(name);
  if (!isColumn(value)) {
    throw invalidType(
      `${place.whole} must be an array of strings or numbers, or one string; got ${show(value)}`,
    );
  }
  const items = value as ArrayLike<unknown>;
  checkLength(items.length, rows, place, longest);
  return groupRows(items, (item, i) => toId(item, place.at(i)));
}

/** A static column of the long form must hold one value all through a series. */
function collapseStatics(
  table: SeriesTable,
  wanted: Wanted,
  columns: Map<string, FloatArray>,
): void {
  for (const name of columns.keys()) {
    const values = table.exog.get(STATIC_PREFIX + name)!;
    table.exog.delete(STATIC_PREFIX + name);
    const statics = new Float64Array(table.ids.length);
    for (let s = 0; s < table.ids.length; s++) {
      const begin = table.offsets[s]!;
      statics[s] = values[begin]!;
      for (let i = begin + 1; i < table.offsets[s + 1]!; i++) {
        if (Object.is(values[i], values[begin])) continue;
        throw outOfRange(
          `${wanted.name}.${name} is a static column of ${wanted.statics.get(name)}, but series '${table.ids[s]}' holds both ${values[begin]} and ${values[i]}`,
        );
      }
    }
    table.statics.set(name, statics);
  }
}

/** `static: { uniqueId: [...], name: [...] }`, one entry a series in any order. */
function readStaticMember(value: unknown, table: SeriesTable, wanted: Wanted): void {
  const names = [...wanted.statics.keys()].filter((name) => !table.statics.has(name));
  if (names.length === 0) return;
  const member = value as Record<string, unknown>;
  const what = `${wanted.name}.static`;
  const index = new Map(
    (member.uniqueId === undefined && table.ids.length === 1
      ? table.ids
      : toIds(member.uniqueId, column(what, 'uniqueId'))
    ).map((id, i) => [id, i]),
  );
  for (const name of names) {
    const place = column(what, name);
    const given = typeof member[name] === 'number' ? [member[name]] : member[name];
    const values = toFloats(given, place);
    checkLength(values.length, index.size, place, `${what}.uniqueId`);
    table.statics.set(
      name,
      Float64Array.from(table.ids, (id) => {
        const at = index.get(id);
        if (at !== undefined) return values[at]!;
        throw new ForecastError('ERR_MISSING_EXOG', `${what} has no entry for series '${id}'`);
      }),
    );
  }
}
