// What a forecast is made from: the last inputSize rows of a series, all of them, unless the model pads.
import { NeuralForecaster } from '../lib';
import { rejectedBy, thrownBy } from './support/errors';
import { bits, fitted } from './support/forecasters';
import { modelOf } from './support/model-file';
import { neuralNames, sine, tinySpec, twoSeries } from './support/series';

const floatTensor = (shape: number[], value: (i: number) => number) => {
  const size = shape.reduce((product, n) => product * n, 1);
  const values = Float32Array.from({ length: size }, (_, i) => value(i));
  return { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) };
};

/** Forecasts the mean of the last eight values, three times: the last one and the mean distance from it. */
function meanOfEight(options: object = {}) {
  return modelOf(
    'NLinear',
    { horizon: 3, inputSize: 8, ...options },
    new Map([
      ['weights/linear.weight', floatTensor([3, 8], () => 1 / 8)],
      ['weights/linear.bias', floatTensor([3], () => 0)],
    ]),
  );
}
const level = (length: number) => ({ y: Array<number>(length).fill(100) });
const advice = 'give more history, or train with a smaller inputSize or startPadding: true';

test('fewer rows than inputSize are an error that names the series', async () => {
  using forecaster = meanOfEight();
  expect(bits(forecaster, { data: level(8) }).NLinear).toEqual([100, 100, 100]);
  for (const rows of [1, 7]) {
    for (const horizon of [1, 3, 11]) {
      const options = { data: [{ id: 'BTC', ...level(rows) }], horizon };
      const error = {
        name: 'ForecastError',
        code: 'ERR_SERIES_TOO_SHORT',
        message: `NLinear: series 'BTC' has ${rows} of the 8 rows that a forecast needs (inputSize): ${advice}`,
      };
      expect(await rejectedBy(() => forecaster.predict(options))).toMatchObject(error);
      expect(thrownBy(() => forecaster.predictSync(options))).toMatchObject(error);
    }
  }
});

test('one short series of many is named', async () => {
  using forecaster = meanOfEight();
  const ids = ['7', 'series 0', 'short', 'b'];
  const data = ids.map((id) => ({ id, ...level(id === 'short' ? 5 : 9) }));
  expect((await rejectedBy(() => forecaster.predict({ data }))).message).toMatch(
    /^NLinear: series 'short' has 5 of the 8 rows/,
  );
});

test('rows none of which is observed are an error, rows some of which are not', async () => {
  for (const startPadding of [false, true]) {
    using forecaster = meanOfEight({ startPadding });
    const masked = (observed: (i: number) => boolean) => [
      { id: 'full', ...level(9), availableMask: Array<boolean>(9).fill(true) },
      { id: 'gone', ...level(9), availableMask: Array.from({ length: 9 }, (_, i) => observed(i)) },
    ];
    expect(thrownBy(() => forecaster.predictSync({ data: masked((i) => i === 0) }))).toMatchObject({
      code: 'ERR_SERIES_TOO_SHORT',
      message:
        "NLinear: series 'gone' has no observed value in the 8 rows that a forecast needs (inputSize): leave the series out, or fill its gaps",
    });
    const { columns } = await forecaster.predict({ data: masked((i) => i !== 3) });
    expect([...columns.NLinear!]).toEqual([100, 100, 100, 87.5, 87.5, 87.5]);
  }
});

// NeuralForecast pads a lookback with zeros that are not observed; so does our training.
test('startPadding: true pads with zeros, or, under a scaler, with what it makes the centre', () => {
  using raw = meanOfEight({ startPadding: true });
  expect(bits(raw, { data: level(8) }).NLinear).toEqual([100, 100, 100]);
  expect(bits(raw, { data: level(7) }).NLinear).toEqual([87.5, 87.5, 87.5]);
  expect(bits(raw, { data: level(1) }).NLinear).toEqual([12.5, 12.5, 12.5]);
  // The second round has eight rows: five of the series and the three that were forecast.
  const second = (5 * 100 + 3 * 87.5) / 8;
  expect(bits(raw, { data: level(7), horizon: 4 }).NLinear![3]).toBeCloseTo(second, 4);
  using scaled = meanOfEight({ startPadding: true, scalerType: 'standard' });
  expect(bits(scaled, { data: level(1) }).NLinear).toEqual([100, 100, 100]);
  // Mean 3 and deviation 1 of 2 and 4: scaled -1 and 1, and six centres: their mean is 3.
  const { NLinear } = bits(scaled, { data: { y: [2, 4] } });
  for (const value of NLinear!) expect(value).toBeCloseTo(3, 4);
});

test('the recurrent form needs one row more', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('LSTM', { recurrent: true }) });
  await forecaster.fit(twoSeries());
  const of = (rows: number) => ({ data: { y: sine(rows) }, frequency: 1 });
  expect(bits(forecaster, of(13)).LSTM).toHaveLength(4);
  expect(thrownBy(() => forecaster.predictSync(of(12))).message).toMatch(
    /has 12 of the 13 rows that a forecast needs \(inputSize and one more\)/,
  );
});

test('a batch that could be windows of inputSize or of one more has to say how many', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('LSTM', { recurrent: true }) });
  await forecaster.fit(twoSeries());
  const ambiguous = sine(12 * 13);
  const { code, message } = thrownBy(() => forecaster.predictBatchSync(ambiguous));
  expect(code).toBe('ERR_OUT_OF_RANGE');
  expect(message).toBe(
    'windows of LSTM have 13 values, its inputSize and one more, since it feeds back; 156 values could be 12 of them or 13 of 12: say n, how many there are',
  );
  expect(forecaster.predictBatchSync(ambiguous, { n: 12 })).toHaveLength(12 * 4);
  expect(thrownBy(() => forecaster.predictBatchSync(ambiguous, { n: 13 })).message).toBe(
    'windows must hold n * 13 values, 13 windows of 13; got 156',
  );
  expect(forecaster.predictBatchSync(sine(3 * 13))).toHaveLength(3 * 4);
});

test('a short series is told of by the inputSize that was given', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('LSTM', { recurrent: true }) });
  await expect(forecaster.fit({ y: sine(13) })).rejects.toThrow(
    'has 13 rows for training, but inputSize 12 needs at least 14',
  );
});

test('values that move too little are warned of', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('MLP', { maxSteps: 2 }) });
  const y = Array.from({ length: 60 }, (_, i) => 1 + 1e-6 * Math.sin(i));
  expect((await forecaster.fit([{ id: 'EUR', y }])).models[0]!.warnings).toEqual([
    expect.stringMatching(/^MLP: series 'EUR' moves by about 6.\de-07 from row to row, too little/),
  ]);
});

describe('values far from 1', () => {
  const of = (model: 'MLP' | 'NLinear', scalerType: 'identity' | 'robust') =>
    new NeuralForecaster({ models: tinySpec(model, { scalerType, maxSteps: 2 }) });
  const y = Array.from({ length: 60 }, (_, i) => 54_000 + 10 * Math.sin(i));

  test('are warned of where nothing scales them', async () => {
    using forecaster = of('MLP', 'identity');
    expect((await forecaster.fit([{ id: 'BTC', y }])).models[0]!.warnings).toEqual([
      "MLP: series 'BTC' lies around 5.4e+04 and scalerType is 'identity', so that the network has to find that level by itself: use scalerType: 'robust' or 'standard'",
    ]);
  });

  test.each([
    ['MLP', 'robust'],
    ['NLinear', 'identity'],
  ] as const)('and not with %s and %s', async (model, scalerType) => {
    using forecaster = of(model, scalerType);
    expect((await forecaster.fit([{ id: 'BTC', y }])).models[0]!.warnings).toEqual([]);
  });
});

test.each(neuralNames)(
  '%s: a fit on short series with startPadding forecasts them',
  async (name) => {
    using forecaster = new NeuralForecaster({ models: tinySpec(name, { maxSteps: 2 }) });
    const y = sine(7);
    // As training sees them: rows that are not there are rows that are not observed.
    const there = Array.from({ length: 12 }, (_, i) => i >= 5);
    const padded = { y: [0, 0, 0, 0, 0, ...y], availableMask: there };
    expect((await rejectedBy(() => forecaster.fit({ y }))).code).toBe('ERR_SERIES_TOO_SHORT');
    await forecaster.fit({ y }, { startPadding: true });
    const forecast = bits(forecaster, { horizon: 9 });
    expect(bits(forecaster, { data: padded, horizon: 9 })).toEqual(forecast);
    using loaded = NeuralForecaster.deserialize(forecaster.serialize());
    expect(bits(loaded, { horizon: 9 })).toEqual(forecast);
    await forecaster.fit({ y: sine(80) });
    expect(thrownBy(() => forecaster.predictSync({ data: { y }, frequency: 1 })).code).toBe(
      'ERR_SERIES_TOO_SHORT',
    );
  },
);

test('a forecast that is not finite names its series', async () => {
  using forecaster = await fitted();
  const data = ['a', 'b'].map((id) => ({ id, y: sine(12, { level: id === 'b' ? 1e308 : 1 }) }));
  expect(thrownBy(() => forecaster.predictSync({ data, frequency: 1 }))).toMatchObject({
    code: 'ERR_NON_FINITE',
    message: expect.stringContaining("the forecast of series 'b' is not finite"),
  });
});

test('a local scaler names the series that it cannot scale', async () => {
  const options = {
    models: tinySpec('NHITS', { maxSteps: 1 }),
    localScalerType: 'boxcox' as const,
  };
  using forecaster = new NeuralForecaster(options);
  await forecaster.fit({ y: sine(40) });
  const data = ['a', 'b'].map((id) => ({ id, y: sine(12, { level: id === 'b' ? -5 : 5 }) }));
  expect(thrownBy(() => forecaster.predictSync({ data }))).toMatchObject({
    name: 'RangeError',
    message: expect.stringContaining("series 'b', y holds -5"),
  });
});
