import { availableParallelism } from 'node:os';
import type { EngineOptions } from '../../types/native';
import type { Fill } from '../data/input';
import { fillOption } from '../data/settings';
import { ForecastError, invalidType, outOfRange } from '../errors';
import { type LocalScalerName, localScalerNames, type ModelName, modelNames } from '../generated';
import { native } from '../native';
import {
  booleanOption,
  checkKnown,
  choiceOption,
  integerOption,
  isPlainObject,
  named,
  optionsObject,
  show,
} from '../options/arguments';
import type { ModelSpec, ShapeOption } from '../options/models';
import { type Calendar, frequencyOption } from '../time/frequency';
import { type Zone, zoneOption } from '../time/zone';
import { withTimes } from './times';

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

/** What the options of a forecaster hold besides its models. */
export interface CommonForecasterOptions extends ComputeOptions {
  /** Steps to forecast, for models that do not say themselves. All models need the same. */
  horizon?: number;
  /** Lookback length, for models that do not say themselves. */
  inputSize?: number;
  /**
   * '5min' '1h' 'D' 'B' 'W-SUN' 'MS' 'BME' 'M-15' ... or a number for integer time. Default: inferred from the data. See
   * {@link DataSettings}.
   */
  frequency?: string | number;
  /** Alias of `frequency`. */
  freq?: string | number;
  /**
   * IANA name ('Europe/Berlin') of the place where the series are at home. Its clocks say what a day is: for the frequencies
   * from 'D' on ('D', 'B', 'W', 'MS' ...; days last 23 to 25 hours where clocks change, 'h' and below are fixed
   * lengths), for Prophet's holidays, seasonalities and changepoints, for text without an offset ('2024-12-25' is that
   * date there) and in messages. Forecasts' `ds` are epoch milliseconds all the same.
   *
   * Default: UTC. Rows at local midnight of another zone are then refused where that matters, in a message that names the
   * zone: days of 23 or 25 hours, business days that fall on a Sunday, and Prophet's holidays given as dates beside
   * rows that may be midnights elsewhere (daily rows at 16:00 UTC on seven days a week are midnights in Singapore;
   * Monday to Friday they are closing times, and accepted). Where the days of UTC are meant say so: 'UTC'.
   */
  timeZone?: string;
  /** Fills missing rows: 'forward', 'linear' or a number. Default: a gap is an error. */
  fill?: Fill;
  /** Train the models side by side. Default false. */
  parallelModels?: boolean;
  /**
   * Scales each series as a whole, with statistics of its own, under the models' window scalers. The forecast is in the
   * data's units. predict() needs the statistics of the whole series, so all of it is kept and saved. Default: none.
   */
  localScalerType?: LocalScalerName;
  /** Every random draw comes from it. Integer >= 0. Default 1. */
  seed?: number;
}

type Specs<Lacks extends ShapeOption> = { [K in ModelName]: ModelSpec<K, Lacks> }[ModelName];

/** Every model has its own horizon, and inputSize where it needs one. */
interface OwnShapes extends CommonForecasterOptions {
  /** One or more models, such as `models.NHITS({ horizon: 24, inputSize: 96 })`. */
  models: Specs<never> | readonly Specs<never>[];
}

interface SharedHorizon extends CommonForecasterOptions {
  /** One or more models; `horizon` beside serves those that do not say themselves. */
  models: Specs<'horizon'> | readonly Specs<'horizon'>[];
  /** Steps to forecast, for models that do not say themselves. All models need the same. */
  horizon: number;
}

interface SharedInputSize extends CommonForecasterOptions {
  /** One or more models; `inputSize` beside serves those that do not say themselves. */
  models: Specs<'inputSize'> | readonly Specs<'inputSize'>[];
  /** Lookback length, for models that do not say themselves. */
  inputSize: number;
}

interface SharedShape extends CommonForecasterOptions {
  /** One or more models, or their names: `horizon` and `inputSize` beside serve those that do not say themselves. */
  models: ModelName | Specs<ShapeOption> | readonly (ModelName | Specs<ShapeOption>)[];
  /** Steps to forecast, for models that do not say themselves. All models need the same. */
  horizon: number;
  /** Lookback length, for models that do not say themselves. */
  inputSize: number;
}

/**
 * Options of a forecaster: its models, what they share, what it computes with. `horizon` and `inputSize` stand in the
 * options of the models, or here for all of them.
 */
export type NeuralForecasterOptions = OwnShapes | SharedHorizon | SharedInputSize | SharedShape;

/** Options that are saved with a model. */
export interface Settings {
  frequency: Calendar | undefined;
  fill: Fill | undefined;
  /** undefined: not said, and UTC. */
  zone: Zone | undefined;
  parallelModels: boolean;
  localScaler: LocalScalerName | '';
  seed: number;
}

const computeNames = [
  'numThreads',
  'simdEnabled',
  'memoryPool',
  'lowMemory',
  'priority',
  'backend',
];
const forecasterNames = [
  'models',
  'horizon',
  'inputSize',
  'frequency',
  'freq',
  'timeZone',
  'fill',
  'parallelModels',
  'localScalerType',
  'seed',
  ...computeNames,
];

/** Checks everything that is not a model's own. */
export function forecasterSettings(options: NeuralForecasterOptions): Settings {
  if (!isPlainObject(options)) {
    throw invalidType(`options must be an object with models; got ${show(options)}`);
  }
  checkKnown(options, forecasterNames, 'options');
  const scaler = options.localScalerType;
  const zone = zoneOption(options.timeZone);
  return {
    frequency: frequencyOption(options, zone),
    zone,
    fill: fillOption(options.fill, 'fill'),
    parallelModels: booleanOption(options.parallelModels ?? false, 'parallelModels'),
    localScaler:
      scaler === undefined ? '' : choiceOption(scaler, 'localScalerType', localScalerNames),
    seed: integerOption(options.seed ?? 1, 'seed', 0, Number.MAX_SAFE_INTEGER),
  };
}

/** Options of load() and deserialize(): those of the constructor that are about computing. */
export function loadOptions(options: ComputeOptions | undefined, extra: string[]): ComputeOptions {
  const given = optionsObject(options, 'options');
  checkKnown(given, [...computeNames, ...extra], 'options');
  return given;
}

export function engineOptions(options: ComputeOptions): EngineOptions {
  const backend = options.backend ?? 'cpu';
  if (choiceOption(backend, 'backend', ['cpu', 'cuda', 'metal']) !== 'cpu') {
    throw new ForecastError(
      'ERR_BACKEND_UNAVAILABLE',
      `backend '${backend}' is not built; leave it out or pass backend: 'cpu'`,
    );
  }
  return {
    numThreads: integerOption(options.numThreads ?? availableParallelism(), 'numThreads', 1, 1024),
    simdEnabled: booleanOption(options.simdEnabled ?? true, 'simdEnabled'),
    lowMemory: booleanOption(options.lowMemory ?? false, 'lowMemory'),
    lowPriority: choiceOption(options.priority ?? 'low', 'priority', ['low', 'normal']) === 'low',
    memoryPool: poolOptions(options.memoryPool ?? true),
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

/** A model as the native code gets it. `path` begins its error messages. */
export interface ModelRequest {
  name: ModelName;
  options: Record<string, unknown>;
  path: string;
}

/** The list of models with `horizon` and `inputSize` filled in from beside. */
export function modelRequests(options: NeuralForecasterOptions): ModelRequest[] {
  const { models } = options;
  const list: readonly unknown[] = Array.isArray(models) ? models : [models];
  if (models === undefined || list.length === 0) {
    throw invalidType(
      `models must hold at least one model, such as models.NHITS({ horizon: 24, inputSize: 96 }); got ${show(models)}`,
    );
  }
  return list.map((item, i) => modelRequest(item, `models[${i}]`, options));
}

function modelRequest(item: unknown, what: string, options: NeuralForecasterOptions): ModelRequest {
  const name = typeof item === 'string' ? item : (item as ModelSpec | undefined)?.name;
  if (typeof name !== 'string') {
    throw invalidType(
      `${what} must be a model such as models.NHITS({ ... }) or a model's name; got ${show(item)}`,
    );
  }
  if (!(modelNames as readonly string[]).includes(name)) {
    const hint = native().optionHint(name, modelNames) || `known: ${modelNames.join(', ')}`;
    throw outOfRange(`${what}: there is no model ${named(name)}; ${hint}`);
  }
  const own = typeof item === 'string' ? {} : (item as ModelSpec).options;
  const beside = { horizon: options.horizon, inputSize: options.inputSize };
  const path = `${what}: ${name}`;
  const given = { ...beside, ...optionsObject<object>(own, `${what}.options`) };
  return { name: name as ModelName, options: withTimes(given, path, options), path };
}
