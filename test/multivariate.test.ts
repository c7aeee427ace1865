// Models that forecast several series together: how many, in which order, and what their rows must have in common.
import { losses, NeuralForecaster } from '../lib';
import { rejectedBy, thrownBy } from './support/errors';
import { bits } from './support/forecasters';
import { HORIZON, HOUR, hours, INPUT, START, sine, tinySpec } from './support/series';

const spec = (options: object = {}) => tinySpec('iTransformer', options);

/** Hourly series of the same rows, but for those that are told to begin later or to be shorter. */
function together(ids: string[], { length = 60, later = {}, shorter = {} } = {}) {
  const begin = later as Record<string, number>;
  const less = shorter as Record<string, number>;
  const parts = ids.map((id, i) => {
    const rows = length - (less[id] ?? 0);
    const y = sine(rows, { level: 10 * (id.charCodeAt(0) - 96), seed: i + 1 });
    return { id, y, ds: hours(rows, START + (begin[id] ?? 0) * HOUR) };
  });
  return {
    uniqueId: parts.flatMap(({ id, y }) => Array.from(y, () => id)),
    ds: Float64Array.from(parts.flatMap(({ ds }) => [...ds])),
    y: Float64Array.from(parts.flatMap(({ y }) => [...y])),
  };
}

async function fittedOn(ids: string[], options: object = {}, beside: object = {}) {
  const forecaster = new NeuralForecaster({ models: spec(options), ...beside });
  await forecaster.fit(together(ids));
  return forecaster;
}

test('it forecasts as many series as fit() has, and others after another fit', async () => {
  using forecaster = await fittedOn(['a', 'b', 'c']);
  const three = await forecaster.predict();
  expect(three.ids).toEqual(['a', 'b', 'c']);
  await forecaster.fit(together(['a', 'b', 'c', 'd']));
  const four = await forecaster.predict();
  expect(four.ids).toEqual(['a', 'b', 'c', 'd']);
  expect(four.columns.iTransformer).toHaveLength(4 * HORIZON);
  for (const [i, id] of four.ids.entries()) {
    const values = four.series(id).columns.iTransformer!;
    for (const value of values) expect(Math.abs(value - 10 * (i + 1))).toBeLessThan(5);
  }
});

test('nSeries says how many, and another number of series is an error with the way out', async () => {
  using forecaster = await fittedOn(['a', 'b'], { nSeries: 2 });
  const message = expect.stringMatching(/nSeries 2, but the data has 3 series.*nSeries: 3/);
  const expected = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', message };
  const three = together(['a', 'b', 'c']);
  expect(await rejectedBy(() => forecaster.fit(three))).toMatchObject(expected);
  expect(await rejectedBy(() => forecaster.predict({ data: three }))).toMatchObject(expected);
  expect(thrownBy(() => forecaster.predictSync({ data: three }))).toMatchObject(expected);
  expect(
    await rejectedBy(() => forecaster.fit(together(['a', 'b']), { validationData: three })),
  ).toMatchObject(expected);
  // The forecaster goes on as it was.
  expect((await forecaster.predict()).ids).toEqual(['a', 'b']);
});

test('weights that go on were made for as many series', async () => {
  using forecaster = await fittedOn(['a', 'b']);
  await forecaster.fit(together(['a', 'b']), { warmStart: true, maxSteps: 2 });
  expect(
    await rejectedBy(() => forecaster.fit(together(['a', 'b', 'c']), { warmStart: true })),
  ).toMatchObject({ code: 'ERR_OUT_OF_RANGE', message: expect.stringContaining('nSeries 2') });
});

describe('a series that is not aligned is named', () => {
  const cases: [string, object, string, string][] = [
    ['shorter', { shorter: { b: 7 } }, 'ERR_SERIES_TOO_SHORT', "series 'b' has 53"],
    [
      'later',
      { later: { c: 2 } },
      'ERR_IRREGULAR_TIMESTAMP',
      "series 'c' ends at 2024-01-03T13:00:00Z, and series 'a' at 2024-01-03T11:00:00Z",
    ],
    [
      'shorter from the front',
      { shorter: { a: 1 }, later: { a: 1 } },
      'ERR_SERIES_TOO_SHORT',
      "'a' has 59",
    ],
  ];
  test.each(cases)('%s', async (_, change, code, message) => {
    using forecaster = await fittedOn(['a', 'b', 'c']);
    const data = together(['a', 'b', 'c'], change);
    const expected = { code, message: expect.stringContaining(message) };
    expect(await rejectedBy(() => forecaster.fit(data))).toMatchObject(expected);
    expect(await rejectedBy(() => forecaster.predict({ data }))).toMatchObject(expected);
    expect(thrownBy(() => forecaster.predictSync({ data }))).toMatchObject(expected);
    const validated = () => forecaster.fit(together(['a', 'b', 'c']), { validationData: data });
    expect(await rejectedBy(validated)).toMatchObject(expected);
  });
});

test('new data has the series in the order of fit()', async () => {
  using forecaster = await fittedOn(['a', 'b', 'c']);
  const mixed = together(['a', 'c', 'b']);
  expect(await rejectedBy(async () => forecaster.predict({ data: mixed }))).toMatchObject({
    code: 'ERR_OUT_OF_RANGE',
    message: expect.stringContaining("'b' is not where it was, 'c' is there"),
  });
  // Others are others.
  expect((await forecaster.predict({ data: together(['x', 'b', 'y']) })).ids).toHaveLength(3);
});

test('beside a model of single series each forecasts as it does alone', async () => {
  const data = together(['a', 'b', 'c']);
  using both = new NeuralForecaster({ models: [tinySpec('NHITS'), spec()] });
  using one = new NeuralForecaster({ models: tinySpec('NHITS') });
  using other = new NeuralForecaster({ models: spec() });
  for (const forecaster of [both, one, other]) await forecaster.fit(data);
  const longer = { horizon: 11 };
  expect(bits(both, longer)).toEqual({ ...bits(one, longer), ...bits(other, longer) });
});

test('predictBatch takes the windows of the series one after the other', async () => {
  const ids = ['a', 'b', 'c'];
  using forecaster = await fittedOn(ids, { loss: losses.MQLoss({ level: [80] }) });
  const { y } = together(ids);
  const windows = Float64Array.from(
    ids.flatMap((_, s) => [...y.subarray((s + 1) * 60 - INPUT, (s + 1) * 60)]),
  );
  const expected = bits(forecaster);
  const columns = forecaster.predictBatchSync(windows, { level: [80] });
  expect(Object.fromEntries(Object.entries(columns).map(([n, v]) => [n, [...v]]))).toEqual(
    expected,
  );
  const twice = Float64Array.of(...windows, ...windows);
  const point = expected.iTransformer!;
  expect([...(await forecaster.predictBatch(twice))]).toEqual([...point, ...point]);
  expect(thrownBy(() => forecaster.predictBatchSync(windows.subarray(INPUT)))).toMatchObject({
    code: 'ERR_OUT_OF_RANGE',
    message: expect.stringContaining('n * 3 * 12 values'),
  });
});

test('a distribution is of each series by itself', async () => {
  const ids = ['a', 'b', 'c'];
  const loss = losses.DistributionLoss({ distribution: 'Normal', level: [80] });
  using forecaster = await fittedOn(ids, { loss, scalerType: 'standard' });
  const forecast = await forecaster.predict({ horizon: 7, samples: 5 });
  for (const [i, id] of ids.entries()) {
    const columns = Object.entries(forecast.series(id).columns);
    expect(columns.map(([name]) => name)).toContain('iTransformer-hi-80');
    for (const [, values] of columns) {
      for (const value of values) expect(Math.abs(value - 10 * (i + 1))).toBeLessThan(9);
    }
  }
  const { y } = together(ids);
  const windows = Float64Array.from(
    ids.flatMap((_, s) => [...y.subarray((s + 1) * 60 - INPUT, (s + 1) * 60)]),
  );
  const { columns } = await forecaster.predict({ level: [60] });
  expect(await forecaster.predictBatch(windows, { level: [60] })).toEqual(columns);
});

test('a longer horizon begins with the trained one, also under a local scaler', async () => {
  using forecaster = await fittedOn(['a', 'b'], {}, { localScalerType: 'robust' });
  const short = bits(forecaster).iTransformer!;
  const long = bits(forecaster, { horizon: 11 }).iTransformer!;
  for (const s of [0, 1]) {
    expect(long.slice(11 * s, 11 * s + HORIZON)).toEqual(
      short.slice(HORIZON * s, HORIZON * (s + 1)),
    );
  }
});

test('a saved forecaster forecasts the same bits, and new data too', async () => {
  using forecaster = await fittedOn(['a', 'b', 'c']);
  using again = NeuralForecaster.deserialize(forecaster.serialize());
  expect(bits(again)).toEqual(bits(forecaster));
  const data = together(['a', 'b', 'c'], { length: 30 });
  expect(bits(again, { data })).toEqual(bits(forecaster, { data }));
  expect(thrownBy(() => again.predictSync({ data: together(['a', 'b']) }))).toMatchObject({
    code: 'ERR_OUT_OF_RANGE',
    message: expect.stringContaining('nSeries 3, but the data has 2 series'),
  });
});

test('rows that are missing in one series are seen in the others', async () => {
  using forecaster = new NeuralForecaster({ models: spec() });
  const data = together(['a', 'b']);
  const forecasts: number[][] = [];
  for (const garbage of [0, 1e9]) {
    const y = data.y.slice();
    const availableMask = Array.from(y, () => true);
    for (let i = 50; i < 60; i++) {
      y[i] = garbage;
      availableMask[i] = false;
    }
    await forecaster.fit({ ...data, y, availableMask });
    forecasts.push(bits(forecaster).iTransformer!);
  }
  expect(forecasts[0]).toEqual(forecasts[1]);
});
