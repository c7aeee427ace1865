// Forecasts of a series that one future column drives alone: a row of a wrong time shows in the values.
import { models, NeuralForecaster } from '../lib';
import { thrownBy } from './support/errors';
import { bits } from './support/forecasters';
import { DAY, noise, START, tinySpec } from './support/series';

/** 200 days of y = 10 x, and 10 more of x. */
const random = noise(5);
const x = Float64Array.from({ length: 210 }, () => 5 + random());
const days = Float64Array.from(x, (_, i) => START + i * DAY);
const tenfold = {
  ds: days.subarray(0, 200),
  x: x.subarray(0, 200),
  y: x.subarray(0, 200).map((value) => 10 * value),
};
const right = [...x.subarray(200, 204)].map((value) => 10 * value);
const seasonless = {
  weeklySeasonality: false,
  yearlySeasonality: false,
  growth: 'flat',
} as const;
const driven = (options: object = {}) =>
  new NeuralForecaster({
    models: models.Prophet({ horizon: 4, futureExog: ['x'], ...seasonless }),
    ...options,
  });
const expectRight = (got: number[]) => {
  for (const [i, value] of right.entries()) expect(got[i]).toBeCloseTo(value, 1);
};

test('a frame of history and horizon gives the forecast of its horizon, sync and not', async () => {
  using forecaster = driven();
  await forecaster.fit(tenfold);
  const frame = { ds: days, x };
  const { columns } = await forecaster.predict({ futureExog: frame });
  expectRight([...columns.Prophet!]);
  expect(bits(forecaster, { futureExog: frame }).Prophet).toEqual([...columns.Prophet!]);
  expect(bits(forecaster, { futureExog: { x: x.subarray(200, 204) } }).Prophet).toEqual([
    ...columns.Prophet!,
  ]);
  const other = {
    ds: days.subarray(0, 150),
    x: x.subarray(0, 150),
    y: tenfold.y.subarray(0, 150),
  };
  const from150 = bits(forecaster, { data: other, futureExog: frame }).Prophet!;
  expect(from150[0]).toBeCloseTo(10 * x[150]!, 1);
  expect(from150[3]).toBeCloseTo(10 * x[153]!, 1);
});

test('rolled beyond the trained horizon, each step is the row of its time', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NHITS', { futureExog: ['x'] }) });
  await forecaster.fit(tenfold);
  const options = { horizon: 8, futureExog: { ds: days, x } };
  const exact = { horizon: 8, futureExog: { x: x.subarray(200, 208) } };
  expect(bits(forecaster, options)).toEqual(bits(forecaster, exact));
});

test('times of another kind are an error in predict and predictSync', async () => {
  using forecaster = driven();
  await forecaster.fit(tenfold);
  using counting = driven({ frequency: 1 });
  await counting.fit(tenfold);
  for (const [model, futureExog, message] of [
    [forecaster, { x }, /210 rows without ds for series 'series'/],
    [forecaster, { ds: days.map((time) => time / 1000), x }, /look like seconds/],
    [counting, { ds: days, x }, /counts steps, 200 to 203.*a number as frequency/],
  ] as const) {
    for (const call of ['predict', 'predictSync'] as const) {
      expect(thrownBy(() => model[call]({ futureExog })).message).toMatch(message);
    }
  }
  const integers = { ds: Float64Array.from(x, (_, i) => i), x };
  expectRight(bits(counting, { futureExog: integers }).Prophet!);
});

test('the kind of times is that of the series which the forecast goes on from', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NHITS', { futureExog: ['x'] }) });
  await forecaster.fit(tenfold);
  const data = { x: tenfold.x, y: tenfold.y };
  const counted = Float64Array.from(x, (_, i) => i);
  const found = bits(forecaster, { data, frequency: 1, futureExog: { ds: counted, x } });
  expect(found).toEqual(bits(forecaster, { futureExog: { ds: days, x } }));
  expect(
    thrownBy(() => forecaster.predictSync({ data, frequency: 1, futureExog: { ds: days, x } })),
  ).toMatchObject({
    code: 'ERR_INVALID_ARG_TYPE',
    message: expect.stringMatching(/counts steps, 200 to 203/),
  });
});

test("a frequency without data must be the series' own", async () => {
  using forecaster = driven();
  await forecaster.fit(tenfold);
  const futureExog = { ds: days, x };
  const same = bits(forecaster, { futureExog });
  expect(bits(forecaster, { futureExog, frequency: '24h' })).toEqual(same);
  expect(thrownBy(() => forecaster.predictSync({ futureExog, frequency: '1h' }))).toMatchObject({
    code: 'ERR_OUT_OF_RANGE',
    message: expect.stringMatching(/'data'.*go on by "D", not "1h"/),
  });
});
