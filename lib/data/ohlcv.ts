import { invalidType, outOfRange } from '../errors';
import { checkKnown, choiceOption, optionsObject, show, stringOption } from '../options/arguments';
import type { SeriesInput } from './input';

type Value = number | null | undefined;

/**
 * `[timestamp, open, high, low, close, volume]`, timestamp in epoch milliseconds, as ccxt has it. Exchanges leave
 * out what they do not know: a value that is neither the target nor read by a model may be undefined or null.
 */
export type Candle = readonly [Value, Value, Value, Value, Value, Value];

export interface OHLCVOptions {
  /** The series' id, needed where several are joined. Default 'series'. */
  id?: string;
  /** Which of the candle's values is forecast. Default 'close'. */
  target?: CandleValue;
}

const names = ['open', 'high', 'low', 'close', 'volume'] as const;
export type CandleValue = (typeof names)[number];

/**
 * Candles as a list of one series: y is the close (or `target`), and open, high, low, close and volume
 * are exogenous columns for models that name them in `historicExog`; a value that is undefined or null there is
 * NaN, an error (ERR_NON_FINITE) only for a model that reads it. Join several symbols with
 * `[...fromOHLCV(btc, { id: 'BTC' }), ...fromOHLCV(eth, { id: 'ETH' })]`.
 */
export function fromOHLCV(
  candles: readonly Candle[] | readonly (readonly Value[])[],
  options?: OHLCVOptions,
): SeriesInput[] {
  const given = optionsObject(options, 'fromOHLCV: options');
  checkKnown(given, ['id', 'target'], 'fromOHLCV');
  const id = given.id === undefined ? undefined : stringOption(given.id, 'options.id');
  const target = choiceOption(given.target ?? 'close', 'options.target', names);
  if (!Array.isArray(candles)) {
    throw invalidType(`candles must be an array of candles; got ${show(candles)}`);
  }
  if (candles.length === 0) throw outOfRange('candles is empty: give at least one candle');
  const ds = new Float64Array(candles.length);
  const columns = names.map(() => new Float64Array(candles.length));
  for (let i = 0; i < candles.length; i++) {
    const candle: unknown = candles[i];
    if (!Array.isArray(candle) || candle.length < 6) {
      throw invalidType(
        `candles[${i}] must be [timestamp, open, high, low, close, volume]; got ${show(candle)}`,
      );
    }
    ds[i] = valueAt(candle, 0, i, 'timestamp', true);
    for (let c = 0; c < names.length; c++) {
      columns[c]![i] = valueAt(candle, c + 1, i, names[c]!, names[c] === target);
    }
  }
  const exog = Object.fromEntries(names.map((name, c) => [name, columns[c]!]));
  return [{ id, ds, y: exog[target]!, exog }];
}

function valueAt(
  candle: readonly unknown[],
  at: number,
  row: number,
  name: string,
  needed: boolean,
): number {
  const value = candle[at];
  if (typeof value === 'number') return value;
  if (value == null && !needed) return Number.NaN;
  throw invalidType(`candles[${row}][${at}] (${name}) must be a number; got ${show(value)}`);
}
