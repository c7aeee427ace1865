import type { FloatArray, Panel } from '../../types/native';
import { callNative, ForecastError } from '../errors';
import { native } from '../native';
import { type Calendar, showTime } from '../time/frequency';
import type { Origin } from '../time/future-times';
import { UTC } from '../time/zone';
import { checkHolidays } from './holidays';
import { type RegularTable, readRegular } from './read';
import type { TimeSettings } from './settings';
import { type Needs, rowCount } from './table';

/** Series in native memory, and what JavaScript keeps of them. */
export interface SeriesSet extends Origin {
  panel: Panel;
}

/** Validates any accepted input and copies it into native memory. */
export function buildPanel(
  data: unknown,
  name: string,
  needs: Needs,
  settings: TimeSettings,
  compact: boolean,
): SeriesSet {
  const exog = new Map([...needs.historic, ...needs.future]);
  const { statics, time, anyTimes } = needs;
  const countable = !time && needs.future.size === 0;
  const wanted = { name, y: true, exog, statics, time, countable, anyTimes };
  const table = readRegular(data, wanted, settings);
  checkHolidays(table, needs.holidays, settings.zone, name);
  if (needs.together !== undefined) checkEnds(table, needs.together, name);
  const pick = (names: Map<string, string>, from: Map<string, FloatArray>) =>
    Array.from(names.keys(), (column) => ({ name: column, values: from.get(column)! }));
  const panel = callNative(() => {
    const { Panel } = native();
    return new Panel({
      offsets: table.offsets,
      y: table.y!,
      mask: table.mask,
      historicExog: pick(needs.historic, table.exog),
      futureExog: pick(needs.future, table.exog),
      staticExog: pick(needs.statics, table.statics),
      ...(needs.time ? timestamps(table) : {}),
      compact,
    });
  });
  return { panel, ids: table.ids, lastDs: table.lastDs, calendar: table.calendar };
}

/** Series of as many rows must end at the same time; that they have as many is checked in native code, for all callers. */
function checkEnds(table: RegularTable, alias: string, name: string): void {
  const { ids, offsets, lastDs, calendar } = table;
  for (let s = 1; s < ids.length; s++) {
    const rows = offsets[s + 1]! - offsets[s]!;
    if (rows !== offsets[1] || lastDs[s] === lastDs[0]) continue;
    throw new ForecastError(
      'ERR_IRREGULAR_TIMESTAMP',
      `${name}: ${alias} forecasts all series together, so that they must have the same rows: series '${ids[s]}' ends at ${showTime(calendar, lastDs[s]!)}, and series '${ids[0]}' at ${showTime(calendar, lastDs[0]!)}`,
    );
  }
}

/**
 * The timestamps for native code: what the clocks of the zone show, so that days, holidays and seasons are those of its
 * people; rows that only count are 0, 1, 2 ... steps from the first.
 */
function timestamps(table: RegularTable): { ds: Float64Array; dsStep: number } {
  const { calendar, times, offsets } = table;
  const dsStep = calendar.kind === 'integer' ? calendar.fixedStep : 0;
  if (times) return { ds: localTimes(times.values, calendar), dsStep };
  const ds = new Float64Array(rowCount(table));
  for (let s = 0; s + 1 < offsets.length; s++) {
    const begin = offsets[s]!;
    for (let row = begin; row < offsets[s + 1]!; row++) ds[row] = (row - begin) * dsStep;
  }
  return { ds, dsStep };
}

/** Times as local models get them. */
export function localTimes(ds: Float64Array, { kind, zone }: Calendar): Float64Array {
  return kind === 'integer' || zone === UTC ? ds : ds.map((time) => zone.toLocal(time));
}
