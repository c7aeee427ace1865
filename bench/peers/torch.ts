// Against PyTorch through the real NeuralForecast modules (torch_peer.py): training steps and
// forecasts at one and two threads, and Prophet against PyPI's.
import path from 'node:path';
import { type ModelName, NeuralForecaster } from 'neural-forecaster';
import { median, note, waves } from '../_report';
import { modelCases, type Options, type Shape, specOf } from './cases';
import { Child, childSide, ownSide, takeTurns } from './child';
import { type Context, compare, guarded, sameParameters } from './context';
import { fitted, type Made, makeOurs, peakOf } from './ours';
import { findPython } from './places';

// Each was the best of several, or as good, on every model tried: GNU OpenMP spinning for 1000 turns
// (its default, and 'active', lose up to a hundredfold when anything else runs; 'passive' doubles an
// LSTM's step), and malloc keeping what it was given (twice as fast for the larger activations).
const torchEnvironment = {
  GOMP_SPINCOUNT: '1000',
  MALLOC_MMAP_THRESHOLD_: '4294967295',
  MALLOC_TRIM_THRESHOLD_: '4294967295',
};

export function startTorch(): Child | undefined {
  const python = findPython();
  if (python === undefined) return undefined;
  const script = path.resolve('bench', 'peers', 'torch_peer.py');
  return new Child(python, [script], { ...torchEnvironment, ...process.env });
}

/** The process, and what rows call it: with its version. */
interface Peer {
  child: Child;
  name: string;
}

async function measureTraining(
  context: Context,
  torch: Peer,
  model: ModelName,
  shape: Shape,
  threads: number,
): Promise<void> {
  const { server } = context;
  const { trainFlops } = await makeOurs(server, 'a', model, shape.options, shape.batch, threads);
  await peakOf(server, threads);
  const [ours, theirs] = await takeTurns(
    [childSide(server, { train: 'a' }), childSide(torch.child, { train: 'a', threads })],
    context,
  );
  await server.ask({ drop: 'a' });
  const peakShare = trainFlops / median(ours!) / (await peakOf(server, threads));
  const row = { case: `${model} ${shape.name} x${shape.batch}, step`, threads, peer: torch.name };
  compare(context, { ...row, peakShare }, ours!, theirs!);
}

async function measureForecasts(
  context: Context,
  torch: Peer,
  model: ModelName,
  shape: Shape,
  { forwardFlops }: Made,
): Promise<void> {
  const { inputSize, horizon, nSeries = 1 } = shape.options;
  const { server } = context;
  const cases = [
    { threads: 1, rows: 1, sync: true },
    { threads: 1, rows: 32, sync: true },
    { threads: 2, rows: Math.max(32, shape.batch), sync: false },
  ];
  for (const { threads, rows, sync } of cases) {
    const forecaster = await fitted(model, shape.options, threads);
    const windows = waves(rows * nSeries * inputSize);
    const out = new Float32Array(rows * nSeries * horizon);
    const call = sync
      ? () => forecaster.predictBatchSync(windows, { out })
      : () => forecaster.predictBatch(windows, { out });
    const [ours, theirs] = await takeTurns(
      [ownSide(call), childSide(torch.child, { predict: 'a', rows, threads })],
      { ...context, seconds: context.seconds / 2 },
    );
    forecaster.dispose();
    const peak = await peakOf(server, threads);
    const peakShare = (forwardFlops * rows) / median(ours!) / peak;
    const size = `${rows} ${rows === 1 ? 'row' : 'rows'}`;
    const row = { case: `${model} ${shape.name}, forecast of ${size}`, threads, peer: torch.name };
    compare(context, { ...row, peakShare }, ours!, theirs!);
  }
}

async function measureProphet(context: Context, torch: Child): Promise<void> {
  const [steps, horizon] = [2000, 24];
  // Prophet has no lookback, so none is given. Both sides fit the same numbers.
  const options = { horizon } as Options;
  const y = Array.from(waves(steps), (value, i) => 10 + 0.001 * i + value + 0.1 * Math.sin(i * i));
  const ds = Array.from({ length: steps }, (_, i) => i * 3600_000);
  const [fits, predictions, theirFits, theirPredictions]: number[][] = [[], [], [], []];
  for (let round = 0; round < context.rounds; round++) {
    const forecaster = new NeuralForecaster({
      models: specOf('Prophet', options),
      frequency: '1h',
      numThreads: 1,
    });
    const begin = performance.now();
    await forecaster.fit({ y, ds });
    const middle = performance.now();
    await forecaster.predict({ level: [80] });
    fits!.push((middle - begin) / 1e3);
    predictions!.push((performance.now() - middle) / 1e3);
    forecaster.dispose();
    const theirs = (await torch.ask({ prophet: { y, horizon } })) as Record<string, number>;
    theirFits!.push(theirs.fit!);
    theirPredictions!.push(theirs.predict!);
  }
  const row = { threads: 1, peer: 'prophet' };
  compare(context, { ...row, case: `Prophet, fit of ${steps} hours` }, fits!, theirFits!);
  const forecast = `Prophet, ${horizon} hours and their interval`;
  compare(context, { ...row, case: forecast }, predictions!, theirPredictions!);
}

export async function runTorch(context: Context): Promise<void> {
  const torch = startTorch();
  if (torch === undefined) return;
  const versions = await torch.ask({ versions: true });
  note(`peers: torch ${versions.torch}, neuralforecast ${versions.neuralforecast}`);
  const { server } = context;
  const peer = { child: torch, name: `PyTorch ${versions.torch}` };
  for (const { name, shapes } of await modelCases(server)) {
    if (!context.wants(name)) continue;
    for (const shape of shapes) {
      if (!shape.name.includes(context.shape)) continue;
      const what = `${name} ${shape.name}`;
      await guarded(what, async () => {
        const { options, batch } = shape;
        const theirs = await torch.ask({ make: 'a', model: name, options, batch });
        const ours = await makeOurs(server, 'a', name, options, 1, 1);
        await server.ask({ drop: 'a' });
        sameParameters(what, ours.parameters, peer.name, theirs.parameters);
        for (const threads of [1, 2]) await measureTraining(context, peer, name, shape, threads);
        await measureForecasts(context, peer, name, shape, ours);
        await torch.ask({ drop: 'a' });
      });
    }
  }
  if (context.wants('Prophet')) {
    await guarded('Prophet', () => measureProphet(context, torch));
  }
  torch.end();
}
