// npm run bench -- event-loop [--json] [--fits 4] [--seconds 8]
//
// How free the event loop stays while four forecasters train at once: its longest gap, and what a file system
// call costs, beside the same without any training. Training runs on threads of the addon, not on libuv's.
import { existsSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { models, NeuralForecaster } from 'neural-forecaster';
import { median, note, option, rowPrinter, waves } from './_report';

interface Figures {
  /** Longest time between two turns of the event loop, milliseconds. */
  longestGap: number;
  /** Longest delay of a 1 ms timer, as perf_hooks sees it. */
  longestDelay: number;
  statMedian: number;
  statMax: number;
  /** Milliseconds in a second that this thread was ready and had no CPU (Linux): NaN elsewhere. */
  starved: number;
}

/** Milliseconds that this thread has waited for a CPU so far. */
function waited(): number {
  const file = '/proc/thread-self/schedstat';
  if (!existsSync(file)) return Number.NaN;
  return Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6;
}

/** Watches this thread's event loop for a while. */
async function watch(seconds: number): Promise<Figures> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  let running = true;
  let longestGap = 0;
  const before = waited();
  const turning = (async () => {
    for (let turns = 0, last = performance.now(); running; turns++) {
      await nextTurn();
      const now = performance.now();
      longestGap = Math.max(longestGap, now - last);
      last = now;
      // Room for other work: without it this loop would take a core of its own.
      if (turns % 8 === 7) {
        await sleep(1);
        const woken = performance.now();
        longestGap = Math.max(longestGap, woken - last);
        last = woken;
      }
    }
  })();
  const stats: number[] = [];
  histogram.enable();
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const begin = performance.now();
    await stat(__filename);
    stats.push(performance.now() - begin);
    await sleep(5);
  }
  running = false;
  await turning;
  histogram.disable();
  return {
    longestGap,
    longestDelay: histogram.max / 1e6,
    statMedian: median(stats),
    statMax: Math.max(...stats),
    starved: (waited() - before) / seconds,
  };
}

/** Starts a training that goes on until it is aborted. */
function startFit(signal: AbortSignal, seed: number) {
  const forecaster = new NeuralForecaster({
    models: models.NHITS({ horizon: 24, inputSize: 96, maxSteps: 1_000_000 }),
    frequency: 1,
    seed,
  });
  let steps = 0;
  const onProgress = ({ step }: { step: number }) => {
    steps = step;
  };
  const done = forecaster.fit({ y: waves(20_000) }, { signal, onProgress }).then(
    () => undefined,
    (error: Error) => {
      if (error.name !== 'AbortError') throw error;
    },
  );
  return { done: done.finally(() => forecaster.dispose()), steps: () => steps };
}

async function main(args: string[]): Promise<void> {
  const print = rowPrinter(args);
  const count = Number(option(args, '--fits') ?? 4);
  const seconds = Number(option(args, '--seconds') ?? 8);

  const report = (name: string, figures: Figures, idle?: Figures) => {
    const row = (what: string, key: keyof Figures, unit = 'ms') =>
      print({
        bench: 'event-loop',
        case: `${name}, ${what}`,
        threads: availableParallelism(),
        value: figures[key],
        unit,
        peer: idle && 'idle',
        ratio: idle && idle[key] / figures[key],
      });
    row('longest gap', 'longestGap');
    row('longest timer delay (perf_hooks)', 'longestDelay');
    row('fs.stat median', 'statMedian');
    row('fs.stat longest', 'statMax');
    // Other programs starve it too: when the idle figure is not near 0, the machine is busy.
    if (!Number.isNaN(figures.starved)) row('waiting for a CPU', 'starved', 'ms/s');
  };

  await watch(0.5); // everything compiled
  const idle = await watch(seconds);
  report('idle', idle);

  const controller = new AbortController();
  const fits = Array.from({ length: count }, (_, i) => startFit(controller.signal, i + 1));
  while (fits.some(({ steps }) => steps() < 2)) await sleep(20); // all are in the middle of it
  const before = fits.reduce((sum, { steps }) => sum + steps(), 0);
  const busy = await watch(seconds);
  const steps = fits.reduce((sum, { steps }) => sum + steps(), 0) - before;
  report(`${count} fits at once`, busy, idle);
  note(`${steps} training steps of 1024 windows in ${seconds} s`);

  const begin = performance.now();
  controller.abort();
  await Promise.all(fits.map(({ done }) => done));
  const value = performance.now() - begin;
  const name = `${count} fits at once, until all have stopped`;
  print({ bench: 'event-loop', case: name, threads: availableParallelism(), value, unit: 'ms' });
}

main(process.argv.slice(2));
