// Text of a megabyte wherever text is taken: an answer, or an error, at once.
import { losses, models, NeuralForecaster } from '../../lib';
import { parseIso } from '../../lib/time/civil';
import { parseFrequency } from '../../lib/time/frequency';
import { inferFrequency } from '../../lib/time/infer-frequency';
import { tinySpec } from '../support/series';

const MEGABYTE = 1_000_000;
const fillings = {
  spaces: ' '.repeat(MEGABYTE),
  digits: '1'.repeat(MEGABYTE),
  letters: 'M'.repeat(MEGABYTE),
  'digits and spaces': '1 '.repeat(MEGABYTE / 2),
  'dashes and letters': '-MON'.repeat(MEGABYTE / 4),
  'a date and spaces': `2024-01-01${' '.repeat(MEGABYTE)}x`,
  surrogates: '\u{1F600}'.repeat(MEGABYTE / 4),
};

/** The shortest of a few runs: other programs share the machine. */
function milliseconds(call: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && best >= 100; i++) {
    const begin = performance.now();
    try {
      call();
    } catch (error) {
      expect((error as { code?: string }).code).toMatch(/^ERR_/);
      expect((error as Error).message.length).toBeLessThan(2000);
    }
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}

const create = (options: object) =>
  new NeuralForecaster({ models: tinySpec('NLinear'), ...options } as never).dispose();
const model = (options: object) => create({ models: tinySpec('NLinear', options) });

test.each(Object.entries(fillings))('%s', (_, text) => {
  const calls: Record<string, () => unknown> = {
    frequency: () => create({ frequency: text }),
    freq: () => create({ freq: `1${text}` }),
    timeZone: () => create({ timeZone: text }),
    fill: () => create({ fill: text }),
    localScalerType: () => create({ localScalerType: text }),
    backend: () => create({ backend: text }),
    'a name of an option': () => create({ [text]: 1 }),
    'a model': () => create({ models: text, horizon: 1, inputSize: 1 }),
    'a name of a model option': () => model({ [text]: 1 }),
    'a scaler': () => model({ scalerType: text }),
    'a loss': () => model({ loss: text }),
    'a name of a loss option': () => losses.MQLoss({ [text]: 1 } as never),
    'a time in options': () =>
      create({ models: models.Prophet({ horizon: 1, changepoints: [text] }) }),
    'a time': () => parseIso(text),
    'a time with a tail': () => parseIso(`2024-01-01T00:00${text}`),
  };
  for (const [name, call] of Object.entries(calls)) {
    expect([name, milliseconds(call) < 100]).toEqual([name, true]);
  }
});

test('texts within the bounds are read as before', () => {
  expect(parseFrequency('  15 min ').fixedStep).toBe(900_000);
  expect(parseIso('2024-01-01T00:00:00.123456789 +05:30')?.time).toBe(
    Date.UTC(2023, 11, 31, 18, 30, 0, 123),
  );
  expect(inferFrequency(Float64Array.of(0, 1000), [0, 2], 'time')?.text).toBe('s');
});
