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
export type { FitReport, ModelFitReport } from './fit/fit';
export type { FitOptions } from './fit/options';
export type { FitProgress } from './fit/progress';
export type { BatchColumns, BatchOptions, BatchSyncOptions } from './forecast/batch';
export { Forecast, type ForecastData, type ForecastRow } from './forecast/forecast';
export type { PredictOptions, PredictSyncOptions } from './forecast/predict';
export { type ForecasterStats, type LoadOptions, NeuralForecaster } from './forecaster';
export * from './generated';
export type {
  CommonForecasterOptions,
  ComputeOptions,
  MemoryPoolOptions,
  NeuralForecasterOptions,
} from './model/options';
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
