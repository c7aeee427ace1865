import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { program, resultOf } from '../support/program';

const worker = (body: string) => new Worker(program(body), { eval: true });

const forecast = `
  const forecaster = new NeuralForecaster({ models: spec() });
  await forecaster.fit({ y });
  const { columns } = await forecaster.predict();
  require('node:worker_threads').parentPort.postMessage(columns.NHITS, [columns.NHITS.buffer]);
`;

test('workers one after another and side by side forecast the same bits', async () => {
  const results: Float64Array[] = [];
  for (let i = 0; i < 3; i++) {
    const one = worker(forecast);
    const exit = once(one, 'exit'); // before the message: it may come in the same turn
    results.push((await once(one, 'message'))[0] as Float64Array);
    await exit;
  }
  const many = Array.from({ length: 4 }, () => worker(forecast));
  for (const [message] of await Promise.all(many.map((one) => once(one, 'message')))) {
    results.push(message as Float64Array);
  }
  await Promise.all(many.map((one) => one.terminate()));
  for (const result of results) expect([...result]).toEqual([...results[0]!]);
});

test('terminate() in the middle of a training, again and again', async () => {
  const ended = await resultOf<number[]>(`
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    const source = ${JSON.stringify(
      program(`
        const { parentPort } = require('node:worker_threads');
        const forecaster = new NeuralForecaster({ models: models.NHITS(endless) });
        const ready = new NeuralForecaster({ models: spec() });
        await ready.fit({ y });
        ready.predictBatch(new Float64Array(12 * 50000));
        forecaster.fit({ y }, { onProgress: () => parentPort.postMessage('training') });
      `),
    )};
    const codes = [];
    for (let i = 0; i < 5; i++) {
      const one = new Worker(source, { eval: true });
      await once(one, 'message');
      codes.push(await one.terminate());
    }
    // The main thread goes on as if nothing had happened.
    const forecaster = new NeuralForecaster({ models: spec() });
    await forecaster.fit({ y });
    console.log(JSON.stringify([...codes, forecaster.predictSync().length]));
  `);
  expect(ended).toEqual([1, 1, 1, 1, 1, 4]);
});

test('a worker that ends by itself while a fit of the main thread runs', async () => {
  const steps = await resultOf(`
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    const forecaster = new NeuralForecaster({ models: spec({ maxSteps: 3000 }) });
    const fit = forecaster.fit({ y });
    const one = new Worker(${JSON.stringify(program(`new NeuralForecaster({ models: spec() }).dispose();`))}, { eval: true });
    await once(one, 'exit');
    console.log((await fit).models[0].steps);
  `);
  expect(steps).toBe(3000);
});

test('50 workers that dispose of forecasters, abort or end in the middle of it', async () => {
  const codes = await resultOf<number[]>(`
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    const source = ${JSON.stringify(
      program(`
        const { parentPort, workerData } = require('node:worker_threads');
        const controller = new AbortController();
        const options = { numThreads: 1, priority: workerData % 2 ? 'low' : 'normal' };
        const forecaster = new NeuralForecaster({ models: models.NHITS(endless), ...options });
        forecaster.fit({ y }, { signal: controller.signal }).catch(() => undefined);
        await sleep(workerData % 7);
        if (workerData % 3 === 0) forecaster.dispose();
        if (workerData % 3 === 1) controller.abort();
        parentPort.postMessage('there');
        // The others would train on: they are terminated.
        if (workerData % 4 === 0) process.exit(3);
      `),
    )};
    const codes = await Promise.all(Array.from({ length: 50 }, async (_, i) => {
      const one = new Worker(source, { eval: true, workerData: i });
      const exit = once(one, 'exit');
      await once(one, 'message');
      if (i % 4 !== 0) one.terminate();
      return (await exit)[0];
    }));
    const forecaster = new NeuralForecaster({ models: spec() });
    await forecaster.fit({ y });
    console.log(JSON.stringify([...codes, forecaster.predictSync().length]));
  `);
  expect(codes).toHaveLength(51);
  expect(codes.pop()).toBe(4);
  // 0 where it had nothing left to do before it was terminated.
  codes.forEach((code, i) => void expect(i % 4 === 0 ? [3] : [0, 1]).toContain(code));
});
