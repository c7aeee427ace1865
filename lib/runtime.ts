import { availableParallelism } from 'node:os';
import { callNative } from './errors';
import type { LossName, ModelName } from './generated';
import { native } from './native';

/** What the installed package is and what it runs on. */
export interface RuntimeInfo {
  /** Version of the package and of its native addon. */
  version: string;
  /** The instruction set in use: 'AVX3' (AVX-512), 'AVX2', 'SSE2', 'NEON' ... */
  target: string;
  /** Every instruction set that this CPU can run, best first. */
  targets: string[];
  /** Compute threads that a forecaster takes when `numThreads` is not given. */
  threads: number;
}

/** One option of a model. */
export interface FieldInfo {
  name: string;
  /**
   * 'boolean' 'integer' 'number' 'string' 'integer[]' 'number[]' 'string[]' 'integer[][]' 'time[]', 'auto'
   * ('auto', a boolean or an integer), 'object[]' (`fields` describe one).
   */
  type: string;
  default?: unknown;
  required?: boolean;
  min?: number;
  max?: number;
  /** The range is (min, max] instead of [min, max]. */
  minExclusive?: boolean;
  choices?: string[];
  /** 'object[]': what the type of one is called, and its options. */
  item?: string;
  fields?: FieldInfo[];
  doc: string;
}

/** One model of `listModels()`. */
export interface ModelInfo {
  name: ModelName;
  /** 'neural': trained on windows of all series; 'local': fitted to each series by itself. */
  kind: 'neural' | 'local';
  /** Other names that `models` has it by. */
  aliases: ModelName[];
  /** One sentence about it. */
  doc: string;
  paper: string;
  /** Which kinds of exogenous columns it takes. */
  exog: { future: boolean; historic: boolean; static: boolean };
  multivariate: boolean;
  recurrent: boolean;
  probabilistic: boolean;
  /** A forecast to compare with, such as the last value: it has little or nothing to learn. */
  baseline: boolean;
  /** The training loss of one that is not told any; a local model has none. */
  loss?: LossName | { name: LossName; distribution: string };
  fields: FieldInfo[];
}

interface Description {
  models: ModelInfo[];
  version: string;
  targets: string[];
}

let described: string | undefined;

/** Parsed anew at each call, so that no caller can change what another one sees. */
function describe(): Description {
  described ??= callNative(() => native().describe());
  return JSON.parse(described) as Description;
}

/** Every model with its capabilities and options. */
export function listModels(): ModelInfo[] {
  return describe().models;
}

/** Facts about the installed package and this machine; see {@link RuntimeInfo}. */
export const runtime = Object.freeze({
  info(): RuntimeInfo {
    const { version, targets } = describe();
    return { version, target: targets[0] ?? 'SCALAR', targets, threads: availableParallelism() };
  },
  get version(): string {
    return runtime.info().version;
  },
  get target(): string {
    return runtime.info().target;
  },
  get targets(): string[] {
    return runtime.info().targets;
  },
  get threads(): number {
    return availableParallelism();
  },
}) as Readonly<RuntimeInfo> & { info(): RuntimeInfo };
