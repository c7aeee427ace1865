// This package's side: training steps through the native server of bench/native/train-step.cc,
// forecasts through the public API.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ModelName, NeuralForecaster } from 'neural-forecaster';
import { sameSeries } from '../_report';
import { type Options, specOf } from './cases';
import { Child } from './child';

interface Scripts {
  setUp(options: { bench: boolean }): Promise<void>;
  buildNative(preset: string, targets: string[]): string;
  keepStdoutClean(): void;
}

/** The native server, built by the repository's own scripts. */
export async function startServer(): Promise<Child> {
  const load = async (file: string): Promise<Scripts> =>
    await import(pathToFileURL(path.resolve('scripts', file)).href);
  (await load('util.mjs')).keepStdoutClean();
  await (await load('setup.mjs')).setUp({ bench: true });
  const folder = (await load('build.mjs')).buildNative('bench', ['bench_train-step']);
  return new Child(path.join(folder, 'bench', 'train-step'), ['--serve']);
}

export interface Made {
  parameters: number;
  /** Of a step of the whole batch, and of a forecast of one row. */
  trainFlops: number;
  forwardFlops: number;
}

export async function makeOurs(
  server: Child,
  id: string,
  model: ModelName,
  options: Options,
  batch: number,
  threads: number,
): Promise<Made> {
  const request = { make: id, model, options, batch, threads };
  return (await server.ask(request)) as unknown as Made;
}

const peaks = new Map<number, number>();

/**
 * FMA operations a second: the most that any probe of this run has found, since whatever else runs
 * on the machine can only lower one.
 */
export async function peakOf(server: Child, threads: number): Promise<number> {
  const found = await server.number({ peak: threads }, 'flops');
  peaks.set(threads, Math.max(found, peaks.get(threads) ?? 0));
  return peaks.get(threads)!;
}

/** A forecaster with weights: what they are does not change the time. */
export async function fitted(
  name: ModelName,
  options: Options,
  numThreads: number,
): Promise<NeuralForecaster> {
  const forecaster = new NeuralForecaster({
    models: specOf(name, options),
    frequency: 1,
    numThreads,
  });
  const data = sameSeries(options.nSeries ?? 1, 2 * (options.inputSize + options.horizon));
  await forecaster.fit(data, { maxSteps: 1, windowsBatchSize: 8 });
  return forecaster;
}
