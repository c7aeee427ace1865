export type {
  ColumnsInput,
  CompressedInput,
  DataSettings,
  Fill,
  FutureExogInput,
  MaskColumn,
  NamedColumns,
  NamedRow,
  NumberColumn,
  RowInput,
  SeriesInput,
  TimeColumn,
  TimeSeriesInput,
} from './data/input';
export { type Candle, type CandleValue, fromOHLCV, type OHLCVOptions } from './data/ohlcv';
export { AbortError, ForecastError, type ForecastErrorCode } from './errors';
export type { FitOptions } from './fit/options';
export type { FitProgress } from './fit/progress';
export type { FitReport, ModelFitReport } from './fit/report';
export type { BatchColumns, BatchSyncOptions } from './forecast/batch';
export { Forecast, type ForecastData, type ForecastRow } from './forecast/forecast';
export type { PredictOptions } from './forecast/predict';
export type { BatchOptions } from './forecast/predict-batch';
export type { PredictSyncOptions } from './forecast/prediction';
export { NeuralForecaster } from './forecaster';
export * from './generated';
export type { LoadOptions } from './model/load';
export type {
  CommonForecasterOptions,
  NeuralForecasterOptions,
} from './model/options';
export type { ForecasterStats } from './model/stats';
export type { ComputeOptions, MemoryPoolOptions } from './options/compute';
export { losses } from './options/losses';
export {
  type ModelFactory,
  type ModelOptions,
  type ModelSpec,
  models,
  type ShapeOption,
} from './options/models';
export { type FieldInfo, listModels, type ModelInfo, type RuntimeInfo, runtime } from './runtime';
export * as metrics from './series/metrics';
