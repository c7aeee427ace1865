// What is measured: the models at three shapes. Options are this package's, in camelCase; PyTorch's
// side reads the same objects and turns the names into NeuralForecast's.
import { listModels, type ModelSpec, models } from 'neural-forecaster';

export type Options = Record<string, unknown> & { horizon: number; inputSize: number };

export interface Shape {
  /** As in the row's name. */
  name: string;
  options: Options;
  /** Rows of a training step. */
  batch: number;
  /** Training steps a second, ours by PyTorch's, that are asked for. */
  target: number;
}

export interface ModelCase {
  name: string;
  shapes: Shape[];
}

interface Kind {
  names: string[];
  /** At hidden 128 and two layers. */
  small: Record<string, unknown>;
  /** windowsBatchSize that NeuralForecast gives the model. */
  batch: number;
  /** Targets at the defaults and at the small shapes. */
  targets: [number, number];
}

const kinds: Kind[] = [
  {
    names: ['LSTM', 'GRU', 'RNN', 'LSTMAttention'],
    small: { encoderHiddenSize: 128, encoderNLayers: 2, decoderHiddenSize: 128 },
    batch: 128,
    targets: [3, 3],
  },
  {
    names: ['TCN'],
    small: { encoderHiddenSize: 128, kernelSize: 3, dilations: [1, 2, 4], decoderHiddenSize: 128 },
    batch: 128,
    targets: [2, 5],
  },
  {
    names: ['Transformer'],
    small: { hiddenSize: 128, encoderLayers: 2, decoderLayers: 1 },
    batch: 1024,
    targets: [2, 5],
  },
  {
    names: ['NHITS', 'NBEATS'],
    small: { mlpUnits: Array.from({ length: 3 }, () => [128, 128]) },
    batch: 1024,
    targets: [1.3, 5],
  },
];

/** The package's own name of a model, or undefined where this build has it not. */
export function ownName(name: string): string | undefined {
  const names: string[] = listModels().map((model) => model.name);
  const aliases: Record<string, string> = { Transformer: 'VanillaTransformer' };
  return [name, aliases[name]].find((known) => known !== undefined && names.includes(known));
}

/** A model's spec from options that are not known until the program runs. */
export function specOf(name: string, options: Options): ModelSpec {
  const factories = models as unknown as Record<string, (options: Options) => ModelSpec>;
  return factories[ownName(name)!]!(options);
}

/**
 * The models of the comparison with PyTorch. Windows come unscaled on both sides: scaling is no part
 * of what PyTorch is timed at.
 */
export function modelCases(): ModelCase[] {
  const shape = (inputSize: number, horizon: number) => ({
    horizon,
    inputSize,
    scalerType: 'identity',
  });
  return kinds.flatMap(({ names, small, batch, targets }) =>
    names.map((name) => ({
      name,
      shapes: [
        { name: 'defaults 168/24', options: shape(168, 24), batch, target: targets[0] },
        {
          name: '128 24/12',
          options: { ...shape(24, 12), ...small },
          batch: 32,
          target: targets[1],
        },
        {
          name: '128 168/24',
          options: { ...shape(168, 24), ...small },
          batch: 32,
          target: targets[1],
        },
      ],
    })),
  );
}

/** Window 48, horizon 12, hidden 64: onnxruntime-node and tfjs. */
export const light: { name: string; options: Options }[] = [
  ...['GRU', 'LSTM'].map((name) => ({
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
