import type { FloatArray } from '../types/native';
import type { TimeSeriesInput } from './data/input';
import { callNative, invalidType, settle } from './errors';
import { type FitReport, startFit } from './fit/fit';
import type { FitOptions } from './fit/options';
import {
  type BatchColumns,
  type BatchOptions,
  type BatchSyncOptions,
  batchNow,
  startBatch,
} from './forecast/batch';
import type { Forecast } from './forecast/forecast';
import {
  type PredictOptions,
  type PredictSyncOptions,
  predictNow,
  startPredict,
} from './forecast/predict';
import { type Core, checkAlive, fittedHistory, summary } from './model/core';
import { showAs } from './model/display';
import { bundle, restore, restoreFile } from './model/file';
import { awaitJobs, throwIfAborted } from './model/job';
import { createMembers } from './model/member';
import {
  type ComputeOptions,
  engineOptions,
  forecasterSettings,
  loadOptions,
  modelRequests,
  type NeuralForecasterOptions,
} from './model/options';
import { native } from './native';
import { checkKnown, integerOption, optionsObject, show, signalOption } from './options/arguments';
import { pathOption } from './options/paths';

/** Memory, plans and what the forecaster computes with. */
export interface ForecasterStats {
  /** Buffers asked of the pool, those that it had (`hits`), their share; bytes in use, kept for reuse, most ever. */
  pool: {
    hits: number;
    misses: number;
    hitRate: number;
    bytesInUse: number;
    bytesCached: number;
    peakBytes: number;
  };
  /** Recorded programs, one a batch size, kept between predictions. */
  planCache: { hits: number; misses: number };
  /** 'AVX3' (AVX-512), 'AVX2', 'SSE2', 'NEON' or 'SCALAR'. */
  simdTarget: string;
  /** Compute threads. */
  threads: number;
}

/** Options of `load`. */
export interface LoadOptions extends ComputeOptions {
  /** Stops the reading; the promise rejects with an AbortError. */
  signal?: AbortSignal;
}

/** Array type that a batch of windows gives back. */
type Same<T extends FloatArray> = T extends Float32Array
  ? Float32Array<ArrayBuffer>
  : Float64Array<ArrayBuffer>;

/** What a forecaster is made from when it is not made from options. */
class Restored {
  constructor(
    readonly core: Core,
    readonly compute: ComputeOptions,
  ) {}
}

/**
 * Trains models on series and forecasts them. Everything runs on threads of its own, beside the event
 * loop. Wrong arguments throw a TypeError or RangeError at once, also from methods that return a promise;
 * a {@link ForecastError} rejects it. The forecaster stays usable after any error.
 *
 * ```ts
 * using forecaster = new NeuralForecaster({ models: models.NHITS({ horizon: 24, inputSize: 96 }) });
 * await forecaster.fit({ uniqueId, ds, y });
 * const forecast = await forecaster.predict();
 * ```
 */
export class NeuralForecaster {
  readonly #core: Core;
  readonly #compute: ComputeOptions;

  static {
    showAs(NeuralForecaster, (forecaster) => summary(forecaster.#core));
  }

  /** Throws TypeError, RangeError or ERR_BACKEND_UNAVAILABLE, and names the option. */
  constructor(options: NeuralForecasterOptions) {
    if ((options as unknown) instanceof Restored) {
      const restored = options as unknown as Restored;
      this.#core = restored.core;
      this.#compute = restored.compute;
      return;
    }
    const settings = forecasterSettings(options);
    const engineSettings = engineOptions(options);
    const requests = modelRequests(options);
    const engine = callNative(() => new (native().Engine)(engineSettings));
    try {
      this.#core = {
        engine,
        lowMemory: engineSettings.lowMemory,
        settings,
        members: createMembers(engine, requests, settings.seed),
        history: undefined,
        time: { frequency: settings.frequency, fill: settings.fill, zone: settings.zone },
        fitting: false,
        disposed: false,
      };
    } catch (error) {
      engine.dispose();
      throw error;
    }
    const { simdEnabled, memoryPool } = options;
    this.#compute = { simdEnabled, memoryPool };
  }

  /** Aliases of the models: the names of their forecast columns. */
  get models(): string[] {
    return this.#core.members.map(({ alias }) => alias);
  }

  /** Whether there are weights to forecast with. */
  get fitted(): boolean {
    return this.#core.history !== undefined && !this.#core.disposed;
  }

  /**
   * Trains every model from fresh weights. The data is copied before the call returns. A fit that is aborted
   * or fails leaves the forecaster as it was; a first fit that diverges (ERR_DIVERGED) keeps the weights from before
   * the divergence.
   *
   * Rejects with ERR_NON_FINITE, ERR_DUPLICATE_TIMESTAMP, ERR_IRREGULAR_TIMESTAMP, ERR_MISSING_EXOG,
   * ERR_SERIES_TOO_SHORT, ERR_DIVERGED, ERR_BUSY (a second fit at the same time), ERR_DISPOSED, ABORT_ERR.
   */
  fit(data: TimeSeriesInput, options?: FitOptions): Promise<FitReport> {
    return settle(() => startFit(this.#core, data, options));
  }

  /**
   * Forecasts the steps after the series of fit(), or after those in `data`.
   *
   * Rejects with ERR_NOT_FITTED, ERR_UNSUPPORTED (a level that the loss does not have),
   * ERR_MISSING_FUTURE_EXOG, the data errors of fit(), ERR_DISPOSED, ABORT_ERR.
   */
  predict(options?: PredictOptions): Promise<Forecast> {
    return settle(() => startPredict(this.#core, options));
  }

  /** predict() on the calling thread; throws what predict() rejects with. */
  predictSync(options?: PredictSyncOptions): Forecast {
    return predictNow(this.#core, options);
  }

  /**
   * Forecasts from raw lookback windows: n * inputSize values, oldest first, to n * horizon values of the
   * same type. With `level` to an object of such columns. Models with exogenous columns: ERR_UNSUPPORTED.
   */
  predictBatch<T extends FloatArray>(
    windows: T,
    options: BatchOptions<T> & { level: readonly number[] },
  ): Promise<BatchColumns<Same<T>>>;
  predictBatch<T extends FloatArray>(
    windows: T,
    options?: BatchOptions<T> & { level?: undefined },
  ): Promise<Same<T>>;
  predictBatch<T extends FloatArray>(windows: T, options?: BatchOptions<T>): Promise<unknown> {
    return settle(() => startBatch(this.#core, windows, options));
  }

  /** predictBatch() on the calling thread, reading the windows in place: the low-latency path. */
  predictBatchSync<T extends FloatArray>(
    windows: T,
    options: BatchSyncOptions<T> & { level: readonly number[] },
  ): BatchColumns<Same<T>>;
  predictBatchSync<T extends FloatArray>(
    windows: T,
    options?: BatchSyncOptions<T> & { level?: undefined },
  ): Same<T>;
  predictBatchSync<T extends FloatArray>(windows: T, options?: BatchSyncOptions<T>): unknown {
    return batchNow(this.#core, windows, options);
  }

  /** Plans and touches the memory for batches of these sizes (default [1]), so that no call is the slow first. */
  warmup(options?: { batchSizes?: readonly number[] }): Promise<void> {
    const sizes = warmupSizes(options);
    return settle(async () => warmup(this.#core, sizes));
  }

  /** Counters of memory and plans, at any time before dispose(). */
  stats(): ForecasterStats {
    checkAlive(this.#core, 'stats()');
    const { pool, target, threads } = this.#core.engine.stats();
    const planCache = { hits: 0, misses: 0 };
    for (const { model } of this.#core.members) {
      const { planHits, planMisses } = model.stats();
      planCache.hits += planHits;
      planCache.misses += planMisses;
    }
    return { pool, planCache, simdTarget: target, threads };
  }

  /**
   * Writes everything that predict() needs to one safetensors file: a temporary file beside it, renamed
   * when complete. A symbolic link stays and what it leads to is replaced; permissions and, where the system lets
   * it, owner stay; what is no regular file is refused. `path` is a string or a file: URL of at most 4095 bytes
   * without NUL. Rejects with ERR_IO, ERR_NOT_FITTED, ERR_DISPOSED, ABORT_ERR.
   */
  save(path: string | URL, options?: { signal?: AbortSignal }): Promise<void> {
    const file = pathOption(path, 'path');
    const given = optionsObject(options, 'save: options');
    checkKnown(given, ['signal'], 'save');
    const signal = signalOption(given.signal, 'signal');
    return settle(async () => {
      const parts = bundle(this.#core, this.#compute, 'save()');
      throwIfAborted(signal);
      const job = callNative(() => native().saveFile(this.#core.engine, file, parts));
      await awaitJobs(this.#core, 'save()', [job], signal);
    });
  }

  /** Alias of {@link NeuralForecaster.save}. */
  saveCheckpoint(path: string | URL, options?: { signal?: AbortSignal }): Promise<void> {
    return this.save(path, options);
  }

  /** What save() writes, in memory. Throws ERR_NOT_FITTED or ERR_DISPOSED. */
  serialize(): Uint8Array<ArrayBuffer> {
    const parts = bundle(this.#core, this.#compute, 'serialize()');
    return callNative(() => native().serialize(parts));
  }

  /**
   * A forecaster that gives the same forecasts, bit for bit, as the one that was saved. Compute options
   * given here win over the saved ones. The file is read and decoded beside the event loop; it must be a regular
   * file. Rejects with ERR_IO, ERR_CORRUPT_MODEL, ERR_OUT_OF_MEMORY, ABORT_ERR.
   */
  static load(path: string | URL, options?: LoadOptions): Promise<NeuralForecaster> {
    const file = pathOption(path, 'path');
    const { signal, ...compute } = loadOptions(options, ['signal']) as LoadOptions;
    const checked = signalOption(signal, 'signal');
    return settle(async () => {
      engineOptions(compute);
      const { core, compute: merged } = await restoreFile(file, compute, checked);
      return new NeuralForecaster(new Restored(core, merged) as never);
    });
  }

  /** Alias of {@link NeuralForecaster.load}. */
  static loadCheckpoint(path: string | URL, options?: LoadOptions): Promise<NeuralForecaster> {
    return NeuralForecaster.load(path, options);
  }

  /** The counterpart of serialize(), on the calling thread. Throws ERR_CORRUPT_MODEL. */
  static deserialize(bytes: Uint8Array, options?: ComputeOptions): NeuralForecaster {
    const { core, compute } = restore(bytes, loadOptions(options, []));
    return new NeuralForecaster(new Restored(core, compute) as never);
  }

  /**
   * Frees native memory. Running operations reject with ERR_DISPOSED at once, later ones too; what they work with is freed
   * when their threads have stopped, within milliseconds on an idle machine. Waits for nothing. A second call does nothing.
   */
  dispose(): void {
    if (this.#core.disposed) return;
    this.#core.disposed = true;
    this.#core.engine.dispose();
    for (const { model } of this.#core.members) model.dispose();
    this.#core.history?.panel.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }
}

function warmupSizes(options: { batchSizes?: readonly number[] } | undefined): number[] {
  const given = optionsObject(options, 'warmup: options');
  checkKnown(given, ['batchSizes'], 'warmup');
  const { batchSizes = [1] } = given;
  if (!Array.isArray(batchSizes)) {
    throw invalidType(`batchSizes must be an array of integers; got ${show(batchSizes)}`);
  }
  return batchSizes.map((size: unknown, i) =>
    integerOption(size, `batchSizes[${i}]`, 1, 1_000_000),
  );
}

function warmup(core: Core, sizes: number[]): void {
  fittedHistory(core, 'warmup()');
  for (const { model } of core.members) callNative(() => model.warmup(sizes));
}
