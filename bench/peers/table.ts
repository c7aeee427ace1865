// The latency and throughput that the design documents claim, and their training workload, beside
// ours through JavaScript. The limit that binds stands with each: FMA units, or, for one row of
// a recurrent model, reading the recurrent weights from the cache once a step.
import { availableParallelism } from 'node:os';
import { NeuralForecaster } from 'neural-forecaster';
import { median, note, waves } from '../_report';
import { type Options, ownName, specOf } from './cases';
import { ownSide } from './child';
import { type Context, guarded } from './context';
import { fitted, makeOurs, peakOf } from './ours';

const LATENCY_TARGET = 25;
const THROUGHPUT_TARGET = 5;

interface Claim {
  name: string;
  options: Record<string, unknown>;
  /** Milliseconds of one forecast; forecasts a second in batches of 32. */
  latency: number;
  throughput: number;
  /** Matrices of the size hidden x hidden that a step of each layer reads. */
  gates?: number;
}

const recurrent = { encoderHiddenSize: 128, encoderNLayers: 2, decoderHiddenSize: 128 };

const claims: Claim[] = [
  { name: 'GRU', options: recurrent, latency: 28.4, throughput: 923, gates: 3 },
  {
    name: 'TCN',
    // [64, 128, 128] channels there; ours are as wide in every layer.
    options: {
      encoderHiddenSize: 128,
      kernelSize: 3,
      dilations: [1, 2, 4],
      decoderHiddenSize: 128,
    },
    latency: 31.2,
    throughput: 847,
  },
  {
    name: 'NBEATS',
    options: {
      stackTypes: ['trend', 'seasonality'],
      nBlocks: [3, 3],
      mlpUnits: Array.from({ length: 3 }, () => [128, 128]),
    },
    latency: 42.8,
    throughput: 697,
  },
  { name: 'LSTM', options: recurrent, latency: 29.3, throughput: 891, gates: 4 },
  {
    name: 'Transformer',
    options: { hiddenSize: 128, encoderLayers: 2 },
    latency: 38.7,
    throughput: 734,
  },
];

/** Seconds of 1000 samples x 100 epochs at input 24, horizon 12, hidden 128, 2 layers, batch 32. */
const workloads = [
  { name: 'GRU', options: recurrent, claim: 38.2 },
  { name: 'LSTM', options: recurrent, claim: 42.6 },
  { name: 'Transformer', options: { hiddenSize: 128, encoderLayers: 2 }, claim: 61.2 },
];

function checked(context: Context, what: string, ratio: number, target: number): number {
  if (ratio < target) context.misses.push(`${what}: ${ratio.toFixed(1)} x, not ${target} x`);
  return ratio;
}

async function timesOf(context: Context, call: () => unknown): Promise<number> {
  const side = ownSide(call);
  await side({ seconds: 0.1, least: 1 });
  const times: number[] = [];
  for (let i = 0; i < context.rounds; i++) {
    times.push(...(await side({ seconds: context.seconds, least: 1 })));
  }
  return median(times);
}

async function measureClaim(context: Context, claim: Claim): Promise<void> {
  const { name, latency, gates } = claim;
  const { server, print } = context;
  const options: Options = {
    horizon: 24,
    inputSize: 168,
    scalerType: 'identity',
    ...claim.options,
  };
  const { forwardFlops } = await makeOurs(server, 'a', name, options, 1, 1);
  await server.ask({ drop: 'a' });
  const claimed = (text: string) => `claimed ${text}`;

  const forecaster = await fitted(name, options, 1);
  const window = waves(168);
  const one = await timesOf(context, () => forecaster.predictBatchSync(window));
  const peak = await peakOf(server, 1);
  const single = `${name} 168/24, one forecast`;
  const ratio = checked(context, single, latency / 1e3 / one, LATENCY_TARGET);
  const row = { bench: 'peers', case: single, threads: 1, peer: claimed(`${latency} ms`), ratio };
  print({ ...row, value: one * 1e6, unit: 'us', peakShare: forwardFlops / one / peak });
  if (gates !== undefined) {
    const weights = recurrent.encoderNLayers * gates * recurrent.encoderHiddenSize ** 2;
    const reading = 168 * (await server.number({ read: weights }, 'seconds'));
    print({
      bench: 'peers',
      case: `${name} 168/24, its recurrent weights read 168 times`,
      threads: 1,
      value: reading * 1e6,
      unit: 'us',
      peer: 'one forecast',
      ratio: one / reading,
    });
  }

  forecaster.dispose();
  await measureThroughput(context, claim, options, forwardFlops);
}

/** By 32 rows: on the calling thread, and as a job on all threads, which the target is set for. */
async function measureThroughput(
  context: Context,
  { name, throughput }: Claim,
  options: Options,
  forwardFlops: number,
): Promise<void> {
  const windows = waves(32 * options.inputSize);
  const many = `${name} 168/24, forecasts by 32`;
  for (const threads of [...new Set([1, availableParallelism()])]) {
    const forecaster = await fitted(name, options, threads);
    const call =
      threads === 1
        ? () => forecaster.predictBatchSync(windows)
        : () => forecaster.predictBatch(windows);
    const batch = await timesOf(context, call);
    forecaster.dispose();
    const ratio = 32 / batch / throughput;
    if (threads === availableParallelism()) checked(context, many, ratio, THROUGHPUT_TARGET);
    context.print({
      bench: 'peers',
      case: many,
      threads,
      value: 32 / batch,
      unit: 'rows/s',
      peer: `claimed ${throughput}/s`,
      ratio,
      peakShare: (32 * forwardFlops) / batch / (await peakOf(context.server, threads)),
    });
  }
}

async function measureProphet(context: Context): Promise<void> {
  const hours = 2000;
  const forecaster = new NeuralForecaster({
    models: specOf('Prophet', { horizon: 24 } as Options),
    frequency: '1h',
    numThreads: 1,
  });
  const time = (count: number) => Array.from({ length: count }, (_, i) => i * 3600_000);
  const series = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ id: `${i}`, y: waves(hours), ds: time(hours) }));
  const claimed = { latency: 22.1, throughput: 1187 };
  await forecaster.fit(series(1));
  const one = await timesOf(context, () => forecaster.predictSync());
  const single = 'Prophet, one forecast';
  const ratio = checked(context, single, claimed.latency / 1e3 / one, LATENCY_TARGET);
  const row = { bench: 'peers', threads: 1 };
  const peer = `claimed ${claimed.latency} ms`;
  context.print({ ...row, case: single, value: one * 1e6, unit: 'us', peer, ratio });
  await forecaster.fit(series(32));
  const batch = await timesOf(context, () => forecaster.predictSync());
  forecaster.dispose();
  const many = 'Prophet, forecasts by 32';
  context.print({
    ...row,
    case: many,
    value: 32 / batch,
    unit: 'rows/s',
    peer: `claimed ${claimed.throughput}/s`,
    ratio: checked(context, many, 32 / batch / claimed.throughput, THROUGHPUT_TARGET),
  });
}

async function measureWorkload(
  context: Context,
  { name, options, claim }: (typeof workloads)[number],
): Promise<void> {
  const [samples, epochs, batch] = [1000, 100, 32];
  const shape = { horizon: 12, inputSize: 24, ...options };
  for (const numThreads of [...new Set([1, availableParallelism()])]) {
    const forecaster = new NeuralForecaster({
      models: specOf(name, shape),
      frequency: 1,
      numThreads,
    });
    // 1000 windows, each of whose horizons may reach past the end: cuts 24 ... 1023.
    const y = waves(samples + shape.inputSize);
    const maxSteps = Math.ceil((samples * epochs) / batch);
    const begin = performance.now();
    await forecaster.fit({ y }, { maxSteps, windowsBatchSize: batch });
    const seconds = (performance.now() - begin) / 1e3;
    forecaster.dispose();
    const what = `${name} 24/12, 1000 samples x 100 epochs`;
    const peer = `claimed ${claim} s`;
    const ratio = claim / seconds;
    context.print({
      bench: 'peers',
      case: what,
      threads: numThreads,
      value: seconds,
      unit: 's',
      peer,
      ratio,
    });
  }
}

export async function runTable(context: Context): Promise<void> {
  const known = (name: string) => {
    if (!context.wants(name)) return false;
    if (ownName(name) !== undefined) return true;
    note(`peers: this build has no ${name}`);
    return false;
  };
  for (const claim of claims) {
    if (known(claim.name)) await guarded(claim.name, () => measureClaim(context, claim));
  }
  if (known('Prophet')) await guarded('Prophet', () => measureProphet(context));
  for (const load of workloads) {
    if (known(load.name)) await guarded(load.name, () => measureWorkload(context, load));
  }
}
