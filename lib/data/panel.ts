import type { FloatArray, Panel } from '../../types/native';
import { callNative } from '../errors';
import type { Calendar } from '../frequency';
import { native } from '../native';
import { readRegular, type TimeSettings } from './read';
import type { Needs } from './table';

/** Series in native memory, and what JavaScript keeps of them. */
export interface SeriesSet {
  panel: Panel;
  ids: string[];
  /** The last timestamp of every series. */
  lastDs: Float64Array;
  calendar: Calendar;
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
  const table = readRegular(data, { name, y: true, exog, statics: needs.statics }, settings);
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
      compact,
    });
  });
  return { panel, ids: table.ids, lastDs: table.lastDs, calendar: table.calendar };
}
