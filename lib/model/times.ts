import { type Times, toTimes } from '../data/column';
import { unitFault } from '../data/units';
import { outOfRange } from '../errors';
import { timeFieldNames } from '../generated';
import { isPlainObject } from '../options/arguments';
import { DAY } from '../time/civil';
import { showTime } from '../time/frequency';
import { UTC, type Zone, zoneOption } from '../time/zone';

/**
 * A model's options with their timestamps (Dates, ISO text) as numbers, within lists of objects too: what the clocks
 * of `beside.timeZone` show, as local models read time. Integers that count stay as they are.
 */
export function withTimes(
  options: Record<string, unknown>,
  path: string,
  beside: { timeZone?: string; frequency?: unknown; freq?: unknown },
): Record<string, unknown> {
  const zone = zoneOption(beside.timeZone) ?? UTC;
  const integers = typeof (beside.frequency ?? beside.freq) === 'number';
  const result = { ...options };
  for (const [name, value] of Object.entries(options)) {
    const whole = `${path}.${name}`;
    if (value != null && (timeFieldNames as readonly string[]).includes(name)) {
      const times = toTimes(value, { whole, at: (i) => `${whole}[${i}]` });
      if (times.form === 'number' && !integers) checkUnit(times, whole);
      if (name === 'ds') checkDates(times, zone, whole);
      result[name] = Array.from(times.values, (time) =>
        times.form !== 'local' && times.calendar ? zone.toLocal(time) : time,
      );
    } else if (Array.isArray(value)) {
      result[name] = value.map((item: unknown, i) =>
        isPlainObject(item) ? withTimes(item, `${whole}[${i}]`, beside) : item,
      );
    }
  }
  return result;
}

function checkUnit({ values, calendar }: Times, whole: string): void {
  const fault = unitFault(values, 0, values.length, calendar);
  if (fault) throw outOfRange(`${whole} holds ${values[0]}, ${fault}`);
}

/** A midnight of UTC that is another day in the zone was most likely meant as a date. */
function checkDates({ values, form, calendar }: Times, zone: Zone, whole: string): void {
  if (form === 'local' || !calendar) return;
  const day = (time: number) => Math.floor(time / DAY);
  const odd = values.findIndex((time) => time % DAY === 0 && day(zone.toLocal(time)) !== day(time));
  if (odd < 0) return;
  const [inUtc, there] = [UTC, zone].map((z) => showTime({ kind: 'time', zone: z }, values[odd]!));
  throw outOfRange(
    `${whole}[${odd}] is midnight of UTC on ${inUtc}, which is ${there} in ${zone.name}; pass dates as text: '${inUtc}'`,
  );
}
