// npm run bench -- lifecycle [--json] [--quick]
//
// How soon things end, and who gives way: dispose() and abort in the middle of a training whose single step takes long,
// many forecasters disposed of in a row, the event loop's longest gap beside trainings of either priority, and what a
// training takes beside other work. Busy loops are processes of their own; every row under load has the idle one beside it.
import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { models, NeuralForecaster } from 'neural-forecaster';
import { median, note, rowPrinter, waves } from './_report';

type Priority = 'low' | 'normal';

const priorities: Priority[] = ['low', 'normal'];
const MB = 1 << 20;

/** One step of this takes a second and more. */
const longStep = models.GRU({
  horizon: 24,
  inputSize: 168,
  windowsBatchSize: 1024,
  maxSteps: 1_000_000,
});
const units = [
  [64, 64],
  [64, 64],
  [64, 64],
];
const shortSteps = (maxSteps: number) =>
  models.NHITS({ horizon: 24, inputSize: 96, windowsBatchSize: 32, mlpUnits: units, maxSteps });

const longSeries = waves(20_000);
const shortSeries = waves(400);

/** Milliseconds that the event loop stands still in `call`. */
function blocked(call: () => void): number {
  const begin = performance.now();
  call();
  return performance.now() - begin;
}

/** Runs `body` beside this many endless loops. */
async function beside<T>(loops: number, body: () => Promise<T>): Promise<T> {
  const busy: ChildProcess[] = Array.from({ length: loops }, () =>
    spawn(process.execPath, ['-e', 'for (;;) {}'], { stdio: 'ignore' }),
  );
  try {
    if (loops > 0) await sleep(200); // all of them at work
    return await body();
  } finally {
    for (const child of busy) child.kill('SIGKILL');
  }
}

interface Stop {
  /** The call itself. */
  block: number;
  /** Until the promise has rejected. */
  rejected: number;
  /** Until this process has used no CPU for 5 ms: its threads have come to rest. */
  rest: number;
  /** Until what the training held is back with the system; NaN where it was never much. */
  freed: number;
}

const stopFigures: Record<keyof Stop, string> = {
  block: 'event loop held',
  rejected: 'promise rejected',
  rest: 'threads at rest',
  freed: 'memory freed',
};

/** Stops a training in the middle of its first step. */
async function stopFit(threads: number, how: 'abort' | 'dispose', delay: number): Promise<Stop> {
  const before = process.memoryUsage.rss();
  const forecaster = new NeuralForecaster({ models: longStep, frequency: 1, numThreads: threads });
  const controller = new AbortController();
  const fit = forecaster.fit({ y: longSeries }, { signal: controller.signal });
  const outcome = fit.catch((error: Error) => error.name);
  await sleep(delay);
  const during = process.memoryUsage.rss();
  const begin = performance.now();
  const since = () => performance.now() - begin;
  const block = blocked(() => (how === 'abort' ? controller.abort() : forecaster.dispose()));
  await outcome;
  const rejected = since();
  const rest = await quietSince(since);
  let freed = Number.NaN;
  const least = before + (during - before) * 0.25;
  while (how === 'dispose' && during - before > 8 * MB && Number.isNaN(freed) && since() < 10_000) {
    if (process.memoryUsage.rss() <= least) freed = since();
    else await sleep(1);
  }
  forecaster.dispose();
  return { block, rejected, rest, freed };
}

async function quietSince(since: () => number): Promise<number> {
  let quiet = since();
  for (let cpu = process.cpuUsage(); since() - quiet < 5 && since() < 60_000; ) {
    await sleep(1);
    const used = process.cpuUsage(cpu);
    // What this loop itself needs is far less.
    if (used.user + used.system > 700) quiet = since();
    cpu = process.cpuUsage();
  }
  return quiet;
}

function disposeInARow(count: number): number {
  return blocked(() => {
    for (let i = 0; i < count; i++) {
      const forecaster = new NeuralForecaster({
        models: models.MLP({ horizon: 4, inputSize: 12, hiddenSize: 32 }),
        frequency: 1,
      });
      forecaster.fit({ y: shortSeries }).catch(() => undefined);
      forecaster.dispose();
    }
  });
}

/** Times between two turns of the event loop while so many trainings go on: 99th percentile and longest. */
async function gaps(fits: number, priority: Priority, seconds: number) {
  const controller = new AbortController();
  const running = Array.from({ length: fits }, async (_, i) => {
    const forecaster = new NeuralForecaster({
      models: models.NHITS({ horizon: 24, inputSize: 96, maxSteps: 1_000_000 }),
      frequency: 1,
      seed: i + 1,
      priority,
    });
    const fit = forecaster.fit({ y: longSeries }, { signal: controller.signal });
    await fit.catch(() => forecaster.dispose());
  });
  await sleep(300);
  const all: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let turns = 0, last = performance.now(); last < end; turns++) {
    // Now and then a pause, so that this loop does not take a core of its own.
    const pause = turns % 8 === 7 ? 1 : 0;
    await (pause ? sleep(pause) : nextTurn());
    const now = performance.now();
    all.push(now - last - pause);
    last = now;
  }
  controller.abort();
  await Promise.all(running);
  all.sort((a, b) => a - b);
  return { p99: all[Math.floor(all.length * 0.99)]!, longest: all.at(-1)! };
}

async function fitTime(priority: Priority, steps: number): Promise<number> {
  const forecaster = new NeuralForecaster({ models: shortSteps(steps), frequency: 1, priority });
  const begin = performance.now();
  await forecaster.fit({ y: longSeries });
  forecaster.dispose();
  return performance.now() - begin;
}

/** `count` runs one after the other. */
async function repeat<T>(count: number, run: (i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < count; i++) results.push(await run(i));
  return results;
}

/** Prints milliseconds, and beside them what the same takes when nothing else runs. */
type Print = (name: string, threads: number, value: number, idle?: number) => void;

async function reportStops(print: Print, threads: number, runs: number): Promise<void> {
  const idle: Record<string, number> = {};
  for (const loops of [0, 2]) {
    for (const how of ['abort', 'dispose'] as const) {
      const stops = await beside(loops, () =>
        repeat(runs, (i) => stopFit(threads, how, 100 + 37 * i)),
      );
      for (const [key, what] of Object.entries(stopFigures) as [keyof Stop, string][]) {
        const values = stops.map((stop) => stop[key]).filter((value) => !Number.isNaN(value));
        if (values.length === 0) continue;
        const figures = { median: median(values), longest: Math.max(...values) };
        for (const [word, value] of Object.entries(figures)) {
          const name = `${how}, ${what}, ${word}`;
          if (loops === 0) print(name, threads, value);
          else print(`${name}, beside ${loops} busy loops`, threads, value, idle[name]);
          idle[name] ??= value;
        }
      }
    }
  }
}

async function reportPriorities(print: Print, runs: number, quick: boolean): Promise<void> {
  const all = availableParallelism();
  const seconds = quick ? 0.5 : 2;
  const idle = await gaps(0, 'low', seconds);
  print('event loop, longest gap', all, idle.longest);
  print('event loop, gap, 99th percentile', all, idle.p99);
  for (const priority of priorities) {
    for (const fits of [1, 4]) {
      const { longest, p99 } = await gaps(fits, priority, seconds);
      const where = `fits at once: ${fits} '${priority}'`;
      print(`event loop, longest gap, ${where}`, all, longest, idle.longest);
      print(`event loop, gap, 99th percentile, ${where}`, all, p99, idle.p99);
    }
  }
  const steps = quick ? 50 : 200;
  await fitTime('normal', 5);
  for (const priority of priorities) {
    const alone = median(await repeat(runs, () => fitTime(priority, steps)));
    print(`${steps} NHITS steps '${priority}'`, all, alone);
    const busy = median(await beside(2, () => repeat(runs, () => fitTime(priority, steps))));
    print(`${steps} NHITS steps '${priority}', beside 2 busy loops`, all, busy, alone);
  }
}

async function main(args: string[]): Promise<void> {
  const printRow = rowPrinter(args);
  const print: Print = (name, threads, value, idle) => {
    const peer =
      idle === undefined ? {} : { peer: `idle ${idle.toFixed(2)} ms`, ratio: idle / value };
    printRow({ bench: 'lifecycle', case: name, threads, value, unit: 'ms', ...peer });
  };
  const quick = args.includes('--quick');
  const runs = quick ? 2 : 7;
  const all = availableParallelism();

  note('a GRU of 168 steps, 1024 windows a step, stopped in the middle of a step');
  for (const threads of new Set([1, all])) await reportStops(print, threads, runs);

  disposeInARow(5); // everything compiled
  const row = Math.min(...(await repeat(3, async () => disposeInARow(200))));
  print('200 x create, fit, dispose in a row', all, row);

  await reportPriorities(print, runs, quick);
}

main(process.argv.slice(2));
