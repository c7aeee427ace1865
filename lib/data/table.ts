import type { FloatArray } from '../../types/native';
import { ForecastError } from '../errors';
import { isPlainObject } from '../options/arguments';
import type { Zone } from '../time/zone';
import type { Times } from './column';

/** Which columns the models of a forecaster read; each maps to the model that asks for it. */
export interface Needs {
  historic: Map<string, string>;
  future: Map<string, string>;
  statics: Map<string, string>;
  /** Whether a model reads the timestamps themselves. */
  time: boolean;
  /** Holidays of the models: their times as the models have them, by the clocks of the zone. */
  holidays: { path: string; ds: readonly number[] }[];
  /** Whether no model needs rows at even distances. */
  anyTimes: boolean;
  /** A model that forecasts all series together, so that they must have the same rows. */
  together: string | undefined;
}

/** What a reader looks for in the input. */
export interface Wanted {
  /** How messages call the input: 'data', 'validationData', 'futureExog'. */
  name: string;
  y: boolean;
  exog: Map<string, string>;
  statics: Map<string, string>;
  /** Columns that models read in other inputs. Default: none. */
  elsewhere?: ReadonlySet<string>;
  /** Where the series are at home: what text without an offset means. Default UTC. */
  zone?: Zone;
  /** Whether a model reads the timestamps themselves. Default false. */
  time?: boolean;
  /** Whether rows could as well be counted: nothing is read by its time. Default false. */
  countable?: boolean;
  /** Whether rows may lie at any times. Default false. */
  anyTimes?: boolean;
}

/** The members of an object that may be left out. */
export function membersOf(value: unknown): Record<string, unknown> {
  return isPlainObject(value) ? value : {};
}

/** A column of the input that is not there. */
export function missingColumn(wanted: Wanted, name: string, model: string): ForecastError {
  return wanted.name === 'futureExog'
    ? new ForecastError(
        'ERR_MISSING_FUTURE_EXOG',
        `futureExog has no column '${name}', which ${model} needs over the horizon`,
      )
    : new ForecastError(
        'ERR_MISSING_EXOG',
        `${wanted.name} has no column '${name}', which ${model} needs; add it, or leave it out of the model's options`,
      );
}

/** Many series, rows of one series next to each other, one array a column. */
export interface SeriesTable {
  ids: string[];
  /** The input does not name its only series; `ids` then holds a name of ours. */
  nameless: boolean;
  /** Series s is rows [offsets[s], offsets[s + 1]). */
  offsets: Float64Array;
  times: Times | undefined;
  y: FloatArray | undefined;
  mask: Uint8Array | undefined;
  exog: Map<string, FloatArray>;
  /** One value a series. */
  statics: Map<string, FloatArray>;
}

export function rowCount(table: SeriesTable): number {
  return table.offsets[table.offsets.length - 1]!;
}

/** An array of the same type. */
export function emptyLike(array: FloatArray, length: number): FloatArray {
  return array.BYTES_PER_ELEMENT === 4 ? new Float32Array(length) : new Float64Array(length);
}

/** The table with every row column replaced by what `change` makes of it. */
export function mapRows(
  table: SeriesTable,
  offsets: Float64Array,
  change: <T extends FloatArray | Uint8Array>(
    column: T,
    kind: 'times' | 'y' | 'mask' | 'exog',
  ) => T,
): SeriesTable {
  const exog = new Map<string, FloatArray>();
  for (const [name, values] of table.exog) exog.set(name, change(values, 'exog'));
  return {
    ...table,
    offsets,
    times: table.times && { ...table.times, values: change(table.times.values, 'times') },
    y: table.y && change(table.y, 'y'),
    mask: table.mask && change(table.mask, 'mask'),
    exog,
  };
}
