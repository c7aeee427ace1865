// npm run bench -- fuzz-model-files [--seconds 60] [--rounds 1] [--seed 1] [--model NHITS]
//
// A round does everything once that can be done to the largest file; it ends earlier when the seconds are over.
// Model files of every kind of model, with and without their series' columns, damaged in what they say. Each must give
// ERR_CORRUPT_MODEL, or a forecaster whose forecast is finite or a named error; within 50 ms of CPU time and 64 MB
// beyond the file's size. Faults are printed with what reproduces them; then the exit code is 1.
import { readFileSync, writeFileSync } from 'node:fs';
import { listModels, type ModelName, models, NeuralForecaster } from 'neural-forecaster';
import { changeCount, growthOf, mutated } from './_model-mutations';
import { note, option, rowPrinter } from './_report';

const args = process.argv.slice(2);
const print = rowPrinter(args);
const seconds = Number(option(args, '--seconds') ?? 60);
const firstSeed = Number(option(args, '--seed') ?? 1);
const rounds = Number(option(args, '--rounds') ?? 1e9);
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

/** What was done: its result or its error, and what it cost. */
interface Done<T> {
  value?: T;
  code: string;
  error: string;
  ms: number;
  bytes: number;
}

function done<T>(act: () => T): Done<T> {
  const before = peakBytes() && process.memoryUsage.rss();
  const start = process.cpuUsage();
  const result: { value?: T; code: string; error: string } = { code: '', error: '' };
  try {
    result.value = act();
  } catch (error) {
    result.code = (error as { code?: string }).code ?? 'no code';
    result.error = `${result.code}: ${(error as Error).message}`;
  }
  const { user, system } = process.cpuUsage(start);
  return { ...result, ms: (user + system) / 1000, bytes: Math.max(0, peakBytes() - before) };
}

function tooCostly({ ms, bytes }: Done<unknown>, size: number, growth: number): string | undefined {
  if (ms <= MOST_CPU_MS * growth && bytes <= size + MOST_BYTES * growth) return undefined;
  return `${ms.toFixed(0)} ms, ${(bytes / 2 ** 20).toFixed(0)} MB`;
}

interface Outcome {
  refused: boolean;
  fault?: string;
}

/** Loads and forecasts once. Loading costs the same whatever the file says; a longer forecast may cost more. */
function attempt(bytes: Uint8Array): Outcome {
  const load = done(() => NeuralForecaster.deserialize(bytes, { numThreads: 1 }));
  const costly = tooCostly(load, bytes.length, 1);
  if (costly) return { refused: load.value === undefined, fault: `load: ${costly} ${load.error}` };
  if (load.value === undefined) {
    return { refused: true, fault: load.code === 'ERR_CORRUPT_MODEL' ? undefined : load.error };
  }
  using forecaster = load.value;
  const growth = growthOf(bytes, horizon, inputSize);
  if (growth > 20) return { refused: false };
  const forecast = done(() => forecaster.predictSync());
  const cost = tooCostly(forecast, bytes.length, growth);
  if (cost) return { refused: false, fault: `predictSync: ${cost} ${forecast.error}` };
  if (forecast.value === undefined) {
    return { refused: false, fault: named.test(forecast.code) ? undefined : forecast.error };
  }
  for (const [name, column] of Object.entries(forecast.value.columns)) {
    if (!column.every(Number.isFinite)) return { refused: false, fault: `${name} is not finite` };
  }
  return { refused: false };
}

/** The collector's work falls on whoever is at hand: only what is wrong each time is a fault. */
function check({ bytes }: Sample, seed: number): Outcome {
  const damaged = mutated(bytes, seed);
  let outcome = attempt(damaged);
  for (let i = 0; i < 3 && outcome.fault; i++) outcome = attempt(damaged);
  return outcome;
}

async function main(): Promise<void> {
  const list = await samples();
  for (const { name, bytes } of list) {
    const { fault } = attempt(bytes);
    if (fault) throw new Error(`${name}, whole: ${fault}`);
  }
  const end = performance.now() + seconds * 1000;
  let faults = 0;
  const counts = list.map(() => ({ done: 0, refused: 0 }));
  const most = Math.max(...list.map(({ bytes }) => changeCount(bytes))) * rounds;
  for (let seed = firstSeed; seed < firstSeed + most && performance.now() < end; seed++) {
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
