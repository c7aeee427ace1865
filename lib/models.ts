import { optionsObject } from './arguments';
import { type ModelName, type ModelOptionsByName, modelNames } from './generated';

/** `horizon` and `inputSize` may stand in the forecaster's options instead, for all its models. */
export type ModelOptions<K extends ModelName> = Omit<
  ModelOptionsByName[K],
  'horizon' | 'inputSize'
> &
  Partial<Pick<ModelOptionsByName[K], 'horizon' | 'inputSize'>>;

/** A model by name with its options: what `models.X(options)` makes and a forecaster takes. */
export interface ModelSpec<K extends ModelName = ModelName> {
  readonly name: K;
  readonly options: ModelOptions<K>;
}

type Factories = { readonly [K in ModelName]: (options?: ModelOptions<K>) => ModelSpec<K> };

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
