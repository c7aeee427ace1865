// How time goes on in the rows, and what fills gaps: said in options, or in the data itself.
import { invalidType, outOfRange } from '../errors';
import { isPlainObject, show } from '../options/arguments';
import { type Calendar, frequencyOption, parseFrequency } from '../time/frequency';
import type { Zone } from '../time/zone';
import { isColumn } from './column';
import type { DataSettings, Fill } from './input';

export interface TimeSettings {
  frequency: Calendar | undefined;
  fill: Fill | undefined;
  /** Whether the models were fitted to dates: rows then need them too, unless `frequency` counts. */
  dated?: boolean;
  /** The `timeZone` option, where one was given. */
  zone?: Zone | undefined;
  /** Whether the frequency was said for these very rows: `fill` may then lay a finer grid over them. */
  finer?: boolean;
}

/** Checks a `fill` option. */
export function fillOption(value: unknown, what: string): Fill | undefined {
  if (value === undefined || value === 'forward' || value === 'linear') return value;
  const accepted = "'forward', 'linear' or a finite number";
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw outOfRange(`${what} must be ${accepted}; got ${value}`);
  }
  if (typeof value === 'string') {
    throw outOfRange(`${what} must be ${accepted}; got ${show(value)}`);
  }
  throw invalidType(`${what} must be ${accepted}; got ${show(value)}`);
}

/** The settings in a call's options; what they leave out is that of `beside`. */
export function timeSettings(options: DataSettings, beside: TimeSettings): TimeSettings {
  const { zone, dated } = beside;
  const said = frequencyOption(options, zone);
  return {
    frequency: said ?? beside.frequency,
    fill: fillOption(options.fill, 'fill') ?? beside.fill,
    zone,
    dated,
    finer: said !== undefined || beside.finer === true,
  };
}

/** Settings in the data win over those beside it. */
export function dataSettings(
  data: unknown,
  what: string,
  beside: TimeSettings,
  zone: Zone,
): TimeSettings {
  if (!isPlainObject(data)) return beside;
  const frequency = data.frequency ?? data.freq;
  const own = isColumn(frequency) ? undefined : frequency;
  const fill = isColumn(data.fill) ? undefined : data.fill;
  return {
    frequency:
      own === undefined ? beside.frequency : parseFrequency(own, `${what}.frequency`, zone),
    dated: beside.dated,
    finer: own !== undefined || beside.finer === true,
    fill: fill === undefined ? beside.fill : fillOption(fill, `${what}.fill`),
  };
}
