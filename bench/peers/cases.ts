// What is measured: every model at three shapes. Options are this package's, in camelCase; PyTorch's
// side reads the same objects and turns the names into NeuralForecast's.
import { type ModelName, type ModelSpec, models } from 'neural-forecaster';
import type { Child } from './child';

export type Options = Record<string, unknown> & {
  horizon: number;
  inputSize: number;
  /** Of a model that forecasts so many series together, which are one row of its batch. */
  nSeries?: number;
};

export interface Shape {
  /** As in the row's name. */
  name: string;
  options: Options;
  /** Rows of a training step. */
  batch: number;
}

export interface ModelCase {
  name: ModelName;
  shapes: Shape[];
}

/**
 * What the registry says of a model: NeuralForecast's windows of a step, the series of a row, and its options at 128 units
 * and two layers.
 */
interface Entry {
  name: ModelName;
  batch: number;
  series: number;
  options: Record<string, unknown>;
}

/** A model's spec from options that are not known until the program runs. */
export function specOf(name: string, options: Options): ModelSpec {
  const factories = models as unknown as Record<string, (options: Options) => ModelSpec>;
  return factories[name]!(options);
}

/**
 * The models of the comparison with PyTorch. Windows come unscaled on both sides: scaling is no part
 * of what PyTorch is timed at.
 */
export async function modelCases(server: Child): Promise<ModelCase[]> {
  const shape = (inputSize: number, horizon: number) => ({
    horizon,
    inputSize,
    scalerType: 'identity',
  });
  const entries = (await server.ask({ models: true })).models as Entry[];
  return entries.map(({ name, batch, series, options }) => {
    const together = series > 1 ? { nSeries: series } : {};
    const small = { ...options, ...together };
    return {
      name,
      shapes: [
        { name: 'defaults 168/24', options: { ...shape(168, 24), ...together }, batch },
        { name: '128 24/12', options: { ...shape(24, 12), ...small }, batch: 32 },
        { name: '128 168/24', options: { ...shape(168, 24), ...small }, batch: 32 },
      ],
    };
  });
}

/** Window 48, horizon 12, hidden 64: what node_peer.mjs builds of tfjs' layers, and onnxruntime-node beside it. */
export const light: { name: ModelName; options: Options }[] = [
  ...(['GRU', 'LSTM'] as const).map((name) => ({
    name,
    options: {
      horizon: 12,
      inputSize: 48,
      scalerType: 'identity',
      encoderNLayers: 1,
      encoderHiddenSize: 64,
      decoderHiddenSize: 64,
    },
  })),
  {
    name: 'NBEATS',
    options: {
      horizon: 12,
      inputSize: 48,
      scalerType: 'identity',
      // Three stacks of one block, four layers of 256 each.
      stackTypes: ['identity', 'identity', 'identity'],
      mlpUnits: Array.from({ length: 3 }, () => [256, 256]),
    },
  },
];
