import { losses, models, NeuralForecaster } from '../lib';
import { thrownBy } from './support/errors';
import { tinySpec } from './support/series';

test('models by factory, by name, one or several', () => {
  const shape = { horizon: 4, inputSize: 12 };
  const cases = [
    { models: models.NHITS(shape) },
    { models: [models.NHITS(shape)] },
    { models: 'NHITS' as const, ...shape },
    { models: ['NHITS' as const], ...shape },
    { models: [models.NHITS()], ...shape },
  ];
  for (const options of cases) {
    using forecaster = new NeuralForecaster(options);
    expect(forecaster.models).toEqual(['NHITS']);
    expect(forecaster.fitted).toBe(false);
  }
});

test("a model's own shape wins over the one beside", () => {
  using forecaster = new NeuralForecaster({
    models: [models.NLinear({ horizon: 2 }), models.DLinear({ horizon: 2, inputSize: 30 })],
    horizon: 9,
    inputSize: 12,
  });
  expect(forecaster.models).toEqual(['NLinear', 'DLinear']);
});

test('every option of API.md is accepted', () => {
  using forecaster = new NeuralForecaster({
    models: tinySpec('MLP'),
    frequency: '1h',
    numThreads: 2,
    simdEnabled: false,
    memoryPool: { maxBytes: 1 << 20, autoTune: false },
    lowMemory: true,
    priority: 'low',
    backend: 'cpu',
    parallelModels: true,
    localScalerType: 'standard',
    seed: 7,
  });
  expect(forecaster.stats()).toMatchObject({ simdTarget: 'SCALAR', threads: 2 });
});

test('aliases keep two of a kind apart', () => {
  const twice = [tinySpec('MLP'), tinySpec('MLP')];
  expect(thrownBy(() => new NeuralForecaster({ models: twice }))).toMatchObject({
    name: 'RangeError',
    message: expect.stringMatching(/models\[1\].*'MLP'.*alias/),
  });
  using forecaster = new NeuralForecaster({
    models: [tinySpec('MLP'), tinySpec('MLP', { alias: 'big' })],
  });
  expect(forecaster.models).toEqual(['MLP', 'big']);
});

test('factories copy and freeze what they are given', () => {
  const options = { horizon: 4, inputSize: 12 };
  const spec = models.NHITS(options);
  options.horizon = 5;
  expect(spec).toEqual({ name: 'NHITS', options: { horizon: 4, inputSize: 12 } });
  expect(() => Object.assign(spec.options, { horizon: 6 })).toThrow(TypeError);
  expect(losses.MQLoss({ level: [80] })).toEqual({ name: 'MQLoss', level: [80] });
  expect(losses.MAE()).toEqual({ name: 'MAE' });
});
