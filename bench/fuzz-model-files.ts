// npm run bench -- fuzz-model-files [--seconds 60] [--seed 1] [--model NHITS]
//
// Model files of every kind of model, with and without their series' columns, damaged in what they say. Each must give
// ERR_CORRUPT_MODEL, or a forecaster whose forecast is finite or a named error; within 50 ms of CPU time and 64 MB
// beyond the file's size. Faults are printed with what reproduces them; then the exit code is 1.
import { readFileSync, writeFileSync } from 'node:fs';
import { listModels, type ModelName, models, NeuralForecaster } from 'neural-forecaster';
import { growthOf, mutated, randomOf } from './_model-mutations';
import { note, option, rowPrinter } from './_report';

const args = process.argv.slice(2);
const print = rowPrinter(args);
const seconds = Number(option(args, '--seconds') ?? 60);
const firstSeed = Number(option(args, '--seed') ?? 1);
const only = option(args, '--model');

const MOST_CPU_MS = 50;
const MOST_BYTES = 64 * 2 ** 20;
const horizon = 4;
const inputSize = 12;

/** Small ones of every option that some model has. */
const small: Record<string, unknown> = {
  mlpUnits: [[16, 16]],
  numLayers: 1,
  hiddenSize: 16,
  nHead: 2,
  convHiddenSize: 16,
  encoderLayers: 1,
  encoderHiddenSize: 16,
  decoderHiddenSize: 16,
  maxSteps: 1,
  windowsBatchSize: 8,
};

/** What a damaged file may be made of. */
const holidays = [{ name: 'new year', ds: [Date.UTC(2024, 0, 1), Date.UTC(2024, 2, 1)] }];
const rich = {
  futureExog: ['known'],
  historicExog: ['seen'],
  staticExog: ['size'],
  loss: { name: 'MQLoss', level: [80] },
  scalerType: 'standard',
  holidays,
  regressors: [{ name: 'known' }],
  seasonalities: [{ name: 'month', period: 30.5, fourierOrder: 2 }],
};

function data() {
  const length = 60;
  const wave = (shift: number) =>
    Float64Array.from({ length: 2 * length }, (_, i) => 10 + Math.sin(i / 3 + shift));
  return {
    uniqueId: Array.from({ length: 2 * length }, (_, i) => (i < length ? 'a' : 'b')),
    ds: Float64Array.from({ length: 2 * length }, (_, i) => Date.UTC(2024, 0, 1 + (i % length))),
    y: wave(0),
    known: wave(1),
    seen: wave(2),
    size: Float64Array.from({ length: 2 * length }, (_, i) => (i < length ? 1 : 2)),
  };
}

/** The options among `from` that a model has. */
function optionsOf(name: ModelName, from: Record<string, unknown>): Record<string, unknown> {
  const info = listModels().find((model) => model.name === name)!;
  const has = new Set(info.fields.map((field) => field.name));
  if (info.kind === 'neural') has.add('loss');
  const known = { futureExog: 'future', historicExog: 'historic', staticExog: 'static' } as const;
  for (const [key, kind] of Object.entries(known)) if (!info.exog[kind]) has.delete(key);
  return Object.fromEntries(Object.entries(from).filter(([key]) => has.has(key)));
}

interface Sample {
  name: string;
  bytes: Uint8Array;
}

async function sample(name: ModelName, what: string, extra: Record<string, unknown>, more = {}) {
  const options = { horizon, inputSize, ...optionsOf(name, { ...small, ...extra }) };
  const make = models[name] as (options: object) => never;
  using forecaster = new NeuralForecaster({ models: make(options), ...more });
  const { uniqueId, ds, y, known, seen, size } = data();
  await forecaster.fit({ uniqueId, ds, y, known, seen, size });
  return { name: `${name} ${what}`, bytes: forecaster.serialize() };
}

async function samples(): Promise<Sample[]> {
  const list: Sample[] = [];
  for (const { name } of listModels()) {
    if (only !== undefined && name !== only) continue;
    list.push(await sample(name, 'plain', {}));
    list.push(await sample(name, 'rich', rich, { localScalerType: 'standard' }));
    if (['RNN', 'GRU', 'LSTM'].includes(name)) {
      list.push(await sample(name, 'recurrent', { recurrent: true }));
    }
  }
  return list;
}

/** The highest memory of the process since the last call; 0 where the system does not say. */
function peakBytes(): number {
  try {
    const peak = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
    writeFileSync('/proc/self/clear_refs', '5');
    return peak * 1024;
  } catch {
    return 0;
  }
}

const named = /^(ERR_(?!INTERNAL)[A-Z_]+)$/;

type Outcome = { refused: boolean; fault?: string };

/** Loads and forecasts once. */
function attempt(bytes: Uint8Array, growth: number): Outcome {
  let forecaster: NeuralForecaster;
  try {
    forecaster = NeuralForecaster.deserialize(bytes, { numThreads: 1 });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const right = code === 'ERR_CORRUPT_MODEL';
    return { refused: true, fault: right ? undefined : `load: ${code}: ${message}` };
  }
  try {
    if (growth > 20) return { refused: false };
    for (const [name, column] of Object.entries(forecaster.predictSync().columns)) {
      if (!column.every(Number.isFinite)) return { refused: false, fault: `${name} is not finite` };
    }
    return { refused: false };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { refused: false, fault: named.test(code ?? '') ? undefined : `${code}: ${message}` };
  } finally {
    forecaster.dispose();
  }
}

/** What one attempt costs. */
function measured(bytes: Uint8Array, growth: number) {
  const before = peakBytes() && process.memoryUsage.rss();
  const start = process.cpuUsage();
  const outcome = attempt(bytes, growth);
  const { user, system } = process.cpuUsage(start);
  return { ...outcome, ms: (user + system) / 1000, bytes: Math.max(0, peakBytes() - before) };
}

function check({ bytes }: Sample, seed: number) {
  const damaged = mutated(bytes, randomOf(seed));
  const growth = growthOf(damaged, horizon, inputSize);
  let result = measured(damaged, growth);
  const costly = () =>
    result.ms > MOST_CPU_MS * growth || result.bytes > damaged.length + MOST_BYTES * growth;
  // The collector's work falls on whoever is at hand: only what costs each time is a fault.
  for (let i = 0; i < 3 && costly(); i++) result = measured(damaged, growth);
  const cost = `${result.ms.toFixed(0)} ms, ${(result.bytes / 2 ** 20).toFixed(0)} MB`;
  return { ...result, fault: result.fault ?? (costly() ? cost : undefined) };
}

async function main(): Promise<void> {
  const list = await samples();
  for (const { name, bytes } of list) {
    const { fault } = attempt(bytes, 1);
    if (fault) note(`${name}, whole: ${fault}`);
  }
  const end = performance.now() + seconds * 1000;
  let faults = 0;
  const counts = list.map(() => ({ done: 0, refused: 0 }));
  for (let seed = firstSeed; performance.now() < end; seed++) {
    for (const [i, item] of list.entries()) {
      const { refused, fault } = check(item, seed);
      counts[i]!.done++;
      counts[i]!.refused += refused ? 1 : 0;
      if (fault === undefined) continue;
      faults++;
      note(`${item.name}, --seed ${seed}: ${fault}`);
    }
  }
  for (const [i, { name }] of list.entries()) {
    const { done, refused } = counts[i]!;
    const row = { bench: 'fuzz-model-files', threads: 1, value: done, unit: 'files' };
    print({ ...row, case: `${name}: ${refused} refused` });
  }
  note(`${faults} faults`);
  process.exitCode = faults > 0 ? 1 : 0;
}

void main();
