import { listModels, type ModelName, type ModelSpec, models } from '../../lib';
import { native } from '../../lib/native';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** A Monday. */
export const START = Date.UTC(2024, 0, 1);

/** The same pseudo-random numbers at every run: uniform in [-1, 1). */
export function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** A daily-pattern sine with noise, around `level`. */
export function sine(length: number, { period = 12, level = 10, size = 0.1, seed = 1 } = {}) {
  const random = noise(seed);
  return Float64Array.from(
    { length },
    (_, i) => level + Math.sin((2 * Math.PI * i) / period) + size * random(),
  );
}

/** Hourly timestamps from START. */
export function hours(length: number, start = START): Float64Array {
  return Float64Array.from({ length }, (_, i) => start + i * HOUR);
}

/** Two hourly series, 'a' and 'b', as columns. */
export function twoSeries(length = 80) {
  const y = new Float64Array(2 * length);
  y.set(sine(length));
  y.set(sine(length, { level: -3, seed: 2 }), length);
  const ds = new Float64Array(2 * length);
  ds.set(hours(length));
  ds.set(hours(length), length);
  const uniqueId = Array.from({ length: 2 * length }, (_, i) => (i < length ? 'a' : 'b'));
  return { uniqueId, ds, y };
}

export const HORIZON = 4;
export const INPUT = 12;

/**
 * A forecast that takes a while: many series, a hundred rounds. One series for very many rounds would do no less, but a model
 * that hardly learned anything may leave all bounds on the way, which is an error of its own.
 */
export function longForecast() {
  const count = 3000;
  const data = {
    ids: Array.from({ length: count }, (_, i) => i),
    offsets: Float64Array.from({ length: count + 1 }, (_, i) => i * INPUT),
    y: sine(count * INPUT),
  };
  return { data, frequency: 1, horizon: 100 * HORIZON };
}

const kinds = new Map(listModels().map(({ name, kind }) => [name, kind]));
/** Every model once: some have a second name. */
export const everyModel = [...kinds.keys()];
/** The models that are trained by steps; the others are fitted to each series by itself. */
export const neuralNames = everyModel.filter((name) => kinds.get(name) === 'neural');

/** Those of them that are asked to learn: a baseline has nothing that a seed or the data decide. */
const baselines = listModels().filter(({ baseline }) => baseline);
export const learningNames = neuralNames.filter((name) =>
  baselines.every((model) => model.name !== name),
);

/** Those that forecast each series by itself. */
export const singleNames = listModels().flatMap(({ name, multivariate }) =>
  multivariate ? [] : [name],
);

/** By model: what its entry in the addon's registry says for tests. */
const { testing } = JSON.parse(native().describe()) as {
  testing: Record<string, { tiny: object; dropout: Record<string, number> }>;
};
const entries = new Map(
  listModels().flatMap(({ name, aliases }) =>
    [name, ...aliases].map((called) => [called, testing[name]!] as const),
  ),
);

/** Options that turn on every dropout that a model has. */
export const dropoutOf = (name: ModelName): object => entries.get(name)!.dropout;

/** Every model, small enough to train in milliseconds, and without dropout. */
export function tinySpec(name: ModelName, options: object = {}): ModelSpec {
  const { tiny, dropout } = entries.get(name)!;
  const none = Object.fromEntries(Object.keys(dropout).map((option) => [option, 0]));
  const training = kinds.get(name) === 'local' ? {} : { windowsBatchSize: 32, maxSteps: 20 };
  return models[name]({
    horizon: HORIZON,
    inputSize: INPUT,
    ...training,
    ...none,
    ...tiny,
    ...options,
  });
}
