import { invalidType, outOfRange } from '../errors';
import { show } from '../options/arguments';
import { DAY } from './civil';
import {
  businessDays,
  type DayRule,
  everyDay,
  type MonthDay,
  monthDays,
  type Phase,
} from './day-rules';
import { UTC, type Zone } from './zone';

/**
 * How time goes on in a set of series: a step that can be repeated. Times are epoch milliseconds, or plain integers
 * when `kind` is 'integer'.
 */
export interface Calendar {
  /** As it is written in options: '1h', 'B', 'MS', or a number. */
  readonly text: string | number;
  readonly kind: 'integer' | 'time';
  /** Whose days, business days and months are meant. */
  readonly zone: Zone;
  /** Found from data, and not said by the user. */
  readonly inferred?: true;
  /** The distance of two neighbours where that is always the same, else 0. */
  readonly fixedStep: number;
  /** `time` moved on by `steps` steps (negative: back). `time` must lie on the grid. */
  add(time: number, steps: number): number;
  /** How many steps lie between two times, or NaN when `to` is not a whole number of steps after `from`. */
  between(from: number, to: number): number;
  /** Whether a timestamp can belong to this calendar at all: a Sunday is none of 'B'. */
  onGrid(time: number): boolean;
}

/** Of fixed length, whatever the clocks do. */
const UNITS = new Map([
  ['ms', 1],
  ['s', 1000],
  ['S', 1000],
  ['m', 60_000],
  ['min', 60_000],
  ['T', 60_000],
  ['h', 3_600_000],
  ['H', 3_600_000],
]);
/** Of so many days by the clocks of the zone. */
const DAYS = new Map([
  ['d', 1],
  ['D', 1],
  ['w', 7],
  ['W', 7],
]);
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTH_NAMES = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
/** pandas' names, old and new; a step of so many months. */
const MONTHS = new Map<string, [months: number, day: MonthDay]>([
  ['MS', [1, 'start']],
  ['ME', [1, 'end']],
  ['M', [1, 'either']],
  ['BMS', [1, 'businessStart']],
  ['BME', [1, 'businessEnd']],
  ['BM', [1, 'businessEnd']],
  ['QS', [3, 'start']],
  ['QE', [3, 'end']],
  ['Q', [3, 'either']],
  ['BQS', [3, 'businessStart']],
  ['BQE', [3, 'businessEnd']],
  ['BQ', [3, 'businessEnd']],
  ['YS', [12, 'start']],
  ['AS', [12, 'start']],
  ['YE', [12, 'end']],
  ['Y', [12, 'either']],
  ['y', [12, 'either']],
  ['A', [12, 'either']],
  ['BYS', [12, 'businessStart']],
  ['BAS', [12, 'businessStart']],
  ['BYE', [12, 'businessEnd']],
  ['BY', [12, 'businessEnd']],
  ['BA', [12, 'businessEnd']],
]);
/** The largest epoch milliseconds that a Date can be. */
export const LAST_DATE = 8.64e15;
const LONGEST_TEXT = 32;
const MOST_STEPS = 1e6;
const KNOWN =
  "a number (integer time) or text such as '5min', '1h', 'D', 'B' (business days), 'W', 'W-SUN', 'MS', 'ME', 'BME' (business month ends), 'M-15' (the 15th), 'QS', 'QE-MAR', 'YS', 'YE'";

/** The calendar of a `frequency` option. Throws TypeError or RangeError. */
export function parseFrequency(value: unknown, what = 'frequency', zone = UTC): Calendar {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw outOfRange(`${what} must be an integer >= 1 when it is a number; got ${value}`);
    }
    return fixedCalendar(value, 'integer', value);
  }
  if (typeof value !== 'string') throw invalidType(`${what} must be ${KNOWN}; got ${show(value)}`);
  const calendar = value.length > LONGEST_TEXT ? undefined : fromText(value.trim(), zone);
  if (!calendar) throw outOfRange(`${what} must be ${KNOWN}; got ${show(value)}`);
  return calendar;
}

/** `frequency`, or its alias `freq`. */
export function frequencyOption(
  options: { frequency?: unknown; freq?: unknown },
  zone: Zone | undefined,
): Calendar | undefined {
  const name = options.frequency === undefined ? 'freq' : 'frequency';
  const value = options[name];
  return value === undefined ? undefined : parseFrequency(value, name, zone);
}

function fromText(text: string, zone: Zone): Calendar | undefined {
  const match = /^(\d*) ?([A-Za-z]+)(?:-([A-Za-z]{3}|\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [, digits, unit = '', anchor = ''] = match;
  const count = Number(digits || 1);
  if (count < 1 || count > MOST_STEPS) return undefined;
  const length = UNITS.get(unit);
  if (length) return anchor ? undefined : fixedCalendar(text, 'time', length * count, zone);
  if (unit === 'B') return anchor ? undefined : dayCalendar(text, businessDays, count, zone);
  const days = DAYS.get(unit);
  if (days) {
    const only = anchor ? WEEKDAYS.indexOf(anchor.toUpperCase()) : undefined;
    if (anchor && (unit !== 'W' || only === -1)) return undefined;
    const calendar = dayCalendar(text, everyDay(only), days * count, zone);
    if (zone !== UTC) return calendar;
    // The days of UTC are all as long: what is fixed is checked fastest.
    const fixed = fixedCalendar(text, 'time', days * count * DAY);
    return { ...fixed, onGrid: calendar.onGrid };
  }
  const rule = monthRule(unit, anchor);
  return rule && dayCalendar(text, rule.days, rule.months * count, zone);
}

function monthRule(unit: string, anchor: string): { days: DayRule; months: number } | undefined {
  const known = MONTHS.get(unit);
  if (!known) return undefined;
  const [months, which] = known;
  if (anchor === '') return { days: monthDays(which), months };
  if (unit === 'M') {
    const day = Number(anchor);
    return day >= 1 && day <= 28 ? { days: monthDays(day), months } : undefined;
  }
  const month = MONTH_NAMES.indexOf(anchor.toUpperCase());
  if (months === 1 || month < 0) return undefined;
  const phase: Phase = { every: months, month: month % months };
  return { days: monthDays(which, phase), months };
}

/** Every `step`, in milliseconds or integers. */
export function fixedCalendar(
  text: string | number,
  kind: 'integer' | 'time',
  step: number,
  zone = UTC,
): Calendar {
  return {
    text,
    kind,
    zone,
    fixedStep: step,
    add: (time, steps) => time + steps * step,
    between(from, to) {
      const steps = (to - from) / step;
      return Number.isInteger(steps) ? steps : Number.NaN;
    },
    onGrid: () => true,
  };
}

/** Every `count`-th of the days of a rule; the time of day by the zone's clocks stays as it is. */
function dayCalendar(text: string, rule: DayRule, count: number, zone: Zone): Calendar {
  const unitOf = (time: number) => rule.unit(Math.floor(zone.toLocal(time) / DAY));
  const add = (time: number, steps: number) => {
    const local = zone.toLocal(time);
    const day = Math.floor(local / DAY);
    const next = rule.day(rule.unit(day) + steps * count, day);
    return zone.toTime(local + (next - day) * DAY);
  };
  return {
    text,
    kind: 'time',
    zone,
    fixedStep: 0,
    add,
    between(from, to) {
      const steps = (unitOf(to) - unitOf(from)) / count;
      return Number.isInteger(steps) && add(from, steps) === to ? steps : Number.NaN;
    },
    onGrid: (time) => rule.has(Math.floor(zone.toLocal(time) / DAY)),
  };
}

/** What it takes to show a time; the zone is UTC by default. */
export type Clock = Pick<Calendar, 'kind'> & { zone?: Zone };

/** A timestamp as an error message shows it, by the clocks of the zone. */
export function showTime({ kind, zone = UTC }: Clock, time: number): string {
  if (kind === 'integer' || !(Math.abs(time) <= LAST_DATE - DAY)) return String(time);
  const local = zone.toLocal(time);
  const iso = new Date(local).toISOString();
  if (iso.endsWith('T00:00:00.000Z')) return iso.slice(0, 10);
  return iso.replace('.000Z', 'Z').replace('Z', offsetText(local - time));
}

function offsetText(offset: number): string {
  if (offset === 0) return 'Z';
  const minutes = Math.round(Math.abs(offset) / 60_000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
