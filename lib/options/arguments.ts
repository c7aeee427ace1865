import { types } from 'node:util';
import { invalidType, outOfRange } from '../errors';
import { native } from '../native';

/** A value as an error message shows it: short, and with its type where that is the point. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `a function${value.name ? ` (${value.name})` : ''}`;
  if (typeof value === 'symbol') return value.toString();
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (types.isTypedArray(value)) return `a ${value[Symbol.toStringTag]} of ${value.length}`;
  if (types.isDate(value)) return `a Date (${Number.isNaN(+value) ? 'invalid' : +value})`;
  const name = (value as object).constructor?.name;
  return name === undefined || name === 'Object' ? 'an object' : `an instance of ${name}`;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !types.isDate(value)
  );
}

/** An options object, or an empty one when it is undefined. */
export function optionsObject<T extends object>(value: T | undefined, what: string): T {
  if (value === undefined) return {} as T;
  if (!isPlainObject(value)) throw invalidType(`${what} must be an object; got ${show(value)}`);
  return value;
}

/** Refuses a member that is not among `known`, and names the one that was meant. */
export function checkKnown(options: object, known: readonly string[], what: string): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const hint = native().optionHint(key, known) || `known: ${known.join(', ')}`;
    throw invalidType(`${what}: there is no option ${named(key)}; ${hint}`);
  }
}

/** A name in single quotes, cut where it is long. */
export function named(name: string): string {
  return `'${name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}...` : name}'`;
}

const LONGEST_NAME = 64;

export function integerOption(value: unknown, what: string, min: number, max: number): number {
  if (typeof value !== 'number') throw invalidType(`${what} must be a number; got ${show(value)}`);
  if (!Number.isInteger(value) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `>= ${min}` : `from ${min} to ${max}`;
    throw outOfRange(`${what} must be an integer ${range}; got ${value}`);
  }
  return value;
}

export function booleanOption(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') {
    throw invalidType(`${what} must be true or false; got ${show(value)}`);
  }
  return value;
}

export function stringOption(value: unknown, what: string): string {
  if (typeof value !== 'string') throw invalidType(`${what} must be a string; got ${show(value)}`);
  return value;
}

export function choiceOption<T extends string>(
  value: unknown,
  what: string,
  choices: readonly T[],
): T {
  const text = stringOption(value, what);
  if (!(choices as readonly string[]).includes(text)) {
    const list = choices.map((choice) => `'${choice}'`).join(', ');
    throw outOfRange(`${what} must be one of ${list}; got ${show(value)}`);
  }
  return text as T;
}

export function functionOption<T>(value: T, what: string): T {
  if (value !== undefined && typeof value !== 'function') {
    throw invalidType(`${what} must be a function; got ${show(value)}`);
  }
  return value;
}

export function signalOption(value: unknown, what: string): AbortSignal | undefined {
  if (value === undefined) return undefined;
  const signal = value as AbortSignal;
  if (typeof value !== 'object' || value === null || typeof signal.aborted !== 'boolean') {
    throw invalidType(`${what} must be an AbortSignal; got ${show(value)}`);
  }
  return signal;
}

/** A list of finite numbers in (min, max), as `level` and `quantiles` are. */
export function numberListOption(value: unknown, what: string, min: number, max: number): number[] {
  if (!Array.isArray(value) && !types.isTypedArray(value)) {
    throw invalidType(`${what} must be an array of numbers; got ${show(value)}`);
  }
  return Array.from(value as ArrayLike<unknown>, (item, i) => {
    if (typeof item !== 'number') {
      throw invalidType(`${what}[${i}] must be a number; got ${show(item)}`);
    }
    if (!(item > min && item < max)) {
      throw outOfRange(`${what}[${i}] must lie between ${min} and ${max}; got ${item}`);
    }
    return item;
  });
}

/** Central intervals in percent. A share of 1, as in 0.8, is most likely meant as 80: nobody asks for the central 0.8%. */
export function levelListOption(value: unknown, what: string): number[] {
  const levels = numberListOption(value, what, 0, 100);
  checkPercent(levels, what);
  return levels;
}

/** Refuses levels that are shares of 1. */
export function checkPercent(levels: ArrayLike<unknown>, what: string): void {
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i];
    if (typeof level !== 'number' || !(level > 0 && level < 1)) continue;
    const percent = Number((level * 100).toPrecision(12));
    throw outOfRange(
      `${what}[${i}] is a level in percent, at least 1; got ${level}: for the central ${percent}% pass ${percent}`,
    );
  }
}
