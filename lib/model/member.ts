import type { Engine, Model } from '../../types/native';
import type { Needs } from '../data/table';
import { callNative, outOfRange } from '../errors';
import type { ModelName } from '../generated';
import { native } from '../native';
import { configJson } from '../options/json';
import { checkLosses } from '../options/losses';
import { checkColumns, checkNames } from '../options/names';
import type { ModelRequest } from './requests';

/** One model of a forecaster: the native object and what is read from it once. */
export interface Member {
  readonly name: ModelName;
  readonly alias: string;
  /** The JSON text that makes this model anew. */
  readonly configText: string;
  readonly config: ResolvedConfig;
  readonly model: Model;
  /** Fitted to each series by itself: it forecasts what it was not fitted to by a fit of its own. */
  readonly local: boolean;
  /** It has any quantile: it simulates, or its loss is that of a distribution or of implicit quantiles. */
  readonly anyQuantile: boolean;
  /** Its loss is that of a distribution or of implicit quantiles, so that samples can be drawn. */
  readonly samples: boolean;
  /** It reads no future column beyond the horizon that is asked for: {@link stepsRead}. */
  readonly anyHorizon: boolean;
  /** Values of a series that a forecast is made from: inputSize, and one more where forecasts are fed back. */
  readonly lookback: number;
  /** One an output of the loss, in native order. */
  readonly columns: string[];
  /** Which of the columns is the point forecast. */
  readonly point: number;
  /** Of each column; null for a point forecast. */
  readonly quantiles: readonly (number | null)[];
}

/** The members of a resolved configuration that lib/ reads. A local model has not all of them. */
export interface ResolvedConfig {
  horizon: number;
  inputSize: number;
  futureExog: string[];
  historicExog: string[];
  staticExog: string[];
  earlyStopPatienceSteps: number;
  /** Of models that forecast all series together; 0: as many as the data of fit() has. */
  nSeries?: number;
  loss: string | { name: string };
  /** Of Prophet. */
  holidays?: { ds: number[] }[];
}

export function lossName(config: ResolvedConfig): string {
  return typeof config.loss === 'string' ? config.loss : config.loss.name;
}

/** Creates the models; the native code checks every option and names the wrong one. */
export function createMembers(engine: Engine, requests: ModelRequest[], seed: number): Member[] {
  const members: Member[] = [];
  try {
    for (const request of requests) {
      checkNames(request.options, request.path);
      checkLosses(request.options, request.path);
      const text = configJson(request.options, request.path);
      members.push(createMember(engine, request.name, text, seed, request.path));
    }
    checkTogether(members);
    return members;
  } catch (error) {
    for (const member of members) member.model.dispose();
    throw error;
  }
}

function createMember(
  engine: Engine,
  name: ModelName,
  text: string,
  seed: number,
  path: string,
): Member {
  const { Model } = native();
  return describeMember(
    callNative(() => new Model(engine, name, text, seed, path)),
    text,
  );
}

/** What a local model does without. */
const absent = { historicExog: [], staticExog: [], earlyStopPatienceSteps: -1, loss: '' };

/** A native model with its facts. */
export function describeMember(model: Model, configText?: string): Member {
  const { config, kind, name, ...info } = model.info();
  return {
    name: name as ModelName,
    alias: info.alias,
    configText: configText ?? config,
    config: { ...absent, ...(JSON.parse(config) as ResolvedConfig) },
    anyHorizon: info.anyHorizon,
    lookback: info.lookback,
    model,
    local: kind === 'local',
    anyQuantile: info.anyQuantile,
    samples: info.samples,
    columns: info.columns,
    point: info.point,
    quantiles: info.quantiles,
  };
}

/**
 * The same model with fresh weights, to be trained on so many series while the old one still answers. One that forecasts
 * them together, and whose options leave open how many, is made for these.
 */
export function renewMember(
  engine: Engine,
  { name, alias, config, configText }: Member,
  seed: number,
  series: number,
): Member {
  const given = JSON.parse(configText) as Partial<ResolvedConfig>;
  const open = config.nSeries !== undefined && !given.nSeries;
  const text = open ? JSON.stringify({ ...given, nSeries: series }) : configText;
  return { ...createMember(engine, name, text, seed, alias), configText };
}

/** The same model with a copy of its weights. */
export function copyMember(engine: Engine, member: Member): Member {
  const { serialize, deserialize } = native();
  const bytes = callNative(() => serialize({ header: '{}', models: [member.model] }));
  const { models } = callNative(() => deserialize(engine, bytes));
  return describeMember(models[0]!, member.configText);
}

/** What no model can tell by itself; throws ERR_OUT_OF_RANGE. */
export function checkTogether(members: Member[]): void {
  const first = members[0]!;
  checkColumns(members);
  for (const [i, member] of members.entries()) {
    if (member.config.horizon !== first.config.horizon) {
      throw outOfRange(
        `models[${i}]: ${member.alias} has horizon ${member.config.horizon}, ${first.alias} has ${first.config.horizon}; the models of one forecaster need the same horizon`,
      );
    }
  }
}

/**
 * Steps of the future columns that a model reads: most neural ones forecast whole rounds of the trained horizon. What
 * native code takes, KnownSteps() in native/infer, must be known here to find the rows and to name one that is missing.
 */
export function stepsRead({ anyHorizon, config }: Member, horizon: number): number {
  if (anyHorizon) return horizon;
  return Math.ceil(horizon / config.horizon) * config.horizon;
}

/** Every exogenous column that some model reads. */
export function columnNeeds(members: Member[]): Needs {
  const needs: Needs = {
    historic: new Map(),
    future: new Map(),
    statics: new Map(),
    time: members.some(({ local }) => local),
    holidays: [],
    anyTimes: members.every(({ local }) => local),
    together: members.find(({ config }) => config.nSeries !== undefined)?.alias,
  };
  const add = (map: Map<string, string>, names: string[], alias: string) => {
    for (const name of names) if (!map.has(name)) map.set(name, alias);
  };
  for (const { alias, config } of members) {
    add(needs.historic, config.historicExog, alias);
    add(needs.future, config.futureExog, alias);
    add(needs.statics, config.staticExog, alias);
    for (const [i, { ds }] of (config.holidays ?? []).entries()) {
      needs.holidays.push({ path: `${alias}.holidays[${i}].ds`, ds });
    }
  }
  return needs;
}
