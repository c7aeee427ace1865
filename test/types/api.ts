// Compiled, never run: what TypeScript must accept and what it must refuse (`npm test`, stage types).
import {
  type AbortError,
  type ErrorCodeName,
  type FitReport,
  Forecast,
  type ForecastData,
  ForecastError,
  type ForecastErrorCode,
  type ForecastRow,
  fromOHLCV,
  type listModels,
  losses,
  type ModelName,
  type ModelSpec,
  metrics,
  models,
  NeuralForecaster,
  runtime,
} from 'neural-forecaster';

/** Compiles only when A and B are the same type. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => undefined;

// Construction.
const forecaster = new NeuralForecaster({
  models: [
    models.NHITS({ horizon: 24, inputSize: 96, maxSteps: 500 }),
    models.DLinear({ horizon: 24, inputSize: 96, movingAvgWindow: 25 }),
    models.Prophet({ horizon: 24 }),
  ],
  frequency: '1h',
  timeZone: 'Europe/Berlin',
  numThreads: 8,
  simdEnabled: true,
  memoryPool: { maxBytes: 1e9, autoTune: true },
  lowMemory: false,
  backend: 'cpu',
  parallelModels: true,
  localScalerType: 'robust-iqr',
  seed: 1,
});
new NeuralForecaster({ models: 'NHITS', horizon: 24, inputSize: 96, freq: 60 });
same<ModelSpec<'NHITS'>, ModelSpec<'NHITS', never>>(true);

// horizon and inputSize stand with the model or beside; a model without them is no complete one.
const whole: ModelSpec<'NHITS'> = models.NHITS({ horizon: 24, inputSize: 96 });
new NeuralForecaster({ models: [whole] });
new NeuralForecaster({ models: [models.NHITS(), 'MLP'], horizon: 24, inputSize: 96 });
new NeuralForecaster({ models: models.NHITS({ inputSize: 96 }), horizon: 24 });
new NeuralForecaster({ models: [models.NHITS({ horizon: 24 }), whole], inputSize: 96 });
new NeuralForecaster({ models: models.Prophet(), horizon: 24 });
const names: ModelName[] = ['NHITS', 'MLP'];
new NeuralForecaster({ models: names.map((name) => models[name]({ horizon: 24, inputSize: 96 })) });
// @ts-expect-error no horizon
new NeuralForecaster({ models: models.NHITS({}) });
// @ts-expect-error no horizon
new NeuralForecaster({ models: models.NHITS({ inputSize: 96 }) });
// @ts-expect-error no inputSize
new NeuralForecaster({ models: models.NHITS({ horizon: 24 }) });
// @ts-expect-error one of them has no horizon
new NeuralForecaster({ models: [whole, models.MLP({ inputSize: 96 })] });
// @ts-expect-error inputSize is in neither place
new NeuralForecaster({ models: models.NHITS(), horizon: 24 });
// @ts-expect-error Prophet needs no inputSize, but a horizon
new NeuralForecaster({ models: models.Prophet({}) });
// @ts-expect-error a name says nothing of the horizon
new NeuralForecaster({ models: 'NHITS' });
// @ts-expect-error NeuralForecast's name
models.NHITS({ h: 24, inputSize: 96 });

// @ts-expect-error models are required
new NeuralForecaster({});
// @ts-expect-error there is no such model
new NeuralForecaster({ models: 'NHITZ', horizon: 24, inputSize: 96 });
// @ts-expect-error an unknown option
new NeuralForecaster({ models: whole, numThread: 2 });
// @ts-expect-error a wrong type
new NeuralForecaster({ models: whole, numThreads: '2' });
// @ts-expect-error no such scaler
new NeuralForecaster({ models: whole, localScalerType: 'z' });
// Prophet has options of its own alone, and lists of objects.
models.Prophet({
  horizon: 24,
  yearlySeasonality: 'auto',
  weeklySeasonality: 5,
  dailySeasonality: false,
  changepoints: ['2024-01-01', new Date(), 0],
  holidays: [{ name: 'a', ds: ['2024-12-25'], upperWindow: 1 }],
  seasonalities: [{ name: 'b', period: 30.5, fourierOrder: 3, mode: 'multiplicative' }],
});
// @ts-expect-error it is not trained by steps
models.Prophet({ horizon: 24, maxSteps: 5 });
// @ts-expect-error a holiday needs its dates
models.Prophet({ horizon: 24, holidays: [{ name: 'a' }] });
// @ts-expect-error NHITS has no movingAvgWindow
models.NHITS({ horizon: 24, inputSize: 96, movingAvgWindow: 25 });
// @ts-expect-error no such optimiser
models.NHITS({ optimizer: 'adamm' });
// @ts-expect-error a list of pairs
models.NHITS({ mlpUnits: [512, 512] });

// Losses: a name, a factory with its own options.
models.NHITS({ loss: 'MAE', validLoss: losses.HuberLoss({ delta: 2 }) });
models.NHITS({ loss: losses.MQLoss({ level: [80, 95] }) });
// @ts-expect-error MAE has no level
losses.MAE({ level: [80] });
// @ts-expect-error no such loss
models.NHITS({ loss: 'MEA' });

// Data forms.
const signal = AbortSignal.timeout(1000);
const y = new Float64Array(100);
async function fits(): Promise<void> {
  const report = await forecaster.fit({ y });
  same<typeof report, FitReport>(true);
  same<(typeof report.models)[0]['trainLoss'], Float64Array>(true);
  await forecaster.fit({ uniqueId: ['a'], ds: ['2024-01-01'], y: [1], volume: [2] });
  await forecaster.fit({ unique_id: 'a', ds: new BigInt64Array(100), y: new Float32Array(100) });
  await forecaster.fit([{ id: 'a', ds: [new Date()], y: [1], exog: { volume: [2] } }]);
  await forecaster.fit([{ uniqueId: 'a', ds: '2024-01-01', y: 1, volume: 2 }]);
  await forecaster.fit({ ids: ['a'], offsets: [0, 100], ds: y, y });
  await forecaster.fit(fromOHLCV([[0, 1, 2, 3, 4, 5]], { id: 'BTC' }));
  await forecaster.fit(fromOHLCV([[0, undefined, null, 3, 4, 5]]));
  interface Prices {
    ds: number[];
    y: Float64Array;
  }
  const prices: Prices = { ds: [1, 2], y };
  await forecaster.fit(prices);
  interface Price {
    ds: number;
    y: number;
  }
  const rows: Price[] = [{ ds: 1, y: 2 }];
  await forecaster.fit(rows);
  await forecaster.fit(
    { y },
    {
      validationSize: 48,
      maxSteps: 10,
      signal,
      fill: 'forward',
      onProgress: ({ model, step, maxSteps, trainLoss, validLoss, learningRate, seconds }) => {
        same<typeof model, string>(true);
        const numbers: number[] = [step, maxSteps, trainLoss, validLoss, learningRate, seconds];
        numbers.length = 0;
      },
    },
  );
  // @ts-expect-error y is missing
  await forecaster.fit({ ds: y });
  // @ts-expect-error y is no text
  await forecaster.fit({ y: 'text' });
  // @ts-expect-error the horizon is the model's
  await forecaster.fit({ y }, { horizon: 3 });
}

async function forecasts(): Promise<void> {
  const forecast = await forecaster.predict({ level: [80], futureExog: { holiday: [0] }, signal });
  same<typeof forecast, Forecast>(true);
  same<typeof forecast.columns, Record<string, Float64Array<ArrayBuffer>>>(true);
  same<typeof forecast.uniqueId, string[]>(true);
  const rows: { uniqueId: string; ds: number }[] = forecast.toRows();
  // This project checks indices (noUncheckedIndexedAccess); without that a column is a number as it is.
  const row = forecast.toRows()[0]!;
  same<typeof row.uniqueId, string>(true);
  same<typeof row.ds, number>(true);
  same<ForecastRow['NHITS-lo-80'], number>(true);
  const median: number = row.NHITS! + row['NHITS-lo-80']!;
  const named = forecast.toRows<'NHITS' | 'NHITS-lo-80'>()[0]!;
  const lower: number = named.NHITS - named['NHITS-lo-80'] + median;
  // @ts-expect-error not among the columns that were named
  named.NHITZ = lower;
  const data: ForecastData = forecast.toJSON();
  same<ReturnType<typeof Forecast.from>, Forecast>(true);
  Forecast.from(data).series('a');
  Forecast.from(structuredClone(forecast));
  same<ReturnType<typeof forecast.series>, Forecast>(true);
  rows.push({ uniqueId: 'a', ds: 0 });
  same<ReturnType<typeof forecaster.predictSync>, Forecast>(true);
  // @ts-expect-error the calling thread cannot be aborted
  forecaster.predictSync({ signal });

  const f32 = await forecaster.predictBatch(new Float32Array(96));
  same<typeof f32, Float32Array<ArrayBuffer>>(true);
  const f64 = forecaster.predictBatchSync(new Float64Array(96), { out: new Float64Array(24) });
  same<typeof f64, Float64Array<ArrayBuffer>>(true);
  const columns = forecaster.predictBatchSync(new Float32Array(96), { level: [80] });
  same<typeof columns, Record<string, Float32Array<ArrayBuffer>>>(true);
  // @ts-expect-error windows are typed arrays
  forecaster.predictBatchSync([1, 2, 3]);
  // @ts-expect-error out is of the windows' type
  forecaster.predictBatchSync(new Float64Array(96), { out: new Float32Array(24) });
}

async function files(): Promise<void> {
  await forecaster.save('model.safetensors', { signal });
  await forecaster.saveCheckpoint(new URL('file:///tmp/model'));
  using loaded = await NeuralForecaster.load('model.safetensors', { numThreads: 1 });
  const bytes: Uint8Array<ArrayBuffer> = loaded.serialize();
  await using copy = NeuralForecaster.deserialize(bytes);
  copy.dispose();
  // @ts-expect-error models come from the file
  await NeuralForecaster.load('model', { models: 'NHITS' });
}

function errors(error: unknown): void {
  if (error instanceof ForecastError) {
    same<typeof error.code, ForecastErrorCode>(true);
    if (error.code === 'ERR_DIVERGED') return;
    // @ts-expect-error argument errors are a TypeError or a RangeError
    if (error.code === 'ERR_OUT_OF_RANGE') return;
  }
  same<AbortError['code'], 'ABORT_ERR'>(true);
  const every: ErrorCodeName[] = ['ABORT_ERR', 'ERR_OUT_OF_RANGE', 'ERR_CORRUPT_MODEL'];
  every.length = 0;
}

function facts(): void {
  same<ReturnType<typeof listModels>[0]['name'], ModelName>(true);
  const text: string = runtime.version + runtime.target + runtime.info().targets.join();
  const number: number = runtime.threads + metrics.mae([1], new Float32Array(1));
  // @ts-expect-error runtime cannot be changed
  runtime.version = text + number;
  // @ts-expect-error the quantile is missing
  metrics.quantileLoss([1], [1]);
  const { pool, planCache, simdTarget, threads } = forecaster.stats();
  const numbers: number[] = [pool.hits, pool.hitRate, pool.peakBytes, planCache.hits, threads];
  same<typeof simdTarget, string>(true);
  numbers.length = 0;
}

export { errors, facts, files, fits, forecasts };
