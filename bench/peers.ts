// npm run bench -- peers [--json] [--quick] [--only torch,onnx,tfjs] [--models GRU,LSTM] [--shape 24/12] [--install]
//
// This package beside PyTorch (the real NeuralForecast modules, eager as NeuralForecast runs them), onnxruntime-node
// and tfjs. Each comparison is made in turns (ours, theirs, ours, theirs ...) while the other side sleeps; rows give
// medians, the ratio of medians and the share of the FMA peak: the most that a probe of the same run has reached. A
// case whose two sides have not the same number of parameters fails.
//
// Peers are no dependencies: --install fetches them into .deps/peers (torch alone is some GB), or
// NEURAL_FORECASTER_PYTHON and NEURAL_FORECASTER_PEER_MODULES name a Python with neuralforecast and a node_modules folder
// that are there. A peer that is missing is skipped, and said.
import { note, option, rowPrinter } from './_report';
import type { Context } from './peers/context';
import { runOnnx, runTfjs } from './peers/light';
import { startServer } from './peers/ours';
import { install } from './peers/places';
import { runTorch } from './peers/torch';

const parts = { torch: runTorch, onnx: runOnnx, tfjs: runTfjs };

async function main(args: string[]): Promise<void> {
  if (args.includes('--install')) install();
  const quick = args.includes('--quick');
  const models = option(args, '--models')?.split(',');
  const server = await startServer();
  const context: Context = {
    server,
    print: rowPrinter(args),
    rounds: quick ? 3 : 7,
    seconds: quick ? 0.1 : 0.3,
    shape: option(args, '--shape') ?? '',
    wants: (model) => models === undefined || models.includes(model),
    slower: [],
  };
  const chosen = option(args, '--only')?.split(',') ?? Object.keys(parts);
  for (const name of chosen) {
    const part = parts[name as keyof typeof parts];
    if (part === undefined) throw new Error(`--only takes ${Object.keys(parts).join(', ')}`);
    await part(context);
  }
  server.end();
  for (const row of context.slower) note(`peers: slower than its peer: ${row}`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  note(`peers: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
