// What the parts of the bench share: the native server, what was asked for, rows and misses.
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
  misses: string[];
}

/** Prints a comparison and remembers it when it misses its target. */
export function compare(
  context: Context,
  row: Omit<Row, 'bench' | 'ratio' | 'value' | 'unit'>,
  ours: number[],
  theirs: number[],
  target?: number,
): number {
  const [own, peer] = [median(ours), median(theirs)];
  const ratio = peer / own;
  const beside = `${row.peer} ${show(peer)}`;
  context.print({ bench: 'peers', ...row, value: own * 1e3, unit: 'ms', peer: beside, ratio });
  if (target !== undefined && ratio < target) {
    const threads = `${row.threads} thread${row.threads === 1 ? '' : 's'}`;
    context.misses.push(`${row.case}, ${threads}: ${ratio.toFixed(2)} x, not ${target} x`);
  }
  return own;
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
