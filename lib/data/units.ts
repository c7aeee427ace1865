// The unit of plain numbers as times. The rules are stated at TimeColumn in input.ts.

/** Plain numbers of this size and more are epoch milliseconds, of March 1973 and later: smaller ones count. */
export const LEAST_MILLISECONDS = 1e11;
// Years 1653 to 2286. A microsecond of the summer of 1970 is beyond it.
const MOST_MILLISECONDS = 1e13;
const MOST_MICROSECONDS = 1e16;
// Seconds of March 1973 to 2106.
const [LEAST_SECONDS, MOST_SECONDS] = [1e8, 2 ** 32];

export function areSeconds(size: number): boolean {
  return size >= LEAST_SECONDS && size <= MOST_SECONDS;
}

/** What is said of a number too large for milliseconds. */
export function tooLarge(size: number): string {
  const [unit, divisor] =
    size > MOST_MICROSECONDS ? ['nanoseconds', '1_000_000'] : ['microseconds', '1000'];
  return `too far away for epoch milliseconds (years 1653 to 2286); if they are ${unit}, divide by ${divisor}, else pass Dates`;
}

/**
 * What is wrong with plain numbers in [begin, end) as times, or undefined: the end of a message that shows a value. They
 * are `milliseconds` where other times beside them are, or where the frequency is one of calendar time.
 */
export function unitFault(
  times: ArrayLike<number>,
  begin: number,
  end: number,
  milliseconds: boolean,
): string | undefined {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let i = begin; i < end; i++) {
    const size = Math.abs(times[i]!);
    if (size < least) least = size;
    if (size > most) most = size;
  }
  if (most > MOST_MILLISECONDS) return tooLarge(most);
  const allOf = (unit: number) => {
    for (let i = begin; i < end; i++) if (times[i]! % unit !== 0) return false;
    return true;
  };
  if (areSeconds(most) && (milliseconds ? !allOf(60_000) : least >= LEAST_SECONDS || allOf(60))) {
    return 'which looks like epoch seconds: multiply by 1000 for milliseconds; for integers that only count pass their step as a number, such as frequency: 60';
  }
  if (milliseconds) return undefined;
  if (most > MOST_SECONDS && most < LEAST_MILLISECONDS && allOf(60)) {
    return 'which may be milliseconds of years about 1970, or integers that only count: pass Dates, or the step of the integers as a number, such as frequency: 60';
  }
  if (areWrittenDates(times, begin, end)) {
    return "which looks like a date written as a number: pass text such as '2024-05-31'; for integers that only count pass their step as a number: frequency: 1";
  }
  return undefined;
}

/** Whether all are like 20240531 or, when they do not step evenly, like 202405. */
function areWrittenDates(times: ArrayLike<number>, begin: number, end: number): boolean {
  if (end - begin < 2) return false;
  const inRange = (part: number, most: number) => part >= 1 && part <= most;
  const isMonth = (time: number) => time >= 1900_01 && time <= 2200_12 && inRange(time % 100, 12);
  const isDay = (time: number) => isMonth(Math.floor(time / 100)) && inRange(time % 100, 31);
  const step = times[begin + 1]! - times[begin]!;
  let [days, months, even] = [true, true, true];
  for (let i = begin; i < end && (days || months); i++) {
    days &&= isDay(times[i]!);
    months &&= isMonth(times[i]!);
    even &&= i === begin || times[i]! - times[i - 1]! === step;
  }
  return days || (months && !even);
}
