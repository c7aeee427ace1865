// Draws docs/sp500.svg, the README's picture: forecasts of the S&P 500 over held-out days, by NHITS
// trained on the days before them.  node scripts/picture.mjs  (after npm run build)
// Committed like a golden file: other instruction sets round differently, so it is not compared.
import { readFileSync, writeFileSync } from 'node:fs';
import { losses, models, NeuralForecaster } from 'neural-forecaster';
import { inRoot } from './util.mjs';

const horizon = 20;
const inputSize = 60;
const origins = 4; // forecasts one after the other, up to `end`
const end = '2019-12-31'; // before the crash of 2020, which no model here would have seen coming
const shown = 180; // closes in the picture

const closes = readFileSync(inRoot('node_modules/vega-datasets/data/sp500-2000.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','))
  .filter(([date]) => date <= end)
  .map(([date, , , , close]) => ({ date, close: Number(close) }));
const y = Float64Array.from(closes, ({ close }) => close);
const held = horizon * origins;

const forecaster = new NeuralForecaster({
  models: models.NHITS({
    horizon,
    inputSize,
    loss: losses.MQLoss({ level: [80] }),
    scalerType: 'robust',
    // Small, with dropout, and trained briefly: daily closes hold little more than noise to fit.
    mlpUnits: [
      [64, 64],
      [64, 64],
    ],
    dropoutProbTheta: 0.3,
    maxSteps: 300,
    windowsBatchSize: 512,
    learningRate: 3e-4,
  }),
  frequency: 1, // positions: trading days, without the holidays
});
await forecaster.fit({ y: y.subarray(0, y.length - held) });
const windows = new Float64Array(origins * inputSize);
for (let i = 0; i < origins; ++i) {
  const origin = y.length - held + i * horizon;
  windows.set(y.subarray(origin - inputSize, origin), i * inputSize);
}
const batch = await forecaster.predictBatch(windows, { level: [80] });
forecaster.dispose();
const [median, low, high] = ['NHITS', 'NHITS-lo-80', 'NHITS-hi-80'].map((name) => batch[name]);

const [width, height, left, top, right, bottom] = [880, 340, 56, 34, 16, 32];
const first = y.length - shown;
const all = [...y.subarray(first), ...low, ...high];
const [least, most] = [
  Math.floor(Math.min(...all) / 50) * 50,
  Math.ceil(Math.max(...all) / 50) * 50,
];
const px = (i) => (left + ((i - first) / (shown - 1)) * (width - left - right)).toFixed(1);
const py = (v) => (top + ((most - v) / (most - least)) * (height - top - bottom)).toFixed(1);
const path = (points) =>
  points.map(([i, v], n) => `${n === 0 ? 'M' : 'L'}${px(i)} ${py(v)}`).join('');

const parts = [];
for (let v = least; v <= most; v += 100) {
  parts.push(
    `<path class="grid" d="M${left} ${py(v)}H${width - right}"/>`,
    `<text x="${left - 8}" y="${Number(py(v)) + 4}" text-anchor="end">${v}</text>`,
  );
}
closes.forEach(({ date }, i) => {
  if (i <= first || date.slice(0, 7) === closes[i - 1].date.slice(0, 7)) return;
  parts.push(`<text x="${px(i)}" y="${height - 10}">${date.slice(0, 7)}</text>`);
});
for (let k = 0; k < origins; ++k) {
  const origin = y.length - held + k * horizon;
  const at = (values) =>
    Array.from({ length: horizon }, (_, t) => [origin + t, values[k * horizon + t]]);
  const band = [[origin - 1, y[origin - 1]], ...at(high), ...at(low).reverse()];
  parts.push(
    `<path class="band" d="${path(band)}Z"/>`,
    `<path class="median" d="${path([[origin - 1, y[origin - 1]], ...at(median)])}"/>`,
  );
}
parts.push(
  `<path class="actual" d="${path(Array.from(y.subarray(first), (v, i) => [first + i, v]))}"/>`,
);
writeFileSync(
  inRoot('docs/sp500.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>S&amp;P 500, daily closes and forecasts of 20 trading days with an 80% interval</title>
<style>rect{fill:#fff}text{font:12px sans-serif;fill:#556}path{fill:none}.grid{stroke:#e6e8ee}.actual{stroke:#1b2a41;stroke-width:1.6}.median{stroke:#d1495b;stroke-width:2}path.band{fill:#d1495b;fill-opacity:.18}</style>
<rect width="${width}" height="${height}"/>
<text x="${left}" y="20">S&amp;P 500 close (dark) and what NHITS, trained up to the first forecast, made of it: median and 80% interval, 20 trading days each</text>
${parts.join('\n')}
</svg>
`,
);
