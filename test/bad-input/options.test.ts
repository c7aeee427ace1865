// Every option of the constructor, of the models and of each method with a wrong type and a value out of
// range: the named error at once, and the forecaster still gives the same bits.
import {
  type FitOptions,
  type ModelName,
  NeuralForecaster,
  type NeuralForecasterOptions,
} from '../../lib';
import { failureOf, thrownBy } from '../support/errors';
import { bits, fitted } from '../support/forecasters';
import { HORIZON, INPUT, neuralNames, sine, tinySpec, twoSeries } from '../support/series';

const TYPE = 'ERR_INVALID_ARG_TYPE';
const RANGE = 'ERR_OUT_OF_RANGE';
/** Option, value, code, what the message must say besides the option's name. */
type Case = [string, unknown, string, RegExp];

const constructorCases: Case[] = [
  ['models', undefined, TYPE, /at least one model/],
  ['models', [], TYPE, /at least one model/],
  ['models', [null], TYPE, /models\[0\].*null/],
  ['models', [5], TYPE, /models\[0\].*5/],
  ['models', ['NHITZ'], RANGE, /did you mean 'NHITS'/],
  ['models', [{ name: 'MLP', options: 5 }], TYPE, /models\[0\]\.options/],
  ['models', ['NHITS'], TYPE, /models\[0\].*NHITS.*horizon/],
  ['numThreads', '2', TYPE, /"2"/],
  ['numThreads', 0, RANGE, /1 to 1024; got 0/],
  ['numThreads', 1.5, RANGE, /got 1.5/],
  ['numThreads', Number.NaN, RANGE, /got NaN/],
  ['numThreads', 5000, RANGE, /got 5000/],
  ['simdEnabled', 1, TYPE, /true or false; got 1/],
  ['lowMemory', 'yes', TYPE, /"yes"/],
  ['memoryPool', 5, TYPE, /true, false or an object/],
  ['memoryPool', { maxBytes: -1 }, RANGE, /maxBytes.*got -1/],
  ['memoryPool', { maxBytes: '1' }, TYPE, /maxBytes/],
  ['memoryPool', { autoTune: 1 }, TYPE, /autoTune/],
  ['memoryPool', { maxByte: 1 }, TYPE, /did you mean 'maxBytes'/],
  ['priority', 'high', RANGE, /'low', 'normal'.*"high"/],
  ['priority', 10, TYPE, /got 10/],
  ['backend', 'cuda', 'ERR_BACKEND_UNAVAILABLE', /'cpu'/],
  ['backend', 'metal', 'ERR_BACKEND_UNAVAILABLE', /'cpu'/],
  ['backend', 'tpu', RANGE, /'cpu', 'cuda', 'metal'/],
  ['backend', 5, TYPE, /got 5/],
  ['parallelModels', 'no', TYPE, /"no"/],
  ['localScalerType', 'robusst', RANGE, /'robust-iqr'.*"robusst"/],
  ['localScalerType', 5, TYPE, /got 5/],
  ['seed', -1, RANGE, /got -1/],
  ['seed', 1.5, RANGE, /got 1.5/],
  ['seed', 2n, TYPE, /2n/],
  ['frequency', 'fortnight', RANGE, /"fortnight"/],
  ['frequency', {}, TYPE, /an object/],
  ['freq', 0, RANGE, /got 0/],
  ['fill', 'backward', RANGE, /'forward', 'linear'/],
  ['fill', Number.NaN, RANGE, /NaN/],
  ['fill', true, TYPE, /true/],
];

describe('constructor', () => {
  test.each(constructorCases)('%s: %p', (name, value, code, message) => {
    const options = { models: tinySpec('NLinear'), [name]: value } as NeuralForecasterOptions;
    const error = thrownBy(() => new NeuralForecaster(options));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.message).toContain(name);
    expect(error.name).toBe(
      { [TYPE]: 'TypeError', [RANGE]: 'RangeError' }[code] ?? 'ForecastError',
    );
  });

  test.each([undefined, null, 5, 'NHITS', []])('options: %p', (options) => {
    expect(thrownBy(() => new NeuralForecaster(options as never)).code).toBe(TYPE);
  });

  test('an unknown option names the nearest', () => {
    const options = { models: tinySpec('NLinear'), numThread: 2 } as never;
    expect(thrownBy(() => new NeuralForecaster(options)).message).toBe(
      "options: there is no option 'numThread'; did you mean 'numThreads'?",
    );
  });
});

const modelCases: Case[] = [
  ['horizon', 0, RANGE, /got 0/],
  ['horizon', '4', TYPE, /'4'/],
  ['horizon', 2.5, RANGE, /2\.5/],
  ['horizon', Number.NaN, RANGE, /NaN/],
  ['horizon', 4n, TYPE, /bigint/],
  ['inputSize', -3, RANGE, /got -3/],
  ['inputSize', Number.POSITIVE_INFINITY, RANGE, /Infinity/],
  ['maxSteps', 0, RANGE, /got 0/],
  ['learningRate', 0, RANGE, /got 0/],
  ['learningRate', '0.1', TYPE, /'0.1'/],
  ['batchSize', 0, RANGE, /got 0/],
  ['windowsBatchSize', -1, RANGE, /got -1/],
  ['stepSize', 0, RANGE, /got 0/],
  ['startPadding', 1, TYPE, /1/],
  ['scalerType', 'z', RANGE, /'standard'|"standard"/],
  ['scalerType', () => 'standard', TYPE, /function/],
  ['optimizer', 'adamm', RANGE, /adamw/],
  ['lrScheduler', 'linear', RANGE, /cosine/],
  ['alias', Symbol('x'), TYPE, /Symbol\(x\)/],
  ['loss', 'MEA', RANGE, /MAE/],
  ['loss', 5, TYPE, /5/],
  ['loss', { name: 'MQLoss', level: [0] }, RANGE, /level/],
  ['loss', { name: 'MQLoss', level: 80 }, TYPE, /level/],
  [
    'loss',
    { name: 'MQLoss', level: [95, 0.8] },
    RANGE,
    /loss\.level\[1\] is a level in percent, at least 1; got 0\.8: for the central 80% pass 80/,
  ],
  ['loss', {}, TYPE, /loss\.name must say which loss is meant.*losses\.MAE\(\); got undefined/],
  ['loss', { q: 0.9 }, TYPE, /loss\.name must say which loss is meant/],
  ['validLoss', {}, TYPE, /validLoss\.name must say which loss is meant/],
  ['loss', { name: 'MQLoss', levels: [80] }, TYPE, /level/],
  ['loss', { name: 'QuantileLoss', q: 1 }, RANGE, /q/],
  ['loss', { name: 'HuberLoss', delta: 0 }, RANGE, /delta/],
  ['loss', { name: 'MAE', delta: 1 }, TYPE, /MAE has no option 'delta'/],
  ['validLoss', 'MEA', RANGE, /MAE/],
  ['alias', 5, TYPE, /5/],
  ['historicExog', 'x', TYPE, /'x'/],
  ['earlyStopPatienceSteps', -2, RANGE, /got -2/],
  ['valCheckSteps', 0, RANGE, /got 0/],
  ['weightDecay', -1, RANGE, /got -1/],
  ['gradientClipNorm', -1, RANGE, /got -1/],
  ['accumulateSteps', 0, RANGE, /got 0/],
];

/** Names of the Python libraries, and what the error says instead. */
test.each<[string, string]>([
  ['h', "did you mean 'horizon'?"],
  ['input_size', "did you mean 'inputSize'?"],
  ['max_steps', "did you mean 'maxSteps'?"],
  ['learning_rate', "did you mean 'learningRate'?"],
  ['scaler_type', "did you mean 'scalerType'?"],
  ['futr_exog_list', "did you mean 'futureExog'?"],
  ['hist_exog_list', "did you mean 'historicExog'?"],
  ['stat_exog_list', "did you mean 'staticExog'?"],
  ['random_seed', "did you mean 'seed', an option of the forecaster?"],
  ['freq', "did you mean 'frequency', an option of the forecaster?"],
  ['n_series', 'leave it out: the data says how many series there are'],
])("a model's %s: %s", (name, hint) => {
  const spec = { name: 'MLP', options: { horizon: 4, inputSize: 12, [name]: 1 } };
  expect(thrownBy(() => new NeuralForecaster({ models: [spec as never] }))).toMatchObject({
    code: TYPE,
    message: `models[0]: MLP has no option '${name}'; ${hint}`,
  });
});

test('a hint is close: Prophet has no loss, and nothing like it', () => {
  const spec = { name: 'Prophet', options: { horizon: 4, loss: 'MSE' } };
  const { message } = thrownBy(() => new NeuralForecaster({ models: [spec as never] }));
  expect(message).toMatch(/^models\[0\]: Prophet has no option 'loss'/);
  expect(message).not.toContain('did you mean');
});

test.each<[string, string]>([
  ['h', "did you mean 'horizon'?"],
  ['num_threads', "did you mean 'numThreads'?"],
  ['local_scaler_type', "did you mean 'localScalerType'?"],
  ['random_seed', "did you mean 'seed'?"],
  ['val_size', "did you mean 'validationSize', an option of fit()?"],
])("a forecaster's %s: %s", (name, hint) => {
  const options = { models: tinySpec('NLinear'), [name]: 1 } as never;
  expect(thrownBy(() => new NeuralForecaster(options)).message).toBe(
    `options: there is no option '${name}'; ${hint}`,
  );
});

describe('model options', () => {
  test.each(modelCases)('%s: %p', (name, value, code, message) => {
    const spec = { name: 'MLP', options: { horizon: 4, inputSize: 12, [name]: value } };
    const error = thrownBy(() => new NeuralForecaster({ models: [spec as never] }));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.message).toMatch(new RegExp(`^models\\[0\\]: MLP.*${name}`));
  });

  test.each<[ModelName, string, unknown, string]>([
    ['MLP', 'numLayers', 0, RANGE],
    ['MLP', 'hiddenSize', '64', TYPE],
    ['DLinear', 'movingAvgWindow', 4, RANGE],
    ['NBEATS', 'stackTypes', ['identity', 'tend', 'seasonality'], RANGE],
    ['NBEATS', 'stackTypes', [], RANGE],
    ['NBEATS', 'nBlocks', [1], RANGE],
    ['NHITS', 'mlpUnits', [[16, 16], [8]], RANGE],
    ['NHITS', 'mlpUnits', [16, 16], TYPE],
    ['NHITS', 'nPoolKernelSize', [2], RANGE],
    ['NHITS', 'dropoutProbTheta', 1, RANGE],
    ['NHITS', 'activation', 'Swish2', RANGE],
    ['NHITS', 'poolingMode', 'max', RANGE],
  ])('%s.%s: %p', (model, name, value, code) => {
    const spec = tinySpec(model, { [name]: value });
    const error = thrownBy(() => new NeuralForecaster({ models: spec as never }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(name);
  });

  test.each(neuralNames)('%s names the nearest of an unknown option', (name) => {
    const spec = tinySpec(name, { maxStep: 3 });
    const error = thrownBy(() => new NeuralForecaster({ models: spec as never }));
    expect(error.code).toBe(TYPE);
    expect(error.message).toMatch(/maxStep.*maxSteps/);
  });

  test('exogenous columns of a model that takes none', () => {
    const spec = tinySpec('NLinear', { historicExog: ['x'] });
    expect(thrownBy(() => new NeuralForecaster({ models: spec as never }))).toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringMatching(/NLinear.*historicExog/),
    });
  });

  test('options that are not plain data', () => {
    const circular: Record<string, unknown> = { horizon: 4 };
    circular.self = circular;
    const spec = { name: 'MLP', options: circular };
    expect(thrownBy(() => new NeuralForecaster({ models: [spec as never] })).code).toBe(TYPE);
  });
});

describe('methods', () => {
  let forecaster: NeuralForecaster;
  let before: Record<string, number[]>;
  beforeAll(async () => {
    forecaster = await fitted();
    before = bits(forecaster);
  });
  afterEach(async () => {
    expect(bits(forecaster)).toEqual(before);
  });
  afterAll(() => forecaster.dispose());

  const train = (options: unknown) => forecaster.fit(twoSeries(), options as FitOptions);

  test.each<Case>([
    ['validationSize', 2, RANGE, /horizon \(4\).*got 2/],
    ['validationSize', -1, RANGE, /got -1/],
    ['validationSize', '8', TYPE, /"8"/],
    ['validationSize', Number.NaN, RANGE, /NaN/],
    ['onProgress', 5, TYPE, /function; got 5/],
    ['signal', {}, TYPE, /AbortSignal/],
    ['signal', 'stop', TYPE, /AbortSignal/],
    ['verbose', 5, TYPE, /got 5/],
    ['checkpointPath', 5, TYPE, /got 5/],
    ['checkpointFrequency', -1, RANGE, /got -1/],
    ['resume', 'yes', TYPE, /"yes"/],
    ['resume', true, RANGE, /checkpointPath/],
    ['warmStart', 1, TYPE, /got 1/],
    ['maxSteps', 0, RANGE, /got 0/],
    ['maxSteps', '10', TYPE, /'10'/],
    ['learningRate', -1, RANGE, /got -1/],
    ['learningRate', Number.NaN, RANGE, /NaN/],
    ['optimizer', 'sdg', RANGE, /sgd/],
    ['epochs', 1.5, RANGE, /1\.5/],
    ['frequency', 'x', RANGE, /"x"/],
    ['fill', 'none', RANGE, /"none"/],
    ['maxStep', 3, TYPE, /did you mean 'maxSteps'/],
    ['val_size', 3, TYPE, /did you mean 'validationSize'\?/],
    ['max_steps', 3, TYPE, /did you mean 'maxSteps'\?/],
    ['h', 3, TYPE, /did you mean 'horizon', an option of a model\?/],
    ['horizon', 3, TYPE, /no option 'horizon'/],
  ])('fit %s: %p', (name, value, code, message) => {
    const error = thrownBy(() => train({ [name]: value }));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.message).toContain(name);
  });

  test.each<Case>([
    ['level', 80, TYPE, /array/],
    ['level', ['80'], TYPE, /level\[0\]/],
    ['level', [100], RANGE, /level\[0\].*100/],
    ['level', [80, Number.NaN], RANGE, /level\[1\].*NaN/],
    ['quantiles', [0], RANGE, /quantiles\[0\]/],
    ['quantiles', {}, TYPE, /array/],
    ['horizon', 0, RANGE, /got 0/],
    ['horizon', '4', TYPE, /"4"/],
    ['signal', 5, TYPE, /AbortSignal/],
    ['frequency', '1 eon', RANGE, /"1 eon"/],
    ['fill', [], TYPE, /fill/],
    ['levels', [80], TYPE, /did you mean 'level'/],
    ['h', 4, TYPE, /did you mean 'horizon'\?/],
    ['futr_df', {}, TYPE, /did you mean 'futureExog'\?/],
    ['df', {}, TYPE, /did you mean 'data'\?/],
  ])('predict %s: %p', (name, value, code, message) => {
    const error = thrownBy(() => forecaster.predict({ [name]: value }));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.message).toContain(name);
  });

  test.each<[string, unknown, unknown, string, RegExp]>([
    ['an array', [1, 2, 3], {}, TYPE, /windows must be a Float32Array or Float64Array/],
    ['nothing', undefined, {}, TYPE, /windows.*undefined/],
    ['integers', new Int32Array(INPUT), {}, TYPE, /windows.*Int32Array/],
    ['no window', new Float64Array(0), {}, RANGE, /n \* 12/],
    ['half a window', new Float64Array(INPUT + 6), {}, RANGE, /n \* 12.*got 18/],
    [
      'NaN',
      Float64Array.of(...sine(INPUT + 5), ...Array(7).fill(Number.NaN)),
      {},
      'ERR_NON_FINITE',
      /window 1, step 5.*NaN/,
    ],
    [
      'an infinity',
      new Float32Array(INPUT).fill(Number.POSITIVE_INFINITY),
      {},
      'ERR_NON_FINITE',
      /windows\[0\]/,
    ],
    ['another model', sine(INPUT), { model: 'MLP' }, RANGE, /'NHITS'.*"MLP"/],
    ['a model of a wrong type', sine(INPUT), { model: 5 }, TYPE, /model must be a string/],
    ['level of a wrong type', sine(INPUT), { level: 80 }, TYPE, /level must be an array/],
    [
      'an array as out',
      sine(INPUT),
      { out: [] },
      TYPE,
      /out must be a Float32Array or Float64Array/,
    ],
    [
      'out of another type',
      sine(INPUT),
      { out: new Float32Array(HORIZON) },
      TYPE,
      /out.*windows' type/,
    ],
    [
      'out of another length',
      sine(INPUT),
      { out: new Float64Array(5) },
      RANGE,
      /out must have 4.*got 5/,
    ],
    ['out with level', sine(INPUT), { out: sine(4), level: [] }, TYPE, /out.*level/],
    ['an unknown option', sine(INPUT), { models: 'NHITS' }, TYPE, /did you mean 'model'/],
  ])('predictBatch with %s', async (_, windows, options, code, message) => {
    const batch = () => forecaster.predictBatch(windows as Float64Array, options as object);
    const sync = () => forecaster.predictBatchSync(windows as Float64Array, options as object);
    for (const call of [batch, sync]) {
      expect(await failureOf(call)).toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    }
  });

  test('predictBatch with detached arrays', async () => {
    const detached = sine(INPUT);
    structuredClone(detached, { transfer: [detached.buffer] });
    const out = new Float64Array(HORIZON);
    structuredClone(out, { transfer: [out.buffer] });
    const cases = [
      () => forecaster.predictBatch(detached),
      () => forecaster.predictBatchSync(detached),
      () => forecaster.predictBatch(sine(INPUT), { out }),
      () => forecaster.predictBatchSync(sine(INPUT), { out }),
    ];
    for (const call of cases) {
      expect(thrownBy(call)).toMatchObject({
        name: 'TypeError',
        code: TYPE,
        message: expect.stringMatching(/^(windows|out) is detached/),
      });
    }
  });
});
