// Every input form of fit() with every mistake: the named error, and the same forecaster still fits.
import { fromOHLCV, NeuralForecaster, type TimeSeriesInput } from '../../lib';
import { failureOf, type Seen } from '../support/errors';
import { bits } from '../support/forecasters';
import { HOUR, hours, START, sine, tinySpec, twoSeries } from '../support/series';

const TYPE = 'ERR_INVALID_ARG_TYPE';
const RANGE = 'ERR_OUT_OF_RANGE';
const N = 40;

let forecaster: NeuralForecaster;
let before: Record<string, number[]>;
beforeAll(async () => {
  forecaster = new NeuralForecaster({
    models: tinySpec('MLP', { historicExog: ['x'], staticExog: ['s'] }),
  });
  await forecaster.fit(good() as TimeSeriesInput);
  before = bits(forecaster);
});
afterEach(() => expect(bits(forecaster)).toEqual(before));
afterAll(async () => {
  await forecaster.fit(good() as TimeSeriesInput);
  expect(bits(forecaster)).toEqual(before);
  forecaster.dispose();
});

function good() {
  const data = twoSeries(N);
  return {
    uniqueId: data.uniqueId as unknown[],
    ds: [...data.ds] as unknown[],
    y: [...data.y] as unknown[],
    x: [...sine(2 * N)] as unknown[],
    s: Array.from({ length: 2 * N }, (_, i) => (i < N ? 1 : 2)) as unknown[],
  };
}

type Columns = ReturnType<typeof good>;

/** The same data as columns, rows, series and compressed columns. */
const forms: Record<string, (data: Columns) => unknown> = {
  columns: (data) => data,
  rows: (data) =>
    data.y.map((y, i) => ({
      uniqueId: data.uniqueId[i],
      ds: data.ds[i],
      y,
      x: data.x[i],
      s: data.s[i],
    })),
  series: (data) =>
    [0, 1].map((k) => ({
      id: data.uniqueId[k * N],
      ds: data.ds.slice(k * N, (k + 1) * N),
      y: data.y.slice(k * N, (k + 1) * N),
      exog: { x: data.x.slice(k * N, (k + 1) * N) },
      static: { s: data.s[k * N] },
    })),
  compressed: (data) => ({
    ids: [data.uniqueId[0], data.uniqueId[N]],
    offsets: [0, N, 2 * N],
    ds: data.ds,
    y: data.y,
    x: data.x,
    static: { s: [data.s[0], data.s[N]] },
  }),
};

async function failure(data: unknown, options = {}): Promise<Seen> {
  return failureOf(() => forecaster.fit(data as TimeSeriesInput, options));
}

const nameOf = (code: string) =>
  ({ [TYPE]: 'TypeError', [RANGE]: 'RangeError' })[code] ?? 'ForecastError';

describe.each(Object.entries(forms))('%s', (_, form) => {
  /** What is changed, the code, what the message says. Row 45 is row 5 of series 'b'. */
  test.each<[string, (data: Columns) => void, string, RegExp]>([
    [
      'NaN in y',
      (d) => d.y.splice(45, 1, Number.NaN),
      'ERR_NON_FINITE',
      /series 'b', column 'y', row 5 \(2024-01-01T05:00:00Z\) is NaN.*availableMask/,
    ],
    [
      'an infinity in y',
      (d) => d.y.splice(0, 1, Number.NEGATIVE_INFINITY),
      'ERR_NON_FINITE',
      /series 'a', column 'y', row 0 .*-Infinity/,
    ],
    [
      'NaN in an exogenous column',
      (d) => d.x.splice(45, 1, Number.NaN),
      'ERR_NON_FINITE',
      /series 'b', column 'x', row 5/,
    ],
    ['text in y', (d) => d.y.splice(1, 1, '5'), TYPE, /y.*"5"/],
    ['null in y', (d) => d.y.splice(1, 1, null), TYPE, /null.*availableMask/],
    ['a bigint in y', (d) => d.y.splice(1, 1, 5n), TYPE, /5n/],
    ['text in an exogenous column', (d) => d.x.splice(1, 1, '5'), TYPE, /x.*"5"/],
    [
      'a timestamp twice',
      (d) => d.ds.splice(45, 1, d.ds[44]),
      'ERR_DUPLICATE_TIMESTAMP',
      /series 'b'.*2024-01-01T04:00:00Z twice/,
    ],
    [
      'a step off the grid',
      (d) => d.ds.splice(45, 1, (d.ds[45] as number) + 1000),
      'ERR_IRREGULAR_TIMESTAMP',
      /series 'b'.*2024-01-01T04:00:00Z to 2024-01-01T05:00:01Z.*"1h"/,
    ],
    ['NaN as a timestamp', (d) => d.ds.splice(3, 1, Number.NaN), 'ERR_NON_FINITE', /ds.*NaN/],
    ['half a millisecond', (d) => d.ds.splice(3, 1, START + 0.5), RANGE, /ds.*whole number/],
    ['a Date among numbers', (d) => d.ds.splice(3, 1, new Date(START)), TYPE, /ds.*Date/],
    [
      'a number among Dates',
      (d) => {
        d.ds = d.ds.map((t) => new Date(t as number));
        d.ds.splice(3, 1, START);
      },
      TYPE,
      /ds.*must be a Date/,
    ],
    [
      'an invalid Date',
      (d) => {
        d.ds = d.ds.map((t) => new Date(t as number));
        d.ds.splice(3, 1, new Date('x'));
      },
      RANGE,
      /ds.*invalid Date/,
    ],
    [
      'a bad date string',
      (d) => {
        d.ds = d.ds.map((t) => new Date(t as number).toISOString());
        d.ds.splice(3, 1, 'May 1st');
      },
      RANGE,
      /ds.*ISO 8601.*"May 1st"/,
    ],
    [
      'nanoseconds',
      (d) => {
        d.ds = d.ds.map((t) => BigInt(t as number) * 1_000_000n);
      },
      RANGE,
      /ds.*1_000_000n/,
    ],
    [
      'a static value that is NaN',
      (d) => {
        d.s = d.s.map(() => Number.NaN);
      },
      'ERR_NON_FINITE',
      /'s'|column 's'/,
    ],
    [
      'an id of a wrong type',
      (d) => {
        d.uniqueId = d.uniqueId.map((id) => (id === 'b' ? null : id));
      },
      TYPE,
      /null/,
    ],
  ])('%s', async (_, change, code, message) => {
    const data = good();
    change(data);
    const error = await failure(form(data));
    expect(error).toMatchObject({
      name: nameOf(code),
      code,
      message: expect.stringMatching(message),
    });
  });

  test('a gap names both ends and the ways out, and fill mends it', async () => {
    const data = good();
    for (const name of ['uniqueId', 'ds', 'y', 'x', 's'] as const) {
      if (form !== forms.series && form !== forms.compressed) data[name].splice(45, 2);
    }
    const input = form(data) as { ds: unknown[] } & { ds: unknown[] }[];
    // In the grouped forms the rows stay and the later ones move on.
    if (form === forms.series)
      input[1]!.ds = data.ds.slice(N).map((t, i) => (t as number) + (i < 5 ? 0 : 2 * HOUR));
    if (form === forms.compressed)
      input.ds = data.ds.map((t, i) => (t as number) + (i < 45 ? 0 : 2 * HOUR));
    const error = await failure(input);
    expect(error).toMatchObject({
      code: 'ERR_IRREGULAR_TIMESTAMP',
      message: expect.stringMatching(
        /series 'b' has a gap: 2 rows are missing between 2024-01-01T04:00:00Z and 2024-01-01T07:00:00Z.*fill: 'forward'.*availableMask: 0/,
      ),
    });
    using other = new NeuralForecaster({
      models: tinySpec('MLP', { historicExog: ['x'], staticExog: ['s'] }),
    });
    for (const fill of ['forward', 'linear', 0] as const) {
      await other.fit(input as never, { fill });
      expect(other.predictSync().series('b').ds[0]).toBe(
        START + (form === forms.series || form === forms.compressed ? N + 2 : N) * HOUR,
      );
    }
  });

  test('a missing exogenous column', async () => {
    const { x: _x, ...data } = good();
    const input = form({ ...data, x: [] }) as Record<string, unknown> & Record<string, unknown>[];
    if (form === forms.series) for (const series of input) series.exog = {};
    else if (form === forms.rows) for (const row of input) delete row.x;
    else delete input.x;
    expect(await failure(input)).toMatchObject({
      name: 'ForecastError',
      code: 'ERR_MISSING_EXOG',
      message: expect.stringMatching(/x'.*MLP needs/),
    });
  });
});

test.each<[string, (data: Columns) => unknown, string, RegExp]>([
  [
    'a short ds',
    (d) => ({ ...d, ds: d.ds.slice(1) }),
    RANGE,
    /data\.ds has 79 values, data\.y has 80/,
  ],
  [
    'a short uniqueId',
    (d) => ({ ...d, uniqueId: d.uniqueId.slice(1) }),
    RANGE,
    /data\.uniqueId has 79/,
  ],
  ['a short exogenous column', (d) => ({ ...d, x: d.x.slice(1) }), RANGE, /data\.x has 79/],
  ['a short mask', (d) => ({ ...d, availableMask: [1] }), RANGE, /data\.availableMask has 1/],
  [
    'a mask of other values',
    (d) => ({ ...d, availableMask: d.y.map(() => 2) }),
    RANGE,
    /availableMask\[0\] must be 0 or 1; got 2/,
  ],
  ['a mask of a wrong type', (d) => ({ ...d, availableMask: 'all' }), TYPE, /availableMask/],
  ['no y', ({ y: _, ...d }) => d, TYPE, /data\.y must be.*undefined/],
  ['y as text', (d) => ({ ...d, y: 'text' }), TYPE, /data\.y.*"text"/],
  ['y as bigints', (d) => ({ ...d, y: new BigInt64Array(2 * N) }), TYPE, /data\.y.*BigInt64Array/],
  ['ds as an object', (d) => ({ ...d, ds: {} }), TYPE, /data\.ds/],
  ['uniqueId as an object', (d) => ({ ...d, uniqueId: {} }), TYPE, /data\.uniqueId/],
  [
    'a static column that changes',
    (d) => ({ ...d, s: d.y }),
    RANGE,
    /data\.s is a static column of MLP.*'a' holds both/,
  ],
  ['empty columns', () => ({ y: [], x: [], s: [] }), RANGE, /empty/],
  ['an empty list', () => [], RANGE, /empty/],
  ['a list of numbers', () => [1, 2, 3], TYPE, /data must be columns/],
  ['nothing', () => undefined, TYPE, /data must be columns.*undefined/],
  ['null', () => null, TYPE, /null/],
  ['text', () => 'series.csv', TYPE, /"series.csv"/],
  ['a typed array', () => sine(N), TYPE, /data must be columns.*Float64Array/],
  ['a Map', () => new Map(), TYPE, /data must be columns.*Map/],
  [
    'a row that is none',
    (d) => [...(forms.rows!(d) as object[]).slice(0, 9), 5],
    TYPE,
    /data\[9\].*5/,
  ],
  [
    'a series that is none',
    (d) => [...(forms.series!(d) as object[]), null],
    TYPE,
    /data\[2\].*null/,
  ],
  [
    'two series of one name',
    (d) => [...(forms.series!(d) as object[]), ...(forms.series!(d) as object[])],
    RANGE,
    /data\[2\]\.id is 'a' like data\[0\]\.id/,
  ],
  [
    'a series without id',
    (d) => (forms.series!(d) as object[]).map((s) => ({ ...s, id: undefined })),
    TYPE,
    /data\[0\]\.id/,
  ],
  [
    'ds in one series only',
    (d) => (forms.series!(d) as object[]).map((s, i) => (i ? { ...s, ds: undefined } : s)),
    TYPE,
    /data\[1\]\.ds must be given/,
  ],
  [
    'a static value missing',
    (d) => (forms.series!(d) as object[]).map((s) => ({ ...s, static: {} })),
    'ERR_MISSING_EXOG',
    /series 'a' has no 'static\.s'/,
  ],
  [
    'an empty series',
    (d) => [
      ...(forms.series!(d) as object[]),
      { id: 'c', ds: [], y: [], exog: { x: [] }, static: { s: 1 } },
    ],
    'ERR_SERIES_TOO_SHORT',
    /'c' is empty/,
  ],
  [
    'offsets too few',
    (d) => ({ ...(forms.compressed!(d) as object), offsets: [0, 80] }),
    RANGE,
    /offsets must have one entry more than ids \(3\); got 2/,
  ],
  [
    'offsets that fall',
    (d) => ({ ...(forms.compressed!(d) as object), offsets: [0, 90, 80] }),
    RANGE,
    /offsets\[2\].*got 80/,
  ],
  [
    'offsets that begin late',
    (d) => ({ ...(forms.compressed!(d) as object), offsets: [1, 40, 80] }),
    RANGE,
    /offsets\[0\] must be 0/,
  ],
  [
    'offsets beyond the rows',
    (d) => ({ ...(forms.compressed!(d) as object), offsets: [0, 40, 90] }),
    RANGE,
    /has 80 values, data\.offsets/,
  ],
  [
    'ids twice',
    (d) => ({ ...(forms.compressed!(d) as object), ids: ['a', 'a'] }),
    RANGE,
    /ids\[1\] is 'a'/,
  ],
  ['an own frequency of a wrong kind', (d) => ({ ...d, frequency: 'x' }), RANGE, /data\.frequency/],
  [
    'a wrong frequency',
    (d) => ({ ...d, frequency: 'D' }),
    'ERR_IRREGULAR_TIMESTAMP',
    /no whole number of steps of "D"/,
  ],
  [
    'a frequency far too fine',
    (d) => ({ ...d, frequency: 's', fill: 0 }),
    'ERR_IRREGULAR_TIMESTAMP',
    /missing beside 80/,
  ],
  [
    'a Sunday among business days',
    (d) => ({
      y: d.y.slice(0, 3),
      x: [1, 2, 3],
      s: [1, 1, 1],
      ds: ['2024-01-07', '2024-01-08', '2024-01-09'],
      freq: 'B',
    }),
    'ERR_IRREGULAR_TIMESTAMP',
    /begins at 2024-01-07/,
  ],
  [
    'one row without frequency',
    () => ({ y: [1], x: [1], s: [1], ds: ['2024-01-01'] }),
    'ERR_IRREGULAR_TIMESTAMP',
    /pass frequency/,
  ],
])('%s', async (_, change, code, message) => {
  expect(await failure(change(good()))).toMatchObject({
    name: nameOf(code),
    code,
    message: expect.stringMatching(message),
  });
});

test('series too short to train on', async () => {
  const data = [
    { id: 'long', y: sine(40), exog: { x: sine(40) }, static: { s: 1 } },
    { id: 'short', y: sine(12), exog: { x: sine(12) }, static: { s: 1 } },
  ];
  expect(await failure(data)).toMatchObject({
    name: 'ForecastError',
    code: 'ERR_SERIES_TOO_SHORT',
    message: expect.stringMatching(/short/),
  });
});

describe('what only the training finds', () => {
  let other: NeuralForecaster;
  beforeEach(() => {
    other = new NeuralForecaster({ models: tinySpec('NLinear'), localScalerType: 'boxcox' });
  });
  afterEach(async () => {
    await other.fit({ y: sine(50) });
    expect(bits(other).NLinear!.every(Number.isFinite)).toBe(true);
    other.dispose();
  });

  test.each<[string, object, object, string, RegExp]>([
    [
      'Box-Cox of values below 0',
      { y: sine(50, { level: 0 }) },
      {},
      RANGE,
      /boxcox.*series 'series'/,
    ],
    [
      'too short beside the validation',
      { y: sine(50) },
      { validationSize: 45 },
      'ERR_SERIES_TOO_SHORT',
      /5 rows.*validationSize 45/,
    ],
    [
      'too short validation data',
      { y: sine(50) },
      { validationData: { y: sine(10) } },
      'ERR_SERIES_TOO_SHORT',
      /10 rows for validation/,
    ],
    [
      'a checkpoint that cannot be written',
      { y: sine(50) },
      { checkpointPath: '/no/such/folder/checkpoint' },
      'ERR_IO',
      /no\/such\/folder/,
    ],
  ])('%s', async (_, data, options, code, message) => {
    expect(await failureOf(() => other.fit(data as TimeSeriesInput, options))).toMatchObject({
      name: nameOf(code),
      code,
      message: expect.stringMatching(message),
    });
  });
});

test('argument errors are thrown at once, data errors reject', async () => {
  expect(() => forecaster.fit({ y: 'text' } as never)).toThrow(TypeError);
  const nan = { y: [Number.NaN], x: [1], s: [1] };
  const promise = forecaster.fit(nan);
  await expect(promise).rejects.toMatchObject({ code: 'ERR_NON_FINITE' });
});

describe('buffers', () => {
  const ArrayBufferWithOptions = ArrayBuffer as unknown as new (
    size: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(size: number): void };

  test.each(['y', 'ds', 'x'])('detached %s', async (name) => {
    const data = { ...twoSeries(N), x: sine(2 * N), s: new Float64Array(2 * N) };
    const array = data[name as 'y'];
    structuredClone(array, { transfer: [array.buffer] });
    expect(await failure(data)).toMatchObject({
      name: 'TypeError',
      code: TYPE,
      message: expect.stringMatching(new RegExp(`data\\.${name} is detached`)),
    });
  });

  test('a view that a resize cut off', async () => {
    const buffer = new ArrayBufferWithOptions(8 * 2 * N, { maxByteLength: 8 * 2 * N });
    const y = new Float64Array(buffer, 0, 2 * N);
    buffer.resize(8);
    expect(await failure({ ...good(), y })).toMatchObject({
      code: TYPE,
      message: expect.stringMatching(/data\.y is detached/),
    });
  });

  test('a resizable buffer that shrinks while the fit runs', async () => {
    const buffer = new ArrayBufferWithOptions(8 * 2 * N, { maxByteLength: 16 * 2 * N });
    const y = new Float64Array(buffer);
    y.set(twoSeries(N).y);
    using other = new NeuralForecaster({ models: tinySpec('NLinear', { maxSteps: 500 }) });
    const fit = other.fit({ uniqueId: twoSeries(N).uniqueId, y });
    buffer.resize(8);
    await fit;
    using plain = new NeuralForecaster({ models: tinySpec('NLinear', { maxSteps: 500 }) });
    await plain.fit({ uniqueId: twoSeries(N).uniqueId, y: twoSeries(N).y });
    expect(bits(other)).toEqual(bits(plain));
  });
});

describe('fromOHLCV', () => {
  const candles = Array.from(hours(5), (time) => [time, 1, 2, 0.5, 1.5, 10]);
  test.each<[string, unknown, unknown, string, RegExp]>([
    ['no array', 5, {}, TYPE, /candles must be an array/],
    ['no candle', [], {}, RANGE, /candles is empty/],
    ['a short candle', [...candles, [1, 2]], {}, TYPE, /candles\[5\]/],
    ['text in a candle', [[START, 1, 2, '3', 4, 5]], {}, TYPE, /candles\[0\]\[3\]/],
    ['an unknown target', candles, { target: 'vwap' }, RANGE, /'close'/],
    ['an id of a wrong type', candles, { id: 5 }, TYPE, /options\.id/],
  ])('%s', async (_, input, options, code, message) => {
    expect(await failureOf(() => fromOHLCV(input as never, options as never))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
