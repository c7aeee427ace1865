// What says to which series and time a value belongs: given wholly, once, by one name, or refused.
import { fromOHLCV } from '../../lib';
import { type RegularTable, readRegular } from '../../lib/data/read';
import { thrownBy } from '../support/errors';
import { DAY, START } from '../support/series';

const TYPE = 'ERR_INVALID_ARG_TYPE';
const RANGE = 'ERR_OUT_OF_RANGE';

function read(data: unknown, exog: string[] = [], statics: string[] = []): RegularTable {
  const named = (names: string[]) => new Map(names.map((name) => [name, 'MLP']));
  const wanted = { name: 'data', y: true, exog: named(exog), statics: named(statics) };
  return readRegular(data, wanted, { frequency: undefined, fill: undefined });
}

/** Two series of two rows; every wrong input below is this with one fault. */
const uniqueId = ['a', 'a', 'b', 'b'];
const y = [1, 2, 3, 4];
const ds = [0, 1, 0, 1].map((i) => START + i * DAY);
const rows = y.map((value, i) => ({ uniqueId: uniqueId[i], ds: ds[i], y: value, x: -value }));
const without = (name: 'uniqueId' | 'ds', ...at: number[]) =>
  rows.map((row, i) => (at.includes(i) ? { ...row, [name]: undefined } : row));
const series = [
  { id: 'a', y: [1, 2] },
  { id: 'b', y: [3, 4] },
];
const candles = [0, 1, 2].map((i) => [START + i * DAY, 1, 2, 0.5, 1.5 + i, 10]);
const twice = ['a', 'b', 'a'];

test.each<[string, unknown, string, RegExp]>([
  ['ds from the second row on', without('ds', 0), TYPE, /data\[0\] has no 'ds', data\[1\] has/],
  [
    'ds up to a row',
    without('ds', 2),
    TYPE,
    /data\[2\] has no 'ds', data\[0\] has: give it in every/,
  ],
  ['uniqueId from the second row on', without('uniqueId', 0), TYPE, /data\[0\] has no 'uniqueId'/],
  [
    'a mask from the second row on',
    rows.map((row, i) => (i === 1 ? { ...row, availableMask: 0 } : row)),
    RANGE,
    /data\[0\]\.availableMask must be 0 or 1; got undefined/,
  ],
  [
    'two names of one thing',
    { uniqueId, unique_id: twice, y },
    TYPE,
    /data has both 'uniqueId' and 'unique_id', and they differ/,
  ],
  [
    'two ids of a series',
    [{ ...series[0], uniqueId: 'c' }, series[1]],
    TYPE,
    /data\[0\] has both 'id' and 'uniqueId', and they differ/,
  ],
  ['id for uniqueId in columns', { id: uniqueId, y }, TYPE, /data has 'id'.*call it uniqueId/],
  ['one id for uniqueId', { id: 'BTC', y }, TYPE, /data has 'id'.*list of series/],
  ['id for uniqueId in rows', rows.map(({ y, uniqueId }) => ({ id: uniqueId, y })), TYPE, /'id'/],
  ['ids without offsets', { ids: ['a', 'b'], y }, TYPE, /data\.offsets must be.*undefined/],
  [
    'NaN for an id',
    { ids: Float64Array.of(1, NaN), offsets: [0, 2, 4], y },
    TYPE,
    /data\.ids\[1\] must be a string or a number; got NaN/,
  ],
  ['offsets without ids', { offsets: [0, 2, 4], y }, TYPE, /data\.ids must be.*undefined/],
  [
    'series without ids',
    series.map(({ y }) => ({ y })),
    TYPE,
    /data\[0\]\.id must be .* because data holds 2 series; got undefined\. Give each an id/,
  ],
  [
    'candles of two markets without ids',
    [...fromOHLCV(candles), ...fromOHLCV(candles)],
    TYPE,
    /data holds 2 series.*fromOHLCV\(candles, { id: 'BTC' }\)/,
  ],
])('%s', (_, data, code, message) => {
  expect(thrownBy(() => read(data))).toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

describe('what the data calls otherwise', () => {
  const times = [3, 2, 1, 0].map((i) => START + i * DAY);
  const forms: [string, (name: string, values: readonly unknown[]) => unknown, string][] = [
    ['columns', (name, values) => ({ y, [name]: values }), 'data'],
    ['rows', (name, values) => y.map((v, i) => ({ y: v, [name]: values[i] })), 'data'],
    ['series', (name, values) => [{ y, [name]: values }], 'data\\[0\\]'],
    ['compressed', (name, values) => ({ ids: ['a'], offsets: [0, 4], y, [name]: values }), 'data'],
  ];
  const names = 'timestamp time date datetime DS Ds t openTime open_time opentime createdAt DATE';
  const dates = times.map((time) => new Date(time));
  const text = dates.map((date) => date.toISOString());

  describe.each(forms)('%s', (form, input, owner) => {
    test.each(names.split(' '))('times called %s', (name) => {
      for (const values of [dates, text]) {
        expect(thrownBy(() => read(input(name, values)))).toMatchObject({
          code: TYPE,
          message: expect.stringMatching(
            `^${owner} has '${name}', which seems to hold the times of the rows but is read by no model: name it ds, or leave it out$`,
          ),
        });
      }
      if (name === 'createdAt') return; // numbers under such a name may be anything
      expect(thrownBy(() => read(input(name, times)))).toMatchObject({ code: TYPE });
    });

    test('times beside ds, columns of models and what is no time stay as they are', () => {
      const beside = input('timestamp', times);
      const add = (extra: object) =>
        form === 'rows'
          ? (beside as object[]).map((row, i) => ({ ...row, ds: times[i] }))
          : form === 'series'
            ? [{ ...(beside as object[])[0], ...extra }]
            : { ...(beside as object), ...extra };
      expect(read(add({ ds: times })).y).toEqual(Float64Array.of(4, 3, 2, 1));
      expect([...read(beside, ['timestamp']).exog.get('timestamp')!]).toEqual(times);
      for (const [name, values] of [
        ['t', [20.5, 21, 19, 18]], // a temperature
        ['leadTime', [2, 3, 2, 4]],
        ['listingDate', Array(4).fill('2024-05-31')],
        ['sentiment', [1e9, 2e9, 3e9, 4e9]],
        ['side', ['buy', 'sell', 'buy', 'sell']],
      ] as const) {
        expect(read(input(name, values)).times).toBeUndefined();
      }
    });

    test.each(['available_mask', 'availablemask', 'AvailableMask', 'mask', 'Mask'])(
      'a mask called %s',
      (name) => {
        expect(thrownBy(() => read(input(name, [1, 0, 1, 1])))).toMatchObject({
          code: TYPE,
          message: expect.stringMatching(
            `^${owner} has '${name}', which is not read: name it availableMask$`,
          ),
        });
      },
    );

    test('a column called mask that holds other numbers stays one', () => {
      expect([...read(input('mask', [1, 2, 0, 1])).y!]).toEqual(y);
      expect([...read(input('mask', [1, 0, 1, 1]), ['mask']).exog.get('mask')!]).toEqual([
        1, 0, 1, 1,
      ]);
    });
  });

  test.each<[string, unknown, string]>([
    [
      'uniqueID',
      { uniqueID: uniqueId, y },
      "data has 'uniqueID', which is not read: name it uniqueId",
    ],
    ['rows', rows.map(({ y, uniqueId }) => ({ UniqueId: uniqueId, y })), "data has 'UniqueId'"],
    [
      'Id',
      { Id: uniqueId, y },
      "data has 'Id', which columns and rows do not read: call it uniqueId",
    ],
    ['ID of a series', [{ ID: 'BTC', y }], "data[0] has 'ID', which is not read: name it id"],
    [
      'Ids',
      { Ids: ['a', 'b'], Offsets: [0, 2, 4], y },
      "data has 'Ids', which is not read: name it ids",
    ],
    ['Fill', { y, ds, Fill: 'linear' }, "data has 'Fill', which is not read: name it fill"],
    [
      'Frequency',
      { y, Frequency: 2 },
      "data has 'Frequency', which is not read: name it frequency",
    ],
  ])('%s', (_, data, message) => {
    expect(thrownBy(() => read(data))).toMatchObject({
      code: TYPE,
      message: expect.stringContaining(message),
    });
  });

  test('a column called like a setting stays one', () => {
    expect(read({ y, Fill: [1, 2, 3, 4], FREQUENCY: [1, 2, 3, 4] }).y).toEqual(
      Float64Array.from(y),
    );
  });

  test('a mask that stands in one row alone', () => {
    const some = rows.map((row, i) => (i === 2 ? { ...row, available_mask: 0 } : row));
    expect(thrownBy(() => read(some))).toMatchObject({
      message: "data has 'available_mask', which is not read: name it availableMask",
    });
  });
});

test('a key of the row is no id of a series', () => {
  const table = read(rows.map((row, i) => ({ ...row, id: i, uniqueId: undefined, ds: undefined })));
  expect(table).toMatchObject({ ids: ['series'], lastDs: Float64Array.of(3) });
});

test('members that are undefined in every row, and both names with one value, are fine', () => {
  const [a] = read([{ id: 'a', uniqueId: 'a', y: [1, 2] }]).ids;
  expect(a).toBe('a');
  expect(read({ uniqueId, unique_id: uniqueId, y }).ids).toEqual(['a', 'b']);
  expect(read(without('ds', 0, 1, 2, 3))).toMatchObject({ ids: ['a', 'b'], times: undefined });
});

test('the numbers 1 and the text "1" are one id', () => {
  expect(read({ uniqueId: [1, '1', 2, '2'], y }).ids).toEqual(['1', '2']);
});

describe('exogenous columns', () => {
  test('under exog or directly in the series', () => {
    const nested = series.map((one) => ({ ...one, exog: { x: one.y } }));
    const direct = series.map((one) => ({ ...one, x: one.y }));
    for (const data of [nested, direct]) expect([...read(data, ['x']).exog.get('x')!]).toEqual(y);
  });

  test.each<[string, unknown, RegExp]>([
    [
      'in both places',
      [{ ...series[0], exog: { x: [5, 6] }, x: [7, 8] }, series[1]],
      /data\[0\] has both 'exog\.x' and 'x', and they differ/,
    ],
    ['null under exog', [{ ...series[0], exog: { x: null }, x: [7, 8] }], /'exog\.x' and 'x'/],
    ['null in a column', { y, x: [1, null, 3, 4] }, /data\.x\[1\].*null; give every row a number/],
    ['null in rows', rows.map((r) => ({ ...r, x: null })), /data\[0\]\.x.*null; give every row/],
  ])('%s', (_, data, message) => {
    expect(thrownBy(() => read(data, ['x']))).toMatchObject({
      code: TYPE,
      message: expect.stringMatching(message),
    });
  });
});

describe('static values', () => {
  const compressed = { ids: ['a', 'b'], offsets: [0, 2, 4], y };
  test.each<[string, unknown]>([
    ['by uniqueId in any order', { uniqueId, y, static: { uniqueId: ['b', 'a'], s: [20, 10] } }],
    ['by unique_id', { uniqueId, y, static: { unique_id: ['b', 'a'], s: [20, 10] } }],
    [
      'of more series than the data',
      { uniqueId, y, static: { uniqueId: ['c', 'b', 'a'], s: [30, 20, 10] } },
    ],
    ['compressed, in the order of ids', { ...compressed, static: { s: [10, 20] } }],
    ['compressed, by uniqueId', { ...compressed, static: { uniqueId: ['b', 'a'], s: [20, 10] } }],
    [
      'a column of the same name is not read',
      { uniqueId, y, s: y, static: { uniqueId: ['a', 'b'], s: [10, 20] } },
    ],
  ])('%s', (_, data) => {
    expect([...read(data, [], ['s']).statics.get('s')!]).toEqual([10, 20]);
  });

  test('one series needs no id', () => {
    expect([...read({ y, static: { s: 5 } }, [], ['s']).statics.get('s')!]).toEqual([5]);
  });

  test.each<[string, unknown, string, RegExp]>([
    [
      'an id twice',
      { uniqueId, y, static: { uniqueId: twice, s: [1, 2, 3] } },
      RANGE,
      /data\.static\.uniqueId\[2\] is 'a' like data\.static\.uniqueId\[0\]/,
    ],
    [
      'no ids for two series',
      { uniqueId, y, static: { s: [1, 2] } },
      TYPE,
      /data\.static\.uniqueId must say which series each value is of.*2 series/,
    ],
    [
      'too few values',
      { uniqueId, y, static: { uniqueId: ['a', 'b'], s: [1] } },
      RANGE,
      /data\.static\.s has 1 values for 2 series/,
    ],
    [
      'a series without',
      { uniqueId, y, static: { uniqueId: ['a', 'c'], s: [1, 2] } },
      'ERR_MISSING_EXOG',
      /data\.static has no entry for series 'b'/,
    ],
    [
      'null in columns',
      { uniqueId, y, s: [1, 1, null, null] },
      TYPE,
      /data\.s\[2\].*null; give every series/,
    ],
    [
      'null in rows',
      rows.map((r) => ({ ...r, s: null })),
      TYPE,
      /data\[0\]\.s.*null; give every series/,
    ],
    [
      'null in the static member',
      { uniqueId, y, static: { uniqueId: ['a', 'b'], s: [1, null] } },
      TYPE,
      /data\.static\.s\[1\].*null; give every series a number/,
    ],
    [
      'null in a series',
      series.map((one) => ({ ...one, static: { s: null } })),
      TYPE,
      /data\[0\]\.static\.s.*null; give every series a number/,
    ],
    [
      'null compressed',
      { ...compressed, static: { s: [1, null] } },
      TYPE,
      /s\[1\].*null; give every series/,
    ],
    [
      'NaN',
      { uniqueId, y, s: [1, 1, NaN, NaN] },
      'ERR_NON_FINITE',
      /series 'b' is NaN; give every/,
    ],
  ])('%s', (_, data, code, message) => {
    expect(thrownBy(() => read(data, [], ['s']))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

test.each<[object, string]>([
  [{ symbol: 'BTC' }, "there is no option 'symbol'; known: id, target"],
  [{ ID: 'BTC' }, "there is no option 'ID'; did you mean 'id'?"],
  [{ uniqueId: 'BTC' }, "there is no option 'uniqueId'; known: id, target"],
  [{ targets: 'open' }, "there is no option 'targets'; did you mean 'target'?"],
  [{ Target: 'open' }, "there is no option 'Target'; did you mean 'target'?"],
])('candles with the options %j', (options, message) => {
  expect(thrownBy(() => fromOHLCV(candles, options))).toMatchObject({
    code: TYPE,
    message: `fromOHLCV: ${message}`,
  });
});

describe('candles with values that the exchange did not give', () => {
  const gappy = candles.map((candle, i) => [
    ...candle.slice(0, 5),
    i === 1 ? undefined : i === 2 ? null : 10,
  ]);
  test('pass where no model reads them', () => {
    expect([...read(fromOHLCV(gappy, { id: 'BTC' }), ['high']).y!]).toEqual([1.5, 2.5, 3.5]);
  });
  test('are an error that names candle and field where one does', () => {
    expect(thrownBy(() => read(fromOHLCV(gappy, { id: 'BTC' }), ['volume']))).toMatchObject({
      code: 'ERR_NON_FINITE',
      message: expect.stringMatching(/series 'BTC', column 'volume', row 1 \(2024-01-02\) is NaN/),
    });
  });
  test.each<[string, number, object, RegExp]>([
    [
      'the target',
      5,
      { target: 'volume' },
      /candles\[1\]\[5\] \(volume\) must be a number; got undefined/,
    ],
    ['the close', 4, {}, /candles\[1\]\[4\] \(close\) must be a number; got undefined/],
    ['the timestamp', 0, {}, /candles\[1\]\[0\] \(timestamp\) must be a number; got undefined/],
  ])('%s is always read', (_, at, options, message) => {
    const broken = candles.map((candle, i) =>
      candle.map((v, c) => (i === 1 && c === at ? undefined : v)),
    );
    expect(thrownBy(() => fromOHLCV(broken, options))).toMatchObject({
      code: TYPE,
      message: expect.stringMatching(message),
    });
  });
});
