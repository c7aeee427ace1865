// Every series must step along its calendar without a gap; `fill` mends missing rows.
import type { FloatArray } from '../../types/native';
import { show } from '../arguments';
import { ForecastError, invalidType, outOfRange } from '../errors';
import { type Calendar, showTime, stepsBetween } from '../frequency';
import type { Fill } from './input';
import { emptyLike, rowCount, type SeriesTable } from './table';

/** Checks a `fill` option. */
export function fillOption(value: unknown, what: string): Fill | undefined {
  if (value === undefined || value === 'forward' || value === 'linear') return value;
  const accepted = "'forward', 'linear' or a finite number";
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw outOfRange(`${what} must be ${accepted}; got ${value}`);
  }
  if (typeof value === 'string') {
    throw outOfRange(`${what} must be ${accepted}; got ${show(value)}`);
  }
  throw invalidType(`${what} must be ${accepted}; got ${show(value)}`);
}

/** Throws for a timestamp that stands twice in a (sorted) series. */
export function checkDuplicates(table: SeriesTable, kind: Calendar['kind'], what: string): void {
  const times = table.times!.values;
  for (let s = 0; s < table.ids.length; s++) {
    for (let i = table.offsets[s]! + 1; i < table.offsets[s + 1]!; i++) {
      if (times[i] !== times[i - 1]) continue;
      throw new ForecastError(
        'ERR_DUPLICATE_TIMESTAMP',
        `${what}: series '${table.ids[s]}' holds ${showTime({ kind }, times[i]!)} twice; keep one row for each timestamp`,
      );
    }
  }
}

/** Row of the first wrong step in [begin, end), or -1. */
function firstFault(times: Float64Array, begin: number, end: number, calendar: Calendar): number {
  const step = calendar.fixedStep;
  if (step > 0) {
    for (let i = begin + 1; i < end; i++) if (times[i]! - times[i - 1]! !== step) return i;
  } else {
    for (let i = begin + 1; i < end; i++) {
      if (calendar.add(times[i - 1]!, 1) !== times[i]) return i;
    }
  }
  return -1;
}

/** A table whose every series is regular: the given one, or a filled copy. */
export function regularize(
  table: SeriesTable,
  calendar: Calendar,
  fill: Fill | undefined,
  what: string,
): SeriesTable {
  const times = table.times!.values;
  let missing = 0;
  for (let s = 0; s < table.ids.length; s++) {
    const begin = table.offsets[s]!;
    const end = table.offsets[s + 1]!;
    if (begin < end && !calendar.onGrid(times[begin]!)) {
      throw offCalendar(table, s, begin, calendar, what);
    }
    let row = firstFault(times, begin, end, calendar);
    for (; row >= 0; row = firstFault(times, row, end, calendar)) {
      const steps = stepsBetween(calendar, times[row - 1]!, times[row]!);
      if (Number.isNaN(steps)) throw offGrid(table, s, row, calendar, what);
      if (fill === undefined) throw gap(table, s, row, calendar, steps - 1, what);
      missing += steps - 1;
    }
  }
  if (missing === 0) return table;
  if (missing > 100 * rowCount(table) + 1000) {
    throw new ForecastError(
      'ERR_IRREGULAR_TIMESTAMP',
      `${what}: at frequency ${show(calendar.text)} ${missing} rows are missing beside ${rowCount(table)} that are there; pass the frequency that the data has`,
    );
  }
  return fillRows(table, calendar, fill as Fill, rowCount(table) + missing);
}

function fillRows(table: SeriesTable, calendar: Calendar, fill: Fill, rows: number): SeriesTable {
  const times = table.times!.values;
  const offsets = new Float64Array(table.offsets.length);
  const filledTimes = new Float64Array(rows);
  // For each new row the old row before it, and how far on the way to the next one it lies.
  const source = new Uint32Array(rows);
  const share = new Float64Array(rows);
  let next = 0;
  for (let s = 0; s < table.ids.length; s++) {
    for (let i = table.offsets[s]!; i < table.offsets[s + 1]!; i++) {
      const last = i + 1 === table.offsets[s + 1];
      const steps = last ? 1 : stepsBetween(calendar, times[i]!, times[i + 1]!);
      for (let k = 0; k < steps; k++, next++) {
        filledTimes[next] = k === 0 ? times[i]! : calendar.add(times[i]!, k);
        source[next] = i;
        share[next] = k / steps;
      }
    }
    offsets[s + 1] = next;
  }
  const exog = new Map<string, FloatArray>();
  for (const [name, values] of table.exog) {
    exog.set(name, fillColumn(values, source, share, fill === 'linear' ? 'linear' : 'forward'));
  }
  return {
    ...table,
    offsets,
    times: { values: filledTimes, calendar: table.times!.calendar },
    y: table.y && fillColumn(table.y, source, share, fill),
    mask: table.mask && fillMask(table.mask, source, share, fill),
    exog,
  };
}

function fillColumn(
  values: FloatArray,
  source: Uint32Array,
  share: Float64Array,
  fill: Fill,
): FloatArray {
  const result = emptyLike(values, source.length);
  for (let i = 0; i < result.length; i++) {
    const before = values[source[i]!]!;
    if (share[i] === 0 || fill === 'forward') result[i] = before;
    else if (fill === 'linear') {
      result[i] = before + share[i]! * (values[source[i]! + 1]! - before);
    } else result[i] = fill;
  }
  return result;
}

/** A filled value counts as observed when the values that it comes from do. */
function fillMask(
  mask: Uint8Array,
  source: Uint32Array,
  share: Float64Array,
  fill: Fill,
): Uint8Array {
  const result = new Uint8Array(source.length);
  for (let i = 0; i < result.length; i++) {
    const row = source[i]!;
    if (share[i] === 0 || fill === 'forward') result[i] = mask[row]!;
    else result[i] = fill === 'linear' ? mask[row]! & mask[row + 1]! : 1;
  }
  return result;
}

const COUNT_ROWS = 'frequency: 1 counts rows instead of time';

function gap(
  table: SeriesTable,
  series: number,
  row: number,
  calendar: Calendar,
  missing: number,
  what: string,
): ForecastError {
  const times = table.times!.values;
  const from = showTime(calendar, times[row - 1]!);
  const to = showTime(calendar, times[row]!);
  const rows = missing === 1 ? '1 row is' : `${missing} rows are`;
  const ways = `fill: 'forward' | 'linear' | number fills gaps`;
  const count = calendar.kind === 'time' ? `; ${COUNT_ROWS} (market data with holidays)` : '';
  return new ForecastError(
    'ERR_IRREGULAR_TIMESTAMP',
    `${what}: series '${table.ids[series]}' has a gap: ${rows} missing between ${from} and ${to} at frequency ${show(calendar.text)}. ${ways}${count}`,
  );
}

function offGrid(
  table: SeriesTable,
  series: number,
  row: number,
  calendar: Calendar,
  what: string,
): ForecastError {
  const times = table.times!.values;
  const from = showTime(calendar, times[row - 1]!);
  const to = showTime(calendar, times[row]!);
  return new ForecastError(
    'ERR_IRREGULAR_TIMESTAMP',
    `${what}: series '${table.ids[series]}' steps from ${from} to ${to}, which is no whole number of steps of ${show(calendar.text)}. Pass the frequency that the data has, or resample it${calendar.kind === 'time' ? `; ${COUNT_ROWS}` : ''}`,
  );
}

function offCalendar(
  table: SeriesTable,
  series: number,
  row: number,
  calendar: Calendar,
  what: string,
): ForecastError {
  return new ForecastError(
    'ERR_IRREGULAR_TIMESTAMP',
    `${what}: series '${table.ids[series]}' begins at ${showTime(calendar, table.times!.values[row]!)}, which no step of frequency ${show(calendar.text)} meets. Pass the frequency that the data has; ${COUNT_ROWS}`,
  );
}
