import type { Fill } from '../data/input';
import { fillOption } from '../data/settings';
import { invalidType } from '../errors';
import { type LocalScalerName, localScalerNames, type ModelName } from '../generated';
import {
  booleanOption,
  checkKnown,
  choiceOption,
  integerOption,
  isPlainObject,
  show,
} from '../options/arguments';
import { type ComputeOptions, computeNames } from '../options/compute';
import type { ModelSpec, ShapeOption } from '../options/models';
import { type Calendar, frequencyOption } from '../time/frequency';
import { type Zone, zoneOption } from '../time/zone';

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
