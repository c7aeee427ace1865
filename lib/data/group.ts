/**
 * The series of long rows, in order of first appearance. `order` gathers the rows of each series
 * together and is undefined when they already stand so. One comparison a row and one string a series
 * in that case.
 */
export function groupRows(
  items: ArrayLike<unknown>,
  toText: (item: unknown, index: number) => string,
): { ids: string[]; offsets: Float64Array; order: Uint32Array | undefined } {
  const rows = items.length;
  const runStarts: number[] = [];
  const runSeries: number[] = [];
  const index = new Map<string, number>();
  const ids: string[] = [];
  let previous: unknown;
  for (let i = 0; i < rows; i++) {
    const item = items[i];
    if (i > 0 && item === previous) continue;
    previous = item;
    const id = toText(item, i);
    let series = index.get(id);
    if (series === undefined) {
      series = ids.length;
      index.set(id, series);
      ids.push(id);
    }
    runStarts.push(i);
    runSeries.push(series);
  }
  runStarts.push(rows);
  if (runSeries.length === ids.length) {
    return { ids, offsets: Float64Array.from(runStarts), order: undefined };
  }
  return { ids, ...gatherRuns(runStarts, runSeries, ids.length) };
}

function gatherRuns(
  runStarts: number[],
  runSeries: number[],
  count: number,
): { offsets: Float64Array; order: Uint32Array } {
  const offsets = new Float64Array(count + 1);
  for (let r = 0; r < runSeries.length; r++) {
    offsets[runSeries[r]! + 1]! += runStarts[r + 1]! - runStarts[r]!;
  }
  for (let s = 0; s < count; s++) offsets[s + 1]! += offsets[s]!;
  const next = offsets.slice();
  const order = new Uint32Array(offsets[count]!);
  for (let r = 0; r < runSeries.length; r++) {
    const series = runSeries[r]!;
    for (let i = runStarts[r]!; i < runStarts[r + 1]!; i++) order[next[series]!++] = i;
  }
  return { offsets, order };
}
