// Calendar arithmetic on plain numbers: no Date objects, so that a million rows cost little.

export const DAY = 86_400_000;
/** A day may lack an hour or two where clocks change. */
export const NEARLY_A_DAY = 20 * 3_600_000;

/** Days since 1970-01-01 of a proleptic Gregorian date (Hinnant's algorithm). month is 1 to 12. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export interface CivilDate {
  year: number;
  month: number;
  day: number;
}

/** The date of a count of days since 1970-01-01. */
export function civilFromDays(days: number): CivilDate {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

export function daysInMonth(year: number, month: number): number {
  const next = month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1);
  return next - daysFromCivil(year, month, 1);
}

/** 0 is Sunday. Day 0, 1970-01-01, was a Thursday. */
export function weekday(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

const LONGEST_ISO = 48; // '+012024-05-31T09:30:00.123456789 +05:30' has 39 characters
const ISO =
  /^([+-]\d{6}|\d{4})-(\d\d)(?:-(\d\d))?(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?$/;

export interface IsoTime {
  /** Epoch milliseconds; of a text without offset those at which a clock in UTC shows it. */
  time: number;
  /** Whether the text has an offset or Z: it is an instant, and not what some clock shows. */
  zoned: boolean;
}

/**
 * An ISO 8601 date or date-time, whatever the machine's time zone (Date.parse would read a date-time as local time).
 * undefined when the text is none.
 */
export function parseIso(text: string): IsoTime | undefined {
  const match = text.length > LONGEST_ISO ? null : ISO.exec(text);
  if (match === null) return undefined;
  const [, years, months, days = '1', hours = '0', minutes = '0', seconds = '0', rest = ''] = match;
  const [year, month, day] = [Number(years), Number(months), Number(days)];
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 24 || minute > 59 || second > 59) return undefined;
  const fraction = rest === '' ? 0 : Math.floor(Number(`0.${rest}`) * 1000 + 1e-6);
  const clock = ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
  if (clock > DAY) return undefined;
  const zone = match[8];
  const time = daysFromCivil(year, month, day) * DAY + clock - offsetMilliseconds(zone);
  return { time, zoned: zone !== undefined };
}

function offsetMilliseconds(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone[0] === '-' ? -minutes : minutes) * 60_000;
}
