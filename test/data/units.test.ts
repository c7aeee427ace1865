// Which unit plain numbers have as times.
import { readRegular } from '../../lib/data/read';
import type { TimeSettings } from '../../lib/data/settings';
import { parseFrequency } from '../../lib/time/frequency';
import { thrownBy } from '../support/errors';
import { DAY, HOUR, START } from '../support/series';

const none: TimeSettings = { frequency: undefined, fill: undefined };
const wanted = { name: 'data', y: true, exog: new Map(), statics: new Map() };
const steps = (start: number, step: number, count = 30) =>
  Array.from({ length: count }, (_, i) => start + i * step);
const read = (ds: unknown, settings = none) =>
  readRegular({ ds, y: new Float64Array((ds as unknown[]).length) }, wanted, settings);
const frequency = (value: string | number): TimeSettings => ({
  frequency: parseFrequency(value),
  fill: undefined,
});
const failure = (ds: unknown, settings = none) => thrownBy(() => read(ds, settings));

const SECONDS = START / 1000;

describe('an error names the unit', () => {
  test.each<[string, unknown, RegExp]>([
    ['seconds by the minute', steps(SECONDS, 60), /epoch seconds: multiply by 1000/],
    ['seconds by the second', steps(SECONDS, 1), /epoch seconds/],
    ['seconds by the hour', steps(SECONDS, 3600), /1704171600, which looks like epoch seconds/],
    ['seconds by the day, since 1970', steps(0, 86_400, 20_000), /epoch seconds/],
    ['seconds by the day, before 1970', steps(-1e9 + 6400, 86_400), /epoch seconds/],
    ['seconds as bigints', BigInt64Array.from(steps(SECONDS, 60), BigInt), /epoch seconds/],
    ['seconds as Int32Array', Int32Array.from(steps(SECONDS, 60)), /epoch seconds/],
    [
      'seconds with a fraction',
      steps(SECONDS + 0.5, 1),
      /whole number.*these are seconds, multiply/,
    ],
    ['microseconds of 2024', steps(START * 1000, HOUR * 1000), /are microseconds, divide by 1000/],
    ['microseconds of 1971', steps(365 * DAY * 1000, DAY * 1000), /are microseconds/],
    [
      'nanoseconds',
      Float64Array.from(steps(START * 1e6, HOUR * 1e6)),
      /are nanoseconds, divide by 1_000_000/,
    ],
    [
      'nanoseconds as bigints',
      steps(START, HOUR).map((t) => BigInt(t) * 1_000_000n),
      /nanoseconds, divide by 1_000_000n/,
    ],
    ['milliseconds of 1970', steps(100 * DAY, DAY), /milliseconds of years about 1970/],
    ['dates as numbers', [20240130, 20240131, 20240201], /written as a number: pass text/],
    ['months as numbers', [202311, 202312, 202401], /written as a number/],
  ])('%s', (_, ds, message) => {
    expect(failure(ds)).toMatchObject({
      code: 'ERR_OUT_OF_RANGE',
      message: expect.stringMatching(message),
    });
  });

  test('of the series that has another unit than the others', () => {
    const ds = [...steps(START, HOUR), ...steps(SECONDS, 3600)];
    const uniqueId = ds.map((_, i) => (i < 30 ? 'a' : 'b'));
    const error = thrownBy(() => readRegular({ uniqueId, ds, y: ds }, wanted, none));
    expect(error.message).toMatch(/series 'b' has the timestamp 1704171600.*epoch seconds/);
  });
});

describe('accepted as before', () => {
  test.each<[string, number[], number | string]>([
    ['counters', steps(0, 1), 1],
    ['counters in tens', steps(1000, 10), 10],
    ['years', steps(1990, 1), 1],
    ['blocks', steps(19_000_000, 7200), 7200],
    ['counters that pass 1e8', steps(1, 7_000_000), 7_000_000],
    ['milliseconds', steps(START, HOUR), '1h'],
    ['milliseconds of 1900', steps(Date.UTC(1900, 0, 1), DAY), 'D'],
    ['milliseconds from 1960 to 1980', steps(Date.UTC(1960, 0, 1), DAY, 7300), 'D'],
  ])('%s', (_, ds, text) => {
    expect(read(ds).calendar.text).toBe(text);
  });

  test('a number as frequency says that numbers are integers', () => {
    const { calendar, lastDs } = read(steps(SECONDS, 60), frequency(60));
    expect([calendar.kind, lastDs[0]]).toEqual(['integer', SECONDS + 29 * 60]);
    expect(read([20240130, 20240131, 20240132], frequency(1)).lastDs[0]).toBe(20240132);
    // The step of milliseconds, and not a count of rows.
    expect(read(steps(START, HOUR), frequency(HOUR)).lastDs[0]).toBe(START + 29 * HOUR);
    // Only 1 counts rows.
    expect(read(steps(START, HOUR), frequency(1)).lastDs[0]).toBe(29);
  });

  test('text as frequency says that numbers are milliseconds', () => {
    expect(read(steps(0, DAY), frequency('D')).calendar.kind).toBe('time');
    expect(failure(steps(SECONDS, 3600), frequency('h')).message).toMatch(/epoch seconds/);
  });
});

describe('times and frequency that contradict each other', () => {
  test.each<[string, unknown, string | number, RegExp]>([
    [
      'counters by the day',
      steps(0, 1),
      'D',
      /integers that only count \(0 \.\.\.\).*"D" is one of dates/,
    ],
    ['dates by 5', ['2024-01-01', '2024-01-06'], 5, /'5min', '5h' or '5D'/],
    [
      'milliseconds by 5',
      steps(START, HOUR),
      5,
      /never makes a single step of 5; its rows fit 3600000/,
    ],
  ])('%s', (_, ds, value, message) => {
    expect(failure(ds, frequency(value)).message).toMatch(message);
  });

  test('one column, one kind of text; one input, one kind of time', () => {
    expect(failure(['2024-01-01T00:00Z', '2024-01-01T01:00']).message).toMatch(
      /data\.ds\[1\] is "2024-01-01T01:00", without an offset; those before it are with one/,
    );
    const mixed = [
      { id: 'a', ds: [START, START + DAY], y: [1, 2] },
      { id: 'b', ds: ['2024-01-01', '2024-01-02'], y: [1, 2] },
    ];
    expect(thrownBy(() => readRegular(mixed, wanted, none)).message).toMatch(
      /data\[1\]\.ds must be numbers as in data\[0\]\.ds/,
    );
    const dated = { id: 'a', ds: [START, START + DAY, START + 2 * DAY], y: [1, 2, 3] };
    const counting = { id: 'b', ds: [0, 1, 2], y: [1, 2, 3] };
    const long = {
      uniqueId: ['b', 'b', 'b', 'a', 'a', 'a'],
      ds: [...counting.ds, ...dated.ds],
      y: [1, 2, 3, 1, 2, 3],
    };
    for (const data of [[dated, counting], [counting, dated], long]) {
      expect(thrownBy(() => readRegular(data, wanted, none))).toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        message: `data: series 'a' has dates (${START} ...) and series 'b' integers that only count (0 ...): all series need the same kind of timestamps`,
      });
    }
    // Days of 1970 are dates beside those of today.
    const early = { ...counting, ds: [0, DAY, 2 * DAY] };
    expect(readRegular([dated, early], wanted, none).calendar.text).toBe('D');
  });
});
