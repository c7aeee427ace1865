// The recurrent form's forecasts, each step fed back as the next input, against the real library: files
// of test/golden that hold "predict/...".
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { NeuralForecaster } from '../lib';
import {
  floats,
  readSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from './support/safetensors';

const folder = path.join(__dirname, 'golden', 'data');
const files = readdirSync(folder).filter((name) => /_recurrent.*\.safetensors$/.test(name));

interface Config {
  horizon: number;
  inputSize: number;
  historicExog?: string[];
  futureExog?: string[];
  staticExog?: string[];
}

/** A model file of the golden weights, without series. */
function forecasterOf({ metadata, tensors }: SafetensorsFile): NeuralForecaster {
  const config = { ...JSON.parse(metadata.config!), scalerType: 'identity' };
  const header = {
    format: 1,
    version: 'golden',
    ids: [],
    lastDs: [],
    frequency: 1,
    fill: null,
    parallelModels: false,
    localScaler: '',
    seed: 1,
    simdEnabled: true,
    lowMemory: false,
    memoryPool: true,
  };
  const weights = [...tensors].filter(([name]) => name.startsWith('weights/'));
  const bytes = writeSafetensors({
    metadata: {
      format: 'neural-forecaster',
      formatVersion: '1',
      header: JSON.stringify(header),
      models: JSON.stringify([{ name: metadata.model, config, seed: 1, prefix: 'weights/' }]),
      panel: '{"historic":[],"future":[],"static":[]}',
    },
    tensors: new Map([
      ...weights,
      ['panel.offsets', { dtype: 'I64', shape: [1], bytes: new Uint8Array(8) }],
      ['panel.y', { dtype: 'F64', shape: [0], bytes: new Uint8Array(0) }],
    ]),
  });
  return NeuralForecaster.deserialize(bytes);
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

test.each(files)('%s', async (name) => {
  const file = readSafetensors(path.join(folder, name));
  const config: Config = JSON.parse(file.metadata.config!);
  using forecaster = forecasterOf(file);
  const { columns } = await forecaster.predict(seriesOf(file, config));
  const expected = floats(file.tensors.get('predict/forecast')!);
  const outputs = Object.values(columns);
  const largest = Math.max(...expected.map(Math.abs));
  expect(expected).toHaveLength(outputs.length * outputs[0]!.length);
  expected.forEach((value, i) => {
    const got = outputs[i % outputs.length]![Math.floor(i / outputs.length)]!;
    expect(Math.abs(got - value)).toBeLessThan(1e-5 * largest);
  });
});
