export type { BatchColumns, BatchOptions, BatchSyncOptions } from './batch';
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
export type { FitReport, ModelFitReport } from './fit';
export type { FitOptions } from './fit-options';
export { Forecast, type ForecastData, type ForecastRow } from './forecast';
export { type ForecasterStats, type LoadOptions, NeuralForecaster } from './forecaster';
export * from './generated';
export { losses } from './losses';
export * as metrics from './metrics';
export {
  type ModelFactory,
  type ModelOptions,
  type ModelSpec,
  models,
  type ShapeOption,
} from './models';
export type {
  CommonForecasterOptions,
  ComputeOptions,
  MemoryPoolOptions,
  NeuralForecasterOptions,
} from './options';
export type { PredictOptions, PredictSyncOptions } from './predict';
export type { FitProgress } from './progress';
export { type FieldInfo, listModels, type ModelInfo, type RuntimeInfo, runtime } from './runtime';
