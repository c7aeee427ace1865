// Days of a time zone through the public API, and what is said of rows that belong to another one.
import { models, NeuralForecaster, type ProphetOptions } from '../lib';
import { findZone } from '../lib/time/zone';
import { failureOf, thrownBy } from './support/errors';
import { bits, type SomeOptions } from './support/forecasters';
import { withoutChecksum } from './support/safetensors';
import { DAY, HOUR, hours, noise, sine, tinySpec } from './support/series';

const START = Date.UTC(2023, 0, 2); // a Monday
const dates = (count: number, start = START) =>
  Array.from({ length: count }, (_, i) => new Date(start + i * DAY).toISOString().slice(0, 10));
const midnights = (zone: string, days: string[]) =>
  Float64Array.from(days, (day) => findZone(zone)!.toTime(Date.parse(`${day}T00:00Z`)));
const forecaster = (options: SomeOptions) =>
  new NeuralForecaster({ models: tinySpec('NLinear'), ...options });

const HOLIDAYS = ['2023-03-27', '2023-07-14', '2023-11-01', '2024-02-01', '2024-03-05'];
/** Level, weekly season, noise, and +30 on each holiday. */
function feasts(days: string[]): Float64Array {
  const random = noise(3);
  return Float64Array.from(
    days,
    (day, i) =>
      50 + 4 * Math.sin((2 * Math.PI * i) / 7) + random() + (HOLIDAYS.includes(day) ? 30 : 0),
  );
}
const prophet = (options: SomeOptions = {}, own: Partial<ProphetOptions> = {}) =>
  forecaster({
    models: models.Prophet({
      horizon: 7,
      yearlySeasonality: false,
      holidays: [{ name: 'feast', ds: HOLIDAYS }],
      ...own,
    }),
    ...options,
  });
// The last holiday, 2024-03-05, is the fourth day ahead.
const DATES = dates(425);
const Y = feasts(DATES);

describe('timeZone', () => {
  test.each(['Asia/Tokyo', 'Europe/Berlin', 'America/New_York'])(
    'local midnights of %s are dates: the same forecast, holidays on their day',
    async (timeZone) => {
      using plain = prophet();
      await plain.fit({ ds: DATES, y: Y });
      const expected = bits(plain);
      expect(expected.Prophet![3]! - expected.Prophet![2]!).toBeGreaterThan(20);

      using local = prophet({ timeZone });
      await local.fit({ ds: midnights(timeZone, DATES), y: Y });
      expect(bits(local)).toEqual(expected);
      expect([...local.predictSync().ds]).toEqual([
        ...midnights(timeZone, dates(7, START + 425 * DAY)),
      ]);
      // Text without an offset is local: the same rows again.
      using text = prophet({ timeZone });
      await text.fit({ ds: DATES, y: Y });
      expect(bits(text)).toEqual(expected);
      expect(text.predictSync().ds).toEqual(local.predictSync().ds);
    },
  );

  test('holidays may be instants: they belong to the local day', async () => {
    const timeZone = 'America/New_York';
    using text = prophet({ timeZone });
    await text.fit({ ds: DATES, y: Y });
    const ds = Array.from(midnights(timeZone, HOLIDAYS), (time) => new Date(time));
    using instants = prophet({ timeZone }, { holidays: [{ name: 'feast', ds }] });
    await instants.fit({ ds: DATES, y: Y });
    expect(bits(instants)).toEqual(bits(text));
    const utc = HOLIDAYS.map((day) => new Date(day));
    expect(
      thrownBy(() => prophet({ timeZone }, { holidays: [{ name: 'feast', ds: utc }] })),
    ).toMatchObject({
      code: 'ERR_OUT_OF_RANGE',
      message: expect.stringMatching(
        /holidays\[0\]\.ds\[0\] is midnight of UTC on 2023-03-27, which is 2023-03-26T20:00:00-04:00 in America\/New_York; pass dates as text: '2023-03-27'/,
      ),
    });
  });

  test('hourly rows have the holidays of local days', async () => {
    const timeZone = 'Asia/Tokyo';
    const ds = hours(24 * 40, findZone(timeZone)!.toTime(START));
    const y = Float64Array.from(ds, (time) =>
      new Date(time + 9 * HOUR).getUTCDate() === 5 ? 9 : 5,
    );
    const holidays = [{ name: 'fifth', ds: ['2023-01-05', '2023-02-05', '2023-03-05'] }];
    using local = prophet({ timeZone }, { holidays, weeklySeasonality: false, horizon: 24 * 25 });
    await local.fit({ ds, y });
    const forecast = local.predictSync();
    const fifth = Array.from(forecast.ds, (time) => new Date(time + 9 * HOUR).getUTCDate() === 5);
    expect(fifth.filter(Boolean)).toHaveLength(24);
    for (const [i, value] of forecast.columns.Prophet!.entries()) {
      expect(Math.abs(value - (fifth[i] ? 9 : 5))).toBeLessThan(0.2);
    }
  });

  test('a forecast across a change of clocks, with future columns by date', async () => {
    using berlin = forecaster({
      models: tinySpec('NHITS', { futureExog: ['x'] }),
      timeZone: 'Europe/Berlin',
    });
    const days = dates(60, Date.UTC(2024, 0, 30)); // to 2024-03-29; clocks change on the 31st
    const x = sine(60);
    await berlin.fit({ ds: midnights('Europe/Berlin', days), y: x, x });
    const ahead = ['2024-03-30', '2024-03-31', '2024-04-01', '2024-04-02'];
    const values = { x: [1, 2, 3, 4] };
    const byText = berlin.predictSync({ futureExog: { ds: ahead, ...values } });
    expect([...byText.ds]).toEqual([...midnights('Europe/Berlin', ahead)]);
    const byTime = { ds: midnights('Europe/Berlin', ahead), ...values };
    expect(bits(berlin, { futureExog: byTime })).toEqual(
      bits(berlin, { futureExog: { ds: ahead, ...values } }),
    );
  });

  test('hours are hours, whatever the clocks do', async () => {
    using berlin = forecaster({ timeZone: 'Europe/Berlin', frequency: 'h' });
    const ds = hours(60, Date.UTC(2024, 9, 25)); // clocks go back on the 27th, in the horizon
    await berlin.fit({ ds, y: sine(60) });
    expect([...berlin.predictSync().ds]).toEqual([...hours(4, Date.UTC(2024, 9, 27, 12))]);
    const local = Array.from(ds, (t) => new Date(t + 2 * HOUR).toISOString().slice(0, 16));
    const bad = [...local.slice(0, 48), '2024-10-27T02:00', '2024-10-27T02:00'];
    expect(await failureOf(() => berlin.fit({ ds: bad, y: sine(50) }))).toMatchObject({
      code: 'ERR_DUPLICATE_TIMESTAMP',
      message: expect.stringMatching(
        /in the hour that clocks repeat or skip, only text with an offset/,
      ),
    });
  });

  test('is saved, and means UTC where a file does not say', async () => {
    using local = prophet({ timeZone: 'Europe/Berlin' });
    await local.fit({ ds: DATES, y: Y });
    const bytes = local.serialize();
    using loaded = NeuralForecaster.deserialize(bytes);
    expect(bits(loaded)).toEqual(bits(local));
    expect(loaded.predictSync().ds).toEqual(local.predictSync().ds);
    const changed = (from: string, to: string) => {
      const text = withoutChecksum(bytes).toString('latin1');
      expect(text).toContain(from);
      return Buffer.from(text.replace(from, to), 'latin1');
    };
    const name = '\\"timeZone\\":\\"Europe/Berlin\\"';
    expect(
      thrownBy(() => NeuralForecaster.deserialize(changed(name, name.replace('Berlin', 'Perlin')))),
    ).toMatchObject({
      code: 'ERR_CORRUPT_MODEL',
      message: expect.stringContaining("'timeZone'"),
    });
    using old = NeuralForecaster.deserialize(
      changed(name, '\\"timeZone\\":null'.padEnd(name.length)),
    );
    expect(old.predictSync().ds[1]! - old.predictSync().ds[0]!).toBe(DAY);
  });
});

describe('without timeZone', () => {
  const failure = async (options: SomeOptions, data: object) => {
    using one = forecaster(options);
    return failureOf(() => one.fit({ y: sine((data as { ds: number[] }).ds.length), ...data }));
  };

  test.each<[string, string, SomeOptions]>([
    ['days of 23 hours', 'Europe/Berlin', { frequency: 'D' }],
    ['days of 23 hours, inferred', 'America/New_York', {}],
    ['business days on a Sunday', 'Asia/Tokyo', { frequency: 'B' }],
  ])('%s name %s', async (_, zone, options) => {
    const error = await failure(options, { ds: midnights(zone, dates(120)) });
    expect(error).toMatchObject({
      code: 'ERR_IRREGULAR_TIMESTAMP',
      message: expect.stringContaining(
        `local midnights of ${zone}, for example: pass timeZone: '${zone}' to NeuralForecaster`,
      ),
    });
  });

  test.each<[string, string, (day: number) => boolean]>([
    ['business days', 'Asia/Tokyo', (day) => day % 7 < 5],
    ['business days', 'Asia/Kolkata', (day) => day % 7 < 5],
    [
      'first days of months',
      'America/New_York',
      (day) => new Date(START + day * DAY).getUTCDate() === 1,
    ],
  ])('%s of %s, inferred', async (_, zone, chosen) => {
    const days = dates(500).filter((_, i) => chosen(i));
    const error = await failure({}, { ds: midnights(zone, days) });
    expect(error.message).toContain(`pass timeZone: '${zone}'`);
    using there = forecaster({ timeZone: zone });
    const y = sine(days.length);
    if (days.length > 40) await there.fit({ ds: midnights(zone, days), y });
  });

  test.each<[string, (day: number) => boolean]>([
    ['America/Asuncion', () => true],
    ...['America/Santiago', 'Pacific/Apia', 'Australia/Lord_Howe'].map(
      (zone): [string, (day: number) => boolean] => [
        zone,
        (day) => new Date(Date.UTC(2018, 0, 1) + day * DAY).getUTCDate() === 1,
      ],
    ),
  ])('a zone that nobody would guess: %s', async (zone, chosen) => {
    const days = dates(700, Date.UTC(2018, 0, 1)).filter((_, day) => chosen(day));
    const ds = midnights(zone, days);
    const { message } = await failure({}, { ds });
    const named = /local midnights of (\S+), for example: pass timeZone: '\1' to Neural/.exec(
      message,
    );
    expect([...midnights(named![1]!, days)]).toEqual([...ds]);
  });

  test('days of 23 hours that are midnights nowhere', async () => {
    const ds = midnights('Europe/Berlin', dates(400)).map((time) => time + 60_000);
    expect((await failure({}, { ds })).message).toMatch(
      /Days of 23 and 25 hours look like local midnights.*pass timeZone/,
    );
  });

  test('dates of UTC beside another timeZone', async () => {
    const ds = DATES.map((day) => Date.parse(day));
    const error = await failure({ timeZone: 'America/New_York' }, { ds });
    expect(error.message).toMatch(/rows are midnights of UTC: pass dates as text/);
    // Nothing tells them but their holidays, where no clocks change.
    using one = prophet({ timeZone: 'America/Bogota' });
    expect((await failureOf(() => one.fit({ ds, y: Y }))).message).toMatch(
      /rows at midnight of UTC, which is the day before in America\/Bogota.*timeZone: 'UTC'/,
    );
  });

  test('holidays beside rows that may be midnights elsewhere', async () => {
    const ds = midnights('Asia/Tokyo', DATES);
    using unsaid = prophet();
    expect(await failureOf(() => unsaid.fit({ ds, y: Y }))).toMatchObject({
      code: 'ERR_OUT_OF_RANGE',
      message: expect.stringMatching(
        /rows at 15:00 UTC, local midnight in Asia\/Tokyo, for example, and Prophet\.holidays\[0\]\.ds holds dates: pass timeZone: 'Asia\/Tokyo' to NeuralForecaster, or timeZone: 'UTC'/,
      ),
    });
    using utc = prophet({ timeZone: 'UTC' });
    await utc.fit({ ds, y: Y });
    // Without dates nothing is ambiguous.
    using none = prophet({}, { holidays: [] });
    await none.fit({ ds, y: Y });
    // Closing times of weekdays belong to their day.
    const weekdays = DATES.filter((_, i) => i % 7 < 5);
    using market = prophet();
    await market.fit({
      ds: weekdays.map((day) => `${day}T16:00Z`),
      y: feasts(weekdays),
    });
    // Midnights in the west are on the same date in UTC.
    using west = prophet();
    await west.fit({ ds: midnights('America/Bogota', DATES), y: Y });
  });

  test('holidays at local midnight beside rows that are not', async () => {
    const ds = Array.from(midnights('Asia/Tokyo', HOLIDAYS), (time) => new Date(time));
    const holidays = [{ name: 'feast', ds }];
    using unsaid = prophet({}, { holidays });
    expect((await failureOf(() => unsaid.fit({ ds: DATES, y: Y }))).message).toMatch(
      /Prophet\.holidays\[0\]\.ds holds 2023-03-26T15:00:00Z, local midnight in Asia\/Tokyo, for example: pass dates as text/,
    );
    // Rows at the same hour: both are off alike, and nothing is wrong.
    using alike = prophet({}, { holidays });
    await alike.fit({ ds: midnights('Asia/Tokyo', DATES), y: Y });
    expect(alike.predictSync().columns.Prophet![3]).toBeGreaterThan(70);
  });

  test('holidays that are no dates', async () => {
    const bad = (ds: number[]) => () => prophet({}, { holidays: [{ name: 'feast', ds }] });
    expect(thrownBy(bad([1703462400])).message).toMatch(
      /holds 1703462400, which looks like epoch seconds/,
    );
    using integers = bad([5, 9])();
    expect((await failureOf(() => integers.fit({ ds: DATES, y: Y }))).message).toMatch(
      /holidays\[0\]\.ds holds integers that count, but the timestamps of data are dates/,
    );
    using dated = prophet();
    expect((await failureOf(() => dated.fit({ y: Y }))).message).toMatch(
      /holidays\[0\]\.ds holds dates, but the timestamps of data are integers/,
    );
  });
});

describe('ways out that fit the data', () => {
  const message = async (options: SomeOptions, data: object, fit = {}) => {
    using one = forecaster(options);
    const rows = (data as { ds: string[] }).ds.length;
    return (await failureOf(() => one.fit({ y: sine(rows), x: sine(rows), ...data }, fit))).message;
  };
  const holed = (days: string[]) => days.filter((_, i) => i !== 30);

  test('a gap: fill or availableMask; rows are counted for markets alone', async () => {
    const everyDay = await message({}, { ds: holed(DATES) });
    expect(everyDay).toMatch(/fill: 'forward' \| 'linear' \| number fills gaps.*availableMask: 0/);
    expect(everyDay).not.toContain('frequency: 1');
    const weekdays = { ds: holed(DATES.filter((_, i) => i % 7 < 5)) };
    expect(await message({}, weekdays)).toMatch(
      /frequency: 1 counts rows instead of time, for market data whose holidays.*no dates/,
    );
    for (const options of [
      { models: [models.Prophet({ horizon: 4 }), tinySpec('NLinear')] },
      { models: tinySpec('NHITS', { futureExog: ['x'] }) },
    ]) {
      expect(await message({ ...options, frequency: 'B' }, weekdays)).not.toContain('frequency: 1');
    }
  });

  test('a wrong frequency: the right one', async () => {
    const ends = [
      '2023-01-31',
      '2023-02-28',
      '2023-03-31',
      '2023-04-28',
      '2023-05-31',
      '2023-06-30',
    ];
    expect(await message({ frequency: 'ME' }, { ds: ends })).toMatch(
      /steps from 2023-03-31 to 2023-04-28, which is no whole number of steps of "ME"\. The rows fit frequency: "BME"/,
    );
    expect(
      await message({ frequency: 'QE-MAR' }, { ds: ['2023-01-31', '2023-04-30', '2023-07-31'] }),
    ).toMatch(
      /begins at 2023-01-31, which no step of frequency "QE-MAR" meets. The rows fit frequency: "QE"/,
    );
  });

  test('series of different frequencies are not filled unless that is said', async () => {
    const both = {
      uniqueId: [...Array(100).fill('hourly'), ...Array(50).fill('daily')],
      ds: [...hours(100, START), ...Array.from({ length: 50 }, (_, i) => START + i * DAY)],
    };
    expect(await message({ fill: 'forward' }, both)).toMatch(
      /series 'daily' never makes a single step of "1h"; its rows fit "D".*pass frequency: "1h" beside fill/,
    );
    using said = forecaster({ fill: 'forward' });
    await said.fit({ ...both, y: sine(150) }, { frequency: '1h' });
  });
});

describe('predict({ data }) of another calendar than that of fit()', () => {
  const days = { ds: DATES.slice(0, 40), y: sine(40) };
  test('is an error that says so', async () => {
    using hourly = forecaster({ fill: 'forward' });
    await hourly.fit({ ds: hours(60), y: sine(60) });
    const failure = (data: object, options = {}) =>
      thrownBy(() => hourly.predictSync({ data: data as never, ...options })).message;
    expect(failure(days)).toMatch(/never makes a single step of "1h"; its rows fit "D"/);
    expect(failure({ ds: hours(20).map((time) => time / 1000), y: sine(20) })).toMatch(
      /epoch seconds/,
    );
    expect(failure({ ds: Int32Array.from({ length: 20 }, (_, i) => i), y: sine(20) })).toMatch(
      /integers that only count \(0 \.\.\.\), but the frequency "1h"/,
    );
    expect(hourly.predictSync({ data: days, frequency: 'D' }).ds[0]).toBe(START + 40 * DAY);
  });

  test('dates after a fit to integers are an error, unless rows are counted by request', async () => {
    using counting = forecaster({});
    await counting.fit({ y: sine(60) });
    expect(thrownBy(() => counting.predictSync({ data: days })).message).toMatch(
      /data\.ds holds dates, but the models were fitted to rows that only count/,
    );
    expect(counting.predictSync({ data: days, frequency: 1 }).ds[0]).toBe(40);
    using asked = forecaster({ frequency: 1 });
    await asked.fit({ y: sine(60) });
    expect(asked.predictSync({ data: days }).ds[0]).toBe(40);
  });

  test.each<[string, object]>([
    ['columns', { y: sine(20) }],
    ['rows', Array.from(sine(20), (y) => ({ y }))],
    ['series', [{ id: 'a', y: sine(20) }]],
    ['compressed', { ids: ['a'], offsets: [0, 20], y: sine(20) }],
  ])(
    '%s without ds after a fit to dates are an error, unless rows are counted',
    async (_, data) => {
      const error = {
        code: 'ERR_INVALID_ARG_TYPE',
        message:
          'data.ds is missing: the models were fitted to dates; give the dates of the rows as ds, or frequency: 1 to count the rows',
      };
      using dated = forecaster({});
      await dated.fit({ ds: hours(60), y: sine(60) });
      using loaded = NeuralForecaster.deserialize(dated.serialize());
      for (const one of [dated, loaded]) {
        expect(thrownBy(() => one.predictSync({ data: data as never }))).toMatchObject(error);
        expect(thrownBy(() => one.predict({ data: data as never }))).toMatchObject(error);
        expect(
          thrownBy(() => one.predictSync({ data: data as never, frequency: 'h' })),
        ).toMatchObject(error);
        expect(one.predictSync({ data: data as never, frequency: 1 }).ds[0]).toBe(20);
      }
      const beside = { validationData: data as never };
      expect(thrownBy(() => dated.fit({ ds: hours(60), y: sine(60) }, beside)).message).toMatch(
        /^validationData\.ds is missing: the models were fitted to dates/,
      );
      // Rows that count may be said to go on by the hour: no date was fitted to.
      using said = forecaster({ frequency: 'h' });
      await said.fit({ y: sine(60) });
      expect(said.predictSync({ data: data as never }).ds[0]).toBe(20);
    },
  );

  test('a model that reads times needs them again', async () => {
    using one = prophet();
    await one.fit({ ds: DATES, y: Y });
    expect(thrownBy(() => one.predictSync({ data: { y: Y } })).message).toMatch(
      /data\.ds is missing: a model reads the timestamps/,
    );
  });
});

test('a horizon beyond the last date is an error', async () => {
  using yearly = forecaster({ models: models.Prophet({ horizon: 1 }), frequency: 'YS' });
  await yearly.fit({
    ds: ['2020-01-01', '2021-01-01', '2022-01-01', '2023-01-01'],
    y: [1, 2, 4, 3],
  });
  expect(thrownBy(() => yearly.predictSync({ horizon: 300_000 }))).toMatchObject({
    code: 'ERR_OUT_OF_RANGE',
    message: expect.stringMatching(/leads series 'series' from 2023-01-01 beyond the last date/),
  });
});
