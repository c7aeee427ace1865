import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The compiled package: what a user's program, a worker or a child process loads. */
export const packageMain = path.resolve(__dirname, '../../dist/index.js');

if (!existsSync(packageMain)) throw new Error(`${packageMain} is not there: run npm run build`);

/** Names that every program has: the package's, a small data set, a long training. */
const prelude = `
const { NeuralForecaster, models } = require(${JSON.stringify(packageMain)});
const y = Float64Array.from({ length: 400 }, (_, i) => Math.sin(i / 2));
const spec = (options) => models.NHITS({ horizon: 4, inputSize: 12, mlpUnits: [[16, 16]],
  windowsBatchSize: 32, maxSteps: 20, ...options });
const endless = { horizon: 12, inputSize: 48, maxSteps: 1e6 };
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
`;

/** Source text of a program: the prelude and `body` in an async function. */
export function program(body: string): string {
  return `${prelude}\n(async () => {\n${body}\n})();`;
}

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs `body` in a process of its own, with these variables besides. A crash shows as a signal. */
export function runProgram(
  body: string,
  flags: string[] = [],
  env: Record<string, string> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...flags, '-e', program(body)],
      { timeout: 50_000, env: { ...process.env, NODE_OPTIONS: '', ...env } },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
      },
    );
  });
}

/** Runs `body` and gives what it printed as JSON; it must end well and print nothing else. */
export async function resultOf<T>(
  body: string,
  flags: string[] = [],
  env: Record<string, string> = {},
): Promise<T> {
  const { code, signal, stdout, stderr } = await runProgram(body, flags, env);
  if (code !== 0 || stderr !== '') throw new Error(`exit ${code} ${signal}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
