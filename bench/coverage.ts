// npm run bench -- coverage [--json]
//
// How many of M4 Weekly's 13 weeks lie within the 80% and the 95% intervals of DeepAR, and how wide those are beside the
// mean absolute step of the history; then the Python library's own figures at the same settings
// (bench/peers/coverage_settings.json; bench/peers/coverage.py wrote coverage.json). That library feeds back the mean and
// draws each step by itself, so that its intervals do not widen with the horizon as those of sampled paths do.
//
// NEURAL_FORECASTER_DATA names the folder with M4-Weekly-*.csv, default ../shared/data.
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { losses, NeuralForecaster } from 'neural-forecaster';
import { findData } from './_ett';
import { readM4, type Series } from './_m4';
import { note, rowPrinter } from './_report';
import { type Options, specOf } from './peers/cases';

interface Figures {
  /** In per cent, over all steps and over the last one. */
  coverage: number;
  last: number;
  /** Mean width over the mean absolute step of the history. */
  width: number;
}

/** By level. */
type Run = Record<string, Figures>;

const inPeers = (name: string) => path.resolve('bench', 'peers', name);
const readJson = (name: string) => JSON.parse(readFileSync(inPeers(name), 'utf8'));

function figuresOf(
  series: readonly Series[],
  bounds: (s: number) => [ArrayLike<number>, ArrayLike<number>],
): Figures {
  let [inside, last, width] = [0, 0, 0];
  const { length } = series[0]!.test;
  series.forEach(({ y, test }, s) => {
    const [lo, hi] = bounds(s);
    let steps = 0;
    for (let t = 1; t < y.length; t++) steps += Math.abs(y[t]! - y[t - 1]!) / (y.length - 1);
    test.forEach((value, t) => {
      const within = value >= lo[t]! && value <= hi[t]! ? 1 : 0;
      inside += within;
      if (t === length - 1) last += within;
      width += (hi[t]! - lo[t]!) / steps;
    });
  });
  const count = series.length * length;
  return {
    coverage: (100 * inside) / count,
    last: (100 * last) / series.length,
    width: width / count,
  };
}

async function run(
  series: readonly Series[],
  options: Options,
  levels: number[],
  seed: number,
): Promise<Run> {
  const loss = losses.DistributionLoss({ level: levels });
  using forecaster = new NeuralForecaster({
    models: specOf('DeepAR', { ...options, loss }),
    frequency: 1,
    seed,
  });
  await forecaster.fit(series.map(({ id, y }) => ({ id, y })));
  const forecast = await forecaster.predict();
  const columns = series.map(({ id }) => forecast.series(id).columns);
  return Object.fromEntries(
    levels.map((level) => [
      level,
      figuresOf(series, (s) => [
        columns[s]![`DeepAR-lo-${level}`]!,
        columns[s]![`DeepAR-hi-${level}`]!,
      ]),
    ]),
  );
}

function mean(runs: readonly Run[], level: number): Figures {
  const of = (key: keyof Figures) =>
    runs.reduce((sum, one) => sum + one[level]![key], 0) / runs.length;
  return { coverage: of('coverage'), last: of('last'), width: of('width') };
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const print = rowPrinter(args);
  const { seeds, levels, options } = readJson('coverage_settings.json');
  const { file, found } = findData('M4-Weekly-train.csv');
  if (!found) throw new Error(`${file} is not there: set NEURAL_FORECASTER_DATA to its folder`);
  const series = readM4(path.dirname(file));
  const peer = existsSync(inPeers('coverage.json')) ? readJson('coverage.json') : undefined;
  if (peer === undefined) note('coverage: bench/peers/coverage.py has not run yet');
  const ours: Run[] = [];
  for (const seed of seeds) ours.push(await run(series, options, levels, seed));
  const units = { coverage: '% inside', last: '% inside, last step', width: 'steps wide' } as const;
  for (const level of levels) {
    const figures = mean(ours, level);
    for (const key of ['coverage', 'last', 'width'] as const) {
      const theirs = peer && mean(peer.runs, level)[key];
      print({
        bench: 'coverage',
        case: `DeepAR, M4 Weekly h 13, ${level}% interval`,
        threads: availableParallelism(),
        value: figures[key],
        unit: units[key],
        ...(theirs && {
          peer: `neuralforecast ${peer.version} ${theirs.toPrecision(4)}`,
          ratio: theirs / figures[key],
        }),
      });
    }
  }
}

void main();
