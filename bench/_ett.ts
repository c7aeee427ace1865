// ETTh1 as the literature evaluates it: hourly rows 8640 / 2880 / 2880 (train, validation, test), z-scored with
// the train rows' mean and population standard deviation; test windows of stride 1 borrow the lookback before
// the split, none is dropped, errors are means over all windows, steps and channels, on scaled data.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const trainEnd = 8640;
export const validationEnd = 11520;
export const testEnd = 14400;

export interface Channel {
  name: string;
  /** Scaled, rows [0, testEnd). */
  y: Float64Array;
}

export interface Errors {
  mse: number;
  mae: number;
}

/** The file, or where it was looked for. */
export function findData(name: string): { file: string; found: boolean } {
  const folder = process.env.NEURAL_FORECASTER_DATA ?? path.join('..', 'shared', 'data');
  const file = path.resolve(folder, name);
  return { file, found: existsSync(file) };
}

export function readChannels(file: string): Channel[] {
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const rows = lines.slice(0, testEnd).map((line) => line.split(',').slice(1).map(Number));
  if (rows.length < testEnd)
    throw new Error(`${file}: ${testEnd} rows expected, not ${rows.length}`);
  return header!
    .split(',')
    .slice(1)
    .map((name, c) => ({ name, y: standardise(Float64Array.from(rows, (row) => row[c]!)) }));
}

function standardise(values: Float64Array): Float64Array {
  const train = values.subarray(0, trainEnd);
  const mean = train.reduce((sum, x) => sum + x, 0) / trainEnd;
  const std = Math.sqrt(train.reduce((sum, x) => sum + (x - mean) ** 2, 0) / trainEnd);
  return values.map((x) => (x - mean) / std);
}

/** All test windows of a channel: [count, inputSize], oldest value first. */
export function testWindows(y: Float64Array, inputSize: number, horizon: number): Float32Array {
  const count = testEnd - validationEnd - horizon + 1;
  const windows = new Float32Array(count * inputSize);
  for (let i = 0; i < count; i++) {
    const end = validationEnd + i;
    windows.set(y.subarray(end - inputSize, end), i * inputSize);
  }
  return windows;
}

/** Forecasts of all test windows of a channel: [count, horizon]. */
export type Forecaster = (
  y: Float64Array,
  horizon: number,
) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** Mean errors over every test window, step and channel. */
export async function evaluate(
  channels: readonly Channel[],
  horizon: number,
  forecast: Forecaster,
): Promise<Errors> {
  let [squares, absolutes, count] = [0, 0, 0];
  for (const { y } of channels) {
    const predicted = await forecast(y, horizon);
    const windows = testEnd - validationEnd - horizon + 1;
    for (let i = 0; i < windows; i++) {
      for (let t = 0; t < horizon; t++) {
        const error = predicted[i * horizon + t]! - y[validationEnd + i + t]!;
        squares += error * error;
        absolutes += Math.abs(error);
      }
    }
    count += windows * horizon;
  }
  return { mse: squares / count, mae: absolutes / count };
}

/** Repeats the last `season` values. */
export function seasonalNaive(season: number): Forecaster {
  return (y, horizon) => {
    const windows = testEnd - validationEnd - horizon + 1;
    const forecast = new Float64Array(windows * horizon);
    for (let i = 0; i < windows; i++) {
      for (let t = 0; t < horizon; t++) {
        forecast[i * horizon + t] = y[validationEnd + i - season + (t % season)]!;
      }
    }
    return forecast;
  };
}
