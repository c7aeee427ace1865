/**
 * The contract between lib/ and the native addon, by hand. lib/ has validated and flattened everything: the addon trusts
 * shapes here (and still checks lengths, so that a bug is an error and never a crash).
 *
 * Errors: native code throws, or rejects with, an Error whose `code` is one of native/util/error_codes.inc;
 * ERR_INVALID_ARG_TYPE is a TypeError, ERR_OUT_OF_RANGE a RangeError. lib/errors.ts gives the others their class.
 *
 * Nothing here runs on the libuv pool. A Job runs on a thread of the addon; its promise always settles; a call that cannot
 * have a thread throws ERR_NO_THREAD. Inputs are copied before a call returns; outputs are typed arrays that lib/ allocated,
 * held and filled natively.
 */

export interface EngineOptions {
  numThreads: number;
  simdEnabled: boolean;
  lowMemory: boolean;
  /** Trainings run on threads of low priority. */
  lowPriority: boolean;
  memoryPool: { enabled: boolean; maxBytes: number; autoTune: boolean };
}

export interface EngineStats {
  pool: {
    hits: number;
    misses: number;
    hitRate: number;
    bytesInUse: number;
    bytesCached: number;
    peakBytes: number;
  };
  target: string; // "AVX3", "AVX2", "SSE2", "NEON", "SCALAR"
  threads: number;
}

export class Engine {
  constructor(options: EngineOptions);
  stats(): EngineStats;
  /**
   * Cancels its jobs and waits for none: each keeps what it works with until it has come to its next check. Frees
   * everything else. Idempotent.
   */
  dispose(): void;
}

export type FloatArray = Float64Array | Float32Array;

export interface PanelData {
  /** Series s holds rows [offsets[s], offsets[s + 1]). */
  offsets: Float64Array;
  y: FloatArray;
  /** 1 = observed; unobserved rows of y may hold anything. */
  mask?: Uint8Array;
  historicExog: { name: string; values: FloatArray }[];
  futureExog: { name: string; values: FloatArray }[];
  /** values: one a series. */
  staticExog: { name: string; values: FloatArray }[];
  /** Timestamps, where a model reads them: epoch milliseconds (dsStep 0) or integers dsStep apart. */
  ds?: Float64Array;
  dsStep?: number;
  /** Keep a column in f32 where that loses nothing (lowMemory). */
  compact: boolean;
}

export class Panel {
  constructor(data: PanelData);
  readonly seriesCount: number;
  readonly rowCount: number;
  readonly byteLength: number;
  /** The last `length` rows of every series, as a new panel. */
  tail(length: number): Panel;
  dispose(): void;
}

/**
 * A running job. cancel() rejects the promise with code ABORT_ERR at once; the job stops at its next check, within
 * milliseconds where it has a core to itself, and frees what it works with. One that writes files settles only then.
 */
export interface Job<T> {
  promise: Promise<T>;
  cancel(): void;
}

export interface FitOptions {
  /**
   * JSON text: training options that win over the model's (see native/models/config.h, TrainConfig). Parsed by fit()
   * itself, which throws for a wrong one; the messages begin with "fit: ".
   */
  train: string;
  validationSize: number;
  validationPanel?: Panel;
  seriesNames: string[];
  validationNames: string[]; // of validationPanel; empty without one
  localScaler: string; // "" for none
  checkpointPath: string;
  checkpointFrequency: number;
  resume: boolean;
  warmStart: boolean;
}

export interface FitReport {
  model: string;
  steps: number;
  stoppedEarly: boolean;
  trainLoss: Float64Array;
  validSteps: Float64Array;
  validLoss: Float64Array;
  bestValidLoss: number; // NaN without validation
  seconds: number;
  samplesPerSecond: number;
  warnings: string[];
}

export interface Progress {
  step: number;
  maxSteps: number;
  trainLoss: number;
  validLoss: number; // NaN before the first check
  learningRate: number;
  seconds: number;
}

export interface PredictOptions {
  panel: Panel;
  horizon: number;
  /**
   * One per future column of the model, in config order: [seriesCount * steps]. A neural model that does not feed
   * back forecasts in rounds of its own horizon and reads whole rounds; of any other, steps is horizon.
   */
  ahead: Float64Array[];
  localScaler: string;
  /** Where ModelInfo.anyQuantile: the quantile of each output, null for the point forecast, which comes first. */
  quantiles?: (number | null)[];
  /** Where ModelInfo.samples: so many outputs more, behind those. */
  samples?: number;
  /** Local models: timestamps of the horizon, [seriesCount * horizon], in the panel's unit. */
  futureDs?: Float64Array;
  /** Local models: the panel is not the one of fit(); fit to it first, for this forecast alone. */
  refit?: boolean;
  /**
   * One per output column, [seriesCount * horizon]: filled directly by the job's thread. lib/ allocates them for this
   * call and shows them to nobody before the promise settles (a transfer or a resize in between would be a crash).
   */
  out: Float64Array[];
}

export interface PredictBatchOptions<T extends FloatArray> {
  windows: T; // [n * inputSize], n a multiple of nSeries where there is such an option
  localScaler: string;
  /** As in PredictOptions. */
  quantiles?: (number | null)[];
  /** One per output column, [n * horizon]: filled directly; for predictBatch lib/'s own, as in PredictOptions. */
  out: T[];
}

export interface ModelInfo {
  name: string;
  alias: string;
  /** 'local': fitted to each series by itself, not trained on windows; predict() needs the three options for it. */
  kind: 'neural' | 'local';
  /** Any quantile can be asked for; else the outputs are those of the loss. */
  anyQuantile: boolean;
  /** Samples can be asked for. */
  samples: boolean;
  /** Resolved config, JSON text. */
  config: string;
  /** Reads the future columns of the asked-for horizon, not of whole rounds of the trained one. */
  anyHorizon: boolean;
  /** Values of y that a forecast is made from, and the length of predictBatch's windows; 0: none. */
  lookback: number;
  /** One an output. */
  columns: string[];
  /** Which of the columns is the point forecast (of quantiles the median). */
  point: number;
  /** Quantile of each output, null for a point forecast. */
  quantiles: (number | null)[];
  fitted: boolean;
  parameters: number;
}

export class Model {
  /** config: JSON text, with NaN and infinities as the strings "NaN", "Infinity", "-Infinity". path begins error messages. */
  constructor(engine: Engine, name: string, config: string, seed: number, path: string);
  info(): ModelInfo;
  fit(panel: Panel, options: FitOptions, onProgress?: (progress: Progress) => void): Job<FitReport>;
  predict(options: PredictOptions): Job<void>;
  predictSync(options: PredictOptions): void;
  predictBatch<T extends FloatArray>(options: PredictBatchOptions<T>): Job<void>;
  /** Reads `windows` in place (zero copy): nothing can take the buffer away during the call. */
  predictBatchSync<T extends FloatArray>(options: PredictBatchOptions<T>): void;
  warmup(batchSizes: number[]): void;
  stats(): { planHits: number; planMisses: number };
  /** Drops this handle at once; a job that still runs keeps what it needs until it ends. Idempotent. */
  dispose(): void;
}

/** Model files. `header` is lib/'s own JSON (options, ids, timestamps as text); `panel` is the tail to predict from. */
export interface BundleParts {
  header: string;
  models: Model[];
  panel?: Panel;
}
export function serialize(parts: BundleParts): Uint8Array<ArrayBuffer>;
export function saveFile(engine: Engine, path: string, parts: BundleParts): Job<void>;
/** What a file held: the models fitted, bound to an engine. dsStep is the panel's, as in PanelData. */
export interface BundleContents {
  models: Model[];
  panel?: Panel;
  dsStep?: number;
}
/** Throws ERR_CORRUPT_MODEL. */
export function deserialize(engine: Engine, bytes: Uint8Array): BundleContents;
/** A file in native memory, and its header; freed by decodeFile() or dispose(). */
export class ModelFile {
  private constructor();
  readonly header: string;
  dispose(): void;
}
/** deserialize() in two jobs, so that the header is looked at before an engine exists. ERR_IO, ERR_CORRUPT_MODEL. */
export function openFile(path: string): Job<ModelFile>;
export function decodeFile(engine: Engine, file: ModelFile): Job<BundleContents>;
/** The header alone, before an engine exists. Throws ERR_CORRUPT_MODEL. */
export function readHeader(bytes: Uint8Array): string;

/** JSON text: {models, losses, scalers, localScalers, trainFields, modelFields, errorCodes: [{name, code, when}], testing: {model: {tiny, dropout}}, version, targets}; targets: the best of this CPU first; testing: options for tests. */
export function describe(): string;
/** "did you mean 'horizon'?" for a name that is not among `known`, a Python one too; '' when nothing is near. */
export function optionHint(name: string, known: readonly string[]): string;
/** Loads cheaply: name and file version checks of the addon itself. */
export const version: string;
