// Prophet where the data says little: columns without a story, levels, rows at any times, far ahead.
// The values of Python's prophet 1.5 for the same series stand in test/golden/prophet_cases.py.
import { losses, models, NeuralForecaster, type ProphetOptions } from '../lib';
import { failureOf, thrownBy } from './support/errors';
import { bits } from './support/forecasters';
import { withoutChecksum } from './support/safetensors';
import { DAY, HOUR, sine, tinySpec } from './support/series';

const MONDAY = Date.UTC(2022, 0, 3);
const AHEAD = [21.6321, 22.0183, 20.9347]; // the forecast without any column
const days = (length: number) => Array.from({ length }, (_, i) => MONDAY + i * DAY);

/** A level, a week and a ripple. */
const ripple = (i: number) => 20 + 2 * Math.sin((2 * Math.PI * i) / 7) + 0.3 * Math.cos(12.9 * i);
const DATA = { ds: days(120), y: days(120).map((_, i) => ripple(i)) };

function prophet(options: Partial<ProphetOptions> = {}) {
  return new NeuralForecaster({ models: models.Prophet({ horizon: 3, ...options }) });
}

/** The point forecast of a series and what its fit warned of. */
async function outcome(
  options: Partial<ProphetOptions>,
  columns: Record<string, [history: (i: number) => number, ahead: number]> = {},
) {
  using forecaster = prophet({ futureExog: Object.keys(columns), ...options });
  const history: Record<string, number[]> = {};
  const futureExog: Record<string, number[]> = {};
  for (const [name, [at, ahead]] of Object.entries(columns)) {
    history[name] = DATA.ds.map((_, i) => at(i));
    futureExog[name] = [ahead, ahead, ahead];
  }
  const report = await forecaster.fit({ ...DATA, ...history } as never);
  const asked = Object.keys(columns).length > 0 ? { futureExog } : {};
  return { values: bits(forecaster, asked).Prophet!, warnings: report.models[0]!.warnings };
}

function expectNear(values: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-3) {
  expect(values).toHaveLength(expected.length);
  for (let i = 0; i < values.length; i++) {
    expect(Math.abs(values[i]! - expected[i]!)).toBeLessThan(tolerance);
  }
}

/** The mean absolute change of the series with its step at row 101, over its first rows. */
function meanChange(rows: number) {
  const y = DATA.y.slice(0, rows).map((value, i) => value + (i > 100 ? 1 : 0));
  return y.slice(1).reduce((sum, value, i) => sum + Math.abs(value - y[i]!), 0) / (rows - 1);
}

describe('what the history cannot tell has no effect ahead, and is warned of', () => {
  test.each<[string, number, number]>([
    ['1, then 0', 1, 0],
    ['5, then 9', 5, 9],
    ['0, then 1', 0, 1],
    ['a million, then 0', 1e6, 0],
  ])('a regressor that is %s', async (_name, history, ahead) => {
    for (const mode of ['additive', 'multiplicative'] as const) {
      const regressors = [{ name: 'x', mode }];
      const { values, warnings } = await outcome({ regressors }, { x: [() => history, ahead] });
      expectNear(values, AHEAD);
      expect(warnings).toEqual([
        "Prophet: series 'series': regressor 'x' is the same in every row, so that its effect cannot be learned; it is taken to be 0",
      ]);
    }
  });

  test('regressors that add up to the same in every row', async () => {
    const { values, warnings } = await outcome(
      {},
      { odd: [(i) => i % 2, 0], even: [(i) => 1 - (i % 2), 0] },
    );
    expectNear(values, AHEAD, 0.02);
    expect(warnings).toEqual([
      expect.stringMatching(/cannot tell regressor 'even' from regressor 'odd'/),
    ]);
  });

  test('a regressor twice is the regressor once', async () => {
    const wave = (i: number) => Math.sin(1.7 * i);
    const once = await outcome({}, { x: [wave, 0.5] });
    const twice = await outcome({}, { x: [wave, 0.5], z: [wave, 0.5] });
    expectNear(twice.values, once.values);
    expect(once.warnings).toEqual([]);
    expect(twice.warnings).toEqual([expect.stringMatching(/regressor 'z' from regressor 'x'/)]);
  });

  test('a holiday on every day, on none, or on a day that stands in the list twice', async () => {
    const always = await outcome({ holidays: [{ name: 'h', ds: DATA.ds }] });
    expectNear(always.values, AHEAD);
    expect(always.warnings).toEqual([
      expect.stringMatching(/holiday 'h' is on in every row or in none/),
    ]);
    const never = await outcome({ holidays: [{ name: 'h', ds: [MONDAY + 120 * DAY] }] });
    expectNear(never.values, AHEAD);
    expect(never.warnings).toHaveLength(1);
    const once = [10, 50, 120].map((i) => MONDAY + i * DAY);
    const single = await outcome({ holidays: [{ name: 'h', ds: once }] });
    const twice = await outcome({ holidays: [{ name: 'h', ds: [...once, ...once] }] });
    expect(twice.values).toEqual(single.values);
    expect(single.warnings).toEqual([]);
  });

  test('a Monday holiday beside the weekly seasonality', async () => {
    const ds = DATA.ds.filter((_, i) => i % 7 === 0);
    const { values, warnings } = await outcome({ holidays: [{ name: 'monday', ds }] });
    expectNear(values, AHEAD); // which begins on a Tuesday
    expect(warnings).toEqual([
      expect.stringMatching(/cannot tell holiday 'monday' from weeklySeasonality.*priors alone/),
    ]);
  });

  test('a year on 120 days; seasonalities that no row shows', async () => {
    const year = await outcome({ yearlySeasonality: true });
    expect(year.warnings).toEqual([
      expect.stringMatching(/cannot tell yearlySeasonality from the trend/),
    ]);
    const hours = await outcome({ dailySeasonality: true });
    expectNear(hours.values, AHEAD);
    expect(hours.warnings).toEqual([
      expect.stringMatching(/dailySeasonality is the same in every row/),
    ]);
  });

  test('usual data warns of nothing, and many series of 20', async () => {
    expect((await outcome({})).warnings).toEqual([]);
    using forecaster = prophet({ futureExog: ['x'] });
    const series = Array.from({ length: 30 }, (_, id) => ({
      id,
      ds: DATA.ds.slice(0, 20),
      y: DATA.y.slice(0, 20),
      exog: { x: new Float64Array(20) },
    }));
    const { warnings } = (await forecaster.fit(series)).models[0]!;
    expect(warnings).toHaveLength(21);
    expect(warnings[7]).toMatch(/^Prophet: series '7': regressor 'x'/);
    expect(warnings[20]).toBe('and 10 more like these');
  });
});

test.each([8, 4, 5, 9.99, 0.01])('a level of %d below a cap of 10 stays', async (level) => {
  using forecaster = prophet({ growth: 'logistic', cap: 10, horizon: 5 });
  await forecaster.fit({ ds: days(400), y: new Float64Array(400).fill(level) });
  const { Prophet: point, 'Prophet-lo-80': low, 'Prophet-hi-80': high } = bits(forecaster);
  for (let i = 0; i < 5; i++) {
    expect(point![i]).toBeCloseTo(level, 4);
    expect(low![i]).toBeLessThanOrEqual(level);
    expect(high![i]).toBeGreaterThanOrEqual(level);
  }
});

describe('validation', () => {
  test('counts errors in the unit of each series, or in that of y', async () => {
    const lossAt = async (size: number, options: object) => {
      using forecaster = prophet();
      const y = DATA.y.map((value, i) => size * (value + (i > 100 ? 1 : 0)));
      const report = await forecaster.fit({ ...DATA, y }, { validationSize: 10, ...options });
      return report.models[0]!.bestValidLoss;
    };
    const one = await lossAt(1, {});
    expect(await lossAt(1e4, {})).toBeCloseTo(one, 6);
    const data = await lossAt(1, { validLossScale: 'data' });
    expect(await lossAt(1e4, { validLossScale: 'data' })).toBeCloseTo(1e4 * data, 2);
    // The mean absolute change of 110 rows: 2 sin(2 pi i / 7) and a ripple.
    expect(data / one).toBeCloseTo(meanChange(110), 2);
  });

  test('of other series names them', async () => {
    using forecaster = prophet({ horizon: 8 });
    const other = [{ id: 'other', ds: days(9), y: DATA.y.slice(0, 9) }];
    const error = await failureOf(() => forecaster.fit(DATA, { validationData: other as never }));
    expect(error).toMatchObject({
      code: 'ERR_SERIES_TOO_SHORT',
      message: expect.stringMatching(/series 'other' has 1 observed rows/),
    });
  });
});

describe('rows at any times', () => {
  const keep = (dropped: number[], step: number, length: number) =>
    Array.from({ length }, (_, i) => i)
      .filter((i) => step !== DAY || i % 7 < 5)
      .filter((i) => !dropped.includes(i))
      .map((i) => MONDAY + i * step);

  test('weekdays with four missing go on with weekdays', async () => {
    const ds = keep([2, 30, 31, 101], DAY, 119);
    const y = ds.map((time) => ripple((time - MONDAY) / DAY));
    using forecaster = prophet();
    await forecaster.fit({ ds, y });
    const forecast = await forecaster.predict();
    // Day 119 is a Monday; the last row is Friday's.
    expect([...forecast.ds]).toEqual([119, 120, 121].map((i) => MONDAY + i * DAY));
    expectNear(forecast.columns.Prophet!, [119, 120, 121].map(ripple), 1);
    using given = prophet();
    await given.fit({ ds, y, frequency: 'D' });
    expect((await given.predict()).ds[0]).toBe(MONDAY + 117 * DAY);
  });

  test('hours with holes, in data that comes later and in files too', async () => {
    const ds = keep([5, 6, 7, 50, 90, 91], HOUR, 24 * 8);
    const y = ds.map((time) => 5 + Math.sin((2 * Math.PI * (time - MONDAY)) / DAY));
    using forecaster = prophet({ weeklySeasonality: false });
    await forecaster.fit({ ds, y });
    const { Prophet } = bits(forecaster);
    expectNear(
      Prophet!,
      [0, 1, 2].map((h) => 5 + Math.sin((2 * Math.PI * h) / 24)),
      0.05,
    );
    using copy = NeuralForecaster.deserialize(forecaster.serialize());
    expect(bits(copy)).toEqual(bits(forecaster));
    expect(bits(copy, { data: { ds, y } }).Prophet).toEqual(Prophet);
    const seldom = { ds: ds.filter((_, i) => i % 5 < 2), y: y.filter((_, i) => i % 5 < 2) };
    expectNear(bits(copy, { data: seldom }).Prophet!, Prophet!, 0.1);
  });

  test('integers with holes', async () => {
    const ds = Array.from({ length: 80 }, (_, i) => i).filter((i) => i % 9 !== 4);
    using forecaster = prophet({ horizon: 2 });
    await forecaster.fit({ ds, y: ds.map((i) => 3 * i) });
    const forecast = await forecaster.predict();
    expect([...forecast.ds]).toEqual([80, 81]);
    expectNear(forecast.columns.Prophet!, [240, 243], 0.01);
  });

  test('a last row that the frequency does not know: the next that it knows', async () => {
    const ds = days(119); // ends on a Sunday
    using forecaster = prophet();
    await forecaster.fit({ ds, y: ds.map((_, i) => ripple(i)), frequency: 'B' });
    const forecast = await forecaster.predict();
    expect([...forecast.ds]).toEqual([119, 120, 121].map((i) => MONDAY + i * DAY));
  });

  test('without a common step the frequency must be said', async () => {
    const ds = Array.from({ length: 60 }, (_, i) => MONDAY + 1000 * (i * i * 37 + 11 * i));
    const y = ds.map((_, i) => i % 5);
    using forecaster = prophet();
    const error = await failureOf(() => forecaster.fit({ ds, y }));
    expect(error).toMatchObject({
      code: 'ERR_IRREGULAR_TIMESTAMP',
      message: expect.stringMatching(/do not say at which times to forecast.*pass frequency/),
    });
    const hourly = { id: 'hourly', ds: keep([], HOUR, 99), y: sine(99) };
    const daily = { id: 'daily', ds: days(9), y: sine(9) };
    expect(await failureOf(() => forecaster.fit([hourly, daily]))).toMatchObject({
      code: 'ERR_IRREGULAR_TIMESTAMP',
      message: expect.stringMatching(/series 'daily' never makes a single step of "1h".*frequency/),
    });
    await forecaster.fit({ ds, y, frequency: '1h' });
    expect((await forecaster.predict()).ds[0]).toBe(ds.at(-1)! + HOUR);
  });

  test('weekdays of another zone are told from weekdays with gaps', async () => {
    const ds = keep([], DAY, 119).map((time) => time - 9 * HOUR); // midnights of Tokyo
    const y = ds.map((_, i) => ripple(i));
    using forecaster = prophet();
    const error = await failureOf(() => forecaster.fit({ ds, y }));
    expect(error).toMatchObject({
      code: 'ERR_IRREGULAR_TIMESTAMP',
      message: expect.stringMatching(
        /midnights of Asia\/Tokyo, for example, not of UTC: pass timeZone/,
      ),
    });
    using there = new NeuralForecaster({
      models: models.Prophet({ horizon: 1 }),
      timeZone: 'Asia/Tokyo',
    });
    await there.fit({ ds, y });
    expect((await there.predict()).ds[0]).toBe(MONDAY + 119 * DAY - 9 * HOUR);
  });

  test('a gap is filled where that is asked for, and an error beside a neural model', async () => {
    const ds = keep([5], HOUR, 60);
    const y = ds.map((_, i) => i % 4);
    using both = new NeuralForecaster({
      models: [models.Prophet({ horizon: 4 }), tinySpec('NLinear', { loss: losses.MAE() })],
    });
    const error = await failureOf(() => both.fit({ ds, y }));
    expect(error).toMatchObject({ code: 'ERR_IRREGULAR_TIMESTAMP' });
    await both.fit({ ds, y, fill: 'linear' }, { maxSteps: 1 });
    expect(Object.keys(bits(both))).toContain('NLinear');
  });
});

describe('far ahead', () => {
  test('a forecast far beyond a short history ends soon', async () => {
    using forecaster = prophet({ horizon: 3 });
    await forecaster.fit({
      ds: days(20).map((_, i) => MONDAY + i),
      y: sine(20, { period: 5, size: 0.1 }),
      frequency: 'D',
    });
    const begin = performance.now();
    const [low, high] = [bits(forecaster)['Prophet-lo-80']!, bits(forecaster)['Prophet-hi-80']!];
    expect(performance.now() - begin).toBeLessThan(2000);
    expect(high[2]! - low[2]!).toBeGreaterThan(high[0]! - low[0]!);
  });

  test('a file whose times were moved is an error or a forecast, at once', async () => {
    using forecaster = prophet();
    await forecaster.fit(DATA);
    const bytes = withoutChecksum(forecaster.serialize());
    const last = String(MONDAY + 119 * DAY);
    for (const moved of ['8000000000000', '9'.repeat(13)]) {
      const damaged = Buffer.from(bytes.toString('latin1').replace(last, moved), 'latin1');
      using loaded = NeuralForecaster.deserialize(damaged);
      const begin = performance.now();
      expect(bits(loaded).Prophet).toHaveLength(3);
      expect(performance.now() - begin).toBeLessThan(1000);
    }
    const renamed = Buffer.from(bytes.toString('latin1').replace('dsStep', 'dsStop'), 'latin1');
    const begin = performance.now();
    const { code } = thrownBy(() => {
      using loaded = NeuralForecaster.deserialize(renamed);
      loaded.predictSync();
    });
    expect(['ERR_CORRUPT_MODEL', 'ERR_OUT_OF_RANGE']).toContain(code);
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});
