import { types } from 'node:util';
import { ForecastError, invalidType, outOfRange } from '../errors';
import { isPlainObject, show } from '../options/arguments';
import { type Calendar, fixedCalendar } from '../time/frequency';
import { inferFrequency } from '../time/infer-frequency';
import { UTC } from '../time/zone';
import { isColumn, toInstants } from './column';
import { checkFinite } from './finite';
import { checkFreeTimes, origin } from './free-times';
import { readColumns, readRows } from './read-long';
import { readCompressed, readSeriesList } from './read-series';
import { checkDuplicates, regularize } from './regular';
import { dataSettings, type TimeSettings } from './settings';
import { sortByTime } from './sort';
import { rowCount, type SeriesTable, type Wanted } from './table';
import { timeKind } from './time-kind';

/** Any accepted form of input as one table, rows of a series together, in the order they came. */
export function readTable(data: unknown, wanted: Wanted): SeriesTable {
  const table = readForm(data, wanted);
  const { times } = table;
  if (times === undefined) return table;
  return { ...table, times: { ...times, values: toInstants(times, wanted.zone ?? UTC) } };
}

function readForm(data: unknown, wanted: Wanted): SeriesTable {
  if (Array.isArray(data)) {
    if (data.length === 0) throw outOfRange(`${wanted.name} is empty: give at least one series`);
    const first: unknown = data[0];
    if (!isPlainObject(first)) throw notAnInput(wanted.name, `an array of ${show(first)}`);
    return isSeries(first, wanted) ? readSeriesList(data, wanted) : readRows(data, wanted);
  }
  if (!isPlainObject(data) || types.isMap(data) || types.isSet(data)) {
    throw notAnInput(wanted.name, show(data));
  }
  // One without the other would leave the rows of many series to be read as one.
  const [ids, offsets] = [data.ids !== undefined, data.offsets !== undefined];
  const long = data.uniqueId !== undefined || data.unique_id !== undefined;
  if (ids && offsets) return readCompressed(data, wanted);
  return (ids || offsets) && !long ? readCompressed(data, wanted) : readColumns(data, wanted);
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

export interface RegularTable extends SeriesTable {
  calendar: Calendar;
  /** The last timestamp of every series: where the steps of a forecast are counted from. */
  lastDs: Float64Array;
}

/**
 * A table that a model can learn from: sorted, without duplicates or gaps (unless any times will do), finite. Settings
 * in the data itself win over those beside it.
 */
export function readRegular(data: unknown, wanted: Wanted, beside: TimeSettings): RegularTable {
  const zone = beside.zone ?? UTC;
  const settings = dataSettings(data, wanted.name, beside, zone);
  const table = sortByTime(readTable(data, { ...wanted, zone }));
  checkNotEmpty(table, wanted.name);
  const given = settings.frequency;
  const kind = timeKind(table, settings, wanted);
  if (table.times && kind !== 'rows') checkDuplicates(table, { kind, zone }, wanted.name);
  checkFinite(table, { kind: kind === 'time' ? 'time' : 'integer', zone }, wanted.name);
  if (table.times === undefined || kind === 'rows') return countRows(table, given);
  const calendar = given ?? inferFrequency(table.times.values, table.offsets, kind, zone);
  if (calendar === undefined) {
    throw new ForecastError(
      'ERR_IRREGULAR_TIMESTAMP',
      `${wanted.name}: one row a series does not tell the frequency; pass frequency: '1h', 'D', ...`,
    );
  }
  const free = wanted.anyTimes === true && settings.fill === undefined;
  if (free) checkFreeTimes(table, calendar, given === undefined, wanted);
  const regular = free ? table : regularize(table, calendar, settings, wanted);
  const times = regular.times!.values;
  const lastDs = Float64Array.from(regular.ids, (_, s) =>
    origin(calendar, times[regular.offsets[s + 1]! - 1]!),
  );
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
  const counted = frequency?.kind === 'integer' ? frequency : undefined;
  const calendar = counted ?? { ...fixedCalendar(1, 'integer', 1), inferred: true };
  const step = calendar.fixedStep;
  const lastDs = Float64Array.from(
    table.ids,
    (_, s) => (table.offsets[s + 1]! - table.offsets[s]! - 1) * step,
  );
  return { ...table, times: undefined, calendar, lastDs };
}
