import { type CommonForecasterOptions, type ModelSpec, NeuralForecaster } from '../../lib';
import { tinySpec, twoSeries } from './series';

/** Options of a forecaster, to be spread over others; its models have their own horizon. */
export type SomeOptions = Partial<CommonForecasterOptions> & { models?: ModelSpec | ModelSpec[] };

/** A fitted forecaster of one tiny NHITS on two series; the caller disposes of it. */
export async function fitted(options: SomeOptions = {}) {
  const forecaster = new NeuralForecaster({ models: tinySpec('NHITS'), ...options });
  await forecaster.fit(twoSeries());
  return forecaster;
}

/** Every column of the forecast, as plain numbers: toEqual on these compares bit for bit (NaN and -0 too). */
export function bits(forecaster: NeuralForecaster, options = {}): Record<string, number[]> {
  const { columns } = forecaster.predictSync(options);
  return Object.fromEntries(Object.entries(columns).map(([name, v]) => [name, [...v]]));
}
