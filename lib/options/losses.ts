import { types } from 'node:util';
import { invalidType } from '../errors';
import { type LossOptionsByName, lossNames } from '../generated';
import { checkPercent, isPlainObject, optionsObject, show } from './arguments';

// Mapped over an interface, so that each member keeps its doc.
type Factories = {
  readonly [K in keyof LossOptionsByName]: (
    options?: LossOptionsByName[K],
  ) => { name: K } & LossOptionsByName[K];
};

/**
 * One factory a loss, for a model's `loss` and `validLoss`: `losses.MQLoss({ level: [80, 95] })`. A loss without
 * options may be given by its name. Losses with several quantiles give the forecast its
 * interval columns, in order at every step: a lower bound is never above an upper one.
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

/** What the native code cannot tell of a model's losses; it checks the rest. `path` begins the messages. */
export function checkLosses(options: Record<string, unknown>, path: string): void {
  for (const option of ['loss', 'validLoss']) {
    const loss = options[option];
    if (!isPlainObject(loss)) continue;
    if (loss.name === undefined) {
      throw invalidType(
        `${path}.${option}.name must say which loss is meant, as in { name: 'MAE' } or losses.MAE(); got ${show(loss.name)}`,
      );
    }
    const { level } = loss;
    if (Array.isArray(level) || types.isTypedArray(level))
      checkPercent(level, `${path}.${option}.level`);
  }
}
