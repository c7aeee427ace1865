// npm run bench -- predict [--json]
//
// How long a forecast from raw windows takes: every model at its defaults (input 48, horizon 24), one thread, 1,
// 32 and 1024 rows, predictBatchSync and predictBatch. Beside it the same call without JavaScript and, for one row,
// the time of reading the weights once: both from bench/native/predict-native.cc, run just before.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { listModels, type ModelInfo, type ModelName, NeuralForecaster } from 'neural-forecaster';
import { median, type Row, rowPrinter, sameSeries, waves } from './_report';

const INPUT = 48;
const HORIZON = 24;
const BLOCK = 500; // milliseconds of calls
const TOGETHER = 8; // series of a row of multivariate models, as in bench/native/models.h
const neural = listModels().filter(({ kind }) => kind === 'neural');

interface Scripts {
  setUp(options: { bench: boolean }): Promise<void>;
  buildNative(preset: string, targets: string[]): string;
  keepStdoutClean(): void;
}

/** The native bench, built by the repository's own scripts. */
async function buildProbe(): Promise<string> {
  const load = async (file: string): Promise<Scripts> =>
    await import(pathToFileURL(path.resolve('scripts', file)).href);
  (await load('util.mjs')).keepStdoutClean();
  await (await load('setup.mjs')).setUp({ bench: true });
  const folder = (await load('build.mjs')).buildNative('bench', ['bench_predict-native']);
  return path.join(folder, 'bench', 'predict-native');
}

/** Rows in microseconds by case, such as 'NHITS 1 row'. */
function nativeRows(probe: string, model: string): Map<string, Row> {
  const text = execFileSync(probe, ['--json', '--only', `${model} `], { encoding: 'utf8' });
  const rows = text.trim().split('\n');
  return new Map(rows.map((line) => JSON.parse(line) as Row).map((row) => [row.case, row]));
}

/** Median microseconds of a call. Short calls are timed in groups. */
function timeSync(call: () => void): number {
  const begin = performance.now();
  for (let now = begin; now - begin < 100; now = performance.now()) call(); // compiled by now
  const start = performance.now();
  call();
  const group = Math.max(1, Math.floor(0.05 / (performance.now() - start)));
  const times: number[] = [];
  for (let now = start; now - start < BLOCK; ) {
    for (let i = 0; i < group; i++) call();
    const end = performance.now();
    times.push((end - now) / group);
    now = end;
  }
  return median(times) * 1000;
}

async function timeAsync(call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  const start = performance.now();
  for (let now = start; now - start < BLOCK; ) {
    await call();
    const end = performance.now();
    times.push(end - now);
    now = end;
  }
  return median(times) * 1000;
}

async function fitted(name: ModelName, series: number): Promise<NeuralForecaster> {
  const forecaster = new NeuralForecaster({
    models: name,
    horizon: HORIZON,
    inputSize: INPUT,
    frequency: 1,
    numThreads: 1,
  });
  await forecaster.fit(sameSeries(series, 200), { maxSteps: 1, windowsBatchSize: 8 });
  return forecaster;
}

async function measure(
  { name, multivariate }: ModelInfo,
  probe: string,
  print: (row: Row) => void,
): Promise<void> {
  const native = nativeRows(probe, name);
  const series = multivariate ? TOGETHER : 1;
  const forecaster = await fitted(name, series);
  for (const rows of [1, 32, 1024]) {
    const windows = waves(rows * series * INPUT);
    const out = new Float32Array(rows * series * HORIZON);
    const size = `${name} ${rows} ${rows === 1 ? 'row' : 'rows'}`;
    const { value: bare, peakShare } = native.get(size)!;
    const report = (what: string, value: number, unit: string, more?: Partial<Row>) =>
      print({ bench: 'predict', case: `${size}, ${what}`, threads: 1, value, unit, ...more });
    const against = (peer: string, value: number, time: number) => ({ peer, ratio: time / value });
    const sync = timeSync(() => forecaster.predictBatchSync(windows));
    const intoOut = timeSync(() => forecaster.predictBatchSync(windows, { out }));
    const job = await timeAsync(() => forecaster.predictBatch(windows));
    const reading = rows === 1 ? native.get(`${name} reading its weights`)!.value : 0;
    // A small model's weights are read in nanoseconds: nothing to set a call against.
    const limit = reading > 10 ? against('reading the weights once', bare, reading) : {};
    report('native call', bare, 'us', { peakShare, ...limit });
    report('predictBatchSync', sync, 'us', against('native call', sync, bare));
    report('predictBatchSync', (rows / sync) * 1e6, 'rows/s');
    if (rows === 1) report('what JavaScript adds', sync - bare, 'us');
    report('predictBatchSync with out', intoOut, 'us', against('native call', intoOut, bare));
    report('predictBatch', job, 'us', against('predictBatchSync', job, sync));
    report('predictBatch', (rows / job) * 1e6, 'rows/s');
  }
  forecaster.dispose();
}

async function main(args: string[]): Promise<void> {
  const print = rowPrinter(args);
  const probe = await buildProbe();
  for (const model of neural) await measure(model, probe, print);
}

main(process.argv.slice(2));
