// Which rows of futureExog are the steps of the horizon: found by their time, never guessed from their order.

import { ForecastError, invalidType, outOfRange } from '../errors';
import { show } from '../options/arguments';
import { type Calendar, showTime } from '../time/frequency';
import { futureTimes, type Origin } from '../time/future-times';
import type { Times } from './column';
import { checkFinite } from './finite';
import { DEFAULT_ID, nearest, showIds } from './ids';
import { readTable } from './read';
import { checkDuplicates } from './regular';
import { sortByTime } from './sort';
import type { SeriesTable } from './table';

/** What is looked for: the steps of one series, and who needs them. */
interface Steps {
  id: string;
  calendar: Calendar;
  ds: Float64Array;
  /** Rows that must be there where times do not tell which are these steps. */
  longest: number;
  /** The first of the columns, and its model. */
  column: string;
  model: string;
}

/**
 * The future columns over the horizon, each [series * horizon] in the order of `origin.ids`. `columns` maps
 * each name to the model that needs it. Rows beside the horizon, and series that are not forecast, are left alone.
 * Where other models read further ahead, a frame without ds must have the rows for all of them: `longest`. `elsewhere`
 * are columns that models read in the history, which may stand here too.
 */
export function alignFuture(
  input: unknown,
  columns: Map<string, string>,
  origin: Origin,
  horizon: number,
  longest = horizon,
  elsewhere?: ReadonlySet<string>,
): Map<string, Float64Array> {
  if (columns.size === 0) return new Map();
  const [column, model] = columns.entries().next().value!;
  if (input === undefined) {
    throw new ForecastError(
      'ERR_MISSING_FUTURE_EXOG',
      `${model} needs '${column}' over the horizon of every series: pass futureExog: { uniqueId, ds, ${column} }`,
    );
  }
  checkFutureForm(input);
  const { ids, calendar } = origin;
  const { zone } = calendar;
  const wanted = {
    name: 'futureExog',
    y: false,
    exog: columns,
    statics: new Map(),
    elsewhere,
    zone,
  };
  const table = named(sortByTime(readTable(input, wanted)), origin, column);
  if (table.times) checkDuplicates(table, { kind: kindOf(table), zone }, 'futureExog');
  const ds = futureTimes(origin, horizon);
  const index = new Map(table.ids.map((id, i) => [id, i]));
  const rows = new Uint32Array(ds.length);
  for (let s = 0; s < ids.length; s++) {
    const own = ds.subarray(s * horizon, (s + 1) * horizon);
    const steps = { id: ids[s]!, calendar, ds: own, longest, column, model };
    const at = index.get(ids[s]!);
    if (at === undefined) throw noSeries(table, origin, steps);
    findRows(table, at, steps, rows.subarray(s * horizon));
  }
  const exog = new Map<string, Float64Array>();
  for (const name of columns.keys()) {
    const values = table.exog.get(name)!;
    const ahead = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) ahead[i] = values[rows[i]!]!;
    exog.set(name, ahead);
  }
  const offsets = Float64Array.from({ length: ids.length + 1 }, (_, s) => s * horizon);
  const times: Times = { values: ds, calendar: calendar.kind === 'time', form: 'instant' };
  checkFinite({ ...table, ids, offsets, times, exog }, calendar, 'futureExog');
  return exog;
}

/** Throws for what is none of the forms of input at all. */
export function checkFutureForm(input: unknown): void {
  if (typeof input === 'object' && input !== null) return;
  throw invalidType(`futureExog must be columns, series or rows; got ${show(input)}`);
}

function kindOf(table: SeriesTable): Calendar['kind'] {
  return table.times!.calendar ? 'time' : 'integer';
}

/** A nameless table serves a single series, and takes its name. */
function named(table: SeriesTable, origin: Origin, column: string): SeriesTable {
  if (!table.nameless) return table;
  if (origin.ids.length === 1) return { ...table, ids: origin.ids };
  throw invalidType(
    `futureExog must say of which series each row is, because ${origin.ids.length} are forecast (${showIds(origin.ids)}): add uniqueId to its columns or rows, or give a list [{ id: '${origin.ids[0]}', ds, exog: { ${column} } }, ...]`,
  );
}

/** Writes the row of each step to `rows`. */
function findRows(table: SeriesTable, at: number, steps: Steps, rows: Uint32Array): void {
  const begin = table.offsets[at]!;
  const end = table.offsets[at + 1]!;
  const { ds, longest } = steps;
  // An empty series has no times that could be of a kind.
  const times = begin === end ? undefined : table.times?.values;
  if (times === undefined && end - begin !== longest) throw wrongCount(end - begin, steps);
  let row = begin;
  for (let k = 0; k < ds.length; k++, row++) {
    while (times && row < end && times[row]! < ds[k]!) row++;
    if (times && (row === end || times[row] !== ds[k])) {
      throw missingStep(table, times.subarray(begin, end), steps, k);
    }
    rows[k] = row;
  }
}

function missing(message: string): ForecastError {
  return new ForecastError('ERR_MISSING_FUTURE_EXOG', message);
}

function range({ calendar }: Pick<Steps, 'calendar'>, ds: Float64Array): string {
  const first = showTime(calendar, ds[0]!);
  return ds.length === 1 ? first : `${first} to ${showTime(calendar, ds[ds.length - 1]!)}`;
}

function noSeries(table: SeriesTable, origin: Origin, steps: Steps): ForecastError {
  const { id, column, model } = steps;
  const forecast = new Set(origin.ids);
  const near = nearest(
    id,
    table.ids.filter((other) => !forecast.has(other)),
  );
  const hint = near === undefined ? '' : `; '${near}' is none of those forecast: a misspelt id?`;
  const own = id === DEFAULT_ID ? ' (the name of a series without id)' : '';
  return missing(
    `futureExog has no '${column}' for series '${id}'${own}, which ${model} needs for ${range(steps, steps.ds)}; it has ${showIds(table.ids) || 'no series'}${hint}`,
  );
}

/** Rows without times are the horizon only where they can be nothing else. */
function wrongCount(count: number, steps: Steps): Error {
  const { id, column, model, ds, longest } = steps;
  const rows = count === 1 ? '1 row' : `${count} rows`;
  const from = `from ${showTime(steps.calendar, ds[0]!)} on`;
  const say = (way: string) =>
    `futureExog has ${rows} without ds for series '${id}', but the forecast takes ${longest}, one a step ${from} (${model} needs '${column}'): add ds, so that rows are found by their time, or ${way}`;
  return count < longest
    ? missing(say(`give exactly ${longest} rows`))
    : outOfRange(say(`cut the rows to those ${longest}`));
}

/** `times` are those of the series' rows. */
function missingStep(table: SeriesTable, times: Float64Array, steps: Steps, k: number): Error {
  const { id, calendar, ds, column, model } = steps;
  const kind = kindOf(table);
  const given = range({ calendar: { ...calendar, kind } }, times);
  const hint = unitHint(times, ds, calendar.kind);
  if (kind === calendar.kind) {
    return missing(
      `futureExog has no '${column}' for series '${id}' at ${showTime(calendar, ds[k]!)} (step ${k + 1} of the horizon), which ${model} needs; its rows are ${given}${hint}`,
    );
  }
  const needed = range(steps, ds);
  return kind === 'integer'
    ? invalidType(
        `futureExog.ds holds plain integers (${given}) for series '${id}', but its forecast goes on in calendar time, ${needed}: give epoch milliseconds, Dates or ISO strings${hint}`,
      )
    : invalidType(
        `futureExog.ds holds calendar time (${given}) for series '${id}', but its forecast counts steps, ${needed}, because its data has no ds, integers as ds, or a number as frequency: give those numbers as ds, or exactly ${ds.length} rows without ds, or fit with calendar ds and frequency ('D', '1h', ...; fill mends gaps)${hint}`,
      );
}

/** Names the unit in which the times would be those of the horizon. */
function unitHint(times: Float64Array, ds: Float64Array, kind: Calendar['kind']): string {
  const steps = new Set(ds);
  const meets = (scaled: (time: number) => number) => times.some((t) => steps.has(scaled(t)));
  if (meets((time) => time * 1000)) {
    return '; times 1000 they meet the horizon: they look like seconds, give milliseconds';
  }
  const divisor = [1000, 1e6].find((by) => meets((time) => time / by));
  if (divisor === undefined) return '';
  const unit = divisor === 1000 ? 'microseconds' : 'nanoseconds';
  const reason =
    kind === 'time'
      ? `they look like ${unit}, give milliseconds`
      : "the data's ds looks like seconds, fit with milliseconds";
  return `; divided by ${divisor} they meet the horizon: ${reason}`;
}
