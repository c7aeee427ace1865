import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { listModels, losses, lossNames, modelNames, models, runtime } from '../lib';

test('runtime tells version, instruction set and threads', () => {
  const { version } = JSON.parse(
    readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8'),
  ) as { version: string };
  const info = runtime.info();
  expect(info.version).toBe(version);
  expect(info.threads).toBe(availableParallelism());
  expect(info.targets).toContain('SCALAR');
  expect(info.target).toBe(info.targets[0]);
  expect(runtime).toMatchObject({ version, target: info.target, targets: info.targets });
});

test('listModels describes every model and nobody can change it', () => {
  const list = listModels();
  const names = list.flatMap(({ name, aliases }) => [name, ...aliases]);
  expect(names.sort()).toEqual([...modelNames].sort());
  const nhits = list.find(({ name }) => name === 'NHITS')!;
  expect(nhits.exog).toEqual({ future: true, historic: true, static: true });
  expect(nhits.fields.find(({ name }) => name === 'horizon')).toMatchObject({
    type: 'integer',
    required: true,
    min: 1,
  });
  expect(nhits.fields.find(({ name }) => name === 'learningRate')).toMatchObject({
    default: 0.001,
  });
  for (const { doc, paper, fields } of list) {
    expect(doc).not.toBe('');
    expect(paper).not.toBe('');
    expect(fields.every((field) => field.doc.length > 0)).toBe(true);
  }
  list.length = 0;
  expect(listModels()).not.toEqual([]);
});

test('there is a factory for every model and every loss', () => {
  expect(Object.keys(models).sort()).toEqual([...modelNames].sort());
  expect(Object.keys(losses).sort()).toEqual([...lossNames].sort());
});
