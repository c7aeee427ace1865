import { types } from 'node:util';
import { showIds } from '../data/ids';
import { invalidType, outOfRange } from '../errors';
import { isPlainObject, show } from '../options/arguments';

/**
 * One row of `toRows()`: `uniqueId`, `ds` and one number a column. Which columns there are only the models tell; where
 * that matters (`noUncheckedIndexedAccess`), name them: `forecast.toRows<'NHITS' | 'NHITS-lo-80'>()`.
 */
export type ForecastRow<Column extends string = string> = {
  uniqueId: string;
  ds: number;
} & Record<Column, number>;

/** A forecast as plain data: what `toJSON()` gives. */
export interface ForecastData {
  /** The series, in the order of their rows. */
  ids: string[];
  /** Steps forecast for each series. */
  horizon: number;
  /** [series * horizon] */
  ds: number[];
  /** Each [series * horizon]. */
  columns: Record<string, number[]>;
}

/** What a forecast is made of. */
export interface ForecastParts {
  ids: string[];
  horizon: number;
  /** As futureTimes() gives them. */
  ds: Float64Array<ArrayBuffer>;
  columns: Record<string, Float64Array<ArrayBuffer>>;
}

/**
 * Forecasts of one or more series, as columns of `length` = series * horizon rows: the steps of the first
 * series, then those of the second ...
 *
 * `JSON.stringify(forecast)` writes the columns as lists of numbers. `structuredClone` and `postMessage` pass the
 * typed arrays on, but no methods; `Forecast.from` makes a forecast of either.
 */
export class Forecast {
  /** The series, in the order of their rows. */
  readonly ids: readonly string[];
  /** Steps forecast for each series. */
  readonly horizon: number;
  /** Epoch milliseconds, or integers where time only counts. */
  readonly ds: Float64Array<ArrayBuffer>;
  /** `<Model>`, `<Model>-lo-<level>`, `<Model>-hi-<level>`. */
  readonly columns: Record<string, Float64Array<ArrayBuffer>>;
  #uniqueId: string[] | undefined;
  #positions: Map<string, number> | undefined;

  /** @internal */
  constructor(
    ids: string[],
    horizon: number,
    ds: Float64Array<ArrayBuffer>,
    columns: Record<string, Float64Array<ArrayBuffer>>,
  ) {
    this.ids = ids;
    this.horizon = horizon;
    this.ds = ds;
    this.columns = columns;
  }

  /**
   * A forecast again of what was written as JSON and parsed, or cloned. Throws ERR_INVALID_ARG_TYPE or
   * ERR_OUT_OF_RANGE where it is none.
   */
  static from(data: ForecastData | Forecast): Forecast {
    if (!isPlainObject(data)) throw notForecast(`got ${show(data)}`);
    const { ids, horizon, ds, columns } = data;
    if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
      throw notForecast(`ids is ${show(ids)}`);
    }
    if (!Number.isInteger(horizon)) throw notForecast(`horizon is ${show(horizon)}`);
    if (!isPlainObject(columns)) throw notForecast(`columns is ${show(columns)}`);
    const rows = ids.length * horizon;
    return new Forecast(
      [...ids],
      horizon,
      numbers(ds, rows, 'ds'),
      Object.fromEntries(
        Object.entries(columns).map(([name, values]) => [name, numbers(values, rows, name)]),
      ),
    );
  }

  /** Rows: series * horizon. */
  get length(): number {
    return this.ds.length;
  }

  /** The series of every row. Made at the first use. */
  get uniqueId(): string[] {
    this.#uniqueId ??= Array.from(this.ds, (_, i) => this.ids[Math.floor(i / this.horizon)]!);
    return this.#uniqueId;
  }

  /** The forecast of one series; its columns are views, not copies. Throws ERR_OUT_OF_RANGE. */
  series(id: string | number): Forecast {
    this.#positions ??= new Map(this.ids.map((known, i) => [known, i]));
    const at = this.#positions.get(String(id));
    if (at === undefined) {
      throw outOfRange(
        `series(id): there is no series ${show(id)}; there are ${showIds(this.ids)}`,
      );
    }
    const [begin, end] = [at * this.horizon, (at + 1) * this.horizon];
    const columns = Object.fromEntries(
      Object.entries(this.columns).map(([name, values]) => [name, values.subarray(begin, end)]),
    );
    return new Forecast([this.ids[at]!], this.horizon, this.ds.subarray(begin, end), columns);
  }

  /** One object a row, for printing and small results. */
  toRows<Column extends string = string>(): ForecastRow<Column>[] {
    const columns = Object.entries(this.columns);
    return Array.from(this.ds, (ds, i) => {
      const uniqueId = this.ids[Math.floor(i / this.horizon)]!;
      const row: Record<string, unknown> = { uniqueId, ds };
      for (const [name, values] of columns) row[name] = values[i]!;
      return row as ForecastRow<Column>;
    });
  }

  /** What `JSON.stringify` writes: the members of this object with lists of numbers for typed arrays. */
  toJSON(): ForecastData {
    const { ids, horizon, ds, columns } = this;
    const lists = Object.entries(columns).map(([name, values]) => [name, Array.from(values)]);
    return { ids: [...ids], horizon, ds: Array.from(ds), columns: Object.fromEntries(lists) };
  }
}

function notForecast(got: string): TypeError {
  return invalidType(
    `Forecast.from(data): data must be { ids, horizon, ds, columns }, as toJSON() gives it; ${got}`,
  );
}

/** A column of `rows` numbers; typed arrays are taken as they are. */
function numbers(value: unknown, rows: number, name: string): Float64Array<ArrayBuffer> {
  const typed = types.isFloat64Array(value);
  if (!typed && !Array.isArray(value)) throw notForecast(`${name} is ${show(value)}`);
  const odd = (value as unknown[]).find((item) => typeof item !== 'number');
  if (odd !== undefined) throw notForecast(`${name} holds ${show(odd)}`);
  if (value.length !== rows) {
    throw outOfRange(
      `Forecast.from(data): ${name} must have ${rows} values, one a series and step; got ${value.length}`,
    );
  }
  return typed ? (value as Float64Array<ArrayBuffer>) : Float64Array.from(value as number[]);
}

/** A forecast of its parts. */
export function makeForecast({ ids, horizon, ds, columns }: ForecastParts): Forecast {
  return new Forecast(ids, horizon, ds, columns);
}
