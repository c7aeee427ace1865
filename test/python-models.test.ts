// Models that were trained and exported in Python (test/golden/export.py) forecast here what they
// forecast there; quantiles that cross there are compared in order (support/quantiles.ts).
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { listModels, NeuralForecaster } from '../lib';
import { rejectedBy, thrownBy } from './support/errors';
import { withoutCrossing } from './support/quantiles';
import { readSafetensors, writeSafetensors } from './support/safetensors';
import { HOUR, START } from './support/series';

const folder = path.join(__dirname, 'golden', 'data', 'python');
const read = (name: string) => readFileSync(path.join(folder, name));
const modelFile = (name: string) => path.join(folder, `${name}.safetensors`);

interface Case {
  freq: string | number;
  how: 'memory' | 'folder' | 'model';
  masked: boolean;
  /** Of multivariate models: the series they were trained on, and how many rows of each. */
  aligned?: { ids: string[]; rows: number };
  localScaler: boolean;
  models: string[];
  exog: string[];
  inputSize: number;
  ds: number[];
  columns: Record<string, number[]>;
}
type Columns = { unique_id: string[] } & Record<string, number[]>;

const cases = Object.entries(
  JSON.parse(read('forecasts.json').toString()) as Record<string, Case>,
).map(([name, given]): [string, Case] => [
  name,
  { ...given, columns: withoutCrossing(given.columns) },
]);
const { past, future, statics } = JSON.parse(read('series.json').toString()) as Record<
  'past' | 'future' | 'statics',
  Columns
>;
const longer = JSON.parse(read('longer.json').toString()) as {
  future: Columns;
  cases: Record<string, Record<string, number[]>>;
};
const rowsOf = (id: string) => past.unique_id.flatMap((other, i) => (other === id ? [i] : []));

/** By series, the rows that a case was trained on. */
const rowsBySeries = ({ aligned }: Case) =>
  (aligned?.ids ?? statics.unique_id).map((id) => rowsOf(id).slice(0, aligned?.rows));

/** What a case of hourly series was trained on. */
function history(given: Case) {
  const { exog, masked, aligned } = given;
  const rows = rowsBySeries(given).flat();
  const pick = <T>(column: T[]) => rows.map((row) => column[row]!);
  return {
    uniqueId: pick(past.unique_id),
    ds: rows.map((row) => START + (row - past.unique_id.indexOf(past.unique_id[row]!)) * HOUR),
    y: pick(past.y!),
    availableMask: rows.map((row) => !masked || row % 7 !== 3),
    ...(aligned ? {} : { static: { uniqueId: statics.unique_id, s0: statics.s0! } }),
    ...Object.fromEntries(exog.map((name) => [name, pick(past[name]!)])),
  };
}

/** The future columns of a case. */
function ahead({ exog, ds }: Case) {
  const known = exog.filter((name) => name.startsWith('f'));
  if (known.length === 0) return undefined;
  const values = Object.fromEntries(known.map((name) => [name, future[name]!]));
  return { uniqueId: future.unique_id, ds, ...values };
}

/** The same over twice the horizon. */
function furtherAhead({ exog, ds: first }: Case) {
  const known = exog.filter((name) => name.startsWith('f'));
  if (known.length === 0) return undefined;
  const values = Object.fromEntries(known.map((name) => [name, longer.future[name]!]));
  const ds = longer.future.unique_id.map(
    (_, i) => first[6 * Math.floor(i / 12)]! + (i % 12) * HOUR,
  );
  return { uniqueId: longer.future.unique_id, ds, ...values };
}

/** Every value is within 1e-5 of the largest of its column. */
function expectClose(
  got: Record<string, ArrayLike<number>>,
  expected: Record<string, readonly number[]>,
) {
  expect(Object.keys(got)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const scale = Math.max(...values.map(Math.abs));
    const worst = Math.max(...values.map((value, i) => Math.abs(value - got[name]![i]!)));
    if (!(worst <= 1e-5 * scale)) throw new Error(`${name} is off by ${worst / scale}`);
  }
}

const mean = (values: Float64Array) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(cases)('%s', (name, expected) => {
  const { how, freq, exog, inputSize, localScaler, masked } = expected;

  test('predict() goes on from the end of the Python data', async () => {
    using forecaster = await NeuralForecaster.load(modelFile(name));
    if (how === 'model') {
      const error = await rejectedBy(() => forecaster.predict());
      expect(error).toMatchObject({
        code: 'ERR_NOT_FITTED',
        message: expect.stringContaining("'data'"),
      });
      return;
    }
    const forecast = await forecaster.predict({ futureExog: ahead(expected) });
    expect([...forecast.ds]).toEqual(expected.ds);
    expectClose(forecast.columns, expected.columns);
  });

  // Raw windows say nothing of columns, scales of whole series or missing values.
  if (exog.length === 0 && !localScaler && !masked) {
    test('predictBatch() gives the same from raw windows', async () => {
      using forecaster = await NeuralForecaster.load(modelFile(name));
      // The recurrent form reads one value more.
      const size = inputSize + Number(name.endsWith('_recurrent'));
      const last = rowsBySeries(expected).flatMap((rows) => rows.slice(-size));
      const windows = Float64Array.from(last, (row) => past.y![row]!);
      for (const model of forecaster.models) {
        const batch = await forecaster.predictBatch(windows, { model });
        expectClose({ [model]: batch }, { [model]: expected.columns[model]! });
      }
    });
  }

  if (freq !== 'h') return;

  test('predict() goes on from given data', async () => {
    using forecaster = await NeuralForecaster.load(modelFile(name));
    const forecast = await forecaster.predict({
      data: history(expected),
      futureExog: ahead(expected),
    });
    expect([...forecast.ds]).toEqual(expected.ds);
    expectClose(forecast.columns, expected.columns);
  });

  test('training goes on from the Python weights', async () => {
    using forecaster = await NeuralForecaster.load(modelFile(name));
    const options = { maxSteps: 40, learningRate: 0.005 };
    const warm = await forecaster.fit(history(expected), { ...options, warmStart: true });
    for (const { trainLoss } of warm.models) {
      expect(mean(trainLoss.subarray(-10))).toBeLessThan(mean(trainLoss.subarray(0, 10)));
    }
    const { length } = (await forecaster.predict({ futureExog: ahead(expected) })).ds;
    expect(length).toBe(expected.ds.length);
    const fresh = await forecaster.fit(history(expected), options);
    for (const [i, { trainLoss }] of fresh.models.entries()) {
      expect(warm.models[i]!.trainLoss[0]).toBeLessThan(trainLoss[0]!);
    }
  });
});

describe.each(Object.entries(longer.cases))('%s beyond its horizon', (name, expected) => {
  const given = Object.fromEntries(cases)[name]!;

  test('twelve steps are those of Python, and eleven begin them', async () => {
    using forecaster = await NeuralForecaster.load(modelFile(name));
    const whole = await forecaster.predict({ horizon: 12, futureExog: furtherAhead(given) });
    expectClose(whole.columns, expected);
    const cut = await forecaster.predict({ horizon: 11, futureExog: furtherAhead(given) });
    for (const [column, values] of Object.entries(cut.columns)) {
      expect([...values]).toEqual([...whole.columns[column]!].filter((_, i) => i % 12 < 11));
    }
  });
});

test('there is a case of every model that Python trains', () => {
  const tried = new Set(cases.flatMap(([, { models }]) => models));
  const neural = listModels().filter(({ kind }) => kind === 'neural');
  const untried = neural.filter(
    ({ name, aliases }) => ![name, ...aliases].some((n) => tried.has(n)),
  );
  expect(untried).toEqual([]);
});

test('a file of models without series is saved and trained like any other', async () => {
  using forecaster = await NeuralForecaster.load(modelFile('alone'));
  using again = NeuralForecaster.deserialize(forecaster.serialize());
  const expected = Object.fromEntries(cases).alone!;
  const { columns } = await again.predict({ data: history(expected) });
  expectClose(columns, expected.columns);
  await again.fit(history(expected), { warmStart: true, maxSteps: 2 });
  expect((await again.predict()).ds).toHaveLength(expected.ds.length);
});

/** The file with its metadata changed. */
function edited(name: string, change: (metadata: Record<string, string>) => void): Uint8Array {
  const file = readSafetensors(modelFile(name));
  change(file.metadata);
  return writeSafetensors(file);
}

const edits: [string, (metadata: Record<string, string>) => void, string][] = [
  ['format', (m) => Object.assign(m, { format: 'other' }), 'not a model file'],
  ['version', (m) => Object.assign(m, { formatVersion: '9' }), 'format version 9'],
  ['an option', (m) => replace(m, 'models', '"nBlocks"', '"n_blocks"'), "'n_blocks'"],
  ['a model', (m) => replace(m, 'models', '"NHITS"', '"Oracle"'), "'Oracle'"],
  ['a shape', (m) => replace(m, 'models', '"inputSize": 15', '"inputSize": 16'), 'shape'],
  [
    'a frequency',
    (m) => replace(m, 'header', '"frequency": "h"', '"frequency": null'),
    'frequency',
  ],
  ['ids', (m) => replace(m, 'header', '"ids": ["a", ', '"ids": ['), 'lastDs'],
];
function replace(metadata: Record<string, string>, key: string, from: string, to: string) {
  if (!metadata[key]!.includes(from)) throw new Error(`no ${from} in ${metadata[key]}`);
  metadata[key] = metadata[key]!.replaceAll(from, to);
}

test.each(edits)('a wrong file is refused: %s', (_, change, message) => {
  const error = thrownBy(() => NeuralForecaster.deserialize(edited('nhits', change)));
  expect(error).toMatchObject({
    code: 'ERR_CORRUPT_MODEL',
    message: expect.stringContaining(message),
  });
});

test('a file that breaks off is refused', () => {
  const bytes = read('nhits.safetensors');
  for (const length of [0, 7, 100, bytes.length - 1]) {
    const error = thrownBy(() => NeuralForecaster.deserialize(bytes.subarray(0, length)));
    expect(error.code).toBe('ERR_CORRUPT_MODEL');
  }
});
