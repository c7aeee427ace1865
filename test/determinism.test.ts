import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CommonForecasterOptions, type ModelName, NeuralForecaster } from '../lib';
import { rejectedBy } from './support/errors';
import { bits } from './support/forecasters';
import {
  dropoutOf,
  everyModel,
  learningNames,
  neuralNames,
  tinySpec,
  twoSeries,
} from './support/series';

/** Dropout, scaling, validation, accumulation: what could depend on order or threads. */
const training = { windowsBatchSize: 150, scalerType: 'robust', valCheckSteps: 7, maxSteps: 30 };

async function train(name: ModelName, options: Partial<CommonForecasterOptions> = {}) {
  using forecaster = new NeuralForecaster({
    models: tinySpec(name, { ...training, ...dropoutOf(name) }),
    ...options,
  });
  const report = await forecaster.fit(twoSeries(), { validationSize: 8 });
  return { bits: bits(forecaster), loss: [...report.models[0]!.trainLoss] };
}

describe.each(learningNames)('%s', (name) => {
  test('the same seed gives the same bits, another seed others', async () => {
    const first = await train(name, { seed: 3 });
    expect(await train(name, { seed: 3 })).toEqual(first);
    expect((await train(name, { seed: 4 })).loss).not.toEqual(first.loss);
  });

  test('1, 2 and 7 threads give the same bits', async () => {
    const one = await train(name, { numThreads: 1 });
    expect(await train(name, { numThreads: 2 })).toEqual(one);
    expect(await train(name, { numThreads: 7 })).toEqual(one);
  });

  test('lowMemory and memoryPool: false give the same bits', async () => {
    const plain = await train(name);
    expect(await train(name, { lowMemory: true })).toEqual(plain);
    expect(await train(name, { memoryPool: false })).toEqual(plain);
  });

  test('the scalar kernels come close', async () => {
    const vector = await train(name);
    const scalar = await train(name, { simdEnabled: false });
    expect(scalar).not.toEqual(vector);
    for (const [i, loss] of vector.loss.entries()) {
      expect(Math.abs(scalar.loss[i]! - loss)).toBeLessThan(1e-3 * (1 + Math.abs(loss)));
    }
  });
});

describe('resume', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const specs = () => [
    tinySpec('NHITS', { ...training, ...dropoutOf('NHITS'), maxSteps: 2000 }),
    tinySpec('NLinear', { ...training, maxSteps: 60 }),
  ];
  const options = { validationSize: 8, checkpointFrequency: 10 };

  test('an aborted and resumed fit equals an uninterrupted one, bit for bit', async () => {
    using whole = new NeuralForecaster({ models: specs() });
    const report = await whole.fit(twoSeries(), options);

    const checkpointPath = path.join(folder, 'checkpoint');
    const controller = new AbortController();
    using interrupted = new NeuralForecaster({ models: specs() });
    const first = interrupted.fit(twoSeries(), {
      ...options,
      checkpointPath,
      signal: controller.signal,
      onProgress: ({ step }) => step > 40 && controller.abort(),
    });
    expect((await rejectedBy(() => first)).code).toBe('ABORT_ERR');

    using resumed = new NeuralForecaster({ models: specs(), numThreads: 1 });
    const resumedReport = await resumed.fit(twoSeries(), {
      ...options,
      checkpointPath,
      resume: true,
    });
    expect(bits(resumed)).toEqual(bits(whole));
    for (const [i, model] of report.models.entries()) {
      expect(resumedReport.models[i]!.trainLoss).toEqual(model.trainLoss);
      expect(resumedReport.models[i]!.validLoss).toEqual(model.validLoss);
    }
  });

  // The rate must not depend on maxSteps, which tells the first part when to end.
  test.each(everyModel)('%s in two parts equals the whole, bit for bit', async (name) => {
    const checkpointPath = path.join(folder, `parts ${name}`);
    const local = !neuralNames.includes(name);
    const steps = (maxSteps: number) =>
      local ? {} : { maxSteps, lrScheduler: 'constant' as const, valCheckSteps: 3 };
    const trained = async (maxSteps: number, options: object = {}) => {
      using forecaster = new NeuralForecaster({
        models: tinySpec(name, dropoutOf(name)),
      });
      const report = await forecaster.fit(twoSeries(), {
        ...(!local && { validationSize: 8 }),
        ...steps(maxSteps),
        ...options,
      });
      const { trainLoss, validLoss, bestValidLoss } = report.models[0]!;
      return { bits: bits(forecaster), trainLoss, validLoss, bestValidLoss };
    };
    const whole = await trained(12);
    await trained(6, { checkpointPath });
    expect(await trained(12, { checkpointPath, resume: true })).toEqual(whole);
  });

  test('without a checkpoint resume begins at the start', async () => {
    using plain = new NeuralForecaster({ models: tinySpec('MLP') });
    await plain.fit(twoSeries());
    using forecaster = new NeuralForecaster({ models: tinySpec('MLP') });
    await forecaster.fit(twoSeries(), { checkpointPath: path.join(folder, 'none'), resume: true });
    expect(bits(forecaster)).toEqual(bits(plain));
  });
});
