// What `npm start` runs: NHITS and N-BEATS on twenty years of daily closes of the S&P 500.
//
//   sp500 [--steps 300] [--data file.csv]
//
// The data (date, close; January 2000 to April 2020) comes with the npm package vega-datasets, BSD-3-Clause.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  type FitProgress,
  type Forecast,
  losses,
  metrics,
  models,
  NeuralForecaster,
  runtime,
} from 'neural-forecaster';

const HORIZON = 20; // business days: four weeks
const INPUT = 120;
const HELD_OUT = 250; // closes at the end that training never sees: a year
const VALIDATION = 250; // the year before, on which training is stopped before it learns the noise
const ORIGIN_STEP = 5; // a forecast for every week of the held-out year
const CRASH = Date.UTC(2020, 1, 20); // the first day down

const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '300' },
    data: { type: 'string', default: 'node_modules/vega-datasets/data/sp500-2000.csv' },
  },
});
const began = performance.now();

type Prices = { ds: number[]; y: number[] };

function readPrices(file: string): Prices {
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const names = header!.split(',');
  const [date, close] = [names.indexOf('date'), names.indexOf('close')];
  const rows = lines.map((line) => line.split(','));
  return {
    ds: rows.map((row) => Date.parse(row[date]!)),
    y: rows.map((row) => Number(row[close]!)),
  };
}

const day = (time: number) => new Date(time).toISOString().slice(0, 10);
const upTo = ({ ds, y }: Prices, end: number): Prices => ({
  ds: ds.slice(0, end),
  y: y.slice(0, end),
});

/** One line that keeps changing on a terminal, a line now and then elsewhere. */
function progressLine() {
  let shown = '';
  let next = 0;
  const end = () => {
    if (process.stdout.isTTY && shown !== '') process.stdout.write('\n');
    shown = '';
    next = 0;
  };
  const show = ({ model, step, maxSteps, trainLoss, validLoss, seconds }: FitProgress) => {
    if (shown !== model) end();
    shown = model;
    const valid = Number.isNaN(validLoss) ? '' : `, validation ${validLoss.toFixed(2)}`;
    const text = `  ${model.padEnd(6)} step ${step} (at most ${maxSteps}), loss ${trainLoss.toFixed(3)}${valid}, ${seconds.toFixed(1)} s`;
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${text}`);
    else if (step >= next) console.log(text);
    if (step >= next) next = step + 20;
  };
  return { show, end };
}

function printTable(header: string[], rows: string[][]): void {
  const widths = header.map((_, c) => Math.max(...[header, ...rows].map((row) => row[c]!.length)));
  const line = (row: string[]) =>
    `  ${row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join('  ')}`;
  for (const row of [header, ...rows]) console.log(line(row));
}

interface Scores {
  origins: number;
  actual: number[];
  columns: Record<string, number[]>;
}

/**
 * Every week of the held-out year is an origin: a series that ends there, forecast without training again. Two sets of
 * scores: the forecasts that end before the crash of 2020, and the others.
 */
async function backtest(forecaster: NeuralForecaster, prices: Prices): Promise<[Scores, Scores]> {
  const { ds, y } = prices;
  const data = [];
  for (let end = y.length - HELD_OUT; end + HORIZON <= y.length; end += ORIGIN_STEP) {
    data.push({ id: end, ...upTo(prices, end) });
  }
  const forecast = await forecaster.predict({ data });

  const closeOn = new Map(ds.map((time, i) => [time, y[i]!]));
  const empty = (): Scores => ({ origins: 0, actual: [], columns: {} });
  const scores: [Scores, Scores] = [empty(), empty()];
  for (const { id, y: known } of data) {
    const { ds: days, columns } = forecast.series(id);
    const score = scores[days.at(-1)! < CRASH ? 0 : 1];
    score.origins++;
    const add = (name: string, value: number) => {
      score.columns[name] ??= [];
      score.columns[name].push(value);
    };
    for (const [step, time] of days.entries()) {
      const close = closeOn.get(time);
      if (close === undefined) continue; // the exchange was closed on this business day
      score.actual.push(close);
      for (const [name, values] of Object.entries(columns)) add(name, values[step]!);
      add('naive', known.at(-1)!);
      add('seasonal naive', known[known.length - 5 + (step % 5)]!);
    }
  }
  return scores;
}

function printScores(title: string, { origins, actual, columns }: Scores): void {
  console.log(`\n  ${title}: ${origins} forecasts of ${HORIZON} business days`);
  const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
  const rows = ['NHITS', 'NBEATS', 'naive', 'seasonal naive'].map((name) => [
    name,
    metrics.mae(actual, columns[name]!).toFixed(1),
    percent(metrics.mape(actual, columns[name]!)),
    percent(metrics.smape(actual, columns[name]!)),
  ]);
  printTable(['', 'MAE', 'MAPE', 'sMAPE'], rows);
  const hit = metrics.coverage(actual, columns['NHITS-lo-80']!, columns['NHITS-hi-80']!);
  console.log(`  The 80% interval of NHITS held ${(100 * hit).toFixed(0)}% of these closes.`);
}

function printForecast(forecast: Forecast): void {
  const { ds, columns } = forecast;
  console.log(`\nForecast of the next ${HORIZON} business days (exchange holidays count)`);
  const cell = (name: string, i: number) => columns[name]![i]!.toFixed(1);
  const rows = Array.from(ds, (time, i) => [
    day(time),
    cell('NHITS', i),
    `${cell('NHITS-lo-80', i)} to ${cell('NHITS-hi-80', i)}`,
    cell('NBEATS', i),
  ]);
  printTable(['', 'NHITS', '80% interval', 'NBEATS'], rows);
}

async function saveAndLoad(forecaster: NeuralForecaster, data: Prices, forecast: Forecast) {
  const folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  const file = path.join(folder, 'sp500.safetensors');
  try {
    await forecaster.save(file);
    const size = (statSync(file).size / 1e6).toFixed(1);
    using loaded = await NeuralForecaster.load(file);
    const again = await loaded.predict({ data });
    const names = Object.keys(forecast.columns);
    const same = names.every((name) =>
      forecast.columns[name]!.every((value, i) => Object.is(value, again.columns[name]![i])),
    );
    if (!same) throw new Error('the loaded model forecasts something else');
    console.log(
      `\nSaved ${size} MB, loaded into a new forecaster: the same forecast, bit for bit.`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const prices = readPrices(options.data);
const { y, ds } = prices;
console.log(`S&P 500, ${y.length} daily closes, ${day(ds[0]!)} to ${day(ds.at(-1)!)}`);
console.log(`  source: npm package vega-datasets (BSD-3-Clause), sp500-2000.csv`);
console.log(
  `  neural-forecaster ${runtime.version}, ${runtime.target}, ${availableParallelism()} threads`,
);

const common = {
  horizon: HORIZON,
  inputSize: INPUT,
  scalerType: 'standard', // each window by its own mean and spread: the index went from 700 to 3400
  maxSteps: Number(options.steps),
  learningRate: 2e-4,
  windowsBatchSize: 256,
  valCheckSteps: 20,
  earlyStopPatienceSteps: 3,
} as const;
using forecaster = new NeuralForecaster({
  models: [
    models.NHITS({ ...common, loss: losses.MQLoss({ level: [80] }) }),
    models.NBEATS({ ...common, loss: 'MAE' }),
  ],
  frequency: 'B',
  fill: 'forward', // a holiday keeps the close of the day before
  seed: 1,
});

const train = upTo(prices, y.length - HELD_OUT);
console.log(`\nTraining on the closes up to ${day(train.ds.at(-1)!)}`);
const progress = progressLine();
const report = await forecaster.fit(train, {
  validationSize: VALIDATION,
  onProgress: progress.show,
});
progress.end();
for (const { model, steps, seconds, samplesPerSecond } of report.models) {
  const pace = `${Math.round(samplesPerSecond)} windows a second`;
  console.log(
    `  ${model}: ${steps} steps in ${seconds.toFixed(1)} s, ${pace}; the best weights are kept`,
  );
}

console.log(
  '\nBacktest on the closes after that. Naive repeats the last close, seasonal naive the last 5.',
);
const [calm, crash] = await backtest(forecaster, prices);
printScores('Before the crash of 2020', calm);
printScores('Into the crash', crash);
console.log(`
  Daily closes of an index are close to a random walk: the last one is hard to beat, what is gained on it here
  is mostly the drift of a rising market, and it is no advice to trade on. Nothing in the training data
  announces the crash, where the closes end: errors there are large for every method.`);

const forecast = await forecaster.predict({ data: prices });
printForecast(forecast);
await saveAndLoad(forecaster, prices, forecast);
console.log(`\nDone in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
