// Aliases, columns and the names of components: what is refused at construction, and what works.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { losses, type ModelSpec, models, NeuralForecaster } from '../lib';
import { thrownBy } from './support/errors';
import { withoutChecksum } from './support/safetensors';
import { sine, tinySpec } from './support/series';

const RANGE = 'ERR_OUT_OF_RANGE';
const construct = (...list: ModelSpec[]) => new NeuralForecaster({ models: list }).dispose();
const alias = (name: string) => tinySpec('NLinear', { alias: name });

test.each<[string, string, string]>([
  ['ds', 'ds', "must not be 'ds', which a forecast has besides its columns"],
  ['uniqueId', 'uniqueId', "must not be 'uniqueId', which a forecast has besides its columns"],
  ['unique_id', 'unique_id', "must not be 'unique_id', which a forecast has besides its columns"],
  ['y', 'y', "must not be 'y', which a forecast has besides its columns"],
  ['cutoff', 'cutoff', "must not be 'cutoff', which a forecast has besides its columns"],
  ['__proto__', '__proto__', "must not be '__proto__', which every object has"],
  ['constructor', 'constructor', "must not be 'constructor', which every object has"],
  ['toString', 'toString', "must not be 'toString', which every object has"],
  ['an empty one', '', 'must have 1 to 200 characters; got 0'],
  ['a long one', 'x'.repeat(201), 'must have 1 to 200 characters; got 201'],
  ['a line feed', 'a\nb', 'must not hold control characters, as "a\\nb" does'],
  ['NUL', 'a\0', 'must not hold control characters, as "a\\u0000" does'],
  ['half a pair', 'a\ud83d', 'must be well-formed text, not "a\\ud83d"'],
])('an alias that is refused: %s', (_, name, fault) => {
  expect(thrownBy(() => construct(tinySpec('MLP'), alias(name)))).toMatchObject({
    name: 'RangeError',
    code: RANGE,
    message: `models[1]: NLinear.alias ${fault}; choose another alias`,
  });
});

test.each(['futureExog', 'historicExog', 'staticExog'])(
  'columns of %s that are refused',
  (list) => {
    const members = ['uniqueId', 'unique_id', 'ds', 'y', 'availableMask', 'static', 'frequency'];
    const others = ['freq', 'fill', 'ids', 'offsets', '__proto__', 'valueOf', '', '\udc00', 'a\tb'];
    for (const name of [...members, ...others]) {
      const error = thrownBy(() => construct(tinySpec('MLP', { [list]: ['x', name] })));
      expect(error).toMatchObject({ name: 'RangeError', code: RANGE });
      expect(error.message).toMatch(
        new RegExp(
          `^models\\[0\\]: MLP\\.${list}\\[1\\] must .*; rename the column, in the data too$`,
        ),
      );
    }
  },
);

test('components of Prophet, text anywhere and option names are checked too', () => {
  const prophet = (options: object) => thrownBy(() => construct(tinySpec('Prophet', options)));
  const holiday = { name: 'a\ud800', ds: ['2024-12-25'] };
  expect(prophet({ holidays: [holiday] })).toMatchObject({
    code: RANGE,
    message: expect.stringContaining('Prophet.holidays[0].name must be well-formed text'),
  });
  const seasonality = { name: '', period: 3, fourierOrder: 1 };
  expect(prophet({ seasonalities: [seasonality] }).message).toBe(
    'models[0]: Prophet.seasonalities[0].name must have 1 to 200 characters; got 0; choose another name',
  );
  expect(prophet({ growth: 'logistic', capColumn: 'a\0' }).message).toContain('capColumn must not');
  for (const options of [{ growth: '\ud800' }, { '\ud800': 1 }]) {
    expect(prophet(options)).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(prophet(options).message).toContain('models[0]: Prophet: options must be plain data');
  }
});

test("an alias that is another model's level column is refused, whatever levels that one has", () => {
  const intervals = tinySpec('NLinear', { loss: losses.MQLoss({ level: [80] }), alias: 'A' });
  const prophet = tinySpec('Prophet', { alias: 'A' });
  for (const name of ['A-lo-80', 'A-hi-80', 'A-lo-99.5', 'A-hi-1e-7']) {
    const message = `'${name}' is what a level column of 'A' is called; give one of them another alias: models.NLinear({ alias: '...' })`;
    for (const spec of [intervals, prophet]) {
      expect(thrownBy(() => construct(spec, alias(name)))).toMatchObject({
        code: RANGE,
        message: `models[1]: ${message}`,
      });
      expect(thrownBy(() => construct(alias(name), spec)).message).toBe(`models[0]: ${message}`);
    }
  }
  construct(intervals, alias('A-lo'), alias('B-lo-80'), alias('A-lo-80%'));
});

test('quantiles that fall on one column are refused', () => {
  const of = (loss: object) => thrownBy(() => construct(tinySpec('MLP', { loss })));
  const message = (column: string) =>
    `models[0]: MLP.loss: two of its quantiles fall on the column '${column}', because names have two decimals of the level; leave one of them out`;
  expect(of(losses.MQLoss({ level: [80, 80.001] }))).toMatchObject({
    code: RANGE,
    message: message('MLP-lo-80'),
  });
  expect(of(losses.MQLoss({ quantiles: [0.5, 0.9, 0.90001] })).message).toBe(message('MLP-hi-80'));
  expect(of(losses.HuberMQLoss({ quantiles: [0.5, 0.5] })).message).toBe(message('MLP'));
  construct(tinySpec('MLP', { loss: losses.MQLoss({ level: [80, 80.01, 80] }) }));
});

test('levels that differ by rounding alone are one column', async () => {
  using forecaster = new NeuralForecaster({
    models: [tinySpec('NLinear', { loss: losses.MQLoss({ level: [80] }) }), tinySpec('Prophet')],
    frequency: 1,
  });
  await forecaster.fit({ y: sine(60) });
  const { columns } = forecaster.predictSync({ level: [80, 80.00000000001], horizon: 2 });
  expect(Object.keys(columns).sort()).toEqual([
    'NLinear',
    'NLinear-hi-80',
    'NLinear-lo-80',
    'Prophet',
    'Prophet-hi-80',
    'Prophet-lo-80',
  ]);
  // The median of what Prophet simulates is no point forecast: a column of its own.
  const prophet = new NeuralForecaster({ models: tinySpec('Prophet'), frequency: 1 });
  await prophet.fit({ y: sine(60) });
  expect(Object.keys(prophet.predictSync({ quantiles: [0.5] }).columns)).toEqual([
    'Prophet',
    'Prophet-hi-0',
  ]);
  prophet.dispose();
});

test('ids, aliases and columns of any other text work, in a file too', async () => {
  const names = ['NHITS/1h', 'a b', '模型', '📈', "it's", 'x'.repeat(200)];
  using forecaster = new NeuralForecaster({
    models: names.map((name) => tinySpec('NLinear', { alias: name, maxSteps: 2 })),
    frequency: 1,
  });
  const ids = ['__proto__', 'constructor', '', '\ud800', '\ud801'];
  await forecaster.fit(ids.map((id, i) => ({ id, y: sine(40, { level: i }) })));
  using loaded = NeuralForecaster.deserialize(forecaster.serialize());
  for (const forecast of [forecaster.predictSync(), loaded.predictSync()]) {
    expect(forecast.ids).toEqual(ids);
    expect(Object.keys(forecast.columns)).toEqual(names);
    expect(forecast.series('__proto__').toRows()[0]!.uniqueId).toBe('__proto__');
    expect(forecast.series('\ud801').columns['📈']).toEqual(forecast.columns['📈']!.slice(16, 20));
  }
});

test('one column may be in several lists', async () => {
  const lists = { historicExog: ['x'], futureExog: ['x'], staticExog: ['x'] };
  using forecaster = new NeuralForecaster({ models: tinySpec('MLP', lists), frequency: 1 });
  const x = new Float64Array(40).fill(2);
  await forecaster.fit({ y: sine(40), x });
  const { columns } = forecaster.predictSync({ futureExog: { x: [2, 2, 2, 2] } });
  expect(columns.MLP!.every(Number.isFinite)).toBe(true);
});

test('an alias that no file could be called has a checkpoint too', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  const checkpointPath = path.join(folder, 'run');
  using forecaster = new NeuralForecaster({ models: [alias('A/1h'), alias('A')], frequency: 1 });
  const written = new Set<string>();
  await forecaster.fit(
    { y: sine(40) },
    {
      checkpointPath,
      checkpointFrequency: 1,
      maxSteps: 3,
      onProgress: () => {
        for (const name of readdirSync(folder)) written.add(name.replace(/\.\d.*/, ''));
      },
    },
  );
  for (const name of readdirSync(folder)) written.add(name);
  rmSync(folder, { recursive: true });
  expect([...written].sort()).toEqual(['run.A', 'run.A%2F1h']);
});

test('a file with such names is corrupt', async () => {
  using forecaster = new NeuralForecaster({
    models: [alias('A'), alias('A.lo.80'), models.MLP({ horizon: 4, inputSize: 12, maxSteps: 2 })],
    frequency: 1,
  });
  await forecaster.fit({ y: sine(40) });
  const bytes = withoutChecksum(forecaster.serialize()).toString('latin1');
  const read = (from: string, to: string) =>
    thrownBy(() => NeuralForecaster.deserialize(Buffer.from(bytes.replace(from, to), 'latin1')));
  const quoted = (name: string) => `\\"alias\\":\\"${name}\\"`;
  const cases: [string, RegExp][] = [
    ['A-lo-80', /models\[1\]: 'A-lo-80' is what a level column of 'A' is called/],
    ['valueOf', /models\[1\]: NLinear\.alias must not be 'valueOf', which every object has/],
  ];
  for (const [name, message] of cases) {
    expect(read(quoted('A.lo.80'), quoted(name))).toMatchObject({
      code: 'ERR_CORRUPT_MODEL',
      message: expect.stringMatching(message),
    });
  }
});
