/** Place of a column among the quantiles of its model: "NHITS-lo-90" before "NHITS", "NHITS-hi-90" behind it. */
function placeOf(column: string): [model: string, place: number] {
  const [, model, side, level] = /^(.*?)(?:-(lo|hi)-([\d.]+))?$/.exec(column)!;
  return [model!, side === undefined ? 0 : Number(level) * (side === 'lo' ? -1 : 1)];
}

/**
 * The columns with the quantiles of each model in order at every step. NeuralForecast gives them as the network does, crossed
 * where it crosses them; here no forecast has a lower bound above its upper one.
 */
export function withoutCrossing(
  columns: Record<string, readonly number[]>,
): Record<string, number[]> {
  const sorted: Record<string, number[]> = {};
  for (const name of Object.keys(columns)) {
    const [model, place] = placeOf(name);
    const together = Object.keys(columns).filter((other) => placeOf(other)[0] === model);
    const rank = together.filter((other) => placeOf(other)[1] < place).length;
    sorted[name] = columns[name]!.map(
      (_, i) => together.map((other) => columns[other]![i]!).sort((a, b) => a - b)[rank]!,
    );
  }
  return sorted;
}
