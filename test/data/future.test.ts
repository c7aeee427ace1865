// Which rows of futureExog become the steps of the horizon: x is ten times the time of its row, so that a row of
// another time cannot pass for the right one.
import { alignFuture } from '../../lib/data/future';
import { parseFrequency } from '../../lib/time/frequency';
import type { Origin } from '../../lib/time/future-times';
import { findZone } from '../../lib/time/zone';
import { thrownBy } from '../support/errors';
import { DAY, HOUR, START } from '../support/series';

const TYPE = 'ERR_INVALID_ARG_TYPE';
const RANGE = 'ERR_OUT_OF_RANGE';
const MISSING = 'ERR_MISSING_FUTURE_EXOG';
const TWICE = 'ERR_DUPLICATE_TIMESTAMP';

/** 200 days; the horizon is days 200 to 203. */
const day = (i: number) => START + i * DAY;
const dated = (...ids: string[]): Origin => ({
  ids,
  lastDs: Float64Array.from(ids, () => day(199)),
  calendar: parseFrequency('D'),
});
/** The same, but the forecaster counts: rows 200 to 203. */
const counted = (...ids: string[]): Origin => ({
  ids,
  lastDs: Float64Array.from(ids, () => 199),
  calendar: parseFrequency(1),
});

function align(input: unknown, origin: Origin, horizon = 4): number[] {
  return [...alignFuture(input, new Map([['x', 'MLP']]), origin, horizon).get('x')!];
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const all = range(0, 210);
const ahead = [2000, 2010, 2020, 2030];
/** A frame of history and horizon, and some rows beyond. */
const x = all.map((i) => 10 * i);
const shuffled = all.map((i) => (i * 67) % all.length);

describe('a frame that covers history and horizon gives the rows of the horizon', () => {
  const ds = all.map(day);
  test.each<[string, unknown, Origin]>([
    ['milliseconds', { ds, x }, dated('a')],
    ['Dates', { ds: ds.map((time) => new Date(time)), x }, dated('a')],
    ['ISO strings', { ds: ds.map((time) => new Date(time).toISOString()), x }, dated('a')],
    ['BigInt64Array', { ds: BigInt64Array.from(ds.map(BigInt)), x }, dated('a')],
    ['integers', { ds: all, x }, counted('a')],
    ['rows', all.map((i) => ({ uniqueId: 'a', ds: ds[i], x: x[i] })), dated('a')],
    ['shuffled rows', shuffled.map((i) => ({ ds: ds[i], x: x[i] })), dated('a')],
    ['a series', [{ id: 'a', ds, exog: { x } }], dated('a')],
    ['a nameless series', [{ ds, exog: { x } }], dated('a')],
    ['compressed', { ids: ['a'], offsets: [0, 210], ds, x }, dated('a')],
    ['numbers as ids', { uniqueId: all.map(() => 7), ds, x }, dated('7')],
  ])('%s', (_, input, origin) => {
    expect(align(input, origin)).toEqual(ahead);
  });

  test.each<[string, unknown, string]>([
    ['columns', { timestamp: ds.slice(200), x: ahead }, 'futureExog'],
    ['rows', [3, 2, 1, 0].map((i) => ({ timestamp: ds[200 + i], x: ahead[i] })), 'futureExog'],
    ['a series', [{ id: 'a', timestamp: ds.slice(200), exog: { x: ahead } }], 'futureExog[0]'],
    [
      'compressed',
      { ids: ['a'], offsets: [0, 4], timestamp: ds.slice(200), x: ahead },
      'futureExog',
    ],
  ])('ds by another name in %s is an error', (_, input, owner) => {
    expect(thrownBy(() => align(input, dated('a')))).toMatchObject({
      code: TYPE,
      message: `${owner} has 'timestamp', which seems to hold the times of the rows but is read by no model: name it ds, or leave it out`,
    });
    const named = new Set(['timestamp']);
    const columns = new Map([['x', 'MLP']]);
    expect(alignFuture(input, columns, dated('a'), 4, 4, named).get('x')).toHaveLength(4);
  });

  test('text without an offset is local, as the series', () => {
    const tokyo = findZone('Asia/Tokyo')!;
    const local = { ...dated('a'), calendar: parseFrequency('D', 'frequency', tokyo) };
    local.lastDs[0]! -= 9 * HOUR;
    const text = ds.map((time) => new Date(time).toISOString().slice(0, 10));
    expect(align({ ds: text, x }, local)).toEqual(ahead);
    expect(thrownBy(() => align({ ds, x }, local)).message).toMatch(/2024-07-19/);
  });

  test('dates whose milliseconds are small numbers', () => {
    const early = { ...dated('a'), lastDs: Float64Array.of(199 * DAY) };
    expect(align({ ds: all.map((i) => i * DAY), x }, early)).toEqual(ahead);
  });

  test('for each series from its own end on, whatever their order', () => {
    const origin = dated('a', 'b');
    origin.lastDs[1] = day(149);
    const minus = x.map((value) => -value);
    const both = [...ahead, -1500, -1510, -1520, -1530];
    const ids = (first: string, second: string) => all.flatMap(() => [first, second]);
    const mixed = all.flatMap((i) => [minus[i]!, x[i]!]);
    const forms = [
      [
        { id: 'b', ds, exog: { x: minus } },
        { id: 'a', ds, x },
      ],
      { uniqueId: ids('b', 'a'), ds: ds.flatMap((time) => [time, time]), x: mixed },
      { ids: ['b', 'a'], offsets: [0, 210, 420], ds: [...ds, ...ds], x: [...minus, ...x] },
    ];
    for (const form of forms) expect(align(form, origin)).toEqual(both);
  });
});

describe('without ds', () => {
  const four = [2000, 2010, 2020, 2030];
  test('exactly the rows of the horizon, in order', () => {
    expect(align({ x: four }, dated('a'))).toEqual(ahead);
    expect(align({ x: Float32Array.from(four) }, counted('a'))).toEqual(ahead);
    const rows = [3, 4].flatMap((k) => four.map((value) => ({ uniqueId: k, x: k * value })));
    expect(align(rows, dated('4', '3'))).toEqual([4, 3].flatMap((k) => ahead.map((v) => k * v)));
  });

  test('of a model that reads less far, the first rows of those for all models', () => {
    const columns = new Map([['x', 'Prophet']]);
    const longer = { x: [...four, 2040, 2050] };
    expect([...alignFuture(longer, columns, dated('a'), 4, 6).get('x')!]).toEqual(ahead);
    expect(thrownBy(() => alignFuture({ x: four }, columns, dated('a'), 4, 6))).toMatchObject({
      code: MISSING,
      message: expect.stringMatching(/4 rows without ds .* takes 6/),
    });
    // By their times the rows are found as far as they are needed.
    const ds = range(200, 204).map(day);
    expect([...alignFuture({ ds, x: four }, columns, dated('a'), 4, 6).get('x')!]).toEqual(ahead);
  });

  test.each<[string, unknown, string, RegExp]>([
    [
      'more rows',
      { x },
      RANGE,
      /210 rows without ds for series 'a', but the forecast takes 4, one a step from 2024-07-19 on \(MLP needs 'x'\): add ds.*or cut the rows to those 4/,
    ],
    [
      'fewer rows',
      { x: four.slice(1) },
      MISSING,
      /3 rows without ds for series 'a'.* from 2024-07-19 on .*: add ds.*give exactly 4 rows/,
    ],
    ['no rows', { x: [] }, MISSING, /0 rows without ds for series 'a'/],
    ['more rows of a series', [{ id: 'a', exog: { x } }], RANGE, /210 rows.*series 'a'/],
    ['one row too many', four.concat(1).map((v) => ({ x: v })), RANGE, /5 rows.*series 'a'/],
    ['fewer compressed', { ids: ['a'], offsets: [0, 1], x: [1] }, MISSING, /1 row .*series 'a'/],
  ])('%s', (_, input, code, message) => {
    expect(thrownBy(() => align(input, dated('a')))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe('with ds', () => {
  const ds = all.map(day);
  test.each<[string, unknown, Origin, string, RegExp]>([
    [
      'seconds for milliseconds',
      { ds: ds.map((time) => time / 1000), x },
      dated('a'),
      TYPE,
      /plain integers \(1704067200 to 1722124800\) for series 'a', but its forecast goes on in calendar time, 2024-07-19 to 2024-07-22: give epoch milliseconds, Dates or ISO strings; times 1000 they meet the horizon: they look like seconds/,
    ],
    ['counted rows for dates', { ds: all, x }, dated('a'), TYPE, /plain integers \(0 to 209\)/],
    [
      'microseconds for milliseconds',
      { ds: ds.map((time) => time * 1000), x },
      dated('a'),
      MISSING,
      /series 'a' at 2024-07-19 \(step 1.*divided by 1000 they meet the horizon: they look like microseconds/,
    ],
    [
      'dates for counted rows',
      { ds, x },
      counted('a'),
      TYPE,
      /calendar time \(2024-01-01 to 2024-07-28\) for series 'a', but its forecast counts steps, 200 to 203, because its data has no ds, integers as ds, or a number as frequency: give those numbers as ds, or exactly 4 rows without ds, or fit with calendar ds/,
    ],
    [
      'exactly the dates of the horizon for counted rows',
      { ds: ds.slice(200, 204), x: ahead },
      counted('a'),
      TYPE,
      /calendar time \(2024-07-19 to 2024-07-22\)/,
    ],
    [
      'milliseconds after a fit in seconds',
      { ds, x },
      {
        ...counted('a'),
        lastDs: Float64Array.of(day(199) / 1000),
        calendar: parseFrequency(86400),
      },
      TYPE,
      /divided by 1000 they meet the horizon: the data's ds looks like seconds, fit with milliseconds/,
    ],
    [
      'the horizon counted from 0',
      { ds: [0, 1, 2, 3], x: ahead },
      counted('a'),
      MISSING,
      /series 'a' at 200 \(step 1 of the horizon\), which MLP needs; its rows are 0 to 3/,
    ],
    [
      'a missing step',
      { ds: ds.filter((_, i) => i !== 202), x: x.slice(1) },
      dated('a'),
      MISSING,
      /series 'a' at 2024-07-21 \(step 3/,
    ],
    ['a step twice', { ds: [...ds, day(202)], x: [...x, 5] }, dated('a'), TWICE, /'a'.*2024-07-21/],
    [
      'a step twice in rows',
      [200, 201, 201, 202, 203].map((i) => ({ uniqueId: 'a', ds: i, x: 1 })),
      counted('a'),
      TWICE,
      /'a' holds 201 twice/,
    ],
    [
      'a nameless step twice: the forecast series is named',
      { ds: [...ds, day(202)], x: [...x, 5] },
      dated('BTC'),
      TWICE,
      /series 'BTC'/,
    ],
    [
      'ds from the second row on',
      range(200, 204).map((i) => (i === 200 ? { x: 1 } : { ds: i, x: 1 })),
      counted('a'),
      TYPE,
      /futureExog\[0\] has no 'ds', futureExog\[1\] has: give it in every row or in none/,
    ],
    [
      'ds of one series only',
      [
        { id: 'a', exog: { x: ahead } },
        { id: 'b', ds: range(200, 204), exog: { x: ahead } },
      ],
      counted('a', 'b'),
      TYPE,
      /futureExog\[1\]\.ds must be left out as in futureExog\[0\]/,
    ],
    [
      'milliseconds in one series, seconds in the other',
      [
        { id: 'a', ds, exog: { x } },
        { id: 'b', ds: ds.map((time) => time / 1000), exog: { x } },
      ],
      dated('a', 'b'),
      MISSING,
      /series 'b' at 2024-07-19.*times 1000 they meet the horizon: they look like seconds/,
    ],
  ])('%s', (_, input, origin, code, message) => {
    expect(thrownBy(() => align(input, origin))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test('what stands beside the horizon need not be finite, what stands in it must', () => {
    const other = x.map((value, i) => (i < 200 || i > 203 ? Number.NaN : value));
    expect(align({ ds, x: other }, dated('a'))).toEqual(ahead);
    other[202] = Number.NaN;
    expect(thrownBy(() => align({ ds, x: other }, dated('a')))).toMatchObject({
      code: 'ERR_NON_FINITE',
      message: expect.stringMatching(/futureExog: series 'a', column 'x'.*2024-07-21\) is NaN/),
    });
  });
});

describe('ids', () => {
  test('others beside those forecast are left alone', () => {
    const input = [
      { id: 'other', x: ahead.map(() => Number.NaN) },
      { id: 'a', x: ahead },
    ];
    expect(align(input, dated('a'))).toEqual(ahead);
  });

  test.each<[string, unknown, Origin, string, RegExp]>([
    [
      'none for two series',
      { ds: range(200, 204), x: ahead },
      counted('a', 'b'),
      TYPE,
      /of which series each row is, because 2 are forecast \('a', 'b'\): add uniqueId.*\[{ id: 'a', ds, exog: { x } }/,
    ],
    [
      'none, for a series of that name and another',
      { x: ahead },
      counted('series', 'b'),
      TYPE,
      /2 are/,
    ],
    [
      'a misspelt one for one series',
      { uniqueId: 'BCT', x: ahead },
      dated('BTC'),
      MISSING,
      /no 'x' for series 'BTC', which MLP needs for 2024-07-19 to 2024-07-22; it has 'BCT'; 'BCT' is none of those forecast: a misspelt id\?/,
    ],
    [
      'the name of nameless ones, given',
      { uniqueId: 'series', x: ahead },
      dated('BTC'),
      MISSING,
      /'BTC'/,
    ],
    [
      'one for a series without',
      [{ id: 'BTC', x: ahead }],
      dated('series'),
      MISSING,
      /'series' \(the name of a series without id\)/,
    ],
    [
      'a missing one of two',
      [
        { id: 'a', x: ahead },
        { id: 'c', x: ahead },
      ],
      dated('a', 'b'),
      MISSING,
      /series 'b'.*it has 'a', 'c'; 'c' is none/,
    ],
    [
      'one under another name',
      { id: 'ETH', x: ahead },
      dated('BTC'),
      TYPE,
      /futureExog has 'id'.*call it uniqueId/,
    ],
    [
      'from the second row on',
      ahead.map((v, i) => (i === 0 ? { x: v } : { uniqueId: 'b', x: v })),
      dated('a'),
      TYPE,
      /futureExog\[0\] has no 'uniqueId'/,
    ],
    ['ids without offsets', { ids: ['a'], x: ahead }, dated('a'), TYPE, /futureExog\.offsets/],
  ])('%s', (_, input, origin, code, message) => {
    expect(thrownBy(() => align(input, origin))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
