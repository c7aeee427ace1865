import { types } from 'node:util';
import type { FloatArray } from '../../types/native';
import { checkAttached } from '../data/column';
import { findNonFinite } from '../data/finite';
import { emptyLike } from '../data/table';
import { ForecastError, invalidType, outOfRange } from '../errors';
import { type Core, fittedHistory } from '../model/core';
import type { Member } from '../model/member';
import { integerOption, show, stringOption } from '../options/arguments';
import { askedQuantiles, outputsOf } from './intervals';

/** Options of `predictBatchSync`. */
export interface BatchSyncOptions<T extends FloatArray = FloatArray> {
  /** Alias of the model. Default: the only one. */
  model?: string;
  /** Interval levels in percent, as in `predict`: the result then is an object of columns. */
  level?: readonly number[];
  /**
   * How many windows there are: a check, and needed where their number does not follow, since models that feed back
   * (DeepAR, the recurrent forms) take inputSize + 1 values a window.
   */
  n?: number;
  /** Where the point forecast goes, n * horizon values of the windows' type; it is returned. */
  out?: T;
}

/** Columns `<Model>`, `<Model>-lo-<level>` ..., each n * horizon values. */
export type BatchColumns<T extends FloatArray> = Record<string, T>;

export const batchNames = ['model', 'level', 'n', 'out'];

/** One batch of windows: everything checked, its arrays there to be filled. */
export interface Batch<T extends FloatArray> {
  member: Member;
  /** One array an output. */
  out: T[];
  quantiles: (number | null)[] | undefined;
  /** What the caller gets from them. */
  result(): T | BatchColumns<T>;
}

/**
 * Checks the arguments. `direct`: native code may fill `out` itself. `what` begins messages about the forecaster.
 */
export function planBatch<T extends FloatArray>(
  core: Core,
  windows: T,
  options: BatchSyncOptions<T>,
  what: string,
  direct: boolean,
): Batch<T> {
  checkFloats(windows, 'windows');
  const member = findMember(core, options.model);
  const size = windowCount(member, windows, options.n, what) * member.config.horizon;
  const { out: given } = options;
  if (given !== undefined) checkOut(given, windows, size, options.level !== undefined);
  const asked =
    options.level === undefined ? undefined : askedQuantiles({ level: options.level }, what);
  fittedHistory(core, what);
  const outputs = outputsOf(member, asked);
  checkWindows(windows, member.lookback);
  const fill = direct && given !== undefined && given.buffer !== windows.buffer;
  // Without a level only the point forecast is shown, and nothing else need be simulated or inverted.
  const alone = member.anyQuantile && asked === undefined;
  const columns = alone ? outputs.columns.slice(0, 1) : outputs.columns;
  const out = columns.map((_, i) =>
    fill && i === outputs.point ? given : (emptyLike(windows, size) as T),
  );
  const point = out[outputs.point]!;
  return {
    member,
    out,
    quantiles: alone ? outputs.quantiles?.slice(0, 1) : outputs.quantiles,
    result() {
      if (asked) {
        return Object.fromEntries(outputs.chosen.map((at) => [columns[at]!, out[at]!]));
      }
      if (given === undefined || given === point) return point;
      checkOut(given, windows, size, false);
      given.set(point);
      return given;
    },
  };
}

function windowCount(member: Member, windows: FloatArray, n: unknown, what: string): number {
  const { lookback } = member;
  const { inputSize } = member.config;
  if (inputSize === 0) {
    throw new ForecastError(
      'ERR_UNSUPPORTED',
      `${what}: ${member.alias} has no inputSize to cut windows by; give it one, or use predict({ data })`,
    );
  }
  const series = member.config.nSeries || 1;
  if (windows.length === 0 || windows.length % (lookback * series) !== 0) {
    const each = lookback === inputSize ? 'inputSize' : 'inputSize and one more';
    if (series > 1) {
      throw outOfRange(
        `windows must hold n * ${series} * ${lookback} values (n >= 1 times the windows of ${member.alias}'s ${series} series, one after the other, of its ${each}); got ${windows.length}`,
      );
    }
    throw outOfRange(
      `windows must hold n * ${lookback} values (n >= 1 windows of ${member.alias}'s ${each}); got ${windows.length}`,
    );
  }
  const count = windows.length / lookback;
  if (n !== undefined) {
    if (integerOption(n, 'n', 1, Number.MAX_SAFE_INTEGER) === count) return count;
    throw outOfRange(
      `windows must hold n * ${lookback} values, ${n} windows of ${lookback}; got ${windows.length}`,
    );
  }
  if (lookback !== inputSize && windows.length % (inputSize * series) === 0) {
    throw outOfRange(
      `windows of ${member.alias} have ${lookback} values, its inputSize and one more, since it feeds back; ${windows.length} values could be ${count} of them or ${windows.length / inputSize} of ${inputSize}: say n, how many there are`,
    );
  }
  return count;
}

function checkFloats(value: unknown, what: string): void {
  if (!types.isFloat32Array(value) && !types.isFloat64Array(value)) {
    throw invalidType(`${what} must be a Float32Array or Float64Array; got ${show(value)}`);
  }
  checkAttached(value, what);
}

function checkOut(out: FloatArray, windows: FloatArray, size: number, level: boolean): void {
  if (level)
    throw invalidType('out holds the point forecast alone; leave it out when level is given');
  checkFloats(out, 'out');
  if (out.BYTES_PER_ELEMENT !== windows.BYTES_PER_ELEMENT) {
    throw invalidType(`out must be of the windows' type; got ${show(out)} for ${show(windows)}`);
  }
  if (out.length !== size) {
    throw outOfRange(`out must have ${size} values, one a window and step; got ${out.length}`);
  }
}

function findMember(core: Core, alias: string | undefined): Member {
  const known = core.members.map((member) => `'${member.alias}'`).join(', ');
  if (alias === undefined) {
    if (core.members.length === 1) return core.members[0]!;
    throw invalidType(`model must name one of the forecaster's models: ${known}`);
  }
  const text = stringOption(alias, 'model');
  const member = core.members.find((candidate) => candidate.alias === text);
  if (member) return member;
  throw outOfRange(`model must be one of ${known}; got ${show(alias)}`);
}

function checkWindows(windows: FloatArray, lookback: number): void {
  const at = findNonFinite(windows);
  if (at < 0) return;
  throw new ForecastError(
    'ERR_NON_FINITE',
    `windows[${at}] (window ${Math.floor(at / lookback)}, step ${at % lookback}) is ${windows[at]}; every value must be finite`,
  );
}
