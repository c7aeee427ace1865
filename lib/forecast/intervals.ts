import { ForecastError, outOfRange } from '../errors';
import { lossName, type Member } from '../model/member';
import { levelListOption, numberListOption } from '../options/arguments';

/** Which of a model's quantile columns a forecast shows, besides the point forecast. */
export interface IntervalOptions {
  /**
   * Interval levels in percent, from 1 to below 100: [80, 95]. Default: those of the loss. A loss of quantiles has no
   * others; an implicit quantile loss (IQLoss, HuberIQLoss), a distribution (DistributionLoss, GMM, PMM, NBMM) and a
   * local model have any.
   */
  level?: readonly number[];
  /**
   * Quantiles, each in (0, 1), instead of level. Columns are called as the bounds of levels: 0.1 is `<Model>-lo-80`, 0.9
   * `<Model>-hi-80`. The median, 0.5, is `<Model>` where a loss has quantiles, because it is the point forecast; of a
   * distribution it is `<Model>-median`, beside its mean `<Model>`; of a local model (Prophet) it is `<Model>-hi-0`, the
   * bound of level 0: the median of the simulated futures, which is not quite the point forecast beside it.
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
  /** Column names, one an output: samples stand behind. */
  columns: string[];
  /** Of a model that has any quantile: what native code is asked for. null is the point forecast. */
  quantiles?: (number | null)[];
  samples: number;
  /** Which of the columns is the point forecast. */
  point: number;
  /** Positions in `columns` of those that the forecast shows. */
  chosen: number[];
}

/** Throws ERR_UNSUPPORTED when the model does not have what is asked for. */
export function outputsOf(member: Member, asked: Asked[] | undefined, samples = 0): Outputs {
  const { alias, columns, point } = member;
  if (samples > 0 && !member.samples) throw noSamples(member);
  if (!member.anyQuantile) {
    return { columns: [...columns], samples, point, chosen: selectColumns(member, asked) };
  }
  const named = asked === undefined ? ownOutputs(member) : askedOutputs(member, asked);
  const names = [...named.keys()];
  for (let i = 1; i <= samples; i++) names.push(`${alias}-sample-${i}`);
  return {
    columns: names,
    samples,
    point: 0,
    quantiles: [...named.values()],
    chosen: [...names.keys()],
  };
}

function ownOutputs({ columns, quantiles }: Member): Map<string, number | null> {
  return new Map(columns.map((name, i) => [name, quantiles[i]!]));
}

/** Any quantile, named as those of a loss are. */
function askedOutputs(member: Member, asked: Asked[]): Map<string, number | null> {
  const { alias, local } = member;
  if (local && member.columns.length === 1 && asked.length > 0) {
    throw new ForecastError(
      'ERR_UNSUPPORTED',
      `${asked[0]!.text}: ${alias} has no intervals with uncertaintySamples: 0`,
    );
  }
  const named = new Map<string, number | null>([[alias, null]]);
  for (const { quantile } of [...asked].sort((a, b) => a.quantile - b.quantile)) {
    const median = !local && quantile === 0.5;
    named.set(median ? `${alias}-median` : columnName(alias, quantile), quantile);
  }
  return named;
}

function noSamples({ alias, local, config }: Member): ForecastError {
  const why = local
    ? 'is fitted to each series by itself'
    : `has the loss ${lossName(config)}, which is no distribution's and no implicit quantiles'`;
  return new ForecastError(
    'ERR_UNSUPPORTED',
    `samples: ${alias} ${why}; samples come from a model with loss: losses.DistributionLoss(), GMM, PMM, NBMM, IQLoss or HuberIQLoss`,
  );
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
    `${text} is not among the outputs of ${member.alias}: its loss ${lossName(member.config)} ${has}. Train it with loss: losses.MQLoss({ ${list} }), or with a distribution, which has any: losses.DistributionLoss()`,
  );
}
