import { types } from 'node:util';
import { isPlainObject, show } from '../arguments';
import { ForecastError, invalidType, outOfRange } from '../errors';
import { type Calendar, fixedCalendar, parseFrequency } from '../frequency';
import { inferFrequency } from '../infer-frequency';
import { isColumn } from './column';
import { checkFinite } from './finite';
import type { Fill } from './input';
import { readColumns, readRows } from './read-long';
import { readCompressed, readSeriesList } from './read-series';
import { checkDuplicates, fillOption, regularize } from './regular';
import { sortByTime } from './sort';
import { rowCount, type SeriesTable, type Wanted } from './table';

/** Any accepted form of input as one table, rows of a series together, in the order they came. */
export function readTable(data: unknown, wanted: Wanted): SeriesTable {
  if (Array.isArray(data)) {
    if (data.length === 0) throw outOfRange(`${wanted.name} is empty: give at least one series`);
    const first: unknown = data[0];
    if (!isPlainObject(first)) throw notAnInput(wanted.name, `an array of ${show(first)}`);
    return isSeries(first, wanted) ? readSeriesList(data, wanted) : readRows(data, wanted);
  }
  if (!isPlainObject(data) || types.isMap(data) || types.isSet(data)) {
    throw notAnInput(wanted.name, show(data));
  }
  if (data.ids !== undefined && data.offsets !== undefined) return readCompressed(data, wanted);
  return readColumns(data, wanted);
}

function isSeries(first: Record<string, unknown>, wanted: Wanted): boolean {
  if (wanted.y) return isColumn(first.y);
  if (isPlainObject(first.exog)) return true;
  return [...wanted.exog.keys()].some((name) => isColumn(first[name]));
}

function notAnInput(name: string, got: string): TypeError {
  return invalidType(
    `${name} must be columns { uniqueId, ds, y }, a list of series [{ id, ds, y }], compressed columns { ids, offsets, ds, y } or rows [{ uniqueId, ds, y }]; got ${got}`,
  );
}

export interface TimeSettings {
  frequency: Calendar | undefined;
  fill: Fill | undefined;
}

export interface RegularTable extends SeriesTable {
  calendar: Calendar;
  /** The last timestamp of every series. */
  lastDs: Float64Array;
}

/**
 * A table that a model can learn from: sorted, without duplicates or gaps, finite. Settings in the data
 * itself win over those beside it.
 */
export function readRegular(data: unknown, wanted: Wanted, beside: TimeSettings): RegularTable {
  const settings = dataSettings(data, wanted.name, beside);
  const table = sortByTime(readTable(data, wanted));
  checkNotEmpty(table, wanted.name);
  if (table.times === undefined) {
    checkFinite(table, { kind: 'integer' }, wanted.name);
    return countRows(table, settings.frequency);
  }
  const kind = table.times.calendar ? 'time' : 'integer';
  checkDuplicates(table, kind, wanted.name);
  checkFinite(table, { kind }, wanted.name);
  const given = settings.frequency;
  if (given?.kind === 'integer' && kind === 'time') return countRows(table, given);
  const calendar = given ?? inferFrequency(table.times.values, table.offsets, kind);
  if (calendar === undefined) {
    throw new ForecastError(
      'ERR_IRREGULAR_TIMESTAMP',
      `${wanted.name}: one row a series does not tell the frequency; pass frequency: '1h', 'D', ...`,
    );
  }
  const regular = regularize(table, calendar, settings.fill, wanted.name);
  const times = regular.times!.values;
  const lastDs = Float64Array.from(regular.ids, (_, s) => times[regular.offsets[s + 1]! - 1]!);
  return { ...regular, calendar, lastDs };
}

function checkNotEmpty(table: SeriesTable, what: string): void {
  if (rowCount(table) === 0) throw outOfRange(`${what} is empty: give at least one row`);
  const empty = table.ids.findIndex((_, s) => table.offsets[s] === table.offsets[s + 1]);
  if (empty < 0) return;
  throw new ForecastError('ERR_SERIES_TOO_SHORT', `${what}: series '${table.ids[empty]}' is empty`);
}

/** Integer time: the rows of each series are 0, step, 2 step ... */
function countRows(table: SeriesTable, frequency: Calendar | undefined): RegularTable {
  const step = frequency?.kind === 'integer' ? frequency.fixedStep : 1;
  const calendar = fixedCalendar(step, 'integer', step);
  const lastDs = Float64Array.from(
    table.ids,
    (_, s) => (table.offsets[s + 1]! - table.offsets[s]! - 1) * step,
  );
  return { ...table, times: undefined, calendar, lastDs };
}

function dataSettings(data: unknown, what: string, beside: TimeSettings): TimeSettings {
  if (!isPlainObject(data)) return beside;
  const frequency = data.frequency ?? data.freq;
  const own = isColumn(frequency) ? undefined : frequency;
  const fill = isColumn(data.fill) ? undefined : data.fill;
  return {
    frequency: own === undefined ? beside.frequency : parseFrequency(own, `${what}.frequency`),
    fill: fill === undefined ? beside.fill : fillOption(fill, `${what}.fill`),
  };
}
