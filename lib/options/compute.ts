import { availableParallelism } from 'node:os';
import type { EngineOptions } from '../../types/native';
import { ForecastError, invalidType } from '../errors';
import {
  booleanOption,
  checkKnown,
  choiceOption,
  integerOption,
  isPlainObject,
  optionsObject,
  show,
} from './arguments';

/** Memory that is kept for reuse. */
export interface MemoryPoolOptions {
  /** Most bytes kept cached; 0 means no cap. Default 0. */
  maxBytes?: number;
  /** Keep only as many buffers of a size as were lately in use at once. Default true. */
  autoTune?: boolean;
}

/** What a forecaster computes with. A loaded forecaster may run with other values. */
export interface ComputeOptions {
  /** Compute threads, 1 to 1024. Default: the available parallelism. Results do not depend on it. */
  numThreads?: number;
  /** `false` runs the scalar kernels. Default true. */
  simdEnabled?: boolean;
  /** `false` allocates and frees each buffer. Default true. */
  memoryPool?: boolean | MemoryPoolOptions;
  /** Smaller shards and f32 data where that loses nothing: same results, less memory. Default false. */
  lowMemory?: boolean;
  /**
   * Of training threads, where the system has one per thread (Linux). 'low' gives way to the event loop and to other
   * programs, and beside a busy one gets about a fourth of a core where 'normal' gets half. Choose 'normal' where the machine is shared and nothing waits for this process' event loop. Compute threads beside a fit's
   * own are shared by all forecasters of a process and keep the priority of the fit that started them: use one priority in
   * a process. A loaded forecaster takes it from `load`'s options. Default 'low'.
   */
  priority?: 'low' | 'normal';
  /** 'cpu'; the others are not built: ERR_BACKEND_UNAVAILABLE. */
  backend?: 'cpu' | 'cuda' | 'metal';
}

export const computeNames = [
  'numThreads',
  'simdEnabled',
  'memoryPool',
  'lowMemory',
  'priority',
  'backend',
];

/** Those of them that a file keeps, complete. */
export type KeptOptions = Required<
  Pick<ComputeOptions, 'simdEnabled' | 'lowMemory' | 'memoryPool'>
>;

export function keptOptions(options: ComputeOptions): KeptOptions {
  return {
    simdEnabled: options.simdEnabled ?? true,
    lowMemory: options.lowMemory ?? false,
    memoryPool: options.memoryPool ?? true,
  };
}

/** Options of load() and deserialize(): those of the constructor that are about computing. */
export function loadOptions(options: ComputeOptions | undefined, extra: string[]): ComputeOptions {
  const given = optionsObject(options, 'options');
  checkKnown(given, [...computeNames, ...extra], 'options');
  return given;
}

/** What the native engine is made from. */
export function engineOptions(options: ComputeOptions): EngineOptions {
  const backend = options.backend ?? 'cpu';
  if (choiceOption(backend, 'backend', ['cpu', 'cuda', 'metal']) !== 'cpu') {
    throw new ForecastError(
      'ERR_BACKEND_UNAVAILABLE',
      `backend '${backend}' is not built; leave it out or pass backend: 'cpu'`,
    );
  }
  const { simdEnabled, lowMemory, memoryPool } = keptOptions(options);
  return {
    numThreads: integerOption(options.numThreads ?? availableParallelism(), 'numThreads', 1, 1024),
    simdEnabled: booleanOption(simdEnabled, 'simdEnabled'),
    lowMemory: booleanOption(lowMemory, 'lowMemory'),
    lowPriority: choiceOption(options.priority ?? 'low', 'priority', ['low', 'normal']) === 'low',
    memoryPool: poolOptions(memoryPool),
  };
}

function poolOptions(value: boolean | MemoryPoolOptions): EngineOptions['memoryPool'] {
  if (typeof value === 'boolean') return { enabled: value, maxBytes: 0, autoTune: true };
  if (!isPlainObject(value)) {
    throw invalidType(`memoryPool must be true, false or an object; got ${show(value)}`);
  }
  checkKnown(value, ['maxBytes', 'autoTune'], 'memoryPool');
  const most = Number.MAX_SAFE_INTEGER;
  return {
    enabled: true,
    maxBytes: integerOption(value.maxBytes ?? 0, 'memoryPool.maxBytes', 0, most),
    autoTune: booleanOption(value.autoTune ?? true, 'memoryPool.autoTune'),
  };
}
