import { NeuralForecaster } from '../../lib';
import { native } from '../../lib/native';
import { engineOptions } from '../../lib/options/compute';
import { type SafetensorsFile, writeSafetensors } from './safetensors';

/** A forecaster of one model with these weights ("weights/<parameter>") and without series, from a file of ours. */
export function modelOf(
  name: string,
  config: object,
  tensors: SafetensorsFile['tensors'],
): NeuralForecaster {
  const header = {
    format: 1,
    version: 'golden',
    ids: [],
    lastDs: [],
    frequency: 1,
    fill: null,
    parallelModels: false,
    localScaler: '',
    seed: 1,
    simdEnabled: true,
    lowMemory: false,
    memoryPool: true,
  };
  const prefix = 'models.0.';
  const weights = [...tensors]
    .filter(([key]) => key.startsWith('weights/'))
    .map(([key, tensor]) => [key.replace('weights/', prefix), tensor] as const);
  const bytes = writeSafetensors({
    metadata: {
      format: 'neural-forecaster',
      formatVersion: '1',
      header: JSON.stringify(header),
      models: JSON.stringify([{ name, config: resolved(name, config), seed: 1, prefix }]),
      panel: '{"historic":[],"future":[],"static":[]}',
    },
    tensors: new Map([
      ...weights,
      ['panel.offsets', { dtype: 'I64', shape: [1], bytes: new Uint8Array(8) }],
      ['panel.y', { dtype: 'F64', shape: [0], bytes: new Uint8Array(0) }],
    ]),
  });
  return NeuralForecaster.deserialize(bytes);
}

/** An NLinear of `horizon` steps that forecasts the last value plus these, by step and by output. */
export function adding(loss: object, steps: number[][], options: object = {}) {
  const bias = Float32Array.from(steps.flat());
  const weight = new Float32Array(bias.length * 3);
  const tensor = (values: Float32Array, shape: number[]) => ({
    dtype: 'F32',
    shape,
    bytes: new Uint8Array(values.buffer),
  });
  const tensors = new Map([
    ['weights/linear.weight', tensor(weight, [bias.length, 3])],
    ['weights/linear.bias', tensor(bias, [bias.length])],
  ]);
  return modelOf('NLinear', { horizon: steps.length, inputSize: 3, loss, ...options }, tensors);
}

/** Every option of the model: a file leaves none to a default. */
function resolved(name: string, config: object): object {
  const { Engine, Model } = native();
  const engine = new Engine(engineOptions({}));
  try {
    return JSON.parse(
      new Model(engine, name, JSON.stringify(config), 1, name).info().config,
    ) as object;
  } finally {
    engine.dispose();
  }
}
