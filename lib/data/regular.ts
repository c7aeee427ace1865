// Every series must step along its calendar without a gap; `fill` mends missing rows.
import type { FloatArray } from '../../types/native';
import { ForecastError } from '../errors';
import { show } from '../options/arguments';
import { type Calendar, type Clock, showTime } from '../time/frequency';
import { UTC } from '../time/zone';
import type { Fill } from './input';
import { coarser, gap, offCalendar, offGrid } from './irregular';
import type { TimeSettings } from './settings';
import { emptyLike, rowCount, type SeriesTable, type Wanted } from './table';

/** Throws for a timestamp that stands twice in a (sorted) series. */
export function checkDuplicates(table: SeriesTable, calendar: Clock, what: string): void {
  const { values, form } = table.times!;
  const clocks =
    form === 'local' && (calendar.zone ?? UTC) !== UTC
      ? ' (in the hour that clocks repeat or skip, only text with an offset tells times apart)'
      : '';
  for (let s = 0; s < table.ids.length; s++) {
    for (let i = table.offsets[s]! + 1; i < table.offsets[s + 1]!; i++) {
      if (values[i] !== values[i - 1]) continue;
      throw new ForecastError(
        'ERR_DUPLICATE_TIMESTAMP',
        `${what}: series '${table.ids[s]}' holds ${showTime(calendar, values[i]!)} twice; keep one row for each timestamp${clocks}`,
      );
    }
  }
}

/** Row of the first wrong step in [begin, end), or -1. */
export function firstFault(
  times: Float64Array,
  begin: number,
  end: number,
  calendar: Calendar,
): number {
  const step = calendar.fixedStep;
  if (step > 0) {
    for (let i = begin + 1; i < end; i++) if (times[i]! - times[i - 1]! !== step) return i;
  } else {
    for (let i = begin + 1; i < end; i++) {
      if (calendar.add(times[i - 1]!, 1) === times[i]) continue;
      // A time that clocks skipped is moved, and those after it are not: the first row tells.
      if (calendar.add(times[begin]!, i - begin) !== times[i]) return i;
    }
  }
  return -1;
}

/** Whether a series of some rows has no two that are one step apart. */
function neverSteps(times: Float64Array, begin: number, end: number, calendar: Calendar): boolean {
  if (end - begin < 3) return false;
  for (let i = begin + 1; i < end; i++) {
    if (calendar.between(times[i - 1]!, times[i]!) === 1) return false;
  }
  return true;
}

/** A table whose every series is regular: the given one, or a filled copy. */
export function regularize(
  table: SeriesTable,
  calendar: Calendar,
  { fill, finer }: Pick<TimeSettings, 'fill' | 'finer'>,
  wanted: Wanted,
): SeriesTable {
  const times = table.times!.values;
  let missing = 0;
  for (let s = 0; s < table.ids.length; s++) {
    const begin = table.offsets[s]!;
    const end = table.offsets[s + 1]!;
    if (!calendar.onGrid(times[begin]!)) throw offCalendar(table, s, calendar, wanted);
    let row = firstFault(times, begin, end, calendar);
    for (; row >= 0; row = firstFault(times, row, end, calendar)) {
      const steps = calendar.between(times[row - 1]!, times[row]!);
      if (Number.isNaN(steps)) throw offGrid(table, s, row, calendar, wanted);
      if (finer !== true && row === begin + 1 && neverSteps(times, begin, end, calendar)) {
        throw coarser(table, s, calendar, wanted);
      }
      if (fill === undefined) throw gap(table, s, row, calendar, steps - 1, wanted);
      missing += steps - 1;
    }
  }
  if (missing === 0) return table;
  if (missing > 100 * rowCount(table) + 1000) {
    throw new ForecastError(
      'ERR_IRREGULAR_TIMESTAMP',
      `${wanted.name}: at frequency ${show(calendar.text)} ${missing} rows are missing beside ${rowCount(table)} that are there; pass the frequency that the data has`,
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
      const steps = last ? 1 : calendar.between(times[i]!, times[i + 1]!);
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
    times: { ...table.times!, values: filledTimes },
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
