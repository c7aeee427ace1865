// npm run bench -- prophet [--json]
//
// Prophet on one thread: fits of real series (vega-datasets: Seattle's weather by day and by hour, employment by month)
// and forecasts with the intervals of 1000 simulated futures, beside PyPI's prophet on the same numbers where there is one
// (NEURAL_FORECASTER_PYTHON, or `npm run bench -- peers --install`). Then the shape of the design documents: 168 hours of
// history, 24 ahead, one series and 32 (on all threads too). Every figure is a median.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { models, NeuralForecaster } from 'neural-forecaster';
import { median, note, type Row, rowPrinter } from './_report';
import { findPython } from './peers/places';

interface Series {
  name: string;
  horizon: number;
  ds: number[];
  y: number[];
}

/** A CSV file of vega-datasets: its dates as epoch milliseconds, and one column. */
function read(name: string, file: string, column: string, horizon: number, rows?: number): Series {
  const folder = path.resolve('node_modules', 'vega-datasets', 'data');
  const [head, ...lines] = readFileSync(path.join(folder, file), 'utf8').trim().split('\n');
  const at = head!.split(',').indexOf(column);
  const cells = lines.slice(0, rows).map((line) => line.split(','));
  const time = (text: string) => Date.parse(text.length === 10 ? text : `${text}Z`);
  return {
    name,
    horizon,
    ds: cells.map(([date]) => time(date!)),
    y: cells.map((row) => Number(row[at])),
  };
}

/** Milliseconds of each call, after some that warm up. */
function times(rounds: number, call: () => void): number[] {
  for (let i = 0; i < 3; i++) call();
  return Array.from({ length: rounds }, () => {
    const begin = performance.now();
    call();
    return performance.now() - begin;
  });
}

function prophet(horizon: number, numThreads = 1, options = {}): NeuralForecaster {
  return new NeuralForecaster({ models: models.Prophet({ horizon, ...options }), numThreads });
}

async function fitTime(forecaster: NeuralForecaster, { ds, y }: Series): Promise<number> {
  const seconds: number[] = [];
  for (let i = 0; i < 15; i++) {
    const begin = performance.now();
    await forecaster.fit({ ds, y });
    seconds.push(performance.now() - begin);
  }
  return median(seconds);
}

function library(series: Series): { fits: number[]; forecasts: number[] } | undefined {
  const python = findPython();
  if (python === undefined) return undefined;
  const { ds, y, horizon } = series;
  const script = path.resolve('bench', 'peers', 'prophet_peer.py');
  const input = JSON.stringify({ ds, y, horizon, rounds: 7 });
  const { status, stdout, stderr } = spawnSync(python, [script], { input, encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout) as { fits: number[]; forecasts: number[] };
  note(`prophet: ${python} has no prophet that works: ${stderr.trim().split('\n').at(-1)}`);
  return undefined;
}

async function realSeries(series: Series, print: (row: Row) => void): Promise<void> {
  using forecaster = prophet(series.horizon);
  const fit = await fitTime(forecaster, series);
  const forecast = median(times(50, () => forecaster.predictSync()));
  const peer = library(series);
  const beside = (own: number, theirs: number[] | undefined) =>
    theirs && { peer: "PyPI's prophet", ratio: median(theirs) / own };
  const report = (what: string, value: number, theirs?: number[]) =>
    print({
      bench: 'prophet',
      case: `${series.name}, ${what}`,
      threads: 1,
      value,
      unit: 'ms',
      ...beside(value, theirs),
    });
  report(`fit of ${series.y.length} rows`, fit, peer?.fits);
  report(`forecast of ${series.horizon} with intervals`, forecast, peer?.forecasts);
}

/** 168 hours, 24 ahead. claimed: milliseconds of one forecast, and forecasts a second in batches of 32. */
async function documented(hourly: Series, print: (row: Row) => void): Promise<void> {
  const claimed = { single: 22.1, batch: 1187 };
  const [length, horizon, batch] = [168, 24, 32];
  const cut = (i: number) => ({
    id: i,
    ds: hourly.ds.slice(i * length, (i + 1) * length),
    y: hourly.y.slice(i * length, (i + 1) * length),
  });
  const all = Array.from({ length: batch }, (_, i) => cut(i));
  using one = prophet(horizon);
  await one.fit(all.slice(0, 1));
  const single = median(times(300, () => one.predictSync()));
  const row = { bench: 'prophet', peer: 'the documents' };
  const named = `168 hours, ${horizon} ahead`;
  print({
    ...row,
    case: `${named}: one series with intervals`,
    threads: 1,
    value: single,
    unit: 'ms',
    ratio: claimed.single / single,
  });
  for (const threads of [1, 2]) {
    using many = prophet(horizon, threads);
    await many.fit(all);
    const took: number[] = [];
    for (let i = 0; i < 200; i++) {
      const begin = performance.now();
      await many.predict();
      took.push(performance.now() - begin);
    }
    const rate = (batch / median(took)) * 1000;
    const ratio = rate / claimed.batch;
    print({ ...row, case: `${named}: ${batch} series`, threads, value: rate, unit: '/s', ratio });
  }
  using windows = prophet(horizon, 1, { inputSize: length, daysPerStep: 1 / 24 });
  await windows.fit(all.slice(0, 1));
  const raw = Float64Array.from(all.flatMap(({ y }) => y));
  const fitted = median(times(20, () => windows.predictBatchSync(raw)));
  print({
    bench: 'prophet',
    case: `${named}: windows fitted and forecast`,
    threads: 1,
    value: (batch / fitted) * 1000,
    unit: '/s',
  });
}

async function main(args: string[]): Promise<void> {
  const print = rowPrinter(args);
  const hourly = read('hourly', 'seattle-weather-hourly-normals.csv', 'temperature', 48);
  const part = { ...hourly, ds: hourly.ds.slice(0, 1000), y: hourly.y.slice(0, 1000) };
  for (const series of [
    read('daily', 'seattle-weather.csv', 'temp_max', 90),
    part,
    read('monthly', 'us-employment.csv', 'nonfarm', 12),
  ]) {
    await realSeries(series, print);
  }
  await documented(hourly, print);
}

main(process.argv.slice(2));
