// What the parts of the bench share: the native server, what was asked for, rows and what is slower than its peer.
import { median, note, type Row } from '../_report';
import type { Child } from './child';

export interface Context {
  server: Child;
  print(row: Row): void;
  /** Of interleaved turns. */
  rounds: number;
  seconds: number;
  wants(model: string): boolean;
  /** Against PyTorch: shapes whose name holds this. */
  shape: string;
  slower: string[];
}

/** Both sides do the same work: fails where one has other weights than the other. */
export function sameParameters(what: string, ours: number, peer: string, theirs: unknown): void {
  if (ours === theirs) return;
  throw new Error(`${what} has ${ours} parameters here and ${theirs} in ${peer}`);
}

/** Prints a comparison and remembers it when ours is the slower one. */
export function compare(
  context: Context,
  row: Omit<Row, 'bench' | 'ratio' | 'value' | 'unit'>,
  ours: number[],
  theirs: number[],
): void {
  const [own, peer] = [median(ours), median(theirs)];
  const ratio = peer / own;
  const beside = `${row.peer} ${show(peer)}`;
  context.print({ bench: 'peers', ...row, value: own * 1e3, unit: 'ms', peer: beside, ratio });
  if (ratio < 1) {
    const threads = `${row.threads} thread${row.threads === 1 ? '' : 's'}`;
    context.slower.push(`${row.case}, ${threads}: ${ratio.toFixed(2)} x ${row.peer}`);
  }
}

function show(seconds: number): string {
  const ms = seconds * 1e3;
  return `${ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3)} ms`;
}

/** One case that fails is said and the next one measured. */
export async function guarded(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    note(`peers: ${what} was not measured: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
