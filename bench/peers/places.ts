// Where the peers are: installed by `npm run bench -- peers --install` under .deps/peers, which git
// does not see, or named by NEURAL_FORECASTER_PYTHON (a Python that has neuralforecast) and
// NEURAL_FORECASTER_PEER_MODULES (a node_modules folder). None is a dependency of the package.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { note } from '../_report';

const folder = path.resolve('.deps', 'peers');
const venv = path.join(folder, 'python');
const python = process.env.NEURAL_FORECASTER_PYTHON ?? path.join(venv, 'bin', 'python');
export const modulesFolder =
  process.env.NEURAL_FORECASTER_PEER_MODULES ?? path.join(folder, 'node_modules');

const pythonPackages = ['neuralforecast', 'torch', 'prophet', 'onnx'];
const nodePackages = ['onnxruntime-node', '@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'];

function run(program: string, args: string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? `exit ${status}`}`);
  }
}

/** About 3 GB with torch, some minutes. Installation scripts are not run: ONNX Runtime's fetches CUDA. */
export function install(): void {
  mkdirSync(folder, { recursive: true });
  if (process.env.NEURAL_FORECASTER_PYTHON === undefined) {
    run('python3', ['-m', 'venv', venv]);
    run(python, ['-m', 'pip', 'install', '--quiet', ...pythonPackages]);
  }
  if (process.env.NEURAL_FORECASTER_PEER_MODULES === undefined) {
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
    run('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', ...nodePackages]);
  }
}

function missing(what: string, where: string): undefined {
  note(`peers: ${what} is skipped: ${where} is not there (--install fetches the peers).`);
  return undefined;
}

export function findPython(): string | undefined {
  return existsSync(python) ? python : missing('PyTorch', python);
}

/** The name of a module that is there, with its version. */
export function findModule(name: string): string | undefined {
  const place = path.join(modulesFolder, ...name.split('/'));
  if (!existsSync(place)) return missing(name, place);
  const { version } = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8'));
  return `${name} ${version}`;
}
