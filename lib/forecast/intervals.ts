import { ForecastError, outOfRange } from '../errors';
import { lossName, type Member } from '../model/member';
import { levelListOption, numberListOption } from '../options/arguments';

/** Which of a model's quantile columns a forecast shows, besides the point forecast. */
export interface IntervalOptions {
  /** Interval levels in percent, from 1 to below 100: [80, 95]. Default: all that the loss has. */
  level?: readonly number[];
  /**
   * Quantiles, each in (0, 1), instead of level. Columns are called as the bounds of levels: 0.1 is `<Model>-lo-80`, 0.9
   * `<Model>-hi-80`. The median, 0.5, is `<Model>` where a loss has quantiles, because it is the point forecast; of a local
   * model (Prophet) it is `<Model>-hi-0`, the bound of level 0: the median of the simulated futures, which is not
   * quite the point forecast `<Model>` beside it.
   */
  quantiles?: readonly number[];
}

/** The asked-for quantiles with how the user wrote them, or undefined: all there are. */
export interface Asked {
  text: string;
  quantile: number;
}

export function askedQuantiles(options: IntervalOptions, what: string): Asked[] | undefined {
  const { level, quantiles } = options;
  if (level !== undefined && quantiles !== undefined) {
    throw outOfRange(`${what}: give level or quantiles, not both`);
  }
  if (level === undefined && quantiles === undefined) return undefined;
  const asked: Asked[] = [];
  for (const value of level === undefined ? [] : levelListOption(level, 'level')) {
    const text = `level ${value}`;
    asked.push({ text, quantile: 0.5 - value / 200 }, { text, quantile: 0.5 + value / 200 });
  }
  for (const value of quantiles === undefined
    ? []
    : numberListOption(quantiles, 'quantiles', 0, 1)) {
    asked.push({ text: `quantile ${value}`, quantile: value });
  }
  return asked;
}

/** What a model is asked to compute, and which of that is shown. */
export interface Outputs {
  /** Column names, one an output. */
  columns: string[];
  /** Of a local model: what native code is asked for. null is the point forecast. */
  quantiles?: (number | null)[];
  /** Which of the columns is the point forecast. */
  point: number;
  /** Positions in `columns` of those that the forecast shows. */
  chosen: number[];
}

/** Throws ERR_UNSUPPORTED when the model does not have what is asked for. */
export function outputsOf(member: Member, asked: Asked[] | undefined): Outputs {
  const { columns, point, quantiles } = member;
  if (!member.local) return { columns, point, chosen: selectColumns(member, asked) };
  if (asked === undefined)
    return { columns, point, quantiles: [...quantiles], chosen: [...columns.keys()] };
  if (columns.length === 1 && asked.length > 0) {
    throw new ForecastError(
      'ERR_UNSUPPORTED',
      `${asked[0]!.text}: ${member.alias} has no intervals with uncertaintySamples: 0`,
    );
  }
  // A local model simulates: any quantile, named as those of a loss are.
  const named = new Map<string, number | null>([[member.alias, null]]);
  for (const { quantile } of [...asked].sort((a, b) => a.quantile - b.quantile)) {
    named.set(columnName(member.alias, quantile), quantile);
  }
  const names = [...named.keys()];
  return { columns: names, point: 0, quantiles: [...named.values()], chosen: [...names.keys()] };
}

function columnName(alias: string, quantile: number): string {
  const level = Math.round(Math.abs(100 - 200 * quantile) * 1e8) / 1e8;
  return `${alias}-${quantile < 0.5 ? 'lo' : 'hi'}-${level}`;
}

/**
 * Positions in `member.columns`: the point forecast and what was asked for. Throws ERR_UNSUPPORTED when the
 * loss does not have it.
 */
function selectColumns(member: Member, asked: Asked[] | undefined): number[] {
  if (asked === undefined) return member.columns.map((_, i) => i);
  const chosen = new Set([member.point]);
  for (const { text, quantile } of asked) {
    const at = member.quantiles.findIndex((own) => own !== null && Math.abs(own - quantile) < 1e-9);
    if (at < 0) throw unsupported(member, text, asked);
    chosen.add(at);
  }
  return [...chosen].sort((a, b) => a - b);
}

function unsupported(member: Member, text: string, asked: Asked[]): ForecastError {
  const own = member.quantiles.filter((quantile) => quantile !== null);
  const has = own.length === 0 ? 'has no quantiles' : `has the quantiles ${own.sort().join(', ')}`;
  const wanted = [...new Set(asked.map((item) => item.quantile))].sort((a, b) => a - b);
  const levels = [...new Set(asked.map((item) => item.text))]
    .filter((item) => item.startsWith('level '))
    .map((item) => item.slice(6));
  const list = levels.length > 0 ? `level: [${levels}]` : `quantiles: [${wanted}]`;
  return new ForecastError(
    'ERR_UNSUPPORTED',
    `${text} is not among the outputs of ${member.alias}: its loss ${lossName(member.config)} ${has}. Train it with loss: losses.MQLoss({ ${list} })`,
  );
}
