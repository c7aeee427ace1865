import { invalidType, outOfRange } from '../errors';
import { show } from '../options/arguments';
import { DAY } from '../time/civil';
import type { Calendar } from '../time/frequency';
import type { TimeSettings } from './settings';
import type { SeriesTable, Wanted } from './table';
import { LEAST_MILLISECONDS, unitFault } from './units';

/**
 * What the timestamps of a table are: points in time, integers that count, or nothing that matters because the user
 * counts rows ('rows', also where there are none). Throws where they and the frequency contradict each other, or where
 * plain numbers look like another unit than milliseconds.
 */
export function timeKind(
  table: SeriesTable,
  { frequency, dated }: Pick<TimeSettings, 'frequency' | 'dated'>,
  wanted: Wanted,
): 'integer' | 'time' | 'rows' {
  const { times } = table;
  if (times === undefined) {
    checkNeeded(frequency, dated === true, wanted);
    return 'rows';
  }
  const numbers = times.form === 'number';
  const counts = frequency?.kind === 'integer';
  if (numbers && !(counts && !frequency.inferred)) {
    checkUnits(table, times.calendar || frequency?.kind === 'time', wanted.name);
    if (times.calendar) checkOneKind(table, wanted.name);
  }
  if (counts) {
    if (numbers && !times.calendar) return 'integer';
    if (frequency.inferred) throw fittedToIntegers(wanted.name);
    if (frequency.fixedStep === 1) return 'rows';
    if (numbers) return 'integer';
    throw outOfRange(
      `frequency: ${frequency.text} is a step of integers, but ${wanted.name}.ds holds dates; pass a step of time such as '${frequency.text}min', '${frequency.text}h' or '${frequency.text}D'`,
    );
  }
  if (times.calendar) return 'time';
  if (frequency === undefined) return 'integer';
  if (stepsLike(table, frequency)) return 'time';
  throw invalidType(
    `${wanted.name}.ds holds integers that only count (${times.values[0]} ...), but the frequency ${show(frequency.text)} is one of dates; pass dates, or the step of the integers as a number, such as frequency: 1`,
  );
}

/** Numbers that are dates in one series and count in another. What counts is told from milliseconds of about 1970. */
function checkOneKind({ ids, offsets, times }: SeriesTable, what: string): void {
  const { values } = times!;
  const most = (s: number) =>
    Math.max(Math.abs(values[offsets[s]!]!), Math.abs(values[offsets[s + 1]! - 1]!));
  const counting = ids.findIndex(
    (_, s) =>
      most(s) < LEAST_MILLISECONDS &&
      values.subarray(offsets[s], offsets[s + 1]).some((time) => time % 1000 !== 0),
  );
  const dated = ids.findIndex((_, s) => most(s) >= LEAST_MILLISECONDS);
  if (counting < 0) return;
  throw invalidType(
    `${what}: series '${ids[dated]}' has dates (${values[offsets[dated]!]} ...) and series '${ids[counting]}' integers that only count (${values[offsets[counting]!]} ...): all series need the same kind of timestamps`,
  );
}

function checkUnits(table: SeriesTable, milliseconds: boolean, what: string): void {
  const { values } = table.times!;
  for (let s = 0; s < table.ids.length; s++) {
    const [begin, end] = [table.offsets[s]!, table.offsets[s + 1]!];
    const fault = unitFault(values, begin, end, milliseconds);
    if (fault === undefined) continue;
    throw outOfRange(
      `${what}: series '${table.ids[s]}' has the timestamp ${values[end - 1]}, ${fault}`,
    );
  }
}

/** Rows without times are none where models were fitted to dates, or where one reads times and the frequency is one of dates. */
function checkNeeded(frequency: Calendar | undefined, dated: boolean, wanted: Wanted): void {
  if (frequency?.kind !== 'time') return;
  if (wanted.time === true) {
    throw invalidType(
      `${wanted.name}.ds is missing: a model reads the timestamps, and the frequency ${show(frequency.text)} is one of dates`,
    );
  }
  if (!dated) return;
  throw invalidType(
    `${wanted.name}.ds is missing: the models were fitted to dates; give the dates of the rows as ds, or frequency: 1 to count the rows`,
  );
}

function fittedToIntegers(what: string): TypeError {
  return invalidType(
    `${what}.ds holds dates, but the models were fitted to rows that only count; leave ds out, or fit to dates too`,
  );
}

/** Whether small numbers go on in steps of the frequency, as milliseconds about 1970 would. */
function stepsLike(table: SeriesTable, frequency: Calendar): boolean {
  const { values } = table.times!;
  const unit = frequency.fixedStep || DAY;
  for (let s = 0; s < table.ids.length; s++) {
    const begin = table.offsets[s]!;
    if (begin + 1 < table.offsets[s + 1]!)
      return (values[begin + 1]! - values[begin]!) % unit === 0;
  }
  return values[0]! % unit === 0;
}
