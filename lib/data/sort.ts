import type { FloatArray } from '../../types/native';
import { mapRows, type SeriesTable } from './table';

/** Rows of every series in order of time; a table that is sorted already is returned as it is. */
export function sortByTime(table: SeriesTable): SeriesTable {
  const times = table.times?.values;
  if (times === undefined) return table;
  let order: Uint32Array | undefined;
  for (let s = 0; s < table.ids.length; s++) {
    const begin = table.offsets[s]!;
    const end = table.offsets[s + 1]!;
    if (isSorted(times, begin, end)) continue;
    order ??= Uint32Array.from(times, (_, i) => i);
    // Array.prototype.sort and its typed twin are stable: rows with equal times keep their order.
    order.subarray(begin, end).sort((a, b) => times[a]! - times[b]!);
  }
  if (order === undefined) return table;
  const gather = order;
  return mapRows(table, table.offsets, <T extends FloatArray | Uint8Array>(values: T): T => {
    const result = values.slice() as T;
    for (let i = 0; i < gather.length; i++) result[i] = values[gather[i]!]!;
    return result;
  });
}

function isSorted(times: Float64Array, begin: number, end: number): boolean {
  for (let i = begin + 1; i < end; i++) if (times[i]! < times[i - 1]!) return false;
  return true;
}
