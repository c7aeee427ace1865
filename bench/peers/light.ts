// Against onnxruntime-node (forecasts of modules exported by torch.onnx) and tfjs on WebAssembly
// (training steps and forecasts of layers as ours), one thread, window 48, horizon 12, hidden 64.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median, note, waves } from '../_report';
import { light, ownName } from './cases';
import { Child, childSide, ownSide, takeTurns } from './child';
import { type Context, compare, guarded } from './context';
import { fitted, makeOurs, peakOf } from './ours';
import { findModule, modulesFolder } from './places';
import { startTorch } from './torch';

/** How much faster a batch of the GRU has to be than in ONNX Runtime. */
const ONNX_TARGET = 4;
/** Seconds of one row of the GRU. */
const ROW_TARGET = 30e-6;

function startNode(): Child {
  const script = path.resolve('bench', 'peers', 'node_peer.mjs');
  return new Child(process.execPath, [script, modulesFolder]);
}

async function measureForecast(
  context: Context,
  peer: { name: string; child: Child; id: string },
  { name, options }: (typeof light)[number],
  rows: number,
): Promise<number> {
  const forecaster = await fitted(name, options, 1);
  const windows = waves(rows * options.inputSize);
  const out = new Float32Array(rows * options.horizon);
  const [ours, theirs] = await takeTurns(
    [
      ownSide(() => forecaster.predictBatchSync(windows, { out })),
      childSide(peer.child, { predict: peer.id, rows }),
    ],
    context,
  );
  forecaster.dispose();
  const { forwardFlops } = await makeOurs(context.server, 'a', name, options, 1, 1);
  const peak = await peakOf(context.server, 1);
  const peakShare = (forwardFlops * rows) / median(ours!) / peak;
  const size = `${rows} ${rows === 1 ? 'row' : 'rows'}`;
  const row = { case: `${name} 48/12, forecast of ${size}`, threads: 1, peer: peer.name };
  const wanted = name === 'GRU' && peer.name === 'onnxruntime-node' && rows > 1;
  const target = wanted ? ONNX_TARGET : undefined;
  return compare(context, { ...row, peakShare }, ours!, theirs!, target);
}

export async function runOnnx(context: Context): Promise<void> {
  if (findModule('onnxruntime-node') === undefined) return;
  const torch = startTorch();
  if (torch === undefined) return note('peers: onnxruntime-node needs torch to export its models');
  const child = startNode();
  const folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  for (const model of light) {
    const { name, options } = model;
    if (!context.wants(name) || ownName(name) === undefined) continue;
    await guarded(`${name} in onnxruntime-node`, async () => {
      await torch.ask({ make: 'a', model: name, options, batch: 32 });
      for (const rows of [1, 32]) {
        const file = path.join(folder, `${name}-${rows}.onnx`);
        await torch.ask({ export: 'a', file, rows });
        await child.ask({ onnx: 'a', file, inputSize: options.inputSize });
        const peer = { name: 'onnxruntime-node', child, id: 'a' };
        const seconds = await measureForecast(context, peer, model, rows);
        if (name === 'GRU' && rows === 1 && seconds > ROW_TARGET) {
          context.misses.push(`GRU 48/12, one row: ${(seconds * 1e6).toFixed(1)} us, not 30 us`);
        }
      }
    });
  }
  rmSync(folder, { recursive: true });
  child.end();
  torch.end();
}

export async function runTfjs(context: Context): Promise<void> {
  if (findModule('@tensorflow/tfjs-backend-wasm') === undefined) return;
  const child = startNode();
  const { server } = context;
  for (const model of light) {
    const { name, options } = model;
    if (!context.wants(name) || ownName(name) === undefined) continue;
    await guarded(`${name} in tfjs`, async () => {
      await child.ask({ tfjs: 'a', model: name, options, batch: 32 });
      const { trainFlops } = await makeOurs(server, 'a', name, options, 32, 1);
      const [ours, theirs] = await takeTurns(
        [childSide(server, { train: 'a' }), childSide(child, { train: 'a' })],
        context,
      );
      const peakShare = trainFlops / median(ours!) / (await peakOf(server, 1));
      const row = { case: `${name} 48/12 x32, step`, threads: 1, peer: 'tfjs-wasm' };
      compare(context, { ...row, peakShare }, ours!, theirs!);
      for (const rows of [1, 32]) {
        const peer = { name: 'tfjs-wasm', child, id: 'a' };
        await measureForecast(context, peer, model, rows);
      }
    });
  }
  child.end();
}
