import { resultOf } from '../support/program';

const MB = 1 << 20;

interface Growth {
  warm: number;
  end: number;
}

/** Resident memory after 50 cycles, and after 300 more of them. */
const grow = (cycle: string, settle = '') =>
  resultOf<Growth>(
    `
    const cycle = async () => { ${cycle} };
    const measure = async () => { ${settle} gc(); await sleep(50); gc(); return process.memoryUsage().rss; };
    for (let i = 0; i < 50; i++) await cycle();
    const warm = await measure();
    for (let i = 0; i < 300; i++) await cycle();
    console.log(JSON.stringify({ warm, end: await measure() }));
  `,
    ['--expose-gc'],
  );

test('300 forecasters created, fitted and disposed of', async () => {
  const { warm, end } = await grow(`
    const forecaster = new NeuralForecaster({ models: models.MLP({ horizon: 4, inputSize: 12, hiddenSize: 512,
      maxSteps: 2, windowsBatchSize: 32 }) });
    await forecaster.fit({ y });
    await forecaster.predict();
    forecaster.predictBatchSync(y.slice(0, 24));
    forecaster.dispose();
  `);
  // Each holds more than 1 MB of weights: a leak of a tenth of it would show.
  expect(end - warm).toBeLessThan(30 * MB);
});

test('300 forecasters that nobody disposes of are collected', async () => {
  const { warm, end } = await grow(
    `
    const forecaster = new NeuralForecaster({ models: spec() });
    await forecaster.fit({ y });
    await forecaster.predict();
    if (++count % 20 === 0) { gc(); await sleep(1); }
  `.replace('++count', 'globalThis.count = (globalThis.count ?? 0) + 1, globalThis.count'),
  );
  expect(end - warm).toBeLessThan(40 * MB);
});

test('one forecaster, fitted and asked 300 times', async () => {
  const { warm, end } = await grow(
    `
    const forecaster = (globalThis.forecaster ??= new NeuralForecaster({ models: spec() }));
    await forecaster.fit({ y });
    await forecaster.predict({ data: { y }, horizon: 9 });
    NeuralForecaster.deserialize(forecaster.serialize()).dispose();
  `,
  );
  expect(end - warm).toBeLessThan(30 * MB);
});
