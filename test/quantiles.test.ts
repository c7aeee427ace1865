// The columns of a quantile loss never cross, though a network's outputs may: they are sorted at every
// step, and what is fed back is the sorted median.
import { losses } from '../lib';
import { adding } from './support/model-file';

const data = [
  { id: 'a', y: [1, 2, 10] },
  { id: 'b', y: [5, 3, 20] },
];
const windows = [1, 2, 10, 5, 3, 20];
const asArrays = (columns: Record<string, ArrayLike<number>>) =>
  Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, [...Array.from(values)]]),
  );

// Median, lower and upper bound.
const interval = losses.MQLoss({ level: [80] });
const crossing = [
  [0, 2, -1],
  [5, 1, 3],
];
const sorted = {
  NLinear: [10, 13, 20, 23],
  'NLinear-lo-80': [9, 11, 19, 21],
  'NLinear-hi-80': [12, 15, 22, 25],
};

test('predict() and predictSync() give quantiles in order', async () => {
  using forecaster = adding(interval, crossing);
  expect(asArrays((await forecaster.predict({ data })).columns)).toEqual(sorted);
  expect(asArrays(forecaster.predictSync({ data }).columns)).toEqual(sorted);
});

test('predictBatch() and predictBatchSync() too, and their point is the sorted median', async () => {
  using forecaster = adding(interval, crossing);
  for (const input of [Float32Array.from(windows), Float64Array.from(windows)]) {
    const columns = await forecaster.predictBatch(input, { level: [80] });
    expect(asArrays(columns)).toEqual(sorted);
    expect(asArrays(forecaster.predictBatchSync(input, { level: [80] }))).toEqual(sorted);
    expect([...(await forecaster.predictBatch(input))]).toEqual(sorted.NLinear);
  }
});

test('rounds beyond the horizon go on from the sorted median', async () => {
  using forecaster = adding(interval, crossing);
  const { columns } = await forecaster.predict({ data: data.slice(0, 1), horizon: 4 });
  expect(asArrays(columns)).toEqual({
    NLinear: [10, 13, 13, 16],
    'NLinear-lo-80': [9, 11, 12, 14],
    'NLinear-hi-80': [12, 15, 15, 18],
  });
});

test('whatever the order in which they were asked for, the loss and the scaler', async () => {
  using forecaster = adding(
    losses.HuberMQLoss({ quantiles: [0.9, 0.3, 0.5, 0.1] }),
    [[1, 4, 2, 3]],
    { scalerType: 'minmax' },
  );
  const { columns } = await forecaster.predict({ data: [{ id: 'a', y: [0, 2, 1] }] });
  const expected = { 'NLinear-hi-80': 9, 'NLinear-lo-40': 5, NLinear: 7, 'NLinear-lo-80': 3 };
  expect(Object.keys(columns).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    expect(columns[name]![0]).toBeCloseTo(value, 4);
  }
});
