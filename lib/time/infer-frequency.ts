import { civilFromDays, DAY, NEARLY_A_DAY } from './civil';
import { businessDays, type DayRule, type MonthDay, monthDays } from './day-rules';
import { type Calendar, fixedCalendar, parseFrequency } from './frequency';
import { UTC, type Zone } from './zone';

const SAMPLE = 5000; // rows that are looked at: enough for twenty years of business days

/**
 * The frequency of data that names none: from the most common step between neighbours (sorted, no
 * duplicates) and, from days on, the calendar patterns of months, quarters, years and business days by the clocks of
 * `zone`. undefined when there are no two rows of one series to tell from.
 */
export function inferFrequency(
  ds: Float64Array,
  offsets: ArrayLike<number>,
  kind: 'integer' | 'time',
  zone: Zone = UTC,
): Calendar | undefined {
  const times = longestSeries(ds, offsets);
  if (times.length < 2) return undefined;
  const step = mostCommon(differences(times));
  if (kind === 'integer') return { ...fixedCalendar(step, 'integer', step), inferred: true };
  const text = (step >= NEARLY_A_DAY && daysText(times.map(zone.toLocal, zone))) || fixedText(step);
  return { ...parseFrequency(text, 'frequency', zone), inferred: true };
}

function longestSeries(ds: Float64Array, offsets: ArrayLike<number>): Float64Array {
  let best = 0;
  for (let s = 0; s + 1 < offsets.length; s++) {
    if (offsets[s + 1]! - offsets[s]! > offsets[best + 1]! - offsets[best]!) best = s;
  }
  const begin = offsets[best]!;
  return ds.subarray(begin, Math.min(offsets[best + 1]!, begin + SAMPLE));
}

function differences(values: ArrayLike<number>): number[] {
  return Array.from({ length: values.length - 1 }, (_, i) => values[i + 1]! - values[i]!);
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let [best, bestCount] = [1, 0];
  for (const [value, count] of counts) {
    if (count > bestCount || (count === bestCount && value < best))
      [best, bestCount] = [value, count];
  }
  return best;
}

/** The frequency of wall-clock times that are days apart, or undefined when no rule of days fits them. */
function daysText(local: Float64Array): string | undefined {
  const days = Array.from(local, (time) => Math.floor(time / DAY));
  const steps = differences(days);
  const step = mostCommon(differences(local)) / DAY;
  if (Math.min(...steps) >= 26) return monthText(days) ?? weeksText(step);
  return businessText(days, steps) ?? weeksText(step);
}

function weeksText(step: number): string | undefined {
  if (!Number.isInteger(step)) return undefined;
  return step % 7 === 0 ? counted(step / 7, 'W') : counted(step, 'D');
}

const counted = (count: number, unit: string) => (count === 1 ? unit : `${count}${unit}`);

/** 'B', '2B' ... of days that are never at a weekend and step across it. */
function businessText(days: readonly number[], steps: readonly number[]): string | undefined {
  if (!days.every(businessDays.has) || new Set(steps).size === 1) return undefined;
  const counts = differences(days.map(businessDays.unit));
  const count = mostCommon(counts);
  if (count % 5 === 0) return undefined; // weeks
  const acrossWeekend = steps.some((step, i) => counts[i] === count && step === count + 2);
  const onGrid = counts.every((other) => other % count === 0);
  return acrossWeekend && onGrid ? counted(count, 'B') : undefined;
}

/** 'MS', '2ME', 'BQE', 'M-15' ... when every day fits one of them. */
function monthText(days: readonly number[]): string | undefined {
  const dates = days.map(civilFromDays);
  const count = mostCommon(differences(dates.map(({ year, month }) => year * 12 + month)));
  const fits = (which: MonthDay) => days.every((monthDays(which) as DayRule).has);
  const edges: [MonthDay, string, string][] = [
    ['start', '', 'S'],
    ['end', '', 'E'],
    ['businessStart', 'B', 'S'],
    ['businessEnd', 'B', 'E'],
  ];
  const edge = edges.find(([which]) => fits(which));
  if (edge === undefined) {
    const { day } = dates[0]!;
    return day <= 28 && fits(day) ? counted(count, `M-${day}`) : undefined;
  }
  const [unit, months] = count % 12 === 0 ? ['Y', 12] : count % 3 === 0 ? ['Q', 3] : ['M', 1];
  return counted(count / Number(months), `${edge[1]}${unit}${edge[2]}`);
}

function fixedText(step: number): string {
  const units: [string, number][] = [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
    ['ms', 1],
  ];
  const [unit, length] = units.find(([, size]) => step % size === 0)!;
  return step === length && unit !== 'h' && unit !== 'min' ? unit : `${step / length}${unit}`;
}
