import type { FloatArray } from '../types/native';
import type { TimeSeriesInput } from './data/input';
import { settle } from './errors';
import { fitModels } from './fit/fit';
import type { FitOptions } from './fit/options';
import type { FitReport } from './fit/report';
import type { BatchColumns, BatchSyncOptions } from './forecast/batch';
import type { Forecast } from './forecast/forecast';
import { type PredictOptions, predict } from './forecast/predict';
import { type BatchOptions, predictBatch } from './forecast/predict-batch';
import { predictBatchSync } from './forecast/predict-batch-sync';
import { predictSync } from './forecast/predict-sync';
import type { PredictSyncOptions } from './forecast/prediction';
import { warmup } from './forecast/warmup';
import type { Core } from './model/core';
import { createCore } from './model/create';
import { deserialize } from './model/deserialize';
import { showAs, summary } from './model/display';
import { dispose } from './model/dispose';
import { type LoadOptions, load } from './model/load';
import type { NeuralForecasterOptions } from './model/options';
import { save } from './model/save';
import { serialize } from './model/serialize';
import { type ForecasterStats, stats } from './model/stats';
import type { ComputeOptions } from './options/compute';

/** Array type that a batch of windows gives back. */
type Same<T extends FloatArray> = T extends Float32Array
  ? Float32Array<ArrayBuffer>
  : Float64Array<ArrayBuffer>;

/** What a forecaster is made from when it is not made from options. */
class Restored {
  constructor(readonly core: Core) {}
}

function restored(core: Core): NeuralForecaster {
  return new NeuralForecaster(new Restored(core) as never);
}

/**
 * Trains models on series and forecasts them, on threads of its own, beside the event loop. Data is checked, sorted and
 * copied inside the call, on the calling thread: about 0.1 s of CPU for a million rows of typed arrays, 0.3 s for row
 * objects. Wrong arguments throw a TypeError or RangeError at once, also from methods that return a promise;
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

  static {
    showAs(NeuralForecaster, (forecaster) => summary(forecaster.#core));
  }

  /** Throws TypeError, RangeError or ERR_BACKEND_UNAVAILABLE, and names the option. */
  constructor(options: NeuralForecasterOptions) {
    const given: unknown = options;
    this.#core = given instanceof Restored ? given.core : createCore(options);
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
    return settle(() => fitModels(this.#core, data, options));
  }

  /**
   * Forecasts the steps after the series of fit(), or after those in `data`.
   *
   * Rejects with ERR_NOT_FITTED, ERR_UNSUPPORTED (a level that the loss does not have),
   * ERR_MISSING_FUTURE_EXOG, the data errors of fit(), ERR_DISPOSED, ABORT_ERR.
   */
  predict(options?: PredictOptions): Promise<Forecast> {
    return settle(() => predict(this.#core, options));
  }

  /** predict() on the calling thread; throws what predict() rejects with. */
  predictSync(options?: PredictSyncOptions): Forecast {
    return predictSync(this.#core, options);
  }

  /**
   * Forecasts from raw lookback windows: n * inputSize values (n * (inputSize + 1) of DeepAR and the recurrent forms,
   * which feed back), oldest first, to n * horizon values of the same type. With `level` to an object of such columns.
   * Models with exogenous columns: ERR_UNSUPPORTED. A model that forecasts `nSeries` series together takes a window of
   * each of them, one after the other: n is a multiple of nSeries.
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
    return settle(() => predictBatch(this.#core, windows, options));
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
    return predictBatchSync(this.#core, windows, options);
  }

  /** Plans and touches the memory for batches of these sizes (default [1]), so that no call is the slow first. */
  warmup(options?: { batchSizes?: readonly number[] }): Promise<void> {
    return settle(() => warmup(this.#core, options));
  }

  /** Counters of memory and plans, at any time before dispose(). */
  stats(): ForecasterStats {
    return stats(this.#core);
  }

  /**
   * Writes everything that predict() needs to one safetensors file: a temporary file beside it, renamed
   * when complete. A symbolic link stays and what it leads to is replaced; permissions and, where the system lets
   * it, owner stay; what is no regular file is refused. `path` is a string or a file: URL of at most 4095 bytes
   * without NUL. Rejects with ERR_IO, ERR_NOT_FITTED, ERR_DISPOSED, ABORT_ERR.
   */
  save(path: string | URL, options?: { signal?: AbortSignal }): Promise<void> {
    return settle(() => save(this.#core, path, options));
  }

  /** Alias of {@link NeuralForecaster.save}. */
  saveCheckpoint(path: string | URL, options?: { signal?: AbortSignal }): Promise<void> {
    return this.save(path, options);
  }

  /** What save() writes, in memory, on the calling thread. Throws ERR_NOT_FITTED or ERR_DISPOSED. */
  serialize(): Uint8Array<ArrayBuffer> {
    return serialize(this.#core);
  }

  /**
   * A forecaster that gives the same forecasts, bit for bit, as the one that was saved. Compute options
   * given here win over the saved ones. The file is read and decoded beside the event loop; it must be a regular
   * file. Rejects with ERR_IO, ERR_CORRUPT_MODEL, ERR_OUT_OF_MEMORY, ABORT_ERR.
   */
  static load(path: string | URL, options?: LoadOptions): Promise<NeuralForecaster> {
    return settle(() => load(path, options)).then(restored);
  }

  /** Alias of {@link NeuralForecaster.load}. */
  static loadCheckpoint(path: string | URL, options?: LoadOptions): Promise<NeuralForecaster> {
    return NeuralForecaster.load(path, options);
  }

  /** The counterpart of serialize(), on the calling thread. Throws ERR_CORRUPT_MODEL. */
  static deserialize(bytes: Uint8Array, options?: ComputeOptions): NeuralForecaster {
    return restored(deserialize(bytes, options));
  }

  /**
   * Frees native memory. Running operations reject with ERR_DISPOSED at once, later ones too; what they work with is freed
   * when their threads have stopped, within milliseconds on an idle machine. Waits for nothing. A second call does nothing.
   */
  dispose(): void {
    dispose(this.#core);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }
}
