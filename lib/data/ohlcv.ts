import { choiceOption, optionsObject, show, stringOption } from '../arguments';
import { invalidType, outOfRange } from '../errors';
import type { SeriesInput } from './input';

/** `[timestamp, open, high, low, close, volume]`, timestamp in epoch milliseconds, as ccxt has it. */
export type Candle = readonly [number, number, number, number, number, number];

export interface OHLCVOptions {
  /** The series' id. Default 'series'. */
  id?: string;
  /** Which of the candle's values is forecast. Default 'close'. */
  target?: CandleValue;
}

const names = ['open', 'high', 'low', 'close', 'volume'] as const;
export type CandleValue = (typeof names)[number];

/**
 * Candles as a list of one series: y is the close (or `target`), and open, high, low, close and volume
 * are exogenous columns for models that name them in `historicExog`. Join several symbols with
 * `[...fromOHLCV(btc, { id: 'BTC' }), ...fromOHLCV(eth, { id: 'ETH' })]`.
 */
export function fromOHLCV(
  candles: readonly Candle[] | readonly (readonly number[])[],
  options?: OHLCVOptions,
): SeriesInput[] {
  const given = optionsObject(options, 'options');
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
    ds[i] = numberAt(candle, 0, i);
    for (let c = 0; c < names.length; c++) columns[c]![i] = numberAt(candle, c + 1, i);
  }
  const exog = Object.fromEntries(names.map((name, c) => [name, columns[c]!]));
  return [{ id, ds, y: exog[target]!, exog }];
}

function numberAt(candle: readonly unknown[], at: number, row: number): number {
  const value = candle[at];
  if (typeof value === 'number') return value;
  throw invalidType(`candles[${row}][${at}] must be a number; got ${show(value)}`);
}
