// Time zones: the one place where instants (epoch milliseconds) and local wall-clock time meet.

import { invalidType, outOfRange } from '../errors';
import { show } from '../options/arguments';
import { DAY, daysFromCivil } from './civil';

/**
 * A time zone. Wall-clock time is a number too: the epoch milliseconds at which a clock in UTC would show the same
 * date and time.
 */
export interface Zone {
  readonly name: string;
  /**
   * What the clocks of the zone show. Where a change of clocks skips midnight, the first instant of that day counts as
   * its midnight.
   */
  toLocal(time: number): number;
  /**
   * When the clocks of the zone show this: the first time where they show it twice, the first instant after the gap
   * where a change of clocks skips it.
   */
  toTime(local: number): number;
}

export const UTC: Zone = { name: 'UTC', toLocal: (time) => time, toTime: (local) => local };

const LONGEST_NAME = 64; // the longest IANA name has 32
const WEEK = 7 * DAY;
// Beyond these, years 1 and 9999, the offsets there are good enough.
const FIRST = -62_135_510_400_000;
const LAST = 253_402_214_400_000;

const zones = new Map<string, Zone>();

/** The zone of this name, made once; undefined where there is none. */
export function findZone(name: string): Zone | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const zone = zones.get(name) ?? makeZone(name);
  if (zone) zones.set(name, zone);
  return zone;
}

/** Checks a `timeZone` option. */
export function zoneOption(value: unknown): Zone | undefined {
  if (value === undefined) return undefined;
  const accepted = "an IANA name such as 'Europe/Berlin', 'America/New_York' or 'UTC'";
  if (typeof value !== 'string') {
    throw invalidType(`timeZone must be ${accepted}; got ${show(value)}`);
  }
  const zone = findZone(value);
  if (zone) return zone;
  throw outOfRange(`timeZone must be ${accepted}; got ${show(value)}`);
}

/** The zone of this name, made anew: for those that are looked at once. */
export function makeZone(name: string): Zone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  if (format.resolvedOptions().timeZone === 'UTC') return UTC;
  return new IntlZone(name, (time) => offsetAt(format, time));
}

/** What the zone's clocks are ahead of UTC at an instant, in milliseconds. A call takes microseconds. */
function offsetAt(format: Intl.DateTimeFormat, time: number): number {
  const at = Math.floor(time / 1000) * 1000;
  const [month, day, year, hour, minute, second] = format.format(at).match(/\d+/g)!.map(Number);
  const clock = (hour! * 60 + minute!) * 60 + second!;
  return daysFromCivil(year!, month!, day!) * DAY + clock * 1000 - at;
}

/** A stretch of time within which the offset changes once at most. */
interface Stretch {
  index: number;
  before: number;
  /** From `change` on the offset is `after`. */
  change: number;
  after: number;
}

class IntlZone implements Zone {
  readonly #offset: (time: number) => number;
  readonly #stretches = new Map<number, Stretch>();
  #last: Stretch;

  constructor(
    readonly name: string,
    offset: (time: number) => number,
  ) {
    this.#offset = offset;
    this.#last = this.#find(0);
  }

  toLocal(time: number): number {
    const { before, change, after } = this.#stretch(time);
    if (time < change) return time + before;
    const skipsMidnight = time === change && (time + before) % DAY === 0;
    return time + (skipsMidnight && after > before && after - before < DAY ? before : after);
  }

  toTime(local: number): number {
    const before = this.#offsetAt(local - DAY);
    if (this.#offsetAt(local - before) === before) return local - before;
    const after = this.#offsetAt(local + DAY);
    return this.#offsetAt(local - after) === after ? local - after : local - before;
  }

  #offsetAt(time: number): number {
    const { before, change, after } = this.#stretch(time);
    return time < change ? before : after;
  }

  #stretch(time: number): Stretch {
    const index = Math.floor(Math.min(Math.max(time, FIRST), LAST) / WEEK);
    if (index !== this.#last.index) this.#last = this.#stretches.get(index) ?? this.#find(index);
    return this.#last;
  }

  /** No zone changes its clocks twice within a week. */
  #find(index: number): Stretch {
    const [begin, end] = [index * WEEK, (index + 1) * WEEK];
    const [before, after] = [this.#offset(begin), this.#offset(end)];
    let change = end;
    if (before !== after) {
      for (let low = begin; change - low > 1000; ) {
        const middle = Math.floor((low + change) / 2000) * 1000;
        if (this.#offset(middle) === before) low = middle;
        else change = middle;
      }
    }
    const stretch = { index, before, change, after };
    this.#stretches.set(index, stretch);
    return stretch;
  }
}
