import { type LossOptionsByName, lossNames } from '../generated';
import { optionsObject } from './arguments';

// Mapped over an interface, so that each member keeps its doc.
type Factories = {
  readonly [K in keyof LossOptionsByName]: (
    options?: LossOptionsByName[K],
  ) => { name: K } & LossOptionsByName[K];
};

/**
 * One factory a loss, for a model's `loss` and `validLoss`: `losses.MQLoss({ level: [80, 95] })`. A loss without
 * options may be given by its name. Losses with several quantiles give the forecast its
 * interval columns.
 */
export const losses = Object.freeze(
  Object.fromEntries(
    lossNames.map((name) => [
      name,
      (options?: object) =>
        Object.freeze({ ...optionsObject(options, `losses.${name}: options`), name }),
    ]),
  ),
) as unknown as Factories;
