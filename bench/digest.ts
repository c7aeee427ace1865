// npm run bench -- digest [> file]
//
// The bits of every model: a hash of what it forecasts and of the tensors of the file that it saves, after a few steps, for
// small cases over its options, losses and exogenous columns. Two commits that print the same lines on one machine compute the same; other
// instruction sets and compilers' flags give other bits. Write a file before a change of the foundation and diff after it.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type FieldInfo,
  listModels,
  losses,
  type ModelInfo,
  models,
  NeuralForecaster,
  type NeuralForecasterOptions,
} from 'neural-forecaster';
import { waves } from './_report';

const HORIZON = 5;
const LENGTH = 120;
const IDS = ['a', 'b', 'c'];
const small = { inputSize: 13, maxSteps: 6, windowsBatchSize: 37 };

/** Options that make any model small: those of these names that it has. */
const narrow: Record<string, unknown> = {
  hiddenSize: 24,
  nHeads: 4,
  numLayers: 2,
  mlpUnits: [
    [20, 20],
    [20, 20],
    [20, 20],
  ],
  convHiddenSize: 16,
  dFf: 16,
  encoderHiddenSize: 20,
  decoderHiddenSize: 12,
  movingAvgWindow: 5,
  nBasis: 3,
};

interface Case {
  name: string;
  options: Record<string, unknown>;
  exog?: boolean;
}

function varied({ name, default: value, choices }: FieldInfo): [string, Record<string, unknown>][] {
  if (/dropout$/i.test(name)) return [['0.2', { [name]: 0.2 }]];
  if (typeof value === 'boolean') return [[String(!value), { [name]: !value }]];
  if (choices === undefined || typeof value !== 'string') return [];
  return choices.filter((choice) => choice !== value).map((choice) => [choice, { [name]: choice }]);
}

function casesOf(model: ModelInfo): Case[] {
  const fields = new Map(model.fields.map((field) => [field.name, field]));
  const own = Object.entries(narrow).filter(([name]) => fields.has(name));
  const base = { horizon: HORIZON, ...small, ...Object.fromEntries(own) };
  const list: Case[] = [{ name: 'plain', options: {} }];
  for (const field of model.kind === 'neural' ? model.fields : []) {
    for (const [value, options] of varied(field)) {
      list.push({ name: `${field.name}=${value}`, options });
    }
  }
  if (model.kind === 'neural') {
    list.push({ name: 'MQLoss', options: { loss: losses.MQLoss({ level: [80] }) } });
    list.push({ name: 'HuberLoss', options: { loss: losses.HuberLoss() } });
    list.push({ name: 'exog', options: {}, exog: true });
  }
  if (model.kind === 'local') return [{ name: 'plain', options: { horizon: HORIZON } }];
  return list.map(({ name, options, exog }) => ({ name, options: { ...base, ...options }, exog }));
}

function columns(exog: boolean) {
  const rows = LENGTH * IDS.length;
  const y = Float64Array.from(waves(rows), (value, i) => value + (i % 7) + 10);
  return {
    uniqueId: Array.from({ length: rows }, (_, i) => IDS[Math.floor(i / LENGTH)]!),
    ds: Float64Array.from({ length: rows }, (_, i) => 1.7e12 + (i % LENGTH) * 86_400_000),
    y,
    ...(exog && { futr: waves(rows), hist: y.map((value) => value * 0.5) }),
  };
}

async function digest(model: ModelInfo, { options, exog = false }: Case): Promise<string> {
  const listed: Record<string, unknown> = { ...options };
  if (exog && model.exog.future) listed.futureExog = ['futr'];
  if (exog && model.exog.historic) listed.historicExog = ['hist'];
  const factory = models[model.name] as (given: object) => NeuralForecasterOptions['models'];
  const forecaster = new NeuralForecaster({
    models: factory(listed),
    frequency: 'D',
    seed: 3,
    numThreads: 2,
  } as NeuralForecasterOptions);
  const folder = mkdtempSync(path.join(tmpdir(), 'digest-'));
  try {
    await forecaster.fit(columns(exog));
    const ahead = IDS.length * HORIZON;
    const futureExog = {
      uniqueId: Array.from({ length: ahead }, (_, i) => IDS[Math.floor(i / HORIZON)]!),
      futr: waves(ahead),
    };
    const forecast = await forecaster.predict('futureExog' in listed ? { futureExog } : {});
    const file = path.join(folder, 'model');
    await forecaster.save(file);
    const bytes = readFileSync(file);
    const header = Number(bytes.readBigUInt64LE(0));
    const hash = createHash('sha256').update(bytes.subarray(8 + header));
    for (const values of Object.values(forecast.columns)) {
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
    return hash.digest('hex').slice(0, 16);
  } finally {
    forecaster.dispose();
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  for (const model of listModels()) {
    for (const each of casesOf(model)) {
      console.log(`${model.name} ${each.name} ${await digest(model, each)}`);
    }
  }
}

void main();
