import { parseIso } from '../../lib/time/civil';
import { parseFrequency, showTime } from '../../lib/time/frequency';
import { inferFrequency } from '../../lib/time/infer-frequency';
import { thrownBy } from '../support/errors';

const at = (text: string) => Date.parse(`${text}${text.includes('T') ? '' : 'T00:00'}Z`);
const day = (time: number) => new Date(time).toISOString().slice(0, 10);

describe('parseIso', () => {
  test.each([
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2024-02', '2024-02-01T00:00:00.000Z'],
    ['2024-02-29 13:05', '2024-02-29T13:05:00.000Z'],
    ['2024-02-29T13:05:06.789123', '2024-02-29T13:05:06.789Z'],
    ['2024-02-29T13:05:06+02:00', '2024-02-29T11:05:06.000Z'],
    ['2024-02-29T13:05:06-0530', '2024-02-29T18:35:06.000Z'],
    ['1969-12-31T23:59:59Z', '1969-12-31T23:59:59.000Z'],
    ['1600-02-29', '1600-02-29T00:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(new Date(parseIso(text)!.time).toISOString()).toBe(expected);
  });

  test.each(['2023-02-29', '2024-13-01', '24-01-01', '2024-01-01T25:00', 'yesterday', ''])(
    'refuses %s',
    (text) => expect(parseIso(text)).toBeUndefined(),
  );

  test('agrees with Date over four centuries', () => {
    for (let time = Date.UTC(1800, 0, 1); time < Date.UTC(2200, 0, 1); time += 17.3 * 86_400_000) {
      const text = new Date(Math.round(time)).toISOString();
      expect(parseIso(text)).toEqual({ time: Math.round(time), zoned: true });
    }
  });
});

describe('parseFrequency', () => {
  test.each([
    ['5min', '2024-01-01', 3, '2024-01-01T00:15'],
    ['h', '2024-01-01T23:00', 2, '2024-01-02T01:00'],
    ['D', '2024-02-28', 2, '2024-03-01'],
    ['2D', '2024-02-28', 2, '2024-03-03'],
    ['W', '2024-01-03', 1, '2024-01-10'],
    ['W-SUN', '2024-01-07', 2, '2024-01-21'],
    ['B', '2024-01-05', 1, '2024-01-08'],
    ['B', '2024-01-05T09:30', 6, '2024-01-15T09:30'],
    ['B', '2024-01-08', -1, '2024-01-05'],
    ['2B', '2024-01-04', 1, '2024-01-08'],
    ['MS', '2024-01-01', 2, '2024-03-01'],
    ['ME', '2024-01-31', 1, '2024-02-29'],
    ['M', '2024-01-31', 1, '2024-02-29'],
    ['M', '2024-01-01', 1, '2024-02-01'],
    ['3MS', '2024-11-01', 1, '2025-02-01'],
    ['QS', '2024-10-01', 1, '2025-01-01'],
    ['QE', '2024-03-31', 1, '2024-06-30'],
    ['Q-DEC', '2024-03-31', 1, '2024-06-30'],
    ['YS', '2024-01-01', 1, '2025-01-01'],
    ['YE', '2023-12-31', 1, '2024-12-31'],
    // ccxt's names
    ['1m', '2024-01-01', 3, '2024-01-01T00:03'],
    ['5m', '2024-01-01', 1, '2024-01-01T00:05'],
    ['4h', '2024-01-01', 1, '2024-01-01T04:00'],
    ['1d', '2024-01-01', 1, '2024-01-02'],
    ['1w', '2024-01-01', 1, '2024-01-08'],
    ['1M', '2024-01-01', 1, '2024-02-01'],
    ['1y', '2024-01-01', 1, '2025-01-01'],
    // pandas' names
    ['BME', '2024-02-29', 1, '2024-03-29'],
    ['BM', '2024-03-29', 1, '2024-04-30'],
    ['BMS', '2024-05-01', 1, '2024-06-03'],
    ['BQE', '2024-03-29', 1, '2024-06-28'],
    ['BQS', '2024-04-01', 5, '2025-07-01'],
    ['BYE', '2021-12-31', 1, '2022-12-30'],
    ['BYS', '2021-01-01', 1, '2022-01-03'],
    ['2BME', '2024-02-29', 1, '2024-04-30'],
    ['QE-JAN', '2024-01-31', 1, '2024-04-30'],
    ['BQE-NOV', '2024-02-29', 1, '2024-05-31'],
    ['YE-MAR', '2024-03-31', 1, '2025-03-31'],
    ['YS-APR', '2024-04-01', 1, '2025-04-01'],
    ['2QS-JAN', '2024-04-01', 1, '2024-10-01'],
    ['2MS', '2024-12-01', 1, '2025-02-01'],
    ['M-15', '2024-01-15', 1, '2024-02-15'],
    ['3M-28', '2023-11-28', 1, '2024-02-28'],
  ])('%s: %s moved on by %d', (text, from, steps, to) => {
    const calendar = parseFrequency(text);
    expect(new Date(calendar.add(at(from), steps)).toISOString().slice(0, 16)).toBe(
      new Date(at(to)).toISOString().slice(0, 16),
    );
    expect(calendar.onGrid(at(from))).toBe(true);
    expect(calendar.between(at(from), at(to))).toBe(steps);
  });

  test('business days of 30 years are Monday to Friday, each once', () => {
    const calendar = parseFrequency('B');
    let time = at('1990-01-01');
    for (let i = 1; i < 7800; i++) {
      const next = calendar.add(time, 1);
      expect([1, 3]).toContain((next - time) / 86_400_000);
      expect(new Date(next).getUTCDay() % 6).not.toBe(0);
      expect(calendar.add(at('1990-01-01'), i)).toBe(next);
      time = next;
    }
  });

  test.each([
    ['B', '2024-01-06'],
    ['W-SUN', '2024-01-06'],
    ['MS', '2024-01-02'],
    ['ME', '2024-01-30'],
    ['BME', '2024-03-31'],
    ['BMS', '2024-06-01'],
    ['M-15', '2024-01-16'],
    ['Q-DEC', '2024-01-31'],
    ['QE-MAR', '2024-04-30'],
    ['QS-FEB', '2024-01-01'],
    ['YE-MAR', '2024-12-31'],
    ['YS', '2024-01-02'],
  ])('%s has no %s', (text, date) => {
    expect(parseFrequency(text).onGrid(at(date))).toBe(false);
  });

  test('a number is integer time', () => {
    const calendar = parseFrequency(5);
    expect(calendar).toMatchObject({ kind: 'integer', fixedStep: 5 });
    expect(calendar.add(10, 2)).toBe(20);
    expect(showTime(calendar, 20)).toBe('20');
  });

  test.each([
    ['5 parsecs'],
    ['0h'],
    ['B-MON'],
    ['M-29'],
    ['M-0'],
    ['MS-15'],
    ['Q-FOO'],
    ['D-SUN'],
    ['constructor'],
    ['99999999h'],
    [''],
    [0],
    [-1],
    [1.5],
    [Number.NaN],
  ])('refuses %p', (value) => {
    expect(thrownBy(() => parseFrequency(value))).toMatchObject({
      name: 'RangeError',
      code: 'ERR_OUT_OF_RANGE',
      message: expect.stringContaining('frequency must be'),
    });
  });

  test.each([[null], [{}], [true]])('refuses the type of %p', (value) => {
    expect(thrownBy(() => parseFrequency(value)).code).toBe('ERR_INVALID_ARG_TYPE');
  });
});

describe('inferFrequency', () => {
  const infer = (times: number[], kind: 'integer' | 'time' = 'time') =>
    inferFrequency(Float64Array.from(times), Float64Array.of(0, times.length), kind)?.text;
  const series = (text: string, from: string, count: number) => {
    const calendar = parseFrequency(text);
    return Array.from({ length: count }, (_, i) => calendar.add(at(from), i));
  };

  test.each([
    ['5min', '2024-01-01', '5min'],
    ['1h', '2024-01-01', '1h'],
    ['D', '2024-01-01', 'D'],
    ['B', '2024-01-01', 'B'],
    ['W-SUN', '2024-01-07', 'W'],
    ['MS', '2024-01-01', 'MS'],
    ['ME', '2024-01-31', 'ME'],
    ['QS', '2024-01-01', 'QS'],
    ['QE', '2024-03-31', 'QE'],
    ['YS', '2020-01-01', 'YS'],
    ['YE', '2020-12-31', 'YE'],
    ['90s', '2024-01-01', '90s'],
    ['36h', '2024-01-01', '36h'],
    ['2D', '2024-01-01', '2D'],
    ['2W', '2024-01-01', '2W'],
    ['2B', '2024-01-01', '2B'],
    ['3B', '2024-01-01', '3B'],
    ['2MS', '2024-01-01', '2MS'],
    ['4ME', '2024-01-31', '4ME'],
    ['2QS', '2024-01-01', '2QS'],
    ['2QE', '2024-03-31', '2QE'],
    ['2YS', '1980-01-01', '2YS'],
    ['5YE', '1980-12-31', '5YE'],
    ['BMS', '2024-01-01', 'BMS'],
    ['BME', '2024-01-31', 'BME'],
    ['2BME', '2024-01-31', '2BME'],
    ['BQS', '2024-01-01', 'BQS'],
    ['BQE', '2024-03-29', 'BQE'],
    ['BYE', '2000-12-29', 'BYE'],
    ['M-15', '2024-01-15', 'M-15'],
    ['3M-15', '2024-01-15', '3M-15'],
    ['12M-4', '1980-07-04', '12M-4'],
  ])('%s', (text, from, expected) => {
    expect(infer(series(text, from, 40))).toBe(expected);
  });

  test('business days with holidays are business days', () => {
    const days = series('B', '2024-01-01', 250).filter(
      (time) => !['2024-01-01', '2024-01-15', '2024-07-04', '2024-11-28'].includes(day(time)),
    );
    expect(infer(days)).toBe('B');
  });

  test('months of which some are missing are months', () => {
    const months = series('MS', '2020-01-01', 36).filter((_, i) => i !== 7 && i !== 20);
    expect(infer(months)).toBe('MS');
  });

  test('weekly data that lacks a week is weekly', () => {
    const weeks = series('W', '2024-01-01', 20).filter((_, i) => i !== 7);
    expect(infer(weeks)).toBe('W');
  });

  test('the most common step where one is missing', () => {
    expect(infer([0, 1, 2, 4, 5].map((i) => at('2024-01-01') + i * 3_600_000))).toBe('1h');
  });

  test('integers', () => {
    expect(infer([0, 10, 20, 40], 'integer')).toBe(10);
  });

  test('one row tells nothing', () => {
    expect(infer([0])).toBeUndefined();
  });
});
