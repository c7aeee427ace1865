import { show } from './arguments';
import { civilFromDays, DAY, daysFromCivil, daysInMonth, weekday } from './civil';
import { invalidType, outOfRange } from './errors';

/**
 * How time goes on in a set of series: a step that can be repeated, in UTC. Times are epoch
 * milliseconds, or plain integers when `kind` is 'integer'.
 */
export interface Calendar {
  /** As it is written in options: '1h', 'B', 'MS', or a number. */
  readonly text: string | number;
  readonly kind: 'integer' | 'time';
  /** The distance of two neighbours where that is always the same, else 0. */
  readonly fixedStep: number;
  /** `time` moved on by `steps` steps (negative: back). `time` must lie on the grid. */
  add(time: number, steps: number): number;
  /** Whether a timestamp can belong to this calendar at all: a Sunday is none of 'B'. */
  onGrid(time: number): boolean;
}

const UNITS: Record<string, number> = {
  ms: 1,
  s: 1000,
  S: 1000,
  min: 60_000,
  T: 60_000,
  h: 3_600_000,
  H: 3_600_000,
  d: DAY,
  D: DAY,
  W: 7 * DAY,
};
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS: Record<string, { months: number; anchor: 'start' | 'end' | 'either' }> = {
  MS: { months: 1, anchor: 'start' },
  ME: { months: 1, anchor: 'end' },
  M: { months: 1, anchor: 'either' },
  QS: { months: 3, anchor: 'start' },
  QE: { months: 3, anchor: 'end' },
  Q: { months: 3, anchor: 'either' },
  YS: { months: 12, anchor: 'start' },
  AS: { months: 12, anchor: 'start' },
  YE: { months: 12, anchor: 'end' },
  Y: { months: 12, anchor: 'either' },
  A: { months: 12, anchor: 'either' },
};
const KNOWN =
  "a number (integer time) or text such as '5min', '1h', 'D', 'B' (business days), 'W', 'W-SUN', 'MS', 'ME', 'QS', 'QE', 'YS', 'YE'";

/** The calendar of a `frequency` option. Throws TypeError or RangeError. */
export function parseFrequency(value: unknown, what = 'frequency'): Calendar {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw outOfRange(`${what} must be an integer >= 1 when it is a number; got ${value}`);
    }
    return fixedCalendar(value, 'integer', value);
  }
  if (typeof value !== 'string') throw invalidType(`${what} must be ${KNOWN}; got ${show(value)}`);
  const match = /^\s*(\d*)\s*([A-Za-z]+)(?:-([A-Za-z]{3}))?\s*$/.exec(value);
  const calendar = match && fromParts(value, Number(match[1] || 1), match[2]!, match[3]);
  if (!calendar) throw outOfRange(`${what} must be ${KNOWN}; got ${show(value)}`);
  return calendar;
}

function fromParts(text: string, count: number, unit: string, anchor = ''): Calendar | undefined {
  if (count < 1) return undefined;
  if (unit === 'B' && anchor === '') return businessCalendar(text, count);
  const months = MONTHS[unit];
  // Anchors of quarters and years ('Q-DEC', 'YS-JAN') say which month; the data's own months do too.
  if (months) return monthCalendar(text, months.months * count, months.anchor);
  const day = WEEKDAYS.indexOf(anchor.toUpperCase());
  if (unit === 'W' && day >= 0) return fixedCalendar(text, 'time', 7 * DAY * count, day);
  const step = UNITS[unit];
  return step !== undefined && anchor === ''
    ? fixedCalendar(text, 'time', step * count)
    : undefined;
}

/** Every `step`, in milliseconds or integers; with `day` only on that weekday. */
export function fixedCalendar(
  text: string | number,
  kind: 'integer' | 'time',
  step: number,
  day?: number,
): Calendar {
  return {
    text,
    kind,
    fixedStep: step,
    add: (time, steps) => time + steps * step,
    onGrid: (time) => day === undefined || weekday(Math.floor(time / DAY)) === day,
  };
}

/** Monday to Friday; the time of day stays as it is. Exchange holidays are business days here. */
function businessCalendar(text: string, count: number): Calendar {
  return {
    text,
    kind: 'time',
    fixedStep: 0,
    add(time, steps) {
      const days = Math.floor(time / DAY);
      // Business days since Monday 1970-01-05 (day 4): five a week.
      const monday = days - ((weekday(days) + 6) % 7);
      const ordinal = ((monday - 4) / 7) * 5 + (days - monday) + steps * count;
      const weeks = Math.floor(ordinal / 5);
      return time + (4 + weeks * 7 + (ordinal - weeks * 5) - days) * DAY;
    },
    onGrid(time) {
      const day = weekday(Math.floor(time / DAY));
      return day !== 0 && day !== 6;
    },
  };
}

/** First or last days of every `months`-th month; 'either': whichever of both `time` is. */
function monthCalendar(text: string, months: number, anchor: 'start' | 'end' | 'either'): Calendar {
  return {
    text,
    kind: 'time',
    fixedStep: 0,
    add(time, steps) {
      const days = Math.floor(time / DAY);
      const date = civilFromDays(days);
      const ordinal = date.year * 12 + date.month - 1 + steps * months;
      const year = Math.floor(ordinal / 12);
      const month = ordinal - year * 12 + 1;
      const day = date.day === 1 ? 1 : daysInMonth(year, month);
      return time + (daysFromCivil(year, month, day) - days) * DAY;
    },
    onGrid(time) {
      const { year, month, day } = civilFromDays(Math.floor(time / DAY));
      if (anchor !== 'end' && day === 1) return true;
      return anchor !== 'start' && day === daysInMonth(year, month);
    },
  };
}

/**
 * How many steps lie between two times of a calendar, or NaN when `to` is not a whole number of steps
 * after `from`.
 */
export function stepsBetween(calendar: Calendar, from: number, to: number): number {
  if (calendar.fixedStep > 0) {
    const steps = (to - from) / calendar.fixedStep;
    return Number.isInteger(steps) ? steps : Number.NaN;
  }
  // Months and business days: guess from the length of one step, then walk the rest.
  let steps = Math.floor((to - from) / Math.max(calendar.add(from, 1) - from, DAY));
  while (calendar.add(from, steps) > to) steps--;
  while (calendar.add(from, steps + 1) <= to) steps++;
  return calendar.add(from, steps) === to ? steps : Number.NaN;
}

/** A timestamp as an error message shows it. */
export function showTime(calendar: Pick<Calendar, 'kind'>, time: number): string {
  if (calendar.kind === 'integer' || !(Math.abs(time) <= 8.64e15)) return String(time);
  const iso = new Date(time).toISOString();
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.replace('.000Z', 'Z');
}
