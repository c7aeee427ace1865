// Losses that are the likelihood of a distribution: its columns, any quantile, samples; what is refused.
import { losses, metrics, models, NeuralForecaster } from '../lib';
import { adding } from './support/model-file';
import { HORIZON, INPUT, noise, sine, twoSeries } from './support/series';

const data = [{ id: 'a', y: [1, 2, 10] }];
const normal = losses.DistributionLoss({ distribution: 'Normal', level: [80] });
// A mean of 12 and a deviation of log(1 + e^0) + 0.2.
const outputs = [2, -10];
const deviation = Math.log(2) + 0.2;

describe('columns', () => {
  test('are the mean, the median and the bounds of the loss', async () => {
    using forecaster = adding(normal, [outputs, outputs]);
    const { columns } = await forecaster.predict({ data });
    expect(Object.keys(columns)).toEqual([
      'NLinear',
      'NLinear-median',
      'NLinear-lo-80',
      'NLinear-hi-80',
    ]);
    expect([...columns.NLinear!]).toEqual([12, 12]);
    expect(columns['NLinear-median']![0]).toBeCloseTo(12, 12);
    expect(columns['NLinear-hi-80']![1]).toBeCloseTo(12 + 1.2815515655446004 * deviation, 6);
    expect(columns['NLinear-lo-80']![1]).toBeCloseTo(12 - 1.2815515655446004 * deviation, 6);
    expect(forecaster.predictSync({ data }).columns).toEqual(columns);
  });

  test('are any that are asked for, exactly', async () => {
    using forecaster = adding(normal, [outputs, outputs]);
    const byLevel = await forecaster.predict({ data, level: [95] });
    expect(Object.keys(byLevel.columns)).toEqual(['NLinear', 'NLinear-lo-95', 'NLinear-hi-95']);
    expect(byLevel.columns['NLinear-hi-95']![0]).toBeCloseTo(12 + 1.959963984540054 * deviation, 6);
    const byQuantile = await forecaster.predict({ data, quantiles: [0.5, 0.001] });
    expect(Object.keys(byQuantile.columns)).toEqual([
      'NLinear',
      'NLinear-lo-99.8',
      'NLinear-median',
    ]);
    expect(byQuantile.columns['NLinear-lo-99.8']![0]).toBeCloseTo(
      12 - 3.090232306167813 * deviation,
      6,
    );
  });

  test('of raw windows are the same', async () => {
    using forecaster = adding(normal, [outputs, outputs]);
    const window = Float64Array.from(data[0]!.y);
    const { columns } = await forecaster.predict({ data, level: [60] });
    expect(await forecaster.predictBatch(window, { level: [60] })).toEqual(columns);
    expect(forecaster.predictBatchSync(window, { level: [60] })).toEqual(columns);
    expect(await forecaster.predictBatch(window)).toEqual(columns.NLinear);
  });

  test('beyond the horizon go on from the mean', async () => {
    using forecaster = adding(normal, [outputs, outputs]);
    const { columns } = await forecaster.predict({ data, horizon: 3 });
    // The last value is 12 then, so that the raw deviation is 2 more.
    expect(columns.NLinear![2]).toBe(14);
    const wider = Math.log1p(Math.exp(2)) + 0.2;
    expect(columns['NLinear-hi-80']![2]).toBeCloseTo(14 + 1.2815515655446004 * wider, 6);
  });
});

describe('samples', () => {
  test('follow the distribution, are the same at every call and differ from step to step', async () => {
    using forecaster = adding(normal, [outputs, outputs]);
    const first = await forecaster.predict({ data, samples: 2000, quantiles: [] });
    const names = Object.keys(first.columns);
    expect(names).toHaveLength(2001);
    expect(names[1]).toBe('NLinear-sample-1');
    const draws = names.slice(1).map((name) => first.columns[name]![0]!);
    const mean = draws.reduce((sum, v) => sum + v, 0) / draws.length;
    const spread = Math.sqrt(draws.reduce((sum, v) => sum + (v - mean) ** 2, 0) / draws.length);
    expect(Math.abs(mean - 12)).toBeLessThan((4 * deviation) / Math.sqrt(2000));
    expect(Math.abs(spread / deviation - 1)).toBeLessThan(0.08);
    expect(first.columns['NLinear-sample-1']![0]).not.toBe(first.columns['NLinear-sample-1']![1]);
    const again = forecaster.predictSync({ data, samples: 5, quantiles: [] });
    for (const name of Object.keys(again.columns).slice(1))
      expect(again.columns[name]!.every(Number.isFinite)).toBe(true);
    expect((await forecaster.predict({ data, samples: 2000, quantiles: [] })).columns).toEqual(
      first.columns,
    );
  });

  test('are refused of a loss that is no distribution, with the way out', async () => {
    using forecaster = adding(losses.MAE(), [[1], [1]]);
    await expect(forecaster.predict({ data, samples: 10 })).rejects.toThrow(
      "samples: NLinear has the loss MAE, which is no distribution's and no implicit quantiles'; samples come from a model with loss: losses.DistributionLoss(), GMM, PMM, NBMM, IQLoss or HuberIQLoss",
    );
    expect(() => forecaster.predictSync({ data, samples: 0 })).toThrow(
      'samples must be an integer from 1 to 10000; got 0',
    );
    await expect(forecaster.predict({ data, level: [80] })).rejects.toThrow(
      'or with a distribution, which has any: losses.DistributionLoss()',
    );
  });
});

const spec = (loss: object, options: object = {}) =>
  models.MLP({
    horizon: HORIZON,
    inputSize: INPUT,
    hiddenSize: 16,
    maxSteps: 300,
    learningRate: 5e-3,
    windowsBatchSize: 128,
    scalerType: 'standard',
    loss: loss as never,
    ...options,
  });

describe('a fit', () => {
  test('gives intervals that hold about what they say, on series it has not seen', async () => {
    using forecaster = new NeuralForecaster({
      models: [
        spec(losses.DistributionLoss({ distribution: 'Normal' }), { alias: 'normal' }),
        spec(losses.DistributionLoss(), { alias: 't' }),
        spec(losses.DistributionLoss({ distribution: 'ISQF' }), { alias: 'isqf' }),
        spec(losses.GMM({ nComponents: 2, weighted: true }), { alias: 'gmm' }),
      ],
      frequency: 1,
    });
    await forecaster.fit({ y: sine(600, { size: 0.8 }) });
    const fresh = sine(4000, { size: 0.8, seed: 9 });
    const ids = Array.from({ length: 240 }, (_, i) => i);
    const at = (i: number) => 16 * i + INPUT;
    const cut = ids.map((i) => ({ id: `${i}`, y: fresh.slice(at(i) - INPUT, at(i)) }));
    const { columns } = await forecaster.predict({ data: cut, level: [80] });
    const actual = Float64Array.from(ids.flatMap((i) => [...fresh.slice(at(i), at(i) + HORIZON)]));
    for (const name of ['normal', 't', 'isqf', 'gmm']) {
      const inside = metrics.coverage(actual, columns[`${name}-lo-80`]!, columns[`${name}-hi-80`]!);
      expect(inside).toBeGreaterThan(0.68);
      expect(inside).toBeLessThan(0.92);
    }
  });

  test('of implicit quantiles has any, in order, and samples', async () => {
    using forecaster = new NeuralForecaster({
      models: [
        spec(losses.IQLoss(), { maxSteps: 600 }),
        spec(losses.HuberIQLoss(), { alias: 'huber' }),
      ],
      frequency: 1,
    });
    await forecaster.fit({ y: sine(600, { size: 0.8 }) });
    const forecast = await forecaster.predict({ level: [50, 80], samples: 50 });
    expect(Object.keys(forecast.columns).slice(0, 5)).toEqual([
      'MLP',
      'MLP-lo-80',
      'MLP-lo-50',
      'MLP-hi-50',
      'MLP-hi-80',
    ]);
    for (const name of ['MLP', 'huber']) {
      const of = (suffix: string) => forecast.columns[`${name}${suffix}`]!;
      for (let t = 0; t < HORIZON; t++) {
        const ordered = [of('-lo-80'), of('-lo-50'), of(''), of('-hi-50'), of('-hi-80')].map(
          (c) => c[t]!,
        );
        expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
        expect(of('-hi-80')[t]! - of('-lo-80')[t]!).toBeGreaterThan(0.05);
        const draws = Array.from({ length: 50 }, (_, i) => of(`-sample-${i + 1}`)[t]!);
        const inside = draws.filter((v) => v >= of('-lo-80')[t]! && v <= of('-hi-80')[t]!).length;
        expect(inside).toBeGreaterThan(20);
      }
    }
    using loaded = NeuralForecaster.deserialize(forecaster.serialize());
    expect((await loaded.predict({ level: [50, 80], samples: 50 })).columns).toEqual(
      forecast.columns,
    );
  });

  test('of counts gives counts, whatever the scaler', async () => {
    const random = noise(4);
    const y = Float64Array.from({ length: 400 }, (_, i) =>
      Math.max(0, Math.round(4 + 3 * Math.sin(i / 2) + 2 * random())),
    );
    using forecaster = new NeuralForecaster({
      models: ['Poisson', 'NegativeBinomial', 'PMM'].map((name) =>
        spec(
          name === 'PMM'
            ? losses.PMM({ nComponents: 3, level: [90] })
            : losses.DistributionLoss({ distribution: name as 'Poisson', level: [90] }),
          { alias: name, maxSteps: 60 },
        ),
      ),
      frequency: 1,
    });
    await forecaster.fit({ y });
    const { columns } = await forecaster.predict();
    for (const name of ['Poisson', 'NegativeBinomial', 'PMM']) {
      for (const bound of ['lo', 'hi']) {
        for (const value of columns[`${name}-${bound}-90`]!) {
          expect(Number.isInteger(value) && value >= 0).toBe(true);
        }
      }
    }
  });

  test('names the series of a value that the distribution does not have', async () => {
    using forecaster = new NeuralForecaster({
      models: [spec(losses.DistributionLoss({ distribution: 'Poisson' }))],
    });
    await expect(forecaster.fit(twoSeries())).rejects.toThrow(
      /MLP: a Poisson distribution takes values >= 0 alone, and series 'b' has -\d.*at row 0/,
    );
    using binary = new NeuralForecaster({
      models: [spec(losses.DistributionLoss({ distribution: 'Bernoulli' }))],
      frequency: 1,
    });
    await expect(binary.fit({ y: sine(80) })).rejects.toThrow('takes 0 and 1 alone');
  });

  test('is validated by its own likelihood, or by a loss of its columns', async () => {
    const loss = losses.DistributionLoss({ distribution: 'Normal' });
    for (const validLoss of [
      undefined,
      loss,
      losses.MAE(),
      losses.MQLoss({ level: [95] }),
      losses.MASE(),
    ]) {
      using forecaster = new NeuralForecaster({
        models: [spec(loss, { maxSteps: 20, valCheckSteps: 10, validLoss })],
        frequency: 1,
      });
      const report = await forecaster.fit({ y: sine(200) }, { validationSize: 20 });
      expect(report.models[0]!.validLoss).toHaveLength(2);
      expect(report.models[0]!.validLoss.every(({ loss: value }) => Number.isFinite(value))).toBe(
        true,
      );
    }
  });

  test('comes back from a file with the same bits', async () => {
    using forecaster = new NeuralForecaster({ models: [spec(losses.GMM(), { maxSteps: 10 })] });
    await forecaster.fit(twoSeries());
    const forecast = await forecaster.predict({ samples: 3 });
    using loaded = NeuralForecaster.deserialize(forecaster.serialize());
    expect((await loaded.predict({ samples: 3 })).columns).toEqual(forecast.columns);
  });
});

describe('what a scaler does to them', () => {
  const of = (distribution: 'Poisson' | 'Tweedie' | 'Bernoulli', localScalerType?: 'minmax') =>
    new NeuralForecaster({
      models: models.MLP({
        horizon: HORIZON,
        inputSize: INPUT,
        hiddenSize: 8,
        maxSteps: 400,
        learningRate: 5e-3,
        scalerType: 'standard',
        loss: losses.DistributionLoss({ distribution }),
      }),
      ...(localScalerType && { localScalerType }),
    });

  test.each(['Poisson', 'Tweedie', 'Bernoulli'] as const)(
    'a local one would make other numbers of what %s counts',
    async (distribution) => {
      using forecaster = of(distribution, 'minmax');
      await expect(
        forecaster.fit({ y: Array.from({ length: 200 }, (_, i) => i % 2) }),
      ).rejects.toMatchObject({
        code: 'ERR_UNSUPPORTED',
        message: expect.stringContaining('localScalerType would make other numbers of'),
      });
    },
  );

  test('amounts of a mean below 1 are forecast as such', async () => {
    using forecaster = of('Tweedie');
    const y = Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? 0.6 : 0.15 + 0.1 * (i % 2)));
    await forecaster.fit({ y });
    const forecast = forecaster.predictSync().columns.MLP!;
    const truth = Array.from({ length: HORIZON }, (_, t) => {
      const i = 400 + t;
      return i % 3 === 0 ? 0.6 : 0.15 + 0.1 * (i % 2);
    });
    expect(metrics.mae(truth, forecast)).toBeLessThan(0.1);
  });
});

describe('implicit quantiles', () => {
  test('have one median whatever else is asked, and bounds on their side of it', async () => {
    using forecaster = new NeuralForecaster({
      models: models.MLP({
        horizon: HORIZON,
        inputSize: INPUT,
        hiddenSize: 8,
        maxSteps: 30,
        scalerType: 'standard',
        loss: losses.IQLoss(),
      }),
    });
    await forecaster.fit({ y: sine(200, { size: 5 }) });
    const alone = forecaster.predictSync().columns.MLP!;
    for (const quantiles of [[0.6], [0.01, 0.1, 0.4], [0.6, 0.9, 0.95], [0.3, 0.7]]) {
      const { MLP, ...bounds } = forecaster.predictSync({ quantiles }).columns;
      expect(MLP).toEqual(alone);
      for (const [name, values] of Object.entries(bounds)) {
        const side = name.includes('-lo-') ? -1 : 1;
        for (const [t, value] of values.entries())
          expect(side * (value - alone[t]!)).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

describe('a constructor refuses', () => {
  const refused = (options: object) => () =>
    new NeuralForecaster({ models: [models.GRU({ horizon: 4, inputSize: 12, ...options })] });

  test('a likelihood that is not that of the model', () => {
    expect(refused({ loss: 'MAE', validLoss: losses.GMM() })).toThrow(
      /validLoss: the likelihood of GMM is that of a model trained by it/,
    );
    expect(refused({ loss: losses.GMM(), validLoss: losses.DistributionLoss() })).toThrow(
      /choose the same loss, or one of the forecast's columns/,
    );
  });

  test('a spline between fewer than two quantiles', () => {
    const loss = losses.DistributionLoss({ distribution: 'ISQF', quantiles: [0.5] });
    expect(refused({ loss })).toThrow('ISQF needs two different quantiles or more');
  });

  test('the learned scaler before layers of the loss', () => {
    expect(refused({ loss: losses.IQLoss(), scalerType: 'revin' })).toThrow(
      "choose scalerType 'standard', which has the same statistics",
    );
  });

  test('a season that the lookback does not hold', () => {
    expect(refused({ loss: losses.MASE({ seasonality: 12 }) })).toThrow(
      'seasonality must be below the lookback of 12 steps',
    );
  });

  test('options of other losses', () => {
    expect(refused({ loss: { name: 'MAE', distribution: 'Normal' } })).toThrow(
      "MAE has no option 'distribution'",
    );
    expect(refused({ loss: { name: 'DistributionLoss', distribution: 'Gumbel' } })).toThrow(
      /'StudentT'/,
    );
  });
});
