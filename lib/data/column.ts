// One column at a time from what a user may pass to a typed array, with the mistake named.
import { types } from 'node:util';
import type { FloatArray } from '../../types/native';
import { ForecastError, invalidType, outOfRange } from '../errors';
import { show } from '../options/arguments';
import { parseIso } from '../time/civil';
import { UTC, type Zone } from '../time/zone';
import { areSeconds, LEAST_MILLISECONDS, tooLarge } from './units';

/** Where a value stands in the input: `data.y` as a whole, `data.y[3]` or `data[3].y` one of it. */
export interface Place {
  whole: string;
  at(index: number): string;
}

export function column(owner: string, name: string): Place {
  const whole = `${owner}.${name}`;
  return { whole, at: (index) => `${whole}[${index}]` };
}

export interface Times {
  /** Epoch milliseconds, or integers that only count. */
  values: Float64Array;
  /** Whether they are points in calendar time. Plain numbers below 1e11 (March 1973) count. */
  calendar: boolean;
  /**
   * Plain numbers, whose unit is not certain; instants (Dates, text with an offset); or text without an offset: what the
   * clocks show where the series is at home. The last ones are read as in UTC until toInstants().
   */
  form: 'number' | 'instant' | 'local';
}

type NumericArray = Exclude<NodeJS.TypedArray, BigInt64Array | BigUint64Array>;

/** Throws when the array's memory is gone: transferred away, or cut off by a resize. */
export function checkAttached(value: NodeJS.TypedArray, what: string): void {
  try {
    value.at(0); // the only cheap call that validates: length and index access are silent
  } catch {
    throw invalidType(`${what} is detached: its buffer was transferred or shrunk; pass a copy`);
  }
}

function isBigInts(value: unknown): value is BigInt64Array | BigUint64Array {
  return types.isBigInt64Array(value) || types.isBigUint64Array(value);
}

export function isColumn(value: unknown): boolean {
  return Array.isArray(value) || types.isTypedArray(value);
}

/** Memory that another thread or a resize could change under us is copied at once. */
function stable<T extends FloatArray>(value: T): T {
  const buffer = value.buffer as ArrayBufferLike & { resizable?: boolean; growable?: boolean };
  const movable = buffer.resizable === true || types.isSharedArrayBuffer(buffer);
  return movable ? (value.slice() as T) : value;
}

/** The way out where a value is missing, by what the column is. */
export const REMEDY = {
  y: 'mark missing values of y with availableMask (0) instead',
  exog: 'give every row a number: availableMask covers y alone',
  static: 'give every series a number: availableMask covers y alone',
};

/**
 * Numbers as Float64Array or Float32Array; the caller's own array where it already is one. `remedy` ends the
 * message about a null.
 */
export function toFloats(value: unknown, place: Place, remedy?: string): FloatArray {
  if (types.isTypedArray(value)) {
    checkAttached(value, place.whole);
    if (types.isFloat64Array(value) || types.isFloat32Array(value)) return stable(value);
    if (!isBigInts(value)) return Float64Array.from(value as NumericArray);
  }
  if (!Array.isArray(value)) {
    throw invalidType(
      `${place.whole} must be a Float64Array, Float32Array or array of numbers; got ${show(value)}`,
    );
  }
  const result = new Float64Array(value.length);
  for (let i = 0; i < result.length; i++) {
    const item: unknown = value[i];
    if (typeof item !== 'number') throw notANumber(item, place.at(i), remedy);
    result[i] = item;
  }
  return result;
}

export function notANumber(item: unknown, what: string, remedy?: string): TypeError {
  const way = item == null && remedy !== undefined ? `; ${remedy}` : '';
  return invalidType(`${what} must be a number; got ${show(item)}${way}`);
}

/** Zeros and ones, or booleans, as bytes. */
export function toMask(value: unknown, place: Place): Uint8Array {
  if (types.isTypedArray(value)) checkAttached(value, place.whole);
  if (!isColumn(value) || isBigInts(value)) {
    throw invalidType(
      `${place.whole} must be a Uint8Array or array of 0 and 1; got ${show(value)}`,
    );
  }
  return Uint8Array.from(value as ArrayLike<unknown>, (item, i) => {
    if (item === 1 || item === true) return 1;
    if (item === 0 || item === false) return 0;
    throw outOfRange(`${place.at(i)} must be 0 or 1; got ${show(item)}`);
  });
}

/** Series ids as text. */
export function toIds(value: unknown, place: Place): string[] {
  if (types.isTypedArray(value)) {
    checkAttached(value, place.whole);
    return Array.from(value as ArrayLike<number | bigint>, (item, i) => toId(item, place.at(i)));
  }
  if (!Array.isArray(value)) {
    throw invalidType(`${place.whole} must be an array of strings or numbers; got ${show(value)}`);
  }
  return value.map((item: unknown, i) => toId(item, place.at(i)));
}

export function toId(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || Number.isFinite(value)) return String(value);
  throw invalidType(`${what} must be a string or a number; got ${show(value)}`);
}

/** Timestamps of any accepted kind. */
export function toTimes(value: unknown, place: Place): Times {
  if (types.isTypedArray(value)) {
    checkAttached(value, place.whole);
    if (isBigInts(value)) return counted(Float64Array.from(value, fromBigInt(place)), place);
    return counted(Float64Array.from(value as NumericArray), place);
  }
  if (!Array.isArray(value)) {
    throw invalidType(
      `${place.whole} must be a list of Dates, ISO strings ('2024-05-31'), epoch milliseconds or integers; got ${show(value)}`,
    );
  }
  const first: unknown = value[0];
  if (types.isDate(first)) {
    return { values: each(value, place, fromDate), calendar: true, form: 'instant' };
  }
  if (typeof first === 'string') {
    const zoned = parseIso(first)?.zoned ?? false;
    const values = each(value, place, fromText(zoned));
    return { values, calendar: true, form: zoned ? 'instant' : 'local' };
  }
  if (typeof first === 'bigint') return counted(each(value, place, bigIntOnly), place);
  return counted(toFloats(value, place) as Float64Array, place);
}

function each(
  items: readonly unknown[],
  place: Place,
  convert: (item: unknown, place: Place, index: number) => number,
): Float64Array {
  const result = new Float64Array(items.length);
  for (let i = 0; i < result.length; i++) result[i] = convert(items[i], place, i);
  return result;
}

function fromDate(item: unknown, place: Place, index: number): number {
  if (!types.isDate(item)) {
    throw invalidType(`${place.at(index)} must be a Date like those before it; got ${show(item)}`);
  }
  if (!Number.isNaN(item.getTime())) return item.getTime();
  throw outOfRange(`${place.at(index)} is an invalid Date`);
}

/** Text is all with an offset or all without: one column has one meaning. */
function fromText(zoned: boolean): (item: unknown, place: Place, index: number) => number {
  return (item, place, index) => {
    if (typeof item !== 'string') {
      throw invalidType(
        `${place.at(index)} must be a string like those before it; got ${show(item)}`,
      );
    }
    const iso = parseIso(item);
    if (iso === undefined) {
      throw outOfRange(
        `${place.at(index)} must be an ISO 8601 date such as 2024-05-31 or 2024-05-31T09:30:00Z; got ${show(item)}`,
      );
    }
    if (iso.zoned === zoned) return iso.time;
    throw outOfRange(
      `${place.at(index)} is ${show(item)}, ${zoned ? 'without' : 'with'} an offset; those before it are ${zoned ? 'with' : 'without'} one: write all times of a column alike`,
    );
  };
}

function bigIntOnly(item: unknown, place: Place, index: number): number {
  if (typeof item === 'bigint') return fromBigInt(place)(item, index);
  throw invalidType(`${place.at(index)} must be a bigint like those before it; got ${show(item)}`);
}

function fromBigInt(place: Place): (item: bigint, index: number) => number {
  return (item, index) => {
    const value = Number(item);
    if (Number.isSafeInteger(value)) return value;
    throw outOfRange(
      `${place.at(index)} is ${item}n, more than epoch milliseconds can be; if they are nanoseconds, divide by 1_000_000n`,
    );
  };
}

/** Checks that numeric times are whole, and tells epoch milliseconds from counters by their size. */
function counted(values: Float64Array, place: Place): Times {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const time = values[i]!;
    if (!Number.isInteger(time)) throw badTime(time, place.at(i));
    const size = Math.abs(time);
    if (size > largest) largest = size;
  }
  if (largest > 8.64e15) {
    throw outOfRange(`${place.whole} holds ${largest}, ${tooLarge(largest)}`);
  }
  return { values, calendar: largest >= LEAST_MILLISECONDS, form: 'number' };
}

function badTime(time: number, what: string): Error {
  if (!Number.isFinite(time)) {
    return new ForecastError('ERR_NON_FINITE', `${what} is ${time}; every row needs a timestamp`);
  }
  const seconds = areSeconds(Math.abs(time)) ? '; if these are seconds, multiply by 1000' : '';
  return outOfRange(
    `${what} must be a whole number (epoch milliseconds or an integer); got ${time}${seconds}`,
  );
}

/** The instants that the times are, where text without an offset is what the clocks of `zone` show. */
export function toInstants({ values, form }: Times, zone: Zone): Float64Array {
  return form === 'local' && zone !== UTC ? values.map((local) => zone.toTime(local)) : values;
}

/** Refuses a column that is not as long as it must be. */
export function checkLength(length: number, expected: number, place: Place, other: string): void {
  if (length === expected) return;
  throw outOfRange(
    `${place.whole} has ${length} values, ${other} has ${expected}: each needs one a row`,
  );
}
