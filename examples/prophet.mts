// Prophet beside a neural model: trend, seasonality and public holidays in closed form, with intervals of any level.
import { metrics, models, NeuralForecaster } from 'neural-forecaster';

const horizon = 28;
const DAY = 86_400_000;
const start = Date.UTC(2021, 0, 1);
const length = 3 * 365;

// Visitors of a museum: growing, busy at weekends and in summer, closed on two holidays.
const holidays = [2021, 2022, 2023, 2024].flatMap((year) => [`${year}-12-25`, `${year}-01-01`]);
const closed = new Set(holidays.map((date) => Date.parse(date)));
const visitors = (time: number, i: number) => {
  const { sin, PI } = Math;
  const weekend = [0, 6].includes(new Date(time).getUTCDay()) ? 150 : 0;
  const summer = 80 * sin((2 * PI * (time / DAY - 100)) / 365.25);
  const noise = 20 * sin(i * 12.9898) * sin(i * 78.233);
  return closed.has(time) ? 0 : 400 + 0.2 * i + weekend + summer + noise;
};
const ds = Float64Array.from({ length: length + horizon }, (_, i) => start + i * DAY);
const y = ds.map(visitors);

using forecaster = new NeuralForecaster({
  models: [
    models.Prophet({ horizon, holidays: [{ name: 'closed', ds: holidays }] }),
    models.NHITS({ horizon, inputSize: 56, maxSteps: 200, windowsBatchSize: 128 }),
  ],
});
const history = { ds: ds.subarray(0, length), y: y.subarray(0, length) };
const { models: reports } = await forecaster.fit(history);
const { columns } = await forecaster.predict();

const actual = y.subarray(length);
for (const { model, seconds } of reports) {
  const error = metrics.mae(actual, columns[model]!);
  console.log(
    `${model}: off by ${error.toFixed(1)} visitors a day, fitted in ${seconds.toFixed(3)} s`,
  );
}
const low = columns['Prophet-lo-80']!;
const high = columns['Prophet-hi-80']!;
const inside = actual.filter((value, i) => value >= low[i]! && value <= high[i]!).length;
console.log(`${inside} of ${horizon} days lie within the 80% interval`);
