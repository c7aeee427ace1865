import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NeuralForecaster } from '../../lib';
import { program, resultOf, runProgram } from '../support/program';

const clean = { code: 0, signal: null, stdout: '', stderr: '' };

test('prints nothing, also with more threads than cores, and ends by itself', async () => {
  const outcome = await runProgram(`
    const forecaster = new NeuralForecaster({ models: [spec(), spec({ alias: 'b' })], numThreads: 32 });
    await forecaster.fit({ y }, { validationSize: 8 });
    await forecaster.predict();
    await forecaster.predictBatch(y.slice(0, 120), { model: 'b' });
  `);
  expect(outcome).toEqual(clean);
});

test('a running fit keeps the process alive until it is done', async () => {
  const steps = await resultOf(`
    const forecaster = new NeuralForecaster({ models: spec({ maxSteps: 500 }) });
    forecaster.fit({ y }).then(({ models }) => console.log(models[0].steps));
  `);
  expect(steps).toBe(500);
});

test('verbose: true writes lines to stderr and nothing to stdout', async () => {
  const { stdout, stderr } = await runProgram(`
    const forecaster = new NeuralForecaster({ models: spec() });
    await forecaster.fit({ y }, { verbose: true });
  `);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^(NHITS step \d+\/20: train [\d.e-]+, [\d.]+ s\n)+$/);
  expect(stderr).toContain('step 20/20');
});

test('process.exit() in the middle of trainings and forecasts', async () => {
  const outcome = await runProgram(`
    for (let i = 0; i < 3; i++) {
      const forecaster = new NeuralForecaster({ models: models.NHITS(endless) });
      forecaster.fit({ y }, { onProgress() {} });
    }
    const ready = new NeuralForecaster({ models: spec() });
    await ready.fit({ y });
    ready.predictBatch(new Float64Array(12 * 100000));
    await sleep(200);
    process.exit(7);
  `);
  expect(outcome).toEqual({ ...clean, code: 7 });
});

test('process.exit() from the progress callback', async () => {
  const outcome = await runProgram(`
    const forecaster = new NeuralForecaster({ models: models.NHITS(endless) });
    await forecaster.fit({ y }, { onProgress: () => process.exit(5) });
  `);
  expect(outcome).toEqual({ ...clean, code: 5 });
});

test('an uncaught error in the middle of a training ends the process as usual', async () => {
  const { code, signal, stderr } = await runProgram(`
    const forecaster = new NeuralForecaster({ models: models.NHITS(endless) });
    forecaster.fit({ y });
    await sleep(100);
    throw new Error('on purpose');
  `);
  expect({ code, signal }).toEqual({ code: 1, signal: null });
  expect(stderr).toContain('on purpose');
});

test('kill -9 in the middle of saves leaves a whole file, and the next save removes the rest', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'neural-forecaster-'));
  const file = path.join(folder, 'model');
  const body = program(`
    const forecaster = new NeuralForecaster({ models: spec({ mlpUnits: [[256, 256]], maxSteps: 1 }) });
    await forecaster.fit({ y });
    for (;;) {
      await forecaster.save(${JSON.stringify(file)});
      process.stdout.write('.');
    }
  `);
  try {
    for (let saves = 1; saves <= 4; saves++) {
      const child = spawn(process.execPath, ['-e', body], { stdio: ['ignore', 'pipe', 'ignore'] });
      let seen = 0;
      for await (const dots of child.stdout) {
        seen += dots.length;
        if (seen >= saves) child.kill('SIGKILL');
      }
      using loaded = await NeuralForecaster.load(file);
      await loaded.save(file);
      expect(readdirSync(folder)).toEqual(['model']);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('dispose() in the middle of trainings: the process ends by itself, or at once', async () => {
  const start = (then: string) =>
    runProgram(`
      const long = models.GRU({ horizon: 12, inputSize: 168, windowsBatchSize: 1024, maxSteps: 1e6 });
      const codes = [];
      for (let i = 0; i < 3; i++) {
        const forecaster = new NeuralForecaster({ models: i ? models.NHITS(endless) : long });
        forecaster.fit({ y }).catch(({ code }) => codes.push(code));
        await sleep(20);
        forecaster.dispose();
      }
      await sleep(0);
      if (codes.join() !== 'ERR_DISPOSED,ERR_DISPOSED,ERR_DISPOSED') throw new Error(codes.join());
      ${then}
    `);
  expect(await start('')).toEqual(clean);
  expect(await start('process.exit(4)')).toEqual({ ...clean, code: 4 });
});

test('an abort in the middle of everything leaves nothing that holds the process', async () => {
  const outcome = await runProgram(`
    const controller = new AbortController();
    const { signal } = controller;
    const forecaster = new NeuralForecaster({ models: models.NHITS(endless) });
    const ready = new NeuralForecaster({ models: spec() });
    await ready.fit({ y });
    const ends = Promise.allSettled([
      forecaster.fit({ y }, { signal }),
      ready.predict({ signal, horizon: 1e5 }),
      ready.predictBatch(new Float64Array(12 * 100000), { signal }),
    ]);
    await sleep(10);
    controller.abort();
    await ends;
  `);
  expect(outcome).toEqual(clean);
});

test('an error of the progress callback is the outcome, and the process goes on', async () => {
  const seen = await resultOf(`
    const forecaster = new NeuralForecaster({ models: models.NHITS(endless) });
    const seen = [];
    for (const thrown of [new Error('mine'), 'a string', undefined]) {
      const onProgress = () => { throw thrown; };
      await forecaster.fit({ y }, { onProgress }).catch((error) => seen.push(error === thrown));
    }
    forecaster.dispose();
    console.log(JSON.stringify(seen));
  `);
  expect(seen).toEqual([true, true, true]);
});
