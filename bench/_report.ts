// What the JS benches share: their series, and rows as aligned text or, with --json, as one JSON object a line.

/** ratio > 1: ours is faster (or better) than the peer. peakShare: share of the FMA peak. */
export interface Row {
  bench: string;
  case: string;
  threads: number;
  value: number;
  unit: string;
  peer?: string;
  ratio?: number;
  peakShare?: number;
}

/** Prints rows in the form that the command line asked for. */
export function rowPrinter(args: readonly string[]): (row: Row) => void {
  if (args.includes('--json')) {
    return (row) => {
      const { bench, case: name, threads, value, unit, peer = null, ratio, peakShare } = row;
      const figure = (x: number | undefined) => (x === undefined ? null : round(x));
      const figures = { value: figure(value), unit, peer, ratio: figure(ratio) };
      const object = { bench, case: name, threads, ...figures, peakShare: figure(peakShare) };
      console.log(JSON.stringify(object));
    };
  }
  return ({ case: name, threads, value, unit, peer, ratio, peakShare }) => {
    const figure = `${round(value)} ${unit}`.padStart(20);
    const beside = peer === undefined ? '' : `  ${peer}: ratio ${ratio?.toFixed(2)}`;
    const share = peakShare ? `  ${(peakShare * 100).toFixed(1)}% of the FMA peak` : '';
    console.log(
      `${name.padEnd(44)} ${threads} thread${threads === 1 ? ' ' : 's'}${figure}${share}${beside}`,
    );
  };
}

function round(value: number): number {
  return Number(value.toPrecision(5));
}

/** Text that belongs to no row: kept off standard output, which --json leaves to the rows. */
export function note(text: string): void {
  console.error(text);
}

export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that follows `name` on the command line. */
export function option(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

/** A series, or windows one after the other: two sines. */
export function waves(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.26) + 0.1 * Math.sin(i));
}

/** So many series of waves, all the same. */
export function sameSeries(count: number, length: number): { id: string; y: Float32Array }[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${i}`, y: waves(length) }));
}
