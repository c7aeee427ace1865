import { type ModelName, type ModelOptionsByName, modelNames } from '../generated';
import { optionsObject } from './arguments';

/** What a model's options may leave to the forecaster's, for all its models. */
export type ShapeOption = 'horizon' | 'inputSize';

/** A model's options without those that {@link ShapeOption} names. */
type OwnOptions<K extends ModelName> = Omit<ModelOptionsByName[K], ShapeOption>;

/** `horizon` and `inputSize` may stand in the forecaster's options instead, for all its models. */
export type ModelOptions<K extends ModelName> = OwnOptions<K> &
  Partial<Pick<ModelOptionsByName[K], ShapeOption>>;

/** A model by name with its options: what `models.X(options)` makes and a forecaster takes. */
export interface ModelSpec<K extends ModelName = ModelName, Lacks extends ShapeOption = never> {
  /** The model. */
  readonly name: K;
  /** As given; what is missing has its default. */
  readonly options: ModelOptions<K>;
  /** For the type check alone: what the forecaster's options must give, because these options do not. */
  readonly lacks?: Lacks;
}

/** Those of `horizon: H` and `inputSize: I` that are not given, although model K needs them. */
type Lacking<K extends ModelName, H, I> =
  | (undefined extends H ? 'horizon' : never)
  | (undefined extends I
      ? undefined extends ModelOptionsByName[K]['inputSize']
        ? never
        : 'inputSize'
      : never);

/** Makes a {@link ModelSpec} of model K; H and I are found from the options. */
export type ModelFactory<K extends ModelName> = <
  H extends number | undefined = undefined,
  I extends number | undefined = undefined,
>(
  options?: OwnOptions<K> & {
    /** Steps to forecast. Integer >= 1, <= 100000. Default: the forecaster's `horizon`. */
    horizon?: H;
    /** Lookback: steps that a forecast is made from. Integer >= 1, <= 1000000. Default: the forecaster's `inputSize`. */
    inputSize?: I;
  },
) => ModelSpec<K, Lacking<K, H, I>>;

// Mapped over an interface, so that each member keeps its doc.
type Factories = { readonly [K in keyof ModelOptionsByName]: ModelFactory<K> };

/**
 * One factory a model: `models.NHITS({ horizon: 24, inputSize: 96 })`. Options have NeuralForecast's
 * names in camelCase and its defaults; the forecaster's constructor checks them. `listModels()` tells every field
 * with its default and range.
 */
export const models = Object.freeze(
  Object.fromEntries(
    modelNames.map((name) => [
      name,
      (options?: object) =>
        Object.freeze({
          name,
          options: Object.freeze({ ...optionsObject(options, `models.${name}: options`) }),
        }),
    ]),
  ),
) as Factories;
