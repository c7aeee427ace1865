// The recurrent form's forecasts, each step fed back as the next input, against the real library: files
// of test/golden that hold "predict/...".
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { NeuralForecaster } from '../lib';
import { modelOf } from './support/model-file';
import { withoutCrossing } from './support/quantiles';
import { floats, readSafetensors, type SafetensorsFile } from './support/safetensors';

const folder = path.join(__dirname, 'golden', 'data');
const files = readdirSync(folder).filter((name) => /_recurrent.*\.safetensors$/.test(name));

interface Config {
  horizon: number;
  inputSize: number;
  historicExog?: string[];
  futureExog?: string[];
  staticExog?: string[];
}

/** A forecaster of the golden weights, without series; `horizon`: what it is said to be trained at. */
function forecasterOf({ metadata, tensors }: SafetensorsFile, horizon?: number): NeuralForecaster {
  const config = { ...JSON.parse(metadata.config!), scalerType: 'identity' };
  return modelOf(metadata.model!, { ...config, horizon: horizon ?? config.horizon }, tensors);
}

/** Row `row` and column `column` of a tensor [rows, steps, columns], `from` to `to`. */
function steps(
  file: SafetensorsFile,
  key: string,
  row: number,
  column: number,
  from: number,
  to: number,
) {
  const tensor = file.tensors.get(key)!;
  const [, length, width = 1] = tensor.shape as [number, number, number?];
  const values = floats(tensor);
  return Array.from(
    { length: to - from },
    (_, i) => values[(row * length + from + i) * width + column]!,
  );
}

/** The golden windows as series, a row of the batch each, and their future columns. */
function seriesOf(file: SafetensorsFile, config: Config) {
  const { inputSize, horizon, historicExog = [], futureExog = [], staticExog = [] } = config;
  const rows = Array.from(
    { length: file.tensors.get('predict/insample_y')!.shape[0]! },
    (_, r) => r,
  );
  // Exogenous columns are one step ahead of y in the batch: their first value is never read.
  const column = (key: string, row: number, c: number) => [
    9,
    ...steps(file, `predict/${key}`, row, c, 0, inputSize),
  ];
  const exog = (row: number) => ({
    ...Object.fromEntries(historicExog.map((name, c) => [name, column('hist_exog', row, c)])),
    ...Object.fromEntries(futureExog.map((name, c) => [name, column('futr_exog', row, c)])),
  });
  const data = rows.map((row) => ({
    id: row,
    y: steps(file, 'predict/insample_y', row, 0, 0, inputSize + 1),
    exog: exog(row),
    static: Object.fromEntries(
      staticExog.map((name, c) => {
        const values = floats(file.tensors.get('stat_exog')!);
        return [name, values[row * staticExog.length + c]!];
      }),
    ),
  }));
  const ahead = (row: number, c: number) =>
    steps(file, 'predict/futr_exog', row, c, inputSize, inputSize + horizon);
  const future = {
    uniqueId: rows.flatMap((row) => Array<number>(horizon).fill(row)),
    ds: rows.flatMap(() => Array.from({ length: horizon }, (_, k) => inputSize + 1 + k)),
    ...Object.fromEntries(
      futureExog.map((name, c) => [name, rows.flatMap((row) => ahead(row, c))]),
    ),
  };
  return { data, futureExog: futureExog.length > 0 ? future : undefined };
}

function expectGolden(file: SafetensorsFile, columns: Record<string, Float64Array>) {
  const values = floats(file.tensors.get('predict/forecast')!);
  const names = Object.keys(columns);
  const largest = Math.max(...values.map(Math.abs));
  const crossing = names.map((name, q) => [
    name,
    [...values].filter((_, i) => i % names.length === q),
  ]);
  // The library leaves quantiles that cross as they are.
  const expected = withoutCrossing(Object.fromEntries(crossing));
  for (const [name, column] of Object.entries(columns)) {
    expect(column).toHaveLength(expected[name]!.length);
    column.forEach((got, i) => {
      expect(Math.abs(got - expected[name]![i]!)).toBeLessThan(1e-5 * largest);
    });
  }
}

test.each(files)('%s', async (name) => {
  const file = readSafetensors(path.join(folder, name));
  const config: Config = JSON.parse(file.metadata.config!);
  using forecaster = forecasterOf(file);
  const { columns } = await forecaster.predict(seriesOf(file, config));
  expectGolden(file, columns);
});

// The library unrolls the recurrent form to the horizon that it is asked for, whatever the trained one,
// and the weights are of no horizon: what it forecast at its own is what a shorter one must go on to.
const long = files.filter((name) => {
  const { historicExog = [] }: Config = JSON.parse(
    readSafetensors(path.join(folder, name)).metadata.config!,
  );
  return historicExog.length === 0;
});

test.each(long)('%s, trained at a shorter horizon, goes on from its state', async (name) => {
  const file = readSafetensors(path.join(folder, name));
  const config: Config = JSON.parse(file.metadata.config!);
  const { horizon } = config;
  expect(horizon).toBeGreaterThan(4);
  for (const trained of [1, 4]) {
    using forecaster = forecasterOf(file, trained);
    const { columns } = await forecaster.predict({ ...seriesOf(file, config), horizon });
    expectGolden(file, columns);
  }
});

test('the recurrent form goes on as far as one likes', async () => {
  const file = readSafetensors(path.join(folder, 'lstm_recurrent.safetensors'));
  using forecaster = forecasterOf(file);
  const { data } = seriesOf(file, JSON.parse(file.metadata.config!));
  const [near, far] = [
    await forecaster.predict({ data, horizon: 12 }),
    await forecaster.predict({ data, horizon: 3000 }),
  ];
  expect(far.columns.LSTM!.subarray(0, 12)).toEqual(near.columns.LSTM!.subarray(0, 12));
  expect(far.columns.LSTM!.every(Number.isFinite)).toBe(true);
});
