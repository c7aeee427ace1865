/** Numbers, one a row. Other numeric typed arrays are converted; typed arrays are read fastest. */
export type NumberColumn =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | readonly number[];

/**
 * Timestamps: epoch milliseconds, `Date`, ISO 8601 strings, or integers that only count; all of one column (and of all
 * series of one input) of the same kind.
 *
 * Strings are all with an offset or Z, or all without. Those without are what the clocks of the forecaster's `timeZone`
 * show (default UTC): '2024-12-25' is midnight there. In the hour that clocks repeat they mean the first time.
 *
 * Plain numbers (bigints too) are told apart by their size, in each series, and what is not certain is an error that
 * names the unit:
 * - all below 1e8: integers that count, unless all look like 20240531 (or unevenly like 202405): an error;
 * - 1e8 to 2^32: epoch seconds, an error, unless smaller ones that are no whole minutes stand before them;
 * - up to 1e11: integers, unless all are multiples of 60, as milliseconds of about 1970 would be: an error;
 * - from 1e11 to 1e13 (years 1653 to 2286): epoch milliseconds. Beyond: micro- or nanoseconds, an error.
 *
 * A number as `frequency` says that numbers are integers of that step, whatever their size (`frequency: 60` for epoch
 * seconds that stay seconds; `frequency: 1` counts the rows of dated data). Text as `frequency` says that they are
 * milliseconds.
 */
export type TimeColumn =
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | readonly number[]
  | readonly bigint[]
  | readonly Date[]
  | readonly string[];

/** 1 (or true) where y was observed, 0 (or false) where its value means nothing, NaN included. */
export type MaskColumn = Uint8Array | readonly (number | boolean)[];

/**
 * What takes the place of missing rows: the value before them, a straight line between the
 * neighbours, or one number (exogenous columns then keep the value before).
 */
export type Fill = 'forward' | 'linear' | number;

/** Settings that may stand in the data or beside it. */
export interface DataSettings {
  /**
   * '5min' ('5m'), '1h', 'D', 'B' (business days), 'W', 'W-SUN', 'MS', 'ME', 'BME' (last business days of months), 'M-15'
   * (15th of each month), 'QS', 'QE-MAR', 'YS', 'YE' ..., each with a count before it ('2MS'), or a number for integer
   * time. The names are those of pandas and of ccxt: 'm' is minutes, 'M' months. Default: inferred.
   */
  frequency?: string | number;
  /** Alias of `frequency`. */
  freq?: string | number;
  /** Fills missing rows. Default: a missing row is an error (ERR_IRREGULAR_TIMESTAMP). */
  fill?: Fill;
}

/** The members of {@link ColumnsInput} that have a meaning of their own. */
export interface NamedColumns extends DataSettings {
  /**
   * The series of each row, or one id for all of them, as text: 1 and '1' are the same. Default: all rows are one
   * series. `id` is not read here, and an error where it seems to name series.
   */
  uniqueId?: string | readonly (string | number)[] | NumberColumn;
  /** Alias of `uniqueId`. */
  unique_id?: string | readonly (string | number)[] | NumberColumn;
  /**
   * Default: rows are counted, 0, 1, 2 ... in each series. Times by another name ('timestamp', 'date', 'openTime') are an
   * error, unless a model reads them as a column; so are other spellings of the names here (available_mask, mask).
   */
  ds?: TimeColumn;
  y: NumberColumn;
  availableMask?: MaskColumn;
  /**
   * Static values, one a series, in the order of `uniqueId` here, which names each series once; it may be left out
   * where there is only one. They win over columns of the same names.
   */
  static?: { uniqueId?: readonly (string | number)[]; [name: string]: unknown };
}

/**
 * Long format, one entry a row. Members beyond those named here are exogenous columns; those that no
 * model asks for are not read.
 */
export interface ColumnsInput extends NamedColumns {
  [exog: string]: unknown;
}

/** One series. */
export interface SeriesInput {
  /** As text. May be left out where the list holds one series. */
  id?: string | number;
  /** Given for every series or for none, all in calendar time or all plain integers. */
  ds?: TimeColumn;
  y: NumberColumn;
  availableMask?: MaskColumn;
  /** Exogenous columns, as long as y. One may stand in the series directly instead, but not in both. */
  exog?: Record<string, NumberColumn>;
  /** Static values of this series. */
  static?: Record<string, number>;
}

/**
 * Grouped rows without a string a row: series s is rows [offsets[s], offsets[s + 1]). Members beyond
 * those named here are exogenous columns.
 */
export interface CompressedInput extends DataSettings {
  /** One id a series. */
  ids: readonly (string | number)[] | NumberColumn;
  /** One more than there are series; begins with 0 and ends with the number of rows. */
  offsets: NumberColumn | BigInt64Array;
  ds?: TimeColumn;
  y: NumberColumn;
  availableMask?: MaskColumn;
  /** Static values, one a series, in the order of `ids`. */
  static?: Record<string, NumberColumn>;
  [exog: string]: unknown;
}

/** The members of {@link RowInput} that have a meaning of their own. */
export interface NamedRow {
  uniqueId?: string | number;
  /** Alias of `uniqueId`. */
  unique_id?: string | number;
  ds?: number | bigint | Date | string;
  y: number;
  availableMask?: number | boolean;
}

/**
 * One observation. Members beyond those named here are exogenous values. `uniqueId` and `ds` stand in every row
 * or in none.
 */
export interface RowInput extends NamedRow {
  [exog: string]: unknown;
}

/**
 * Everything that `fit` and `predict({ data })` take. The Named... forms stand for variables whose
 * type is a user's interface: TypeScript gives interfaces no index signature.
 */
export type TimeSeriesInput =
  | ColumnsInput
  | NamedColumns
  | readonly SeriesInput[]
  | CompressedInput
  | readonly RowInput[]
  | readonly NamedRow[];

/**
 * Values of the future exogenous columns over the horizon: the forms of {@link TimeSeriesInput} without
 * y. With `ds` (of the kind of the forecast's own: calendar time, or integers where the forecaster counts) each
 * step is the row of its time, and other rows, such as the history, are left alone; a step twice is
 * ERR_DUPLICATE_TIMESTAMP. Without `ds` each series has exactly as many rows as models read steps, in order: those of the
 * horizon, or, where a neural model without the recurrent form reads them, of whole rounds of the trained horizon
 * (horizon 10 of a model trained at 4: 12 rows; horizon 2: 4). Fewer are ERR_MISSING_FUTURE_EXOG, more ERR_OUT_OF_RANGE. Rows belong to the series of their id; other ids
 * are left alone. Only where a single series is forecast may the id be left out: `{ holiday: [0, 0, 1] }`.
 */
export type FutureExogInput =
  | Omit<ColumnsInput, 'y'>
  | readonly Omit<SeriesInput, 'y'>[]
  | Omit<CompressedInput, 'y'>
  | readonly Omit<RowInput, 'y'>[];
