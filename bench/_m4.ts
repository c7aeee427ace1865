// M4 Weekly: 359 series of 80 to 2597 weeks, one forecast of 13 weeks each. sMAPE is the mean of
// 200 |e| / (|y| + |yhat|), MASE is scaled by the mean absolute step of the history (m = 1), OWA is the mean of both
// ratios to Naive2, which for weekly data is the naive forecast.
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Series {
  id: string;
  y: Float64Array;
  /** The 13 weeks after y. */
  test: Float64Array;
}

export interface M4Errors {
  sMAPE: number;
  MASE: number;
  OWA: number;
}

export const m4Horizon = 13;
/** Published, and met by the naive forecast: what OWA is relative to. */
export const naive2 = { sMAPE: 9.161, MASE: 2.777 };

function readRows(file: string): Map<string, Float64Array> {
  const [, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const fields = (line: string) => line.split(',').map((field) => field.replaceAll('"', ''));
  return new Map(
    lines.map((line) => {
      const [id, ...values] = fields(line);
      return [
        id!,
        Float64Array.from(
          values.filter((value) => value !== ''),
          Number,
        ),
      ];
    }),
  );
}

export function readM4(folder: string): Series[] {
  const tests = readRows(path.join(folder, 'M4-Weekly-test.csv'));
  const train = readRows(path.join(folder, 'M4-Weekly-train.csv'));
  return [...train].map(([id, y]) => ({ id, y, test: tests.get(id)! }));
}

/** forecast(s) holds the 13 values after series s. */
export function m4Errors(
  series: readonly Series[],
  forecast: (s: number) => ArrayLike<number>,
): M4Errors {
  let [sMAPE, MASE] = [0, 0];
  series.forEach(({ y, test }, s) => {
    const predicted = forecast(s);
    let [relative, absolute, steps] = [0, 0, 0];
    test.forEach((truth, t) => {
      const error = Math.abs(predicted[t]! - truth);
      relative += (200 * error) / (Math.abs(truth) + Math.abs(predicted[t]!));
      absolute += error;
    });
    for (let t = 1; t < y.length; t++) steps += Math.abs(y[t]! - y[t - 1]!);
    sMAPE += relative / test.length;
    MASE += absolute / test.length / (steps / (y.length - 1));
  });
  sMAPE /= series.length;
  MASE /= series.length;
  return { sMAPE, MASE, OWA: (sMAPE / naive2.sMAPE + MASE / naive2.MASE) / 2 };
}

export function naiveM4(series: readonly Series[]): M4Errors {
  return m4Errors(series, (s) => new Float64Array(m4Horizon).fill(series[s]!.y.at(-1)!));
}
