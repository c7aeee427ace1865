import { NeuralForecaster } from '../../lib';
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
  const weights = [...tensors].filter(([key]) => key.startsWith('weights/'));
  const bytes = writeSafetensors({
    metadata: {
      format: 'neural-forecaster',
      formatVersion: '1',
      header: JSON.stringify(header),
      models: JSON.stringify([{ name, config, seed: 1, prefix: 'weights/' }]),
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
