import type { FloatArray } from '../../types/native';
import { ForecastError } from '../errors';
import { type Clock, showTime } from '../time/frequency';
import { REMEDY } from './column';
import { rowCount, type SeriesTable } from './table';

/** The first index in [begin, end) that holds NaN or an infinity, else -1. */
export function findNonFinite(values: FloatArray, begin = 0, end = values.length): number {
  // x - x is 0 for a finite x and NaN for the rest: no branch a value until something is wrong.
  let sum = 0;
  for (let i = begin; i < end; i++) sum += values[i]! - values[i]!;
  if (sum === 0) return -1;
  for (let i = begin; i < end; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** Every value that a model reads must be finite; availableMask excuses values of y alone. */
export function checkFinite(table: SeriesTable, calendar: Clock, what: string): void {
  if (table.y) {
    const at = table.mask ? firstObserved(table.y, table.mask) : findNonFinite(table.y);
    if (at >= 0) throw nonFinite(table, calendar, what, 'y', table.y, at);
  }
  for (const [name, values] of table.exog) {
    const at = findNonFinite(values, 0, rowCount(table));
    if (at >= 0) throw nonFinite(table, calendar, what, name, values, at);
  }
  for (const [name, values] of table.statics) {
    const series = findNonFinite(values);
    if (series < 0) continue;
    throw new ForecastError(
      'ERR_NON_FINITE',
      `${what}: static value '${name}' of series '${table.ids[series]}' is ${values[series]}; ${REMEDY.static}`,
    );
  }
}

function firstObserved(values: FloatArray, mask: Uint8Array): number {
  for (let i = 0; i < values.length; i++) {
    if (mask[i] === 1 && !Number.isFinite(values[i])) return i;
  }
  return -1;
}

function nonFinite(
  table: SeriesTable,
  calendar: Clock,
  what: string,
  name: string,
  values: FloatArray,
  at: number,
): ForecastError {
  const series = seriesOfRow(table, at);
  const row = at - table.offsets[series]!;
  const time = table.times ? ` (${showTime(calendar, table.times.values[at]!)})` : '';
  const way =
    name === 'y'
      ? 'remove or repair the row, or cover it with availableMask: 0'
      : 'repair the value: availableMask covers y alone';
  return new ForecastError(
    'ERR_NON_FINITE',
    `${what}: series '${table.ids[series]}', column '${name}', row ${row}${time} is ${values[at]}; ${way}`,
  );
}

function seriesOfRow(table: SeriesTable, row: number): number {
  let series = 0;
  while (table.offsets[series + 1]! <= row) series++;
  return series;
}
