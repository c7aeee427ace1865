import { NeuralForecaster } from '../lib';
import { thrownBy } from './support/errors';
import { bits, fitted } from './support/forecasters';
import { tinySpec } from './support/series';

test('gives the bits of predict()', async () => {
  using forecaster = await fitted({ models: [tinySpec('NHITS'), tinySpec('NBEATS')] });
  for (const options of [{}, { horizon: 9 }]) {
    const { columns } = await forecaster.predict(options);
    const asynchronous = Object.entries(columns).map(([name, values]) => [name, [...values]]);
    expect(bits(forecaster, options)).toEqual(Object.fromEntries(asynchronous));
  }
});

test('throws what predict() rejects with', async () => {
  using forecaster = new NeuralForecaster({ models: tinySpec('NLinear') });
  expect(thrownBy(() => forecaster.predictSync())).toMatchObject({
    name: 'ForecastError',
    code: 'ERR_NOT_FITTED',
    message: expect.stringContaining('fit(data)'),
  });
  using ready = await fitted();
  expect(thrownBy(() => ready.predictSync({ level: [80] })).code).toBe('ERR_UNSUPPORTED');
  expect(thrownBy(() => ready.predictSync({ signal: AbortSignal.abort() } as never))).toMatchObject(
    {
      name: 'TypeError',
      message: expect.stringContaining("'signal'"),
    },
  );
});
