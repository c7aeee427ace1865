// What is said of series that do not step along their calendar, with the way out that fits the data.

import { ForecastError } from '../errors';
import { show } from '../options/arguments';
import { DAY, weekday } from '../time/civil';
import { type Calendar, parseFrequency, showTime } from '../time/frequency';
import { inferFrequency } from '../time/infer-frequency';
import { findZone, makeZone, UTC, type Zone } from '../time/zone';
import type { SeriesTable, Wanted } from './table';

const SAMPLE = 500;

/** The first row of a series on no step of the calendar. */
export function offCalendar(
  table: SeriesTable,
  series: number,
  calendar: Calendar,
  wanted: Wanted,
): ForecastError {
  const begin = table.offsets[series]!;
  return irregular(
    `${wanted.name}: series '${table.ids[series]}' begins at ${showTime(calendar, table.times!.values[begin]!)}, which no step of frequency ${show(calendar.text)} meets. ${wayOut(table, series, begin, calendar)}`,
  );
}

export function offGrid(
  table: SeriesTable,
  series: number,
  row: number,
  calendar: Calendar,
  wanted: Wanted,
): ForecastError {
  const [from, to] = bothEnds(table, row, calendar);
  return irregular(
    `${wanted.name}: series '${table.ids[series]}' steps from ${from} to ${to}, which is no whole number of steps of ${show(calendar.text)}. ${wayOut(table, series, row, calendar)}`,
  );
}

export function gap(
  table: SeriesTable,
  series: number,
  row: number,
  calendar: Calendar,
  missing: number,
  wanted: Wanted,
): ForecastError {
  const [from, to] = bothEnds(table, row, calendar);
  const rows = missing === 1 ? '1 row is' : `${missing} rows are`;
  const zone = zoneHint(table, series, row, calendar);
  const ways = `fill: 'forward' | 'linear' | number fills gaps; or give the rows, with availableMask: 0 where y is not known`;
  return irregular(
    `${wanted.name}: series '${table.ids[series]}' has a gap: ${rows} missing between ${from} and ${to} at frequency ${show(calendar.text)}. ${zone ?? ways + countHint(table, series, calendar, wanted)}`,
  );
}

/** A series of another frequency than that which was found, or which the models were fitted to. */
export function coarser(
  table: SeriesTable,
  series: number,
  calendar: Calendar,
  wanted: Wanted,
): ForecastError {
  const own = ownFrequency(table, series, calendar);
  return irregular(
    `${wanted.name}: series '${table.ids[series]}' never makes a single step of ${show(calendar.text)}${own ? `; its rows fit ${show(own)}` : ''}. Series of one forecaster need one frequency: fit the others apart, or pass frequency: ${show(calendar.text)} beside fill to lay the finer grid over these rows`,
  );
}

function irregular(message: string): ForecastError {
  return new ForecastError('ERR_IRREGULAR_TIMESTAMP', message);
}

function bothEnds(table: SeriesTable, row: number, calendar: Calendar): [string, string] {
  const times = table.times!.values;
  return [showTime(calendar, times[row - 1]!), showTime(calendar, times[row]!)];
}

function wayOut(table: SeriesTable, series: number, row: number, calendar: Calendar): string {
  const zone = zoneHint(table, series, row, calendar);
  if (zone) return zone;
  const own = ownFrequency(table, series, calendar);
  if (own) return `The rows fit frequency: ${show(own)}`;
  return "Pass the frequency that the data has, or resample it; rows of it that are missing can be filled (fill: 'forward' | 'linear' | number), or given with availableMask: 0";
}

/** The frequency that every row of a series fits, if another does. */
function ownFrequency(
  table: SeriesTable,
  series: number,
  calendar: Calendar,
): string | number | undefined {
  const times = sample(table, series);
  const own = inferFrequency(times, [0, times.length], calendar.kind, calendar.zone);
  if (own === undefined || own.text === calendar.text || !own.onGrid(times[0]!)) return undefined;
  for (let i = 1; i < times.length; i++) {
    if (own.add(times[i - 1]!, 1) !== times[i]) return undefined;
  }
  return own.text;
}

function sample(table: SeriesTable, series: number): Float64Array {
  const begin = table.offsets[series]!;
  const end = Math.min(begin + SAMPLE, table.offsets[series + 1]!);
  return table.times!.values.subarray(begin, end);
}

/**
 * Says so when the rows are midnights of another zone than the calendar's, and there the fault at `row` is none.
 */
function zoneHint(
  table: SeriesTable,
  series: number,
  row: number,
  calendar: Calendar,
): string | undefined {
  if (calendar.kind !== 'time') return undefined;
  const times = table.times!.values;
  const begin = table.offsets[series]!;
  const zone = localMidnights(table, series, row, calendar, true);
  if (zone === UTC) return `The rows are midnights of UTC: ${midnightsOfUtc}`;
  if (zone) return `The rows are local midnights of ${zone.name}, for example: ${passZone(zone)}`;
  const step = row === begin ? DAY : times[row]! - times[row - 1]!;
  const hour = 3_600_000;
  if (calendar.zone !== UTC || (step !== 23 * hour && step !== 25 * hour)) return undefined;
  return "Days of 23 and 25 hours look like local midnights where clocks change: pass timeZone, the IANA name of their zone (such as 'Europe/Berlin'), to NeuralForecaster";
}

/**
 * A zone in which all rows are midnights and the one at `row` is no fault: a familiar one, or, where a tenth of a second
 * does not matter, any (`everywhere`).
 */
export function localMidnights(
  table: SeriesTable,
  series: number,
  row: number,
  calendar: Calendar,
  everywhere = false,
): Zone | undefined {
  const times = table.times!.values;
  const fits = (zone: Zone) => {
    const there = inZone(table, series, calendar, zone);
    if (there === undefined) return false;
    return row === table.offsets[series]
      ? there.onGrid(times[row]!)
      : there.add(times[row - 1]!, 1) === times[row]!;
  };
  const rows = sample(table, series);
  if (areMidnights(rows, calendar.zone)) return undefined;
  const familiar = midnightZones(rows, calendar.zone).find(fits);
  return familiar ?? (everywhere ? otherZone(rows, fits) : undefined);
}

export const midnightsOfUtc =
  "pass dates as text ('2024-05-31'), which are dates of the timeZone, or timeZone: 'UTC'";

export function passZone(zone: Zone): string {
  return `pass timeZone: '${zone.name}' to NeuralForecaster`;
}

function inZone(
  table: SeriesTable,
  series: number,
  calendar: Calendar,
  zone: Zone,
): Calendar | undefined {
  if (!calendar.inferred) return parseFrequency(calendar.text, 'frequency', zone);
  const times = sample(table, series);
  return inferFrequency(times, [0, times.length], 'time', zone);
}

const familiar = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'Europe/Helsinki',
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'Asia/Tokyo',
  'Asia/Shanghai',
  'Asia/Kolkata',
  'Asia/Dubai',
  'Europe/Moscow',
  'Asia/Jerusalem',
  'Australia/Sydney',
  'Pacific/Auckland',
];

/** Zones, this machine's first, in which all of these times are midnights, though they are none in `not`. */
export function midnightZones(times: Float64Array, not: Zone): Zone[] {
  if (areMidnights(times, not)) return [];
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = new Set([here, ...familiar].map((name) => findZone(name)));
  return [...zones].filter((zone) => zone && zone !== not && areMidnights(times, zone)) as Zone[];
}

const QUARTER = 900_000; // what all clocks of today are apart from UTC
const MOST_OFFSETS = 6;

/** The first of all zones that there are whose midnights these times are and which `fits`. They take long to make. */
function otherZone(times: Float64Array, fits: (zone: Zone) => boolean): Zone | undefined {
  const hours = new Set(Array.from(times, (time) => time % DAY));
  const never = hours.size > MOST_OFFSETS || [...hours].some((hour) => hour % QUARTER !== 0);
  for (const name of never ? [] : Intl.supportedValuesOf('timeZone')) {
    const zone = makeZone(name);
    if (zone && areMidnights(times, zone) && fits(zone)) return zone;
  }
  return undefined;
}

export function areMidnights(times: Float64Array, zone: Zone): boolean {
  return times.every((time) => zone.toLocal(time) % DAY === 0);
}

/**
 * frequency: 1 is no way out but for days or sessions of markets: rows on both sides of a weekend and none at it, and
 * no model that reads times.
 */
function countHint(
  table: SeriesTable,
  series: number,
  { kind, zone }: Calendar,
  { countable }: Wanted,
): string {
  if (kind !== 'time' || countable !== true) return '';
  const days = Array.from(sample(table, series), (time) => Math.floor(zone.toLocal(time) / DAY));
  const weeks = days[days.length - 1]! - days[0]! >= 7;
  if (!weeks || days.some((day) => weekday(day) % 6 === 0)) return '';
  return '; frequency: 1 counts rows instead of time, for market data whose holidays and nights are to be skipped (the forecast then has row numbers, no dates)';
}
