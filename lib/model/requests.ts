import { invalidType, outOfRange } from '../errors';
import { type ModelName, modelNames } from '../generated';
import { native } from '../native';
import { named, optionsObject, show } from '../options/arguments';
import type { ModelSpec } from '../options/models';
import type { NeuralForecasterOptions } from './options';
import { withTimes } from './times';

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
