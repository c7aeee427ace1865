// AbortSignal in every operation that takes one.
import { getEventListeners } from 'node:events';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { models, NeuralForecaster } from '../lib';
import { rejectedBy } from './support/errors';
import { bits, fitted } from './support/forecasters';
import { INPUT, longForecast, sine, tinySpec, twoSeries } from './support/series';

type Operation = (forecaster: NeuralForecaster, signal: AbortSignal) => Promise<unknown>;

let file: string;

beforeAll(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'abort-')), 'model');
});

const operations: [string, Operation][] = [
  ['fit', (forecaster, signal) => forecaster.fit(twoSeries(), { maxSteps: 1e6, signal })],
  [
    'fit with checkpoints',
    (forecaster, signal) =>
      forecaster.fit(twoSeries(), {
        maxSteps: 1e6,
        signal,
        checkpointPath: `${file}.checkpoint`,
        checkpointFrequency: 1,
      }),
  ],
  ['predict', (forecaster, signal) => forecaster.predict({ ...longForecast(), signal })],
  [
    'predictBatch',
    (forecaster, signal) => forecaster.predictBatch(sine(50_000 * INPUT), { signal }),
  ],
  ['save', (forecaster, signal) => forecaster.save(file, { signal })],
];

describe.each(operations)('%s', (name, operation) => {
  test('before the start', async () => {
    using forecaster = await fitted();
    const reason = new Error('no need');
    const seen = await rejectedBy(() => operation(forecaster, AbortSignal.abort(reason)));
    expect(seen).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: reason });
  });

  test('at any moment: an AbortError or the result, and the forecaster stays as it was', async () => {
    using forecaster = await fitted();
    const before = bits(forecaster);
    for (const delay of [undefined, 0, 1, 2, 5]) {
      const controller = new AbortController();
      const outcome = operation(forecaster, controller.signal).then(
        () => 'done',
        (error: Error & { code?: string }) => [error.code, error.cause],
      );
      if (delay !== undefined) await sleep(delay);
      controller.abort('enough');
      const seen = await outcome;
      if (name.startsWith('fit') || seen !== 'done') expect(seen).toEqual(['ABORT_ERR', 'enough']);
      expect(bits(forecaster)).toEqual(before);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    }
  });
});

test('rejects at once, in the middle of a step that takes seconds', async () => {
  using forecaster = new NeuralForecaster({
    models: models.GRU({ horizon: 24, inputSize: 168, windowsBatchSize: 4096, maxSteps: 100 }),
    frequency: 1,
  });
  const controller = new AbortController();
  const fit = forecaster.fit({ y: sine(6000) }, { signal: controller.signal });
  await sleep(200);
  const begin = performance.now();
  controller.abort();
  expect((await rejectedBy(() => fit)).code).toBe('ABORT_ERR');
  expect(performance.now() - begin).toBeLessThan(200);
  // Free for the next one, whatever the old one's threads still do.
  await forecaster.fit({ y: sine(400) }, { maxSteps: 1, windowsBatchSize: 8 });
  expect(forecaster.fitted).toBe(true);
});

test('when it has rejected, nothing more is written', async () => {
  using forecaster = await fitted();
  const folder = await mkdtemp(path.join(tmpdir(), 'abort-'));
  for (let i = 0; i < 10; i++) {
    const controller = new AbortController();
    const fit = forecaster.fit(twoSeries(), {
      maxSteps: 1e6,
      signal: controller.signal,
      checkpointPath: path.join(folder, 'model'),
      checkpointFrequency: 1,
    });
    await sleep(i);
    controller.abort();
    await fit.catch(() => undefined);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }
});

test('no progress is shown after it, whether or not files are written', async () => {
  using forecaster = await fitted();
  for (const checkpointPath of [undefined, `${file}.progress`]) {
    const controller = new AbortController();
    let shown = 0;
    const onProgress = () => {
      shown++;
      controller.abort();
    };
    const options = { maxSteps: 1e6, signal: controller.signal, onProgress, checkpointPath };
    await rejectedBy(() => forecaster.fit(twoSeries(), options));
    await sleep(30);
    expect(shown).toBe(1);
  }
});

test('one signal for many operations: one listener, no warning', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  using forecaster = await fitted();
  const { signal } = new AbortController();
  const running = Array.from({ length: 30 }, () => forecaster.predict({ signal }));
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  await Promise.all(running);
  expect(getEventListeners(signal, 'abort')).toEqual([]);

  const others = Array.from(
    { length: 15 },
    () => new NeuralForecaster({ models: tinySpec('NLinear') }),
  );
  await Promise.all(others.map((other) => other.fit(twoSeries(), { signal })));
  await Promise.all(others.map((other, i) => other.save(`${file}.${i}`, { signal })));
  await Promise.all(others.map((_, i) => NeuralForecaster.load(`${file}.${i}`, { signal }))).then(
    (loaded) => loaded.forEach((other) => void other.dispose()),
  );
  for (const other of others) other.dispose();
  await sleep(1); // warnings come in a later turn
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

test('one signal stops all that share it, each with its reason', async () => {
  const controller = new AbortController();
  const forecasters = Array.from(
    { length: 12 },
    () => new NeuralForecaster({ models: tinySpec('MLP') }),
  );
  const fits = forecasters.map((forecaster) =>
    rejectedBy(() => forecaster.fit(twoSeries(), { maxSteps: 1e6, signal: controller.signal })),
  );
  controller.abort('all');
  for (const error of await Promise.all(fits)) {
    expect(error).toMatchObject({ code: 'ABORT_ERR', cause: 'all' });
  }
  for (const forecaster of forecasters) forecaster.dispose();
});
