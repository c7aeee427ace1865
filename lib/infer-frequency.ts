import { civilFromDays, DAY, daysInMonth, weekday } from './civil';
import { type Calendar, fixedCalendar, parseFrequency } from './frequency';

const SAMPLE = 5000; // rows that are looked at: enough for twenty years of business days

/**
 * The frequency of data that names none: from the most common step between neighbours (sorted, no
 * duplicates) and the calendar patterns of months, quarters, years and business days. undefined when there are
 * no two rows of one series to tell from.
 */
export function inferFrequency(
  ds: Float64Array,
  offsets: Float64Array,
  kind: 'integer' | 'time',
): Calendar | undefined {
  const times = longestSeries(ds, offsets);
  if (times.length < 2) return undefined;
  const steps = countSteps(times);
  const step = mostCommon(steps);
  if (kind === 'integer') return fixedCalendar(step, 'integer', step);
  const pattern = step >= DAY || steps.size > 1 ? calendarPattern(times, steps) : undefined;
  return parseFrequency(pattern ?? fixedText(step));
}

function longestSeries(ds: Float64Array, offsets: Float64Array): Float64Array {
  let best = 0;
  for (let s = 0; s + 1 < offsets.length; s++) {
    if (offsets[s + 1]! - offsets[s]! > offsets[best + 1]! - offsets[best]!) best = s;
  }
  const begin = offsets[best]!;
  return ds.subarray(begin, Math.min(offsets[best + 1]!, begin + SAMPLE));
}

function countSteps(times: Float64Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 1; i < times.length; i++) {
    const step = times[i]! - times[i - 1]!;
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  return counts;
}

function mostCommon(counts: Map<number, number>): number {
  let [best, bestCount] = [1, 0];
  for (const [step, count] of counts) {
    if (count > bestCount || (count === bestCount && step < best))
      [best, bestCount] = [step, count];
  }
  return best;
}

/** 'B', 'MS', 'ME', 'QS' ... when every timestamp fits one of them. */
function calendarPattern(times: Float64Array, steps: Map<number, number>): string | undefined {
  const days = Array.from(times, (time) => Math.floor(time / DAY));
  if (steps.has(DAY) && steps.has(3 * DAY) && days.every((d) => weekday(d) % 6 !== 0)) return 'B';
  const shortest = Math.min(...steps.keys()) / DAY;
  if (shortest < 28) return undefined;
  const dates = days.map(civilFromDays);
  const edge = dates.every((date) => date.day === 1)
    ? 'S'
    : dates.every((date) => date.day === daysInMonth(date.year, date.month))
      ? 'E'
      : undefined;
  if (edge === undefined) return undefined;
  if (shortest <= 31) return `M${edge}`;
  if (shortest >= 89 && shortest <= 92) return `Q${edge}`;
  return shortest >= 365 ? `Y${edge}` : undefined;
}

function fixedText(step: number): string {
  const units: [string, number][] = [
    ['W', 7 * DAY],
    ['D', DAY],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
    ['ms', 1],
  ];
  const [unit, length] = units.find(([, size]) => step % size === 0)!;
  return step === length && unit !== 'h' && unit !== 'min' ? unit : `${step / length}${unit}`;
}
