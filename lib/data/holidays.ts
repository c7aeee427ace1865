// Holidays are days, rows are instants: whose days they are must not be guessed where it matters.

import { outOfRange } from '../errors';
import { DAY, NEARLY_A_DAY, weekday } from '../time/civil';
import { showTime } from '../time/frequency';
import { UTC, type Zone } from '../time/zone';
import { areMidnights, midnightsOfUtc, midnightZones, passZone } from './irregular';
import type { RegularTable } from './read';
import type { Needs } from './table';
import { LEAST_MILLISECONDS } from './units';

const SAMPLE = 100;

type Holiday = Needs['holidays'][number];

/**
 * Throws where holidays would fall on other days than those that are meant, or on none: numbers of another kind than
 * the timestamps, and dates beside midnights of another zone. `zone` is the option, where it was given.
 */
export function checkHolidays(
  table: RegularTable,
  holidays: Needs['holidays'],
  zone: Zone | undefined,
  what: string,
): void {
  for (const holiday of holidays) checkKind(holiday, table.calendar.kind, what);
  if (holidays.length === 0 || table.times === undefined || table.calendar.kind === 'integer')
    return;
  const { values, form } = table.times;
  for (let s = 0; s < table.ids.length; s++) {
    const begin = table.offsets[s]!;
    const rows = values.subarray(begin, Math.min(begin + SAMPLE, table.offsets[s + 1]!));
    const fault =
      (form === 'local' ? undefined : faultOfRows(rows, holidays, zone)) ??
      (zone === undefined ? faultOfHolidays(rows, holidays) : undefined);
    if (fault) throw outOfRange(`${what}: series '${table.ids[s]}' ${fault}`);
  }
}

function checkKind({ path, ds }: Holiday, kind: 'integer' | 'time', what: string): void {
  const most = ds.reduce((size, time) => Math.max(size, Math.abs(time)), 0);
  if (kind === 'integer' && most >= LEAST_MILLISECONDS) {
    throw outOfRange(`${path} holds dates, but the timestamps of ${what} are integers that count`);
  }
  if (kind === 'time' && ds.length > 0 && most < DAY) {
    throw outOfRange(`${path} holds integers that count, but the timestamps of ${what} are dates`);
  }
}

const dayOf = (time: number) => Math.floor(time / DAY);
const timeOfDay = (time: number) => time - dayOf(time) * DAY;

function areDaysApart(rows: Float64Array): boolean {
  return rows.every((time, i) => i === 0 || time - rows[i - 1]! >= NEARLY_A_DAY);
}

/** The first zone whose midnights these are, on other dates than those of UTC. */
function elsewhere(times: Float64Array): Zone | undefined {
  return midnightZones(times, UTC).find((zone) =>
    times.some((time) => dayOf(zone.toLocal(time)) !== dayOf(time)),
  );
}

/** Rows at midnight of another zone beside holidays that are dates. */
function faultOfRows(
  rows: Float64Array,
  holidays: readonly Holiday[],
  zone: Zone | undefined,
): string | undefined {
  const dates = holidays.some(({ ds }) => ds.some((time) => timeOfDay(time) === 0));
  if (!dates || !areDaysApart(rows)) return undefined;
  if (zone === undefined) {
    if (isMarket(rows)) return undefined;
    const there = elsewhere(rows);
    return (
      there &&
      `has rows at ${clock(rows[0]!)}, local midnight in ${there.name}, for example, and ${holidays[0]!.path} holds dates: ${passZone(there)}, or timeZone: 'UTC' if the rows belong to the dates of UTC`
    );
  }
  if (!areMidnights(rows, UTC) || areMidnights(rows, zone)) return undefined;
  if (rows.every((time) => dayOf(zone.toLocal(time)) === dayOf(time))) return undefined;
  return `has rows at midnight of UTC, which is the day before in ${zone.name}, and ${holidays[0]!.path} holds dates of that zone: ${midnightsOfUtc}`;
}

/** Monday to Friday by the days of UTC, for two weeks or more: the days of UTC are meant. */
function isMarket(rows: Float64Array): boolean {
  const days = Array.from(rows, dayOf);
  return days[days.length - 1]! - days[0]! >= 14 && days.every((day) => weekday(day) % 6 !== 0);
}

/** Holidays at midnight of another zone, unless the rows stand at that hour too. */
function faultOfHolidays(rows: Float64Array, holidays: readonly Holiday[]): string | undefined {
  const hours = new Set(areDaysApart(rows) ? Array.from(rows, timeOfDay) : []);
  for (const { path, ds } of holidays) {
    const odd = ds.filter((time) => timeOfDay(time) !== 0 && !hours.has(timeOfDay(time)));
    const there = odd.length > 0 ? elsewhere(Float64Array.from(odd)) : undefined;
    if (there === undefined) continue;
    return `is read in UTC, and ${path} holds ${showTime({ kind: 'time' }, odd[0]!)}, local midnight in ${there.name}, for example: pass dates as text ('2024-05-31'), or ${passZone(there)}`;
  }
  return undefined;
}

function clock(time: number): string {
  return `${showTime({ kind: 'time' }, timeOfDay(time)).slice(11, 16)} UTC`;
}
