// Against onnxruntime-node (forecasts of modules exported by torch.onnx) and tfjs on WebAssembly
// (training steps and forecasts of layers as ours), one thread, window 48, horizon 12, hidden 64. Ours is a synchronous
// call; ONNX Runtime's session.run can only be awaited, and the turn of the event loop that it takes is in its time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median, note, waves } from '../_report';
import { light } from './cases';
import { Child, childSide, ownSide, takeTurns } from './child';
import { type Context, compare, guarded, sameParameters } from './context';
import { fitted, makeOurs, peakOf } from './ours';
import { findModule, modulesFolder } from './places';
import { startTorch } from './torch';

function startNode(): Child {
  const script = path.resolve('bench', 'peers', 'node_peer.mjs');
  return new Child(process.execPath, [script, modulesFolder]);
}

async function measureForecast(
  context: Context,
  peer: { name: string; child: Child; id: string },
  { name, options }: (typeof light)[number],
  rows: number,
): Promise<void> {
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
  compare(context, { ...row, peakShare }, ours!, theirs!);
}

export async function runOnnx(context: Context): Promise<void> {
  const peerName = findModule('onnxruntime-node');
  if (peerName === undefined) return;
  const torch = startTorch();
  if (torch === undefined) return note('peers: onnxruntime-node needs torch to export its models');
  const child = startNode();
  const folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  for (const model of light) {
    const { name, options } = model;
    if (!context.wants(name)) continue;
    await guarded(`${name} in onnxruntime-node`, async () => {
      const theirs = await torch.ask({ make: 'a', model: name, options, batch: 32 });
      const { parameters } = await makeOurs(context.server, 'a', name, options, 1, 1);
      sameParameters(name, parameters, 'the module that is exported', theirs.parameters);
      for (const rows of [1, 32]) {
        const file = path.join(folder, `${name}-${rows}.onnx`);
        await torch.ask({ export: 'a', file, rows });
        await child.ask({ onnx: 'a', file, inputSize: options.inputSize });
        const peer = { name: peerName, child, id: 'a' };
        await measureForecast(context, peer, model, rows);
      }
    });
  }
  rmSync(folder, { recursive: true });
  child.end();
  torch.end();
}

export async function runTfjs(context: Context): Promise<void> {
  const peerName = findModule('@tensorflow/tfjs-backend-wasm');
  if (peerName === undefined) return;
  const child = startNode();
  const { server } = context;
  for (const model of light) {
    const { name, options } = model;
    if (!context.wants(name)) continue;
    await guarded(`${name} in tfjs`, async () => {
      const built = await child.ask({ tfjs: 'a', model: name, options, batch: 32 });
      const { trainFlops, parameters } = await makeOurs(server, 'a', name, options, 32, 1);
      sameParameters(name, parameters, 'tfjs', built.parameters);
      const [ours, theirs] = await takeTurns(
        [childSide(server, { train: 'a' }), childSide(child, { train: 'a' })],
        context,
      );
      const peakShare = trainFlops / median(ours!) / (await peakOf(server, 1));
      const row = { case: `${name} 48/12 x32, step`, threads: 1, peer: peerName };
      compare(context, { ...row, peakShare }, ours!, theirs!);
      for (const rows of [1, 32]) {
        const peer = { name: peerName, child, id: 'a' };
        await measureForecast(context, peer, model, rows);
      }
    });
  }
  child.end();
}
