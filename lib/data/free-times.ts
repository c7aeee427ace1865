// Series for models that need no grid: any times will do, and only the steps ahead follow a calendar.

import { ForecastError } from '../errors';
import { show } from '../options/arguments';
import { DAY } from '../time/civil';
import type { Calendar } from '../time/frequency';
import { UTC } from '../time/zone';
import { localMidnights, midnightsOfUtc, passZone } from './irregular';
import { firstFault } from './regular';
import type { SeriesTable, Wanted } from './table';

/** Throws where the rows (of an `inferred` calendar) do not say when forecasts are wanted, or are midnights elsewhere. */
export function checkFreeTimes(
  table: SeriesTable,
  calendar: Calendar,
  inferred: boolean,
  wanted: Wanted,
): void {
  if (inferred) checkCommonStep(table, calendar, wanted);
  if (calendar.kind === 'time') checkMidnights(table, calendar, wanted);
}

/** The most common step must not be rare, nor be that of other series alone. */
function checkCommonStep(table: SeriesTable, calendar: Calendar, wanted: Wanted): void {
  const times = table.times!.values;
  let [regular, steps] = [0, 0];
  for (let s = 0; s < table.ids.length; s++) {
    const [begin, end] = [table.offsets[s]!, table.offsets[s + 1]!];
    const before = regular;
    for (let i = begin + 1; i < end; i++, steps++) {
      if (calendar.add(times[i - 1]!, 1) === times[i]) regular++;
    }
    if (regular === before && end - begin > 2) throw neverSteps(table.ids[s]!, calendar, wanted);
  }
  if (2 * regular >= steps) return;
  throw new ForecastError(
    'ERR_IRREGULAR_TIMESTAMP',
    `${wanted.name}: the times of the rows do not say at which times to forecast (of ${steps} steps ${regular} are ${show(calendar.text)}, the most common); pass frequency: '1h', 'D', ...`,
  );
}

function neverSteps(id: string, calendar: Calendar, wanted: Wanted): ForecastError {
  return new ForecastError(
    'ERR_IRREGULAR_TIMESTAMP',
    `${wanted.name}: series '${id}' never makes a single step of ${show(calendar.text)}, the most common, so that its times do not say at which times to forecast it; pass frequency: '1h', 'D', ..., or fit it apart`,
  );
}

/** Steps that are only irregular because the rows are midnights of another zone. One series tells of all. */
function checkMidnights(table: SeriesTable, calendar: Calendar, wanted: Wanted): void {
  const times = table.times!.values;
  for (let s = 0; s < table.ids.length; s++) {
    const begin = table.offsets[s]!;
    const end = table.offsets[s + 1]!;
    const row = calendar.onGrid(times[begin]!) ? firstFault(times, begin, end, calendar) : begin;
    if (row < 0) continue;
    const zone = localMidnights(table, s, row, calendar);
    if (zone === undefined) return;
    throw new ForecastError(
      'ERR_IRREGULAR_TIMESTAMP',
      `${wanted.name}: the rows of series '${table.ids[s]}' are midnights of ${zone.name}${zone === UTC ? '' : ', for example'}, not of ${calendar.zone.name}: ${zone === UTC ? midnightsOfUtc : passZone(zone)}`,
    );
  }
}

/**
 * The time that forecasts count their steps from: the last of a series, or, where the calendar does not know that one, the
 * step before the first that follows it.
 */
export function origin(calendar: Calendar, last: number): number {
  if (calendar.kind === 'integer' || calendar.onGrid(last)) return last;
  const longest = 1500; // days between two steps of a calendar, leap years and all
  for (let days = 1; days <= longest; days++) {
    const next = last + days * DAY;
    if (calendar.onGrid(next)) return calendar.add(next, -1);
  }
  return last;
}
