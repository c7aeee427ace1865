import { fromOHLCV } from '../../lib';
import { readRegular } from '../../lib/data/read';
import type { TimeSettings } from '../../lib/data/settings';
import type { Wanted } from '../../lib/data/table';
import { parseFrequency } from '../../lib/time/frequency';
import { DAY, HOUR, START } from '../support/series';

const wanted = (exog: string[] = [], statics: string[] = []): Wanted => ({
  name: 'data',
  y: true,
  exog: new Map(exog.map((name) => [name, 'NHITS'])),
  statics: new Map(statics.map((name) => [name, 'NHITS'])),
});
const none: TimeSettings = { frequency: undefined, fill: undefined };

function read(data: unknown, exog: string[] = [], statics: string[] = [], settings = none) {
  const table = readRegular(data, wanted(exog, statics), settings);
  return {
    ids: table.ids,
    offsets: [...table.offsets],
    ds: table.times && [...table.times.values],
    y: [...table.y!],
    mask: table.mask && [...table.mask],
    exog: Object.fromEntries([...table.exog].map(([name, values]) => [name, [...values]])),
    statics: Object.fromEntries([...table.statics].map(([name, values]) => [name, [...values]])),
    frequency: table.calendar.text,
    lastDs: [...table.lastDs],
  };
}

const ds = [0, 1, 2, 0, 1].map((i) => START + i * HOUR);
const expected = {
  ids: ['a', 'b'],
  offsets: [0, 3, 5],
  ds,
  y: [1, 2, 3, 10, 20],
  mask: undefined,
  exog: { x: [5, 6, 7, 8, 9] },
  statics: { s: [100, 200] },
  frequency: '1h',
  lastDs: [START + 2 * HOUR, START + HOUR],
};
const columns = {
  uniqueId: ['a', 'a', 'a', 'b', 'b'],
  ds,
  y: [1, 2, 3, 10, 20],
  x: [5, 6, 7, 8, 9],
  s: [100, 100, 100, 200, 200],
  unused: [Number.NaN, null, 'text', 0, 0],
};
const rowsOf = (data: typeof columns) =>
  data.ds.map((_, i) => ({
    uniqueId: data.uniqueId[i],
    ds: data.ds[i],
    y: data.y[i],
    x: data.x[i],
    s: data.s[i],
  }));

describe('every form gives the same table', () => {
  const { uniqueId, y, x } = columns;
  test.each<[string, unknown]>([
    ['columns', columns],
    ['unique_id', { ...columns, uniqueId: undefined, unique_id: uniqueId }],
    ['typed columns', { ...columns, y: Float64Array.from(y), ds: Float64Array.from(ds) }],
    ['float32', { ...columns, y: Float32Array.from(y), x: Float32Array.from(x) }],
    ['Date', { ...columns, ds: ds.map((time) => new Date(time)) }],
    ['ISO strings', { ...columns, ds: ds.map((time) => new Date(time).toISOString()) }],
    ['BigInt64Array', { ...columns, ds: BigInt64Array.from(ds.map(BigInt)) }],
    [
      'static member',
      {
        ...columns,
        s: undefined,
        static: { uniqueId: ['b', 'a'], s: [200, 100] },
      },
    ],
    ['rows', rowsOf(columns)],
    ['shuffled rows', [4, 1, 0, 3, 2].map((i) => rowsOf(columns)[i])],
    [
      'series',
      [
        {
          id: 'a',
          ds: ds.slice(0, 3),
          y: y.slice(0, 3),
          exog: { x: x.slice(0, 3) },
          static: { s: 100 },
        },
        { id: 'b', ds: ds.slice(3), y: y.slice(3), exog: { x: x.slice(3) }, static: { s: 200 } },
      ],
    ],
    [
      'compressed',
      {
        ids: ['a', 'b'],
        offsets: Int32Array.of(0, 3, 5),
        ds: Float64Array.from(ds),
        y: Float64Array.from(y),
        x,
        static: { s: [100, 200] },
      },
    ],
  ])('%s', (name, data) => {
    const table = read(data, ['x'], ['s']);
    if (name !== 'shuffled rows') {
      expect(table).toEqual(expected);
      return;
    }
    // Series stand in order of first appearance.
    expect(table).toEqual({
      ...expected,
      ids: ['b', 'a'],
      offsets: [0, 2, 5],
      ds: [...ds.slice(3), ...ds.slice(0, 3)],
      y: [10, 20, 1, 2, 3],
      exog: { x: [8, 9, 5, 6, 7] },
      statics: { s: [200, 100] },
      lastDs: [START + HOUR, START + 2 * HOUR],
    });
  });

  test('numeric ids become text', () => {
    expect(read({ ...columns, uniqueId: Int32Array.of(7, 7, 7, 8, 8) }).ids).toEqual(['7', '8']);
  });

  test('typed arrays of the fast path are passed on, not copied', () => {
    const y = Float64Array.of(1, 2, 3);
    const table = readRegular({ y, ds: Float64Array.of(0, 1, 2) }, wanted(), none);
    expect(table.y).toBe(y);
  });
});

describe('time', () => {
  test('without ds rows are counted', () => {
    expect(read({ y: [1, 2, 3] })).toMatchObject({
      ids: ['series'],
      ds: undefined,
      frequency: 1,
      lastDs: [2],
    });
  });

  test('integers that only count', () => {
    expect(read({ ds: [10, 20, 30], y: [1, 2, 3] })).toMatchObject({ frequency: 10, lastDs: [30] });
  });

  test('a number as frequency counts the rows of dated data', () => {
    const settings = { frequency: parseFrequency(1), fill: undefined };
    const days = ['2024-01-05', '2024-01-02', '2024-01-12'];
    expect(read({ ds: days, y: [2, 1, 3] }, [], [], settings)).toMatchObject({
      y: [1, 2, 3],
      ds: undefined,
      frequency: 1,
      lastDs: [2],
    });
  });

  test('frequency and fill may stand in the data', () => {
    const data = { ds: ['2024-01-01', '2024-01-03'], y: [1, 3], freq: 'D', fill: 'linear' };
    expect(read(data)).toMatchObject({ y: [1, 2, 3], frequency: 'D' });
  });
});

describe('fill', () => {
  const gappy = { ds: [0, 1, 4].map((i) => START + i * DAY), y: [1, 2, 8], x: [5, 6, 9] };
  const filled = (fill: 'forward' | 'linear' | number, data: object = gappy) =>
    read(data, ['x'], [], { frequency: parseFrequency('D'), fill });

  test('forward', () => {
    expect(filled('forward')).toMatchObject({ y: [1, 2, 2, 2, 8], exog: { x: [5, 6, 6, 6, 9] } });
  });
  test('linear', () => {
    expect(filled('linear')).toMatchObject({ y: [1, 2, 4, 6, 8], exog: { x: [5, 6, 7, 8, 9] } });
  });
  test('a number; exogenous columns keep the value before', () => {
    expect(filled(0)).toMatchObject({ y: [1, 2, 0, 0, 8], exog: { x: [5, 6, 6, 6, 9] } });
  });
  test('timestamps and offsets follow', () => {
    expect(filled(0)).toMatchObject({
      ds: [0, 1, 2, 3, 4].map((i) => START + i * DAY),
      offsets: [0, 5],
      lastDs: [START + 4 * DAY],
    });
  });
  test('a value filled from an unobserved one is unobserved', () => {
    const data = { ...gappy, y: [1, Number.NaN, 8], availableMask: [1, 0, 1] };
    expect(filled('forward', data).mask).toEqual([1, 0, 0, 0, 1]);
    expect(filled('linear', data).mask).toEqual([1, 0, 0, 0, 1]);
    expect(filled(7, data).mask).toEqual([1, 0, 1, 1, 1]);
  });
  test('holidays of business days', () => {
    const days = ['2024-07-02', '2024-07-03', '2024-07-05', '2024-07-08'];
    const settings = { frequency: parseFrequency('B'), fill: 'forward' as const };
    expect(read({ ds: days, y: [1, 2, 3, 4] }, [], [], settings).y).toEqual([1, 2, 2, 3, 4]);
  });
});

describe('memory that could change', () => {
  test('shared and resizable buffers are copied', () => {
    const resizable = new Float64Array(
      new (ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer)(24, {
        maxByteLength: 240,
      }),
    );
    const shared = new Float64Array(new SharedArrayBuffer(24));
    for (const y of [resizable, shared]) {
      y.set([1, 2, 3]);
      const table = readRegular({ y }, wanted(), none);
      expect(table.y).not.toBe(y);
      expect([...table.y!]).toEqual([1, 2, 3]);
    }
  });
});

describe('fromOHLCV', () => {
  const candles: [number, number, number, number, number, number][] = [
    [START, 1, 3, 0.5, 2, 100],
    [START + HOUR, 2, 4, 1, 3, 200],
  ];
  test('close is y, the rest exogenous', () => {
    const [series] = fromOHLCV(candles, { id: 'BTC' });
    expect(series!.id).toBe('BTC');
    expect([...(series!.y as Float64Array)]).toEqual([2, 3]);
    expect([...(series!.exog!.volume as Float64Array)]).toEqual([100, 200]);
    const table = read(fromOHLCV(candles, { id: 'BTC' }), ['high', 'volume']);
    expect(table).toMatchObject({
      ids: ['BTC'],
      y: [2, 3],
      exog: { high: [3, 4], volume: [100, 200] },
      frequency: '1h',
    });
  });
  test('another target', () => {
    expect([...(fromOHLCV(candles, { target: 'volume' })[0]!.y as Float64Array)]).toEqual([
      100, 200,
    ]);
  });
});
