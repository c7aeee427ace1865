// The other side of a turn: a long-lived process that answers a line of JSON with a line of JSON.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export type Answer = Record<string, unknown>;

export class Child {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private errors = '';

  constructor(program: string, args: string[], env: NodeJS.ProcessEnv = {}) {
    this.process = spawn(program, args, { env: { ...process.env, ...env } });
    this.process.stderr.on('data', (data: Buffer) => {
      this.errors = (this.errors + data.toString()).slice(-2000);
    });
    this.process.stdin.on('error', () => {}); // a child that died is told by its missing answer
    this.process.on('error', (error) => {
      this.errors += error.message;
    });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  /** Throws what the child answers as its error. */
  async ask(request: object): Promise<Answer> {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${this.process.spawnfile} ended: ${this.errors.trim()}`);
    const answer = JSON.parse(value) as Answer;
    if (typeof answer.error === 'string') throw new Error(answer.error);
    return answer;
  }

  async number(request: object, field: string): Promise<number> {
    return (await this.ask(request))[field] as number;
  }

  end(): void {
    this.process.stdin.end();
    this.process.kill();
  }
}

/** One side of a comparison: seconds of each call, for about `seconds` and at least `least` calls. */
export type Side = (turn: { seconds: number; least: number }) => Promise<number[]>;

/** A side that a child measures, such as { train: 'a', threads: 2 }. */
export function childSide(child: Child, request: object): Side {
  return async (turn) => (await child.ask({ ...request, ...turn })).times as number[];
}

/** A side measured in this process. Short calls are timed in groups of half a millisecond. */
export function ownSide(call: () => unknown): Side {
  let group = 0;
  return async ({ seconds, least }) => {
    const first = performance.now();
    await call();
    group ||= Math.max(1, Math.floor(0.5 / (performance.now() - first)));
    const times: number[] = [];
    const begin = performance.now();
    for (let now = begin; now - begin < seconds * 1000 || times.length < least; ) {
      for (let i = 0; i < group; i++) {
        const pending = call();
        if (pending instanceof Promise) await pending;
      }
      const end = performance.now();
      times.push((end - now) / 1000 / group);
      now = end;
    }
    return times;
  };
}

/**
 * All times of each side, in turns: ours, theirs, ours, theirs. A side that takes seconds a call
 * gets fewer turns. Between turns both sides rest, so that threads that still spin fall asleep.
 */
export async function takeTurns(
  sides: Side[],
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<number[][]> {
  const times: number[][] = sides.map(() => []);
  const trial: number[] = [];
  for (const side of sides) trial.push(Math.max(...(await side({ seconds: 0, least: 1 }))));
  const slow = Math.max(...trial) > 1;
  for (let round = 0; round < (slow ? 2 : rounds); round++) {
    for (const [i, side] of sides.entries()) {
      await sleep(20);
      times[i]!.push(...(await side({ seconds, least: slow ? 1 : 2 })));
    }
  }
  return times;
}
