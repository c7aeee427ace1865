import { parseFrequency, showTime } from '../../lib/time/frequency';
import { inferFrequency } from '../../lib/time/infer-frequency';
import { findZone, UTC, zoneOption } from '../../lib/time/zone';
import { thrownBy } from '../support/errors';
import { DAY, HOUR } from '../support/series';

const zone = (name: string) => findZone(name)!;
const local = (text: string) => Date.parse(`${text}Z`);

describe('wall clocks', () => {
  test.each([
    ['Europe/Berlin', '2024-01-15T12:00', '2024-01-15T11:00'],
    ['Europe/Berlin', '2024-07-15T12:00', '2024-07-15T10:00'],
    ['America/New_York', '2024-03-10T01:59', '2024-03-10T06:59'],
    ['America/New_York', '2024-03-10T03:00', '2024-03-10T07:00'],
    ['Asia/Tokyo', '1950-07-01T00:00', '1950-06-30T14:00'], // they had summer time then
    ['Asia/Kolkata', '2024-01-01T00:00', '2023-12-31T18:30'],
    ['Australia/Lord_Howe', '2024-01-01T00:00', '2023-12-31T13:00'],
    ['Europe/Paris', '1890-01-01T00:00', '1889-12-31T23:50:39'], // local mean time
    ['America/Sao_Paulo', '2018-11-03T00:00', '2018-11-03T03:00'],
  ])('%s %s', (name, clock, instant) => {
    expect(zone(name).toTime(local(clock))).toBe(local(instant));
    expect(zone(name).toLocal(local(instant))).toBe(local(clock));
  });

  test('an hour that clocks repeat is its first; one that they skip begins after it', () => {
    const berlin = zone('Europe/Berlin');
    expect(berlin.toTime(local('2024-10-27T02:30'))).toBe(local('2024-10-27T00:30'));
    expect(berlin.toLocal(local('2024-10-27T01:30'))).toBe(local('2024-10-27T02:30'));
    expect(berlin.toTime(local('2024-03-31T02:30'))).toBe(local('2024-03-31T01:30'));
    // Sao Paulo skipped midnight of 2018-11-04: the day's first instant is its midnight.
    const brazil = zone('America/Sao_Paulo');
    expect(brazil.toTime(local('2018-11-04T00:00'))).toBe(local('2018-11-04T03:00'));
    expect(brazil.toLocal(local('2018-11-04T03:00'))).toBe(local('2018-11-04T00:00'));
    expect(brazil.toLocal(local('2018-11-04T03:01'))).toBe(local('2018-11-04T01:01'));
  });

  test.each(['Europe/London', 'America/St_Johns', 'Pacific/Auckland', 'Africa/Casablanca'])(
    '%s agrees with Intl over two centuries',
    (name) => {
      const format = new Intl.DateTimeFormat('sv-SE', {
        timeZone: name,
        dateStyle: 'short',
        timeStyle: 'medium',
      });
      for (
        let time = local('1900-01-01T00:30');
        time < local('2100-01-01');
        time += 197 * DAY + HOUR
      ) {
        const clock = new Date(zone(name).toLocal(time)).toISOString().slice(0, 19);
        expect(clock.replace('T', ' ')).toBe(format.format(time));
      }
    },
  );
});

describe('timeZone', () => {
  test('names are checked, whatever their length', () => {
    expect(zoneOption('Etc/UTC')).toBe(UTC);
    expect(zoneOption(undefined)).toBeUndefined();
    for (const value of ['Mars/Olympus', '', 'Europe/Berlin'.repeat(1e5)]) {
      expect(thrownBy(() => zoneOption(value))).toMatchObject({
        code: 'ERR_OUT_OF_RANGE',
        message: expect.stringMatching(/^timeZone must be an IANA name such as 'Europe\/Berlin'/),
      });
    }
    expect(thrownBy(() => zoneOption(1)).code).toBe('ERR_INVALID_ARG_TYPE');
  });

  test.each([
    ['D', 'Europe/Berlin', '2024-03-30', 1, 24, '2024-03-31'],
    ['D', 'Europe/Berlin', '2024-03-31', 1, 23, '2024-04-01'],
    ['D', 'Europe/Berlin', '2024-10-27', 1, 25, '2024-10-28'],
    ['24h', 'Europe/Berlin', '2024-10-27', 1, 24, '2024-10-27T23:00'],
    ['W-MON', 'America/New_York', '2024-03-04', 1, 7 * 24 - 1, '2024-03-11'],
    ['W-MON', 'America/New_York', '2024-03-04', 2, 14 * 24 - 1, '2024-03-18'],
    ['B', 'Asia/Tokyo', '2024-03-01', 1, 72, '2024-03-04'],
    ['MS', 'Europe/Berlin', '2024-03-01', 1, 31 * 24 - 1, '2024-04-01'],
    ['QE', 'America/New_York', '2023-12-31', 1, 91 * 24 - 1, '2024-03-31'],
    ['D', 'America/Sao_Paulo', '2018-11-03', 2, 47, '2018-11-05'],
    ['D', 'America/Sao_Paulo', '2018-11-04', 1, 23, '2018-11-05'],
  ])('%s in %s: %s moved on by %d is %d hours later', (text, name, from, steps, hours, to) => {
    const calendar = parseFrequency(text, 'frequency', zone(name));
    const start = zone(name).toTime(local(from.length === 10 ? `${from}T00:00` : from));
    const end = calendar.add(start, steps);
    expect((end - start) / HOUR).toBe(hours);
    expect(showTime(calendar, end).slice(0, to.length)).toBe(to);
    expect(calendar.onGrid(start)).toBe(true);
    expect(calendar.between(start, end)).toBe(steps);
    expect(calendar.add(end, -steps)).toBe(start);
  });

  test('business days are those of the zone', () => {
    // Monday in Tokyo is Sunday 15:00 in UTC.
    const monday = local('2024-03-03T15:00');
    expect(parseFrequency('B').onGrid(monday)).toBe(false);
    expect(parseFrequency('B', 'frequency', zone('Asia/Tokyo')).onGrid(monday)).toBe(true);
  });

  test.each(['D', '2D', 'B', 'W', 'MS', 'ME', 'BME', '2MS', 'QS', 'QE', 'YS', 'M-15'])(
    '%s is inferred from local midnights of Berlin, New York and Tokyo',
    (text) => {
      for (const name of ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo']) {
        const calendar = parseFrequency(text, 'frequency', zone(name));
        const first =
          {
            W: '2023-01-02',
            ME: '2023-01-31',
            BME: '2023-01-31',
            QE: '2023-03-31',
            'M-15': '2023-01-15',
            B: '2023-01-02',
          }[text] ?? '2023-01-01';
        const start = zone(name).toTime(local(`${first}T00:00`));
        const times = Float64Array.from({ length: 60 }, (_, i) => calendar.add(start, i));
        expect(inferFrequency(times, [0, 60], 'time', zone(name))?.text).toBe(text);
      }
    },
  );

  test('messages show local time', () => {
    const calendar = parseFrequency('h', 'frequency', zone('Asia/Kolkata'));
    expect(showTime(calendar, local('2024-05-31T18:30'))).toBe('2024-06-01');
    expect(showTime(calendar, local('2024-05-31T19:30'))).toBe('2024-06-01T01:00:00+05:30');
  });
});
