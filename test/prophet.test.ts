// Prophet through the public API: what is its own, beside what the tests over every model hold.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listModels, losses, models, NeuralForecaster, type ProphetOptions } from '../lib';
import { failureOf, rejectedBy, thrownBy } from './support/errors';
import { bits } from './support/forecasters';
import { DAY, HOUR, hours, noise, START, sine, tinySpec } from './support/series';

const days = (length: number, start = START) =>
  Float64Array.from({ length }, (_, i) => start + i * DAY);

/** A trend that turns, a weekly pattern, a little noise. */
function weekly(length: number, { turn = 200, seed = 1 } = {}) {
  const random = noise(seed);
  return Float64Array.from(
    { length },
    (_, i) =>
      50 + 0.1 * i - 0.25 * Math.max(0, i - turn) + 4 * Math.sin((2 * Math.PI * i) / 7) + random(),
  );
}

function prophet(options: Partial<ProphetOptions> = {}) {
  return new NeuralForecaster({ models: models.Prophet({ horizon: 14, ...options }) });
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

describe('forecasts', () => {
  test('go on with trend and seasonality by the calendar', async () => {
    using forecaster = prophet();
    const y = weekly(414);
    const report = await forecaster.fit({ ds: days(400), y: y.subarray(0, 400) });
    const forecast = await forecaster.predict();
    expect(forecast.ds[0]).toBe(START + 400 * DAY);
    expect(Object.keys(forecast.columns)).toEqual(['Prophet', 'Prophet-lo-80', 'Prophet-hi-80']);
    expect(largest(forecast.columns.Prophet!, y.subarray(400))).toBeLessThan(2);
    expect(report.models[0]).toMatchObject({ model: 'Prophet', steps: 1, stoppedEarly: false });
  });

  test('months are as long as they are', async () => {
    const month = (i: number) => Date.UTC(2015, i, 1);
    const at = (time: number) => 10 + Math.sin((2 * Math.PI * time) / (365.25 * DAY));
    const ds = Float64Array.from({ length: 72 }, (_, i) => month(i));
    using forecaster = prophet({ horizon: 12 });
    await forecaster.fit({ ds, y: ds.map(at) });
    const forecast = await forecaster.predict();
    expect(forecast.ds[11]).toBe(month(83));
    expect(largest(forecast.columns.Prophet!, forecast.ds.map(at))).toBeLessThan(0.02);
  });

  test('hours of integer time are named by daysPerStep', async () => {
    const y = sine(24 * 14 + 24, { period: 24, size: 0.05 });
    using forecaster = prophet({ horizon: 24, daysPerStep: 1 / 24 });
    await forecaster.fit({ y: y.subarray(0, 24 * 14) });
    const { columns } = await forecaster.predict();
    expect(largest(columns.Prophet!, y.subarray(24 * 14))).toBeLessThan(0.2);
    using daily = prophet({ horizon: 24 }); // a period of 24 days is none that it knows
    await daily.fit({ y: y.subarray(0, 24 * 14) });
    const other = await daily.predict();
    expect(largest(other.columns.Prophet!, y.subarray(24 * 14))).toBeGreaterThan(0.5);
  });

  test('integer time at any distance is the same series', async () => {
    const y = weekly(100);
    const columns = [];
    for (const frequency of [1, 5]) {
      using forecaster = prophet({ changepoints: [20 * frequency, 50 * frequency] });
      const ds = Int32Array.from({ length: 100 }, (_, i) => i * frequency);
      await forecaster.fit({ ds, y, frequency });
      columns.push(bits(forecaster));
    }
    expect(columns[1]).toEqual(columns[0]);
  });

  test('stand beside those of neural models', async () => {
    using forecaster = new NeuralForecaster({
      models: [models.Prophet({ horizon: 4 }), tinySpec('NLinear', { loss: losses.MAE() })],
    });
    const seen = new Set<string>();
    const report = await forecaster.fit(
      { ds: hours(200), y: sine(200) },
      { maxSteps: 3, validationSize: 8, onProgress: ({ model }) => seen.add(model) },
    );
    expect(report.models.map(({ steps }) => steps)).toEqual([1, 3]);
    expect(report.models[0]!.bestValidLoss).toBeLessThan(1);
    expect(seen).toEqual(new Set(['Prophet', 'NLinear']));
    expect(Object.keys(bits(forecaster))).toContain('NLinear');
  });

  test('a longer horizon begins with the shorter one', async () => {
    using forecaster = prophet();
    await forecaster.fit({ ds: days(200), y: weekly(200) });
    const { Prophet: short } = bits(forecaster, { horizon: 3 });
    const { Prophet: long } = bits(forecaster, { horizon: 700 });
    expect(long).toHaveLength(700);
    expect(long!.slice(0, 3)).toEqual(short);
  });

  test('new series are fitted for their forecast, and the old ones stay', async () => {
    using forecaster = prophet();
    await forecaster.fit({ ds: days(300), y: weekly(300) });
    const before = bits(forecaster);
    const data = { ds: days(120, START + 900 * DAY), y: weekly(120, { turn: 30, seed: 4 }) };
    using direct = prophet();
    await direct.fit(data);
    expect(bits(forecaster, { data })).toEqual(bits(direct));
    expect(bits(forecaster)).toEqual(before);
  });
});

describe('components', () => {
  test('holidays with windows are learned and foreseen', async () => {
    const y = weekly(760, { turn: 1e9 });
    const dates = [100, 300, 500, 700, 755].map((i) => new Date(START + i * DAY));
    for (const date of dates) {
      const at = (date.getTime() - START) / DAY;
      y[at]! += 30;
      y[at + 1]! -= 20;
    }
    using forecaster = prophet({
      holidays: [{ name: 'feast', ds: dates, upperWindow: 1 }],
      yearlySeasonality: false,
    });
    await forecaster.fit({ ds: days(750), y: y.subarray(0, 750) });
    using without = prophet({ yearlySeasonality: false });
    await without.fit({ ds: days(750), y: y.subarray(0, 750) });
    const [known, unknown] = [bits(forecaster).Prophet!, bits(without).Prophet!];
    expect(known[5]! - unknown[5]!).toBeGreaterThan(20);
    expect(known[6]! - unknown[6]!).toBeLessThan(-12);
    expect(Math.abs(known[4]! - unknown[4]!)).toBeLessThan(3);
  });

  test('regressors are columns of futureExog', async () => {
    const random = noise(9);
    const price = Float64Array.from({ length: 300 }, () => 5 + random());
    const y = weekly(300).map((value, i) => value - 3 * price[i]!);
    using forecaster = prophet({ horizon: 2, futureExog: ['price'] });
    await forecaster.fit({ ds: days(300), y, price });
    const { Prophet: cheap } = bits(forecaster, { futureExog: { price: [4, 4] } });
    const { Prophet: dear } = bits(forecaster, { futureExog: { price: [6, 6] } });
    expect(cheap![0]! - dear![0]!).toBeCloseTo(6, 0);
    expect((await rejectedBy(() => forecaster.predict())).code).toBe('ERR_MISSING_FUTURE_EXOG');
    // Shorter than the horizon is no trouble: nothing is computed beyond it.
    expect(bits(forecaster, { horizon: 1, futureExog: { price: [4] } }).Prophet).toEqual([
      cheap![0],
    ]);
  });

  test('logistic growth stays below its cap', async () => {
    const y = Float64Array.from({ length: 200 }, (_, i) => 100 / (1 + Math.exp(-(i - 100) / 20)));
    using forecaster = prophet({ growth: 'logistic', cap: 100, horizon: 400 });
    await forecaster.fit({ ds: days(200), y });
    const { Prophet, ...rest } = bits(forecaster);
    expect(Math.max(...Prophet!)).toBeLessThan(101);
    expect(Prophet!.at(-1)).toBeGreaterThan(98);
    expect(Object.keys(rest)).toHaveLength(2);
  });

  test('seasonalities of one take their options', async () => {
    const y = sine(200, { period: 11, size: 0.05 });
    using forecaster = prophet({
      weeklySeasonality: false,
      seasonalities: [{ name: 'eleven', period: 11, fourierOrder: 2 }],
    });
    await forecaster.fit({ ds: days(186), y: y.subarray(0, 186) });
    expect(largest(bits(forecaster).Prophet!, y.subarray(186))).toBeLessThan(0.2);
  });

  test('rows that are masked out are not looked at', async () => {
    const y = weekly(100);
    const availableMask = new Uint8Array(100).fill(1);
    for (const i of [3, 50, 98]) availableMask[i] = 0;
    const forecasts = [];
    for (const garbage of [0, 1e9, Number.NaN]) {
      for (const i of [3, 50, 98]) y[i] = garbage;
      using forecaster = prophet();
      await forecaster.fit({ ds: days(100), y, availableMask });
      forecasts.push(bits(forecaster));
    }
    expect(forecasts[1]).toEqual(forecasts[0]);
    expect(forecasts[2]).toEqual(forecasts[0]);
  });
});

describe('intervals', () => {
  test('any level and quantile, nested', async () => {
    using forecaster = prophet({ intervalWidth: 0.95 });
    await forecaster.fit({ ds: days(300), y: weekly(300) });
    expect(Object.keys(bits(forecaster))).toEqual(['Prophet', 'Prophet-lo-95', 'Prophet-hi-95']);
    const levels = bits(forecaster, { level: [50, 99] });
    expect(Object.keys(levels)).toEqual([
      'Prophet',
      'Prophet-lo-99',
      'Prophet-lo-50',
      'Prophet-hi-50',
      'Prophet-hi-99',
    ]);
    for (let i = 0; i < 14; i++) {
      const row = Object.values(levels).map((values) => values[i]!);
      expect(row.slice(1)).toEqual([...row.slice(1)].sort((a, b) => a - b));
    }
    const quantiles = bits(forecaster, { quantiles: [0.25, 0.75] });
    expect(quantiles['Prophet-lo-50']).toEqual(levels['Prophet-lo-50']);
  });

  test('hold their share of what comes', async () => {
    const random = noise(77);
    const y = Float64Array.from({ length: 1400 }, () => 5 + random() + random() + random());
    using forecaster = prophet({ growth: 'flat', weeklySeasonality: false, horizon: 1000 });
    await forecaster.fit({ ds: days(400), y: y.subarray(0, 400) });
    const forecast = bits(forecaster, { level: [80] });
    const inside = forecast.Prophet!.filter(
      (_, i) =>
        y[400 + i]! >= forecast['Prophet-lo-80']![i]! &&
        y[400 + i]! <= forecast['Prophet-hi-80']![i]!,
    );
    expect(inside.length / 1000).toBeGreaterThan(0.75);
    expect(inside.length / 1000).toBeLessThan(0.86);
  });

  test('none without samples', async () => {
    using forecaster = prophet({ uncertaintySamples: 0 });
    await forecaster.fit({ ds: days(60), y: weekly(60) });
    expect(Object.keys(bits(forecaster))).toEqual(['Prophet']);
    const error = await rejectedBy(() => forecaster.predict({ level: [80] }));
    expect(error).toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringMatching(/uncertaintySamples/),
    });
  });

  test('come from the seed', async () => {
    const of = async (seed: number) => {
      using forecaster = new NeuralForecaster({ models: models.Prophet({ horizon: 5 }), seed });
      await forecaster.fit({ ds: days(60), y: weekly(60) });
      return bits(forecaster);
    };
    const first = await of(1);
    expect(await of(1)).toEqual(first);
    const other = await of(2);
    expect(other.Prophet).toEqual(first.Prophet);
    expect(other['Prophet-lo-80']).not.toEqual(first['Prophet-lo-80']);
  });
});

describe('windows', () => {
  test('predictBatch fits each', async () => {
    using forecaster = prophet({ inputSize: 42, horizon: 7 });
    const y = weekly(84);
    await forecaster.fit({ y });
    const both = forecaster.predictBatchSync(y);
    expect(both).toEqual(await forecaster.predictBatch(y));
    const { Prophet: alone } = bits(forecaster, { data: { y: y.subarray(0, 42) } });
    expect([...both.subarray(0, 7)]).toEqual(alone);
    const columns = forecaster.predictBatchSync(y, { level: [80] });
    expect(Object.keys(columns)).toEqual(['Prophet', 'Prophet-lo-80', 'Prophet-hi-80']);
    expect(columns.Prophet).toEqual(both);
    expect(forecaster.predictBatchSync(Float32Array.from(y))).toBeInstanceOf(Float32Array);
  });

  test('and needs to know their length', async () => {
    using forecaster = prophet();
    await forecaster.fit({ y: weekly(60) });
    expect(thrownBy(() => forecaster.predictBatchSync(weekly(42)))).toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringMatching(/inputSize/),
    });
  });
});

describe('files', () => {
  test('keep every bit, with a model beside or alone', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
    try {
      for (const beside of [
        [],
        [tinySpec('NLinear', { horizon: 14, inputSize: 28, loss: losses.MQLoss({ level: [90] }) })],
      ]) {
        using forecaster = new NeuralForecaster({
          models: [models.Prophet({ horizon: 14, changepointPriorScale: 0.5 }), ...beside],
          lowMemory: true,
        });
        await forecaster.fit({ ds: days(120), y: weekly(120) });
        const file = path.join(folder, 'model.safetensors');
        await forecaster.save(file);
        using loaded = await NeuralForecaster.load(file);
        expect(bits(loaded)).toEqual(bits(forecaster));
        using copy = NeuralForecaster.deserialize(loaded.serialize());
        expect(bits(copy, { level: [90], horizon: 30 })).toEqual(
          bits(forecaster, { level: [90], horizon: 30 }),
        );
        const data = { ds: days(60), y: weekly(60, { seed: 3 }) };
        expect(bits(copy, { data })).toEqual(bits(forecaster, { data }));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const TYPE = 'ERR_INVALID_ARG_TYPE';
const RANGE = 'ERR_OUT_OF_RANGE';

describe('bad input', () => {
  test.each<[object, string, RegExp]>([
    [{ horizon: 0 }, RANGE, /horizon.*got 0/],
    [{ growth: 'logistic' }, RANGE, /growth: 'logistic'.*cap/],
    [{ growth: 'logistic', cap: 1, floor: 2 }, RANGE, /cap must be greater than floor/],
    [{ cap: 5 }, RANGE, /logistic/],
    [{ growth: 'square' }, RANGE, /'linear', 'logistic', 'flat'/],
    [{ growth: 'logistic', capColumn: 'c' }, RANGE, /capColumn: 'c'.*futureExog/],
    [{ nChangepoints: -1 }, RANGE, /nChangepoints.*0 to 1000/],
    [{ changepointRange: 1.5 }, RANGE, /changepointRange.*0 to 1; got 1.5/],
    [{ changepointPriorScale: 0 }, RANGE, /changepointPriorScale.*> 0/],
    [{ changepoints: ['soon'] }, RANGE, /changepoints\[0\].*ISO/],
    [{ changepoints: 5 }, TYPE, /changepoints.*list/],
    [
      { holidays: [{ name: 'h', ds: '2024-01-10' }] },
      TYPE,
      /holidays\[0\]\.ds must be a list of Dates, ISO strings \('2024-05-31'\), epoch milliseconds or integers; got "2024-01-10"/,
    ],
    [{ yearlySeasonality: -1 }, RANGE, /yearlySeasonality.*'auto', true, false/],
    [{ weeklySeasonality: 'on' }, RANGE, /weeklySeasonality.*'auto'/],
    [{ dailySeasonality: {} }, TYPE, /dailySeasonality/],
    [{ seasonalityMode: 'both' }, RANGE, /additive/],
    [{ seasonalities: {} }, TYPE, /seasonalities must be a list of objects/],
    [
      { seasonalities: [{ name: 'q', period: 30 }] },
      TYPE,
      /seasonalities\[0\].fourierOrder is req/,
    ],
    [{ seasonalities: [{ name: 'q', period: 0, fourierOrder: 1 }] }, RANGE, /period.*> 0/],
    [{ seasonalities: [{ name: 'q', perod: 1, fourierOrder: 1 }] }, TYPE, /'period'/],
    [{ holidays: [{ name: 'h', ds: ['2024-13-01'] }] }, RANGE, /holidays\[0\].ds\[0\]/],
    [{ holidays: [{ name: 'h', ds: [], lowerWindow: 1 }] }, RANGE, /lowerWindow/],
    [
      {
        holidays: [
          { name: 'h', ds: [] },
          { name: 'h', ds: [] },
        ],
      },
      RANGE,
      /'h' is taken/,
    ],
    [{ regressors: [{ name: 'x' }] }, RANGE, /regressors\[0\].name: 'x'.*futureExog/],
    [{ uncertaintySamples: 1.5 }, RANGE, /uncertaintySamples/],
    [{ intervalWidth: 1 }, RANGE, /intervalWidth/],
    [{ daysPerStep: 0 }, RANGE, /daysPerStep/],
    [{ scaling: 'none' }, RANGE, /absmax/],
    [{ maxSteps: 5 }, TYPE, /no option 'maxSteps'/],
    [{ loss: 'MAE' }, TYPE, /no option 'loss'/],
    [{ historicExog: ['x'] }, TYPE, /no option 'historicExog'/],
    [{ growht: 'flat' }, TYPE, /'growth'/],
  ])('%j', (options, code, message) => {
    const error = thrownBy(() => prophet(options));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.message).toMatch(/^models\[0\]: Prophet/);
  });

  test.each<[string, Partial<ProphetOptions>, object, string, RegExp]>([
    ['one row', {}, { ds: days(1), y: [1], frequency: 'D' }, 'ERR_SERIES_TOO_SHORT', /'series'.*2/],
    ['NaN', {}, { ds: days(3), y: [1, Number.NaN, 3] }, 'ERR_NON_FINITE', /NaN/],
    [
      'changepoints elsewhere',
      { changepoints: ['1999-01-01'] },
      { ds: days(30), y: weekly(30) },
      RANGE,
      /changepoints must lie within/,
    ],
    [
      'a cap below the floor',
      { growth: 'logistic', capColumn: 'c', futureExog: ['c'] },
      { ds: days(30), y: weekly(30), c: new Float64Array(30) },
      RANGE,
      /cap must be greater than floor/,
    ],
    [
      'sizes beyond number',
      { growth: 'logistic', cap: 1e300 },
      { ds: days(30), y: new Float64Array(30).fill(1e-200) },
      'ERR_NON_FINITE',
      /the fit is not finite/,
    ],
    [
      'no such column',
      { futureExog: ['x'] },
      { ds: days(9), y: weekly(9) },
      'ERR_MISSING_EXOG',
      /x/,
    ],
  ])('%s', async (_name, options, data, code, message) => {
    using forecaster = prophet(options);
    const error = await failureOf(() => forecaster.fit(data as never));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(forecaster.fitted).toBe(false);
  });

  test('a constant series is forecast as it is', async () => {
    using forecaster = prophet();
    await forecaster.fit({ ds: days(50), y: new Float64Array(50).fill(-7.5) });
    for (const values of Object.values(bits(forecaster))) {
      for (const value of values) expect(value).toBeCloseTo(-7.5, 4);
    }
  });

  test('an aborted fit leaves what was there', async () => {
    using forecaster = prophet();
    await forecaster.fit({ ds: days(60), y: weekly(60) });
    const before = bits(forecaster);
    const many = Array.from({ length: 3000 }, (_, i) => ({
      id: i,
      ds: hours(400, START + i * HOUR),
      y: sine(400, { period: 24, seed: i + 1 }),
    }));
    const controller = new AbortController();
    const fit = forecaster.fit(many, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect((await rejectedBy(() => fit)).code).toBe('ABORT_ERR');
    expect(bits(forecaster)).toEqual(before);
  });
});

test('listModels() describes the options of its lists', () => {
  const info = listModels().find(({ name }) => name === 'Prophet')!;
  expect(info).toMatchObject({ kind: 'local', exog: { future: true, historic: false } });
  const holidays = info.fields.find(({ name }) => name === 'holidays')!;
  expect(holidays).toMatchObject({ type: 'object[]', item: 'Holiday' });
  expect(holidays.fields!.map(({ name }) => name)).toContain('lowerWindow');
});
