import type { FloatArray } from '../../types/native';
import { show } from '../arguments';
import { ForecastError, invalidType } from '../errors';
import { type Calendar, showTime } from '../frequency';
import { checkFinite } from './finite';
import { readTable } from './read';
import { DEFAULT_ID } from './read-long';
import { sortByTime } from './sort';
import type { SeriesTable } from './table';

/** What a forecast needs to know of the series it goes on from. */
export interface Origin {
  ids: string[];
  lastDs: Float64Array;
  calendar: Calendar;
}

/**
 * The future columns over the horizon, each [series * horizon] in the order of `origin.ids`. `columns` maps
 * each name to the model that needs it.
 */
export function alignFuture(
  input: unknown,
  columns: Map<string, string>,
  origin: Origin,
  horizon: number,
): Map<string, Float64Array> {
  if (columns.size === 0) return new Map();
  if (input === undefined) {
    const [name, model] = columns.entries().next().value!;
    throw new ForecastError(
      'ERR_MISSING_FUTURE_EXOG',
      `${model} needs '${name}' over the horizon of every series: pass futureExog: { uniqueId, ds, ${name} }`,
    );
  }
  if (typeof input !== 'object' || input === null) {
    throw invalidType(`futureExog must be columns, series or rows; got ${show(input)}`);
  }
  const { zone } = origin.calendar;
  const wanted = { name: 'futureExog', y: false, exog: columns, statics: new Map(), zone };
  const table = sortByTime(readTable(input, wanted));
  const kind = table.times?.calendar ? 'time' : 'integer';
  checkFinite(table, { kind, zone }, 'futureExog');
  const seriesOf = matchSeries(table, origin);
  const result = new Map<string, Float64Array>();
  for (const name of columns.keys())
    result.set(name, new Float64Array(origin.ids.length * horizon));
  for (let s = 0; s < origin.ids.length; s++) {
    const rows = futureRows(table, seriesOf(s), origin, s, horizon, columns);
    for (const [name, values] of result) copyRows(table.exog.get(name)!, rows, values, s * horizon);
  }
  return result;
}

function copyRows(from: FloatArray, rows: number[], to: Float64Array, begin: number): void {
  for (let i = 0; i < rows.length; i++) to[begin + i] = from[rows[i]!]!;
}

/** Position in the table of each forecast series. One nameless series serves a single forecast. */
function matchSeries(table: SeriesTable, origin: Origin): (series: number) => number | undefined {
  if (origin.ids.length === 1 && table.ids.length === 1) {
    const named = table.ids[0] !== DEFAULT_ID && table.ids[0] !== origin.ids[0];
    return () => (named ? undefined : 0);
  }
  const index = new Map(table.ids.map((id, i) => [id, i]));
  return (series) => index.get(origin.ids[series]!);
}

/** Which rows of the table are the horizon's steps: by timestamp, or in order where there is none. */
function futureRows(
  table: SeriesTable,
  at: number | undefined,
  origin: Origin,
  series: number,
  horizon: number,
  columns: Map<string, string>,
): number[] {
  const begin = at === undefined ? 0 : table.offsets[at]!;
  const end = at === undefined ? 0 : table.offsets[at + 1]!;
  // Calendar timestamps say nothing to a forecaster that counts rows: order does.
  const times =
    table.times && (table.times.calendar ? 'time' : 'integer') === origin.calendar.kind
      ? table.times.values
      : undefined;
  const rows: number[] = [];
  let row = begin;
  for (let step = 1; step <= horizon; step++, row++) {
    const ds = origin.calendar.add(origin.lastDs[series]!, step);
    while (times && row < end && times[row]! < ds) row++;
    if (row >= end || (times && times[row] !== ds)) {
      throw missingStep(columns, origin, series, step, ds);
    }
    rows.push(row);
  }
  return rows;
}

function missingStep(
  columns: Map<string, string>,
  origin: Origin,
  series: number,
  step: number,
  ds: number,
): ForecastError {
  const [name, model] = columns.entries().next().value!;
  return new ForecastError(
    'ERR_MISSING_FUTURE_EXOG',
    `futureExog has no '${name}' for series '${origin.ids[series]}' at ${showTime(origin.calendar, ds)} (step ${step} of the horizon), which ${model} needs`,
  );
}
