// Static values: one a series.
import type { FloatArray } from '../../types/native';
import { ForecastError, invalidType, outOfRange } from '../errors';
import { column, type Place, REMEDY, toFloats, toIds } from './column';
import { checkUnique, givenName, ROW_ID_NAMES } from './ids';
import { membersOf, missingColumn, type SeriesTable, type Wanted } from './table';

/** The static columns of the long form. The `static` member wins over a column of the same name. */
export function readLongStatics(
  data: Record<string, unknown>,
  wanted: Wanted,
  placeOf: (name: string) => Place,
): Map<string, FloatArray> {
  const member = membersOf(data.static);
  const result = new Map<string, FloatArray>();
  for (const [name, model] of wanted.statics) {
    if (member[name] !== undefined) continue;
    if (data[name] === undefined) throw missingColumn(wanted, name, model);
    result.set(name, toFloats(data[name], placeOf(name), REMEDY.static));
  }
  return result;
}

/** One value a series of columns by row, in the order of the rows. Each must hold one value all through a series. */
export function collapseStatics(
  columns: Map<string, FloatArray>,
  table: SeriesTable,
  wanted: Wanted,
): void {
  for (const [name, values] of columns) {
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

/**
 * What the table lacks of `static: { uniqueId, name: values }`, one entry a series in any order. Without
 * uniqueId the values are in the order of the series, which the input must say: `ordered`, or only one series.
 */
export function readStaticMember(
  value: unknown,
  table: SeriesTable,
  wanted: Wanted,
  ordered: boolean,
): void {
  const names = [...wanted.statics].filter(([name]) => !table.statics.has(name));
  if (names.length === 0) return;
  const member = membersOf(value);
  const what = `${wanted.name}.static`;
  const order = staticOrder(member, table.ids, what, ordered);
  for (const [name, model] of names) {
    if (member[name] === undefined) throw missingColumn(wanted, `static.${name}`, model);
    const place = column(what, name);
    const given = typeof member[name] === 'number' ? [member[name]] : member[name];
    const values = toFloats(given, place, REMEDY.static);
    if (values.length !== order.count) {
      throw outOfRange(
        `${place.whole} has ${values.length} values for ${order.count} series: give one a series`,
      );
    }
    table.statics.set(
      name,
      Float64Array.from(table.ids, (id, s) => values[order.of(id, s)]!),
    );
  }
}

/** Which entry of the member is of which series. */
function staticOrder(
  member: Record<string, unknown>,
  ids: string[],
  what: string,
  ordered: boolean,
): { count: number; of(id: string, series: number): number } {
  const name = givenName(member, ROW_ID_NAMES, what);
  if (name === undefined) {
    if (ordered || ids.length === 1) {
      return { count: ids.length, of: (_, series) => series };
    }
    throw invalidType(
      `${what}.uniqueId must say which series each value is of: one id for each of the ${ids.length} series`,
    );
  }
  const place = column(what, name);
  const own = toIds(member[name], place);
  checkUnique(own, (i) => place.at(i));
  const index = new Map(own.map((id, i) => [id, i]));
  return {
    count: own.length,
    of(id) {
      const entry = index.get(id);
      if (entry !== undefined) return entry;
      throw new ForecastError('ERR_MISSING_EXOG', `${what} has no entry for series '${id}'`);
    },
  };
}
