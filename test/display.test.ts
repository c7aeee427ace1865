// What JSON, structuredClone, console.log and rows make of a forecaster, its forecasts and reports.
import { inspect } from 'node:util';
import { Forecast, losses, NeuralForecaster } from '../lib';
import { thrownBy } from './support/errors';
import { fitted } from './support/forecasters';
import { HOUR, START, tinySpec, twoSeries } from './support/series';

let forecaster: NeuralForecaster;
let forecast: Forecast;
beforeAll(async () => {
  const loss = losses.MQLoss({ level: [80] });
  forecaster = await fitted({ models: tinySpec('NLinear', { loss, maxSteps: 3 }) });
  forecast = forecaster.predictSync();
});
afterAll(() => forecaster.dispose());

test('JSON of a forecast holds its columns as lists, and makes it again', () => {
  const text = JSON.stringify(forecast);
  const plain = JSON.parse(text);
  expect(Object.keys(plain)).toEqual(['ids', 'horizon', 'ds', 'columns']);
  expect(plain).toMatchObject({ ids: ['a', 'b'], horizon: 4 });
  expect(plain.ds.slice(0, 4)).toEqual([80, 81, 82, 83].map((hour) => START + hour * HOUR));
  expect(Object.keys(plain.columns)).toEqual(['NLinear', 'NLinear-lo-80', 'NLinear-hi-80']);
  expect(plain.columns.NLinear).toEqual([...forecast.columns.NLinear!]);
  const again = Forecast.from(plain);
  expect(again).toEqual(forecast);
  expect(again.series('b')).toEqual(forecast.series('b'));
  expect(JSON.stringify(again)).toBe(text);
  // Of one series alone too, whose columns are views.
  expect(JSON.parse(JSON.stringify(forecast.series('b'))).columns.NLinear).toEqual(
    plain.columns.NLinear.slice(4),
  );
});

test('structuredClone of a forecast keeps its typed arrays, and Forecast.from its methods', () => {
  const clone = structuredClone(forecast);
  expect(Object.keys(clone)).toEqual(['ids', 'horizon', 'ds', 'columns']);
  const again = Forecast.from(clone);
  expect(again.ds).toBe(clone.ds);
  expect(again.toRows()).toEqual(forecast.toRows());
  expect(again.uniqueId).toEqual(forecast.uniqueId);
});

test('Forecast.from refuses what is no forecast', () => {
  const plain = forecast.toJSON();
  const from = (change: object) => thrownBy(() => Forecast.from({ ...plain, ...change } as never));
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  expect(thrownBy(() => Forecast.from(null as never))).toMatchObject(type);
  expect(from({ ids: [1] })).toMatchObject(type);
  expect(from({ horizon: 1.5 })).toMatchObject(type);
  expect(from({ columns: [] })).toMatchObject(type);
  expect(from({ ds: { 0: 1 } })).toMatchObject(type);
  expect(from({ columns: { MLP: Array(8).fill(null) } })).toMatchObject({
    ...type,
    message: expect.stringMatching(/MLP holds null$/),
  });
  expect(from({ columns: { MLP: [1, 2] } })).toMatchObject({
    code: 'ERR_OUT_OF_RANGE',
    message: 'Forecast.from(data): MLP must have 8 values, one a series and step; got 2',
  });
});

test('rows hold a number a column', () => {
  const rows = forecast.toRows();
  expect(rows).toHaveLength(8);
  expect(rows[4]).toEqual({
    uniqueId: 'b',
    ds: START + 80 * HOUR,
    NLinear: forecast.columns.NLinear![4],
    'NLinear-lo-80': forecast.columns['NLinear-lo-80']![4],
    'NLinear-hi-80': forecast.columns['NLinear-hi-80']![4],
  });
});

test('JSON of a report holds its losses as lists', async () => {
  const report = await forecaster.fit(twoSeries(), { validationSize: 4, maxSteps: 3 });
  const plain = JSON.parse(JSON.stringify(report));
  expect(plain.models[0].trainLoss).toEqual([...report.models[0]!.trainLoss]);
  expect(plain.models[0]).toMatchObject({ model: 'NLinear', steps: 3, stoppedEarly: false });
  expect(Object.keys(report.models[0]!)).toEqual(Object.keys(plain.models[0]));
  expect(structuredClone(report)).toEqual(report);
});

test('console.log of a forecaster says what it is', async () => {
  const other = new NeuralForecaster({ models: [tinySpec('MLP'), tinySpec('Prophet')] });
  expect(inspect(other)).toBe(
    "NeuralForecaster { models: [ 'MLP', 'Prophet' ], horizon: 4, fitted: false }",
  );
  other.dispose();
  expect(inspect(other)).toBe(
    "NeuralForecaster {\n  models: [ 'MLP', 'Prophet' ],\n  horizon: 4,\n  fitted: false,\n  disposed: true\n}",
  );
  const shown =
    "NeuralForecaster {\n  models: [ 'NLinear' ],\n  horizon: 4,\n  fitted: true,\n  series: 2,\n  frequency: '1h'\n}";
  expect(inspect(forecaster)).toBe(shown);
  using loaded = NeuralForecaster.deserialize(forecaster.serialize());
  expect(inspect(loaded, { showHidden: true, depth: 9 })).toContain("frequency: '1h'");
  expect(inspect({ a: { b: { c: loaded } } })).toBe('{ a: { b: { c: [NeuralForecaster] } } }');
});
