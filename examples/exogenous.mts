// Columns besides y: one that is known ahead (a holiday), one that is known up to now (the temperature), and
// one value a series (the size of the shop).
import { metrics, models, NeuralForecaster } from 'neural-forecaster';

const horizon = 28;
const days = 1000;
// Scattered, so that the past does not tell when the next one comes.
const isHoliday = (day: number) => {
  const mixed = Math.imul(day ^ (day >>> 4), 0x45d9f3b);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % 8 === 0 ? 1 : 0;
};
const temperature = (day: number) => 15 + 10 * Math.sin(day / 58);
const sales = (day: number, size: number) =>
  size * (10 + (day % 7) + 0.2 * temperature(day - 1) - 5 * isHoliday(day));

const shops = [
  { id: 'corner', size: 1 },
  { id: 'market', size: 3 },
];
const column = (from: number, to: number, at: (day: number) => number) =>
  Float64Array.from({ length: to - from }, (_, i) => at(from + i));
const data = shops.map(({ id, size }) => ({
  id,
  y: column(0, days, (day) => sales(day, size)),
  exog: { holiday: column(0, days, isHoliday), temperature: column(0, days, temperature) },
  static: { size },
}));
const futureExog = shops.map(({ id }) => ({
  id,
  exog: { holiday: column(days, days + horizon, isHoliday) },
}));

const common = { horizon, inputSize: 28, maxSteps: 300, windowsBatchSize: 256, hiddenSize: 256 };
using forecaster = new NeuralForecaster({
  models: [
    models.MLP({
      ...common,
      futureExog: ['holiday'],
      historicExog: ['temperature'],
      staticExog: ['size'],
    }),
    models.MLP({ ...common, alias: 'without' }),
  ],
  frequency: 1,
  localScalerType: 'standard', // shops of any size look alike to the model
});
await forecaster.fit(data);
const forecast = await forecaster.predict({ futureExog });

for (const { id, size } of shops) {
  const actual = column(days, days + horizon, (day) => sales(day, size));
  const { columns } = forecast.series(id);
  const errors = ['MLP', 'without'].map((name) => metrics.mape(actual, columns[name]!) * 100);
  console.log(
    `${id}: MAPE ${errors[0]!.toFixed(1)}% knowing the holidays, ${errors[1]!.toFixed(1)}% without`,
  );
}
