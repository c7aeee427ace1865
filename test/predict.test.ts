import { losses, NeuralForecaster } from '../lib';
import { rejectedBy, thrownBy } from './support/errors';
import { bits, fitted } from './support/forecasters';
import {
  DAY,
  HORIZON,
  HOUR,
  hours,
  INPUT,
  neuralNames,
  START,
  sine,
  singleNames,
  tinySpec,
  twoSeries,
} from './support/series';

const finite = (values: Float64Array) => values.every(Number.isFinite);

test('columns, timestamps, series and rows', async () => {
  using forecaster = new NeuralForecaster({ models: [tinySpec('NHITS'), tinySpec('NLinear')] });
  await forecaster.fit(twoSeries());
  const forecast = await forecaster.predict();
  expect(Object.keys(forecast.columns)).toEqual(['NHITS', 'NLinear']);
  expect(forecast.length).toBe(2 * HORIZON);
  expect(forecast.horizon).toBe(HORIZON);
  expect(forecast.ids).toEqual(['a', 'b']);
  expect(forecast.uniqueId).toEqual(['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b']);
  const next = [80, 81, 82, 83].map((i) => START + i * HOUR);
  expect([...forecast.ds]).toEqual([...next, ...next]);
  expect(Object.values(forecast.columns).every(finite)).toBe(true);

  const b = forecast.series('b');
  expect(b.uniqueId).toEqual(['b', 'b', 'b', 'b']);
  expect([...b.columns.NHITS!]).toEqual([...forecast.columns.NHITS!.subarray(4)]);
  expect(b.toRows()[0]).toEqual({
    uniqueId: 'b',
    ds: next[0],
    NHITS: forecast.columns.NHITS![4],
    NLinear: forecast.columns.NLinear![4],
  });
  expect(thrownBy(() => forecast.series('c'))).toMatchObject({
    code: 'ERR_OUT_OF_RANGE',
    message: expect.stringContaining('"c"'),
  });
});

test('result arrays can be transferred', async () => {
  using forecaster = await fitted();
  const { columns } = await forecaster.predict();
  const values = [...columns.NHITS!];
  const moved = structuredClone(columns.NHITS!, { transfer: [columns.NHITS!.buffer] });
  expect([...moved]).toEqual(values);
});

test('business days come after business days', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NLinear'), frequency: 'B' });
  const ds: number[] = [];
  for (let time = START; ds.length < 60; time += DAY) {
    if (new Date(time).getUTCDay() % 6 !== 0) ds.push(time);
  }
  await forecaster.fit({ ds, y: sine(60) });
  const forecast = await forecaster.predict();
  expect(ds.at(-1)).toBe(Date.UTC(2024, 2, 22)); // a Friday
  expect([...forecast.ds]).toEqual([25, 26, 27, 28].map((day) => Date.UTC(2024, 2, day)));
});

test('without ds time counts on', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
  await forecaster.fit({ y: sine(60) });
  expect([...(await forecaster.predict()).ds]).toEqual([60, 61, 62, 63]);
});

describe('data: new series, no refit', () => {
  test('the training data again gives the same forecast', async () => {
    using forecaster = await fitted();
    expect(bits(forecaster, { data: twoSeries() })).toEqual(bits(forecaster));
  });

  test('other ids and times', async () => {
    using forecaster = await fitted();
    const data = [{ id: 'new', ds: hours(30, START + 5 * DAY), y: sine(30, { seed: 5 }) }];
    const forecast = await forecaster.predict({ data });
    expect(forecast.ids).toEqual(['new']);
    expect(forecast.ds[0]).toBe(START + 5 * DAY + 30 * HOUR);
    expect(bits(forecaster)).toHaveProperty('NHITS');
  });

  test('a forecast does not depend on the other series', async () => {
    using forecaster = await fitted({ models: singleNames.map((name) => tinySpec(name)) });
    const series = Array.from({ length: 70 }, (_, i) => ({
      id: `s${i}`,
      ds: hours(13 + (i % 30)),
      y: sine(13 + (i % 30), { level: i, seed: i + 1 }),
    }));
    const all = await forecaster.predict({ data: series });
    for (const i of [0, 1, 2, 35, 69]) {
      const alone = bits(forecaster, { data: [series[i]!] });
      for (const name of singleNames) {
        expect([...all.series(`s${i}`).columns[name]!]).toEqual(alone[name]);
      }
    }
  });

  test('only the lookback counts', async () => {
    using forecaster = await fitted();
    const y = sine(40);
    const changed = y.slice();
    changed.fill(-100, 0, 40 - INPUT);
    const of = (values: Float64Array) =>
      bits(forecaster, { data: { ds: hours(40), y: values } }).NHITS;
    expect(of(changed)).toEqual(of(y));
  });
});

describe('horizon', () => {
  test('a shorter one is the beginning, a longer one rolls', async () => {
    using forecaster = await fitted();
    const whole = bits(forecaster).NHITS!.slice(0, HORIZON);
    expect(bits(forecaster, { horizon: 2 }).NHITS!.slice(0, 2)).toEqual(whole.slice(0, 2));
    const long = await forecaster.predict({ horizon: 2 * HORIZON + 1 });
    expect(long.length).toBe(2 * (2 * HORIZON + 1));
    expect([...long.series('a').columns.NHITS!.subarray(0, HORIZON)]).toEqual(whole);
    expect(finite(long.columns.NHITS!)).toBe(true);
    expect(long.ds[2 * HORIZON]).toBe(START + (80 + 2 * HORIZON) * HOUR);
  });

  test('every horizon begins every longer one', async () => {
    const specs = neuralNames.map((name) =>
      tinySpec(name, { loss: losses.MQLoss({ level: [80] }) }),
    );
    specs.push(tinySpec('LSTM', { recurrent: true, alias: 'fed back' }));
    for (const localScalerType of [undefined, 'robust'] as const) {
      using forecaster = new NeuralForecaster({ models: specs, localScalerType });
      await forecaster.fit(twoSeries(), { maxSteps: 1 });
      const longest = await forecaster.predict({ horizon: 12 });
      for (const horizon of [1, 7, 8, 11]) {
        const forecast = await forecaster.predict({ horizon });
        for (const id of forecast.ids) {
          for (const [name, values] of Object.entries(longest.series(id).columns)) {
            const got = forecast.series(id).columns[name]!;
            expect([...got]).toEqual([...values.subarray(0, horizon)]);
          }
        }
      }
    }
  });

  test('rolling feeds on its own forecast', async () => {
    using forecaster = await fitted();
    const { a } = { a: twoSeries().y.slice(0, 80) };
    const forecast = (y: Iterable<number>, horizon = HORIZON) =>
      forecaster.predictSync({ data: { y: [...y] }, frequency: 1, horizon }).columns.NHITS!;
    const first = forecast(a);
    const second = forecast([...a, ...first]);
    const rolled = forecast(a, 2 * HORIZON);
    for (let i = 0; i < HORIZON; i++) expect(rolled[HORIZON + i]).toBeCloseTo(second[i]!, 5);
  });
});

describe('level and quantiles', () => {
  const quantiles = { loss: losses.MQLoss({ level: [80, 95] }) };

  test('all that the loss has by default, or those asked for', async () => {
    using forecaster = new NeuralForecaster({ models: tinySpec('NHITS', quantiles) });
    await forecaster.fit(twoSeries());
    const names = async (options: object) =>
      Object.keys((await forecaster.predict(options)).columns).sort();
    const [lo80, hi80, lo95, hi95] = ['NHITS-lo-80', 'NHITS-hi-80', 'NHITS-lo-95', 'NHITS-hi-95'];
    expect(await names({})).toEqual(['NHITS', lo80, hi80, lo95, hi95].sort());
    expect(await names({ level: [80] })).toEqual(['NHITS', lo80, hi80].sort());
    expect(await names({ quantiles: [0.025] })).toEqual(['NHITS', lo95].sort());
    expect(await names({ level: [] })).toEqual(['NHITS']);
    const all = bits(forecaster);
    expect(bits(forecaster, { level: [95] })[hi95!]).toEqual(all[hi95!]);
  });

  test('intervals of a trained model stand around the median and cover', async () => {
    using forecaster = new NeuralForecaster({
      models: tinySpec('NLinear', { ...quantiles, maxSteps: 400, learningRate: 0.01 }),
    });
    await forecaster.fit({ y: sine(400, { size: 0.5 }) });
    const data = { y: sine(200, { size: 0.5, seed: 77 }) };
    const { columns } = await forecaster.predict({ data });
    for (let i = 0; i < HORIZON; i++) {
      expect(columns['NLinear-lo-95']![i]).toBeLessThan(columns['NLinear-lo-80']![i]!);
      expect(columns['NLinear-lo-80']![i]).toBeLessThan(columns.NLinear![i]!);
      expect(columns['NLinear-hi-80']![i]).toBeGreaterThan(columns.NLinear![i]!);
      expect(columns['NLinear-hi-95']![i]).toBeGreaterThan(columns['NLinear-hi-80']![i]!);
    }
  });

  test.each<[string, object, RegExp]>([
    [
      'both',
      { level: [80], quantiles: [0.3] },
      /^predict(Sync)?\(\): give level or quantiles, not both$/,
    ],
    [
      'a share for a level',
      { level: [80, 0.95] },
      /^level\[1\] is a level in percent, at least 1; got 0\.95: for the central 95% pass 95$/,
    ],
  ])('%s is an error', async (_, options, message) => {
    using forecaster = await fitted({
      models: [tinySpec('NHITS', quantiles), tinySpec('Prophet')],
    });
    const error = { code: 'ERR_OUT_OF_RANGE', message: expect.stringMatching(message) };
    expect(thrownBy(() => forecaster.predict(options))).toMatchObject(error);
    expect(thrownBy(() => forecaster.predictSync(options))).toMatchObject(error);
    if ('quantiles' in options) return;
    const batch = { model: 'NHITS', ...(options as { level: number[] }) };
    const windows = new Float64Array(INPUT);
    expect(thrownBy(() => forecaster.predictBatch(windows, batch))).toMatchObject(error);
    expect(thrownBy(() => forecaster.predictBatchSync(windows, batch))).toMatchObject(error);
  });

  test('what the loss does not have is ERR_UNSUPPORTED and names the loss to use', async () => {
    using point = await fitted();
    expect(await rejectedBy(() => point.predict({ level: [80, 95] }))).toMatchObject({
      name: 'ForecastError',
      code: 'ERR_UNSUPPORTED',
      message: expect.stringMatching(/NHITS.*MAE.*losses\.MQLoss\(\{ level: \[80,95\] \}\)/),
    });
    using forecaster = await fitted({ models: tinySpec('NHITS', quantiles) });
    const error = await rejectedBy(() => forecaster.predict({ quantiles: [0.3] }));
    expect(error).toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringMatching(/quantile 0\.3.*0\.025, 0\.1, 0\.5, 0\.9, 0\.975/),
    });
  });
});

describe('futureExog', () => {
  const exogModel = tinySpec('NHITS', {
    futureExog: ['hour'],
    historicExog: ['volume'],
    staticExog: ['kind'],
    maxSteps: 60,
  });
  const data = (length = 80) => ({
    ...twoSeries(length),
    hour: Float64Array.from({ length: 2 * length }, (_, i) => (i % length) % 24),
    volume: Float64Array.from({ length: 2 * length }, (_, i) => Math.cos(i)),
    kind: Float64Array.from({ length: 2 * length }, (_, i) => (i < length ? 0 : 1)),
  });
  const ahead = [80, 81, 82, 83];
  const ds = ahead.map((i) => START + i * HOUR);
  const hour = ahead.map((i) => i % 24);

  async function withExog() {
    const forecaster = new NeuralForecaster({ models: exogModel });
    await forecaster.fit(data());
    return forecaster;
  }

  test('every form gives the same forecast', async () => {
    using forecaster = await withExog();
    const uniqueId = ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b'];
    const columns = { uniqueId, ds: [...ds, ...ds], hour: [...hour, ...hour] };
    const reference = bits(forecaster, { futureExog: columns });
    const forms = [
      { uniqueId, hour: columns.hour },
      uniqueId.map((id, i) => ({ uniqueId: id, ds: columns.ds[i], hour: columns.hour[i] })),
      [
        { id: 'b', ds, exog: { hour } },
        { id: 'a', ds, exog: { hour } },
      ],
      { ids: ['a', 'b'], offsets: [0, 4, 8], ds: columns.ds, hour: columns.hour },
      { uniqueId: [...uniqueId, 'c'], ds: [...columns.ds, START], hour: [...columns.hour, 1] },
    ];
    for (const futureExog of forms) expect(bits(forecaster, { futureExog })).toEqual(reference);
    const other = { ...columns, hour: columns.hour.map((value) => value + 5) };
    expect(bits(forecaster, { futureExog: other })).not.toEqual(reference);
  });

  test('plain arrays for one series', async () => {
    using forecaster = new NeuralForecaster({ models: tinySpec('NHITS', { futureExog: ['x'] }) });
    await forecaster.fit({ y: sine(60), x: sine(60, { seed: 3 }) });
    expect(bits(forecaster, { futureExog: { x: [1, 2, 3, 4] } }).NHITS).toHaveLength(4);
  });

  test('another horizon needs the columns over whole rounds of the trained one', async () => {
    using forecaster = new NeuralForecaster({ models: tinySpec('NHITS', { futureExog: ['x'] }) });
    await forecaster.fit({ y: sine(60), x: sine(60, { seed: 3 }) });
    const x = sine(12, { seed: 4 });
    const whole = bits(forecaster, { futureExog: { x }, horizon: 12 }).NHITS!;
    expect(whole).toHaveLength(12);
    expect(bits(forecaster, { futureExog: { x }, horizon: 11 }).NHITS).toEqual(whole.slice(0, 11));
    const first = { futureExog: { x: x.slice(0, 4) }, horizon: 3 };
    expect(bits(forecaster, first).NHITS).toEqual(whole.slice(0, 3));
    const short = { futureExog: { x: x.slice(1) }, horizon: 11 };
    expect(await rejectedBy(() => forecaster.predict(short))).toMatchObject({
      code: 'ERR_MISSING_FUTURE_EXOG',
      message: expect.stringMatching(
        /takes 12,.*NHITS needs 'x'.*\. Horizon 11 takes whole rounds of the trained horizon 4, so 12 steps of future columns$/,
      ),
    });
  });

  test('where no model reads it, it is an error', async () => {
    using forecaster = await fitted({ models: tinySpec('NHITS', { historicExog: [] }) });
    const cases: [unknown, string][] = [
      [5, 'futureExog must be columns, series or rows; got 5'],
      ['x', 'futureExog must be columns, series or rows; got "x"'],
      [null, 'futureExog must be columns, series or rows; got null'],
      [
        { ds, hour },
        "futureExog is given, but no model reads a column ahead: name its columns in the option futureExog of a model that has it, such as models.NHITS({ futureExog: ['holiday'] }), or leave it out",
      ],
    ];
    for (const [futureExog, message] of cases) {
      const error = { code: 'ERR_INVALID_ARG_TYPE', message };
      const options = { futureExog } as object;
      expect(thrownBy(() => forecaster.predict(options))).toMatchObject(error);
      expect(thrownBy(() => forecaster.predictSync(options))).toMatchObject(error);
    }
    expect(forecaster.predictSync({ futureExog: undefined }).length).toBe(2 * HORIZON);
  });

  test('models that read on for different numbers of steps take them from one frame', async () => {
    const specs = (['NHITS', 'Prophet'] as const).map((name) =>
      tinySpec(name, { futureExog: ['x'] }),
    );
    using both = new NeuralForecaster({ models: specs });
    await both.fit({ y: sine(60), x: sine(60, { seed: 3 }) });
    const x = sine(12, { seed: 4 });
    const whole = bits(both, { futureExog: { x }, horizon: 12 });
    const { NHITS, Prophet } = bits(both, { futureExog: { x }, horizon: 11 });
    expect(NHITS).toEqual(whole.NHITS!.slice(0, 11));
    expect(Prophet).toEqual(whole.Prophet!.slice(0, 11));
  });

  test('the recurrent form needs them for the steps of the horizon', async () => {
    const options = { futureExog: ['x'], recurrent: true };
    using forecaster = new NeuralForecaster({ models: tinySpec('GRU', options) });
    await forecaster.fit({ y: sine(60), x: sine(60, { seed: 3 }) });
    const x = sine(12, { seed: 4 });
    const whole = bits(forecaster, { futureExog: { x }, horizon: 12 }).GRU!;
    for (const horizon of [3, 4, 11]) {
      const futureExog = { x: x.slice(0, horizon) };
      expect(bits(forecaster, { futureExog, horizon }).GRU).toEqual(whole.slice(0, horizon));
    }
  });

  test('historic columns of a longer horizon cannot be had', async () => {
    using historic = new NeuralForecaster({ models: tinySpec('MLP', { historicExog: ['x'] }) });
    await historic.fit({ y: sine(60), x: sine(60, { seed: 3 }) });
    expect((await rejectedBy(() => historic.predict({ horizon: 9 }))).code).toBe('ERR_UNSUPPORTED');
  });

  test('what is missing is named', async () => {
    using forecaster = await withExog();
    const missing = (futureExog: object | undefined) =>
      rejectedBy(() => forecaster.predict({ futureExog: futureExog as never }));
    for (const [futureExog, message] of [
      [undefined, /NHITS.*'hour'/],
      [{ other: [1, 2, 3, 4] }, /'hour'/],
      [[{ id: 'a', ds, exog: { hour } }], /'hour'.*series 'b'.*2024-01-04T08:00:00Z/],
      [
        [
          { id: 'a', ds, exog: { hour } },
          { id: 'b', ds: ds.slice(1), exog: { hour: hour.slice(1) } },
        ],
        /'b'.*step 1/,
      ],
      [
        [
          { id: 'a', exog: { hour } },
          { id: 'b', exog: { hour: [1, 2, 3] } },
        ],
        /3 rows without ds for series 'b', but the forecast takes 4.*'hour'/,
      ],
      [
        [
          { id: 'a', exog: { hour } },
          { id: 'b', exog: { other: hour } },
        ],
        /'b'.*hour/,
      ],
    ] as const) {
      expect(await missing(futureExog)).toMatchObject({
        name: 'ForecastError',
        code: 'ERR_MISSING_FUTURE_EXOG',
        message: expect.stringMatching(message),
      });
    }
    const uniqueId = ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b'];
    const nan = { uniqueId, hour: [...hour, Number.NaN, ...hour.slice(1)] };
    expect(await missing(nan)).toMatchObject({
      code: 'ERR_NON_FINITE',
      message: expect.stringMatching(/futureExog.*'b'.*'hour'/),
    });
  });
});

test('abort', async () => {
  using forecaster = await fitted();
  const signal = AbortSignal.abort('stop');
  expect(await rejectedBy(() => forecaster.predict({ signal }))).toMatchObject({
    name: 'AbortError',
    code: 'ABORT_ERR',
    cause: 'stop',
  });
  expect(bits(forecaster).NHITS).toHaveLength(2 * HORIZON);
});

test('before fit: ERR_NOT_FITTED', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
  expect((await rejectedBy(() => forecaster.predict())).code).toBe('ERR_NOT_FITTED');
});

test('many at once agree with one alone', async () => {
  using forecaster = await fitted();
  const alone = bits(forecaster).NHITS;
  const all = await Promise.all(Array.from({ length: 20 }, () => forecaster.predict()));
  for (const forecast of all) expect([...forecast.columns.NHITS!]).toEqual(alone);
});
