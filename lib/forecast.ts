import { show } from './arguments';
import { showIds } from './data/ids';
import { outOfRange } from './errors';
import { type Calendar, LAST_DATE, showTime } from './frequency';

/** One row of `toRows()`: `uniqueId`, `ds` and one number a column. */
export type ForecastRow = { uniqueId: string; ds: number } & Record<string, number | string>;

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
  toRows(): ForecastRow[] {
    const columns = Object.entries(this.columns);
    return Array.from(this.ds, (ds, i) => {
      const row: ForecastRow = { uniqueId: this.ids[Math.floor(i / this.horizon)]!, ds };
      for (const [name, values] of columns) row[name] = values[i]!;
      return row;
    });
  }
}

/** Timestamps of the horizon, [series * horizon], after the last one of every series. Throws ERR_OUT_OF_RANGE. */
export function futureTimes(
  { ids, lastDs, calendar }: { ids: string[]; lastDs: Float64Array; calendar: Calendar },
  horizon: number,
): Float64Array<ArrayBuffer> {
  const ds = new Float64Array(lastDs.length * horizon);
  for (let s = 0; s < lastDs.length; s++) {
    const last = lastDs[s]!;
    if (!(calendar.add(last, horizon) <= MOST[calendar.kind])) {
      throw outOfRange(
        `horizon ${horizon} at frequency ${show(calendar.text)} leads series '${ids[s]}' from ${showTime(calendar, last)} beyond ${calendar.kind === 'time' ? 'the last date that there is, in the year 275760' : 'the integers that a number can hold'}`,
      );
    }
    for (let k = 0; k < horizon; k++) ds[s * horizon + k] = calendar.add(last, k + 1);
  }
  return ds;
}

const MOST = { time: LAST_DATE, integer: Number.MAX_SAFE_INTEGER };

/** A forecast of its parts. */
export function makeForecast({ ids, horizon, ds, columns }: ForecastParts): Forecast {
  return new Forecast(ids, horizon, ds, columns);
}
