// Which days a calendar frequency has, on whole days since 1970-01-01 by the wall clock of a zone.
import { civilFromDays, daysFromCivil, daysInMonth, weekday } from './civil';

/** Days in numbered units (weeks, business days, months), at most one day a unit. */
export interface DayRule {
  /** The number of the unit that a day lies in. */
  unit(day: number): number;
  /** The day of a unit. `like` is a day that the series has: some rules follow it. */
  day(unit: number, like: number): number;
  has(day: number): boolean;
}

/** Every day, or every day of one weekday (0 is Sunday). */
export function everyDay(only?: number): DayRule {
  return {
    unit: (day) => day,
    day: (unit) => unit,
    has: (day) => only === undefined || weekday(day) === only,
  };
}

const isBusinessDay = (day: number) => weekday(day) % 6 !== 0;

/** Monday to Friday. Exchange holidays are business days here. */
export const businessDays: DayRule = {
  unit(day) {
    // Business days since Monday 1970-01-05 (day 4): five a week.
    const sinceMonday = (weekday(day) + 6) % 7;
    return ((day - sinceMonday - 4) / 7) * 5 + sinceMonday;
  },
  day(unit) {
    const weeks = Math.floor(unit / 5);
    return 4 + weeks * 7 + (unit - weeks * 5);
  },
  has: isBusinessDay,
};

/** Which day of its month; a number is 1 to 28. 'either' is the first or the last, whichever the series has. */
export type MonthDay = 'start' | 'end' | 'either' | 'businessStart' | 'businessEnd' | number;

/** Months that follow each other in steps of `every`: 3 and 2 are those of March, June, September and December. */
export interface Phase {
  every: number;
  /** The remainder of the month, 0 to 11, by `every`. */
  month: number;
}

/** One day of each month; `phase` says which months there can be. */
export function monthDays(which: MonthDay, phase?: Phase): DayRule {
  const unit = (day: number) => {
    const { year, month } = civilFromDays(day);
    return year * 12 + month - 1;
  };
  const day = (unit: number, like: number) => {
    const year = Math.floor(unit / 12);
    const month = unit - year * 12 + 1;
    if (which !== 'either') return dayOfMonth(which, year, month);
    return dayOfMonth(civilFromDays(like).day === 1 ? 'start' : 'end', year, month);
  };
  const has = (at: number) => {
    const number = unit(at);
    if (phase && (((number - phase.month) % phase.every) + phase.every) % phase.every !== 0) {
      return false;
    }
    return day(number, at) === at;
  };
  return { unit, day, has };
}

function dayOfMonth(which: Exclude<MonthDay, 'either'>, year: number, month: number): number {
  const first = daysFromCivil(year, month, 1);
  if (typeof which === 'number') return first + which - 1;
  if (which === 'start') return first;
  const last = first + daysInMonth(year, month) - 1;
  if (which === 'end') return last;
  if (which === 'businessStart') return first + [1, 0, 0, 0, 0, 0, 2][weekday(first)]!;
  return last - [2, 0, 0, 0, 0, 0, 1][weekday(last)]!;
}
