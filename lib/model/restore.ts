import type { BundleContents, Engine, Model } from '../../types/native';
import { fillOption } from '../data/settings';
import { callNative } from '../errors';
import { native } from '../native';
import {
  type ComputeOptions,
  engineOptions,
  type KeptOptions,
  keptOptions,
} from '../options/compute';
import { checkNames } from '../options/names';
import { fixedCalendar } from '../time/frequency';
import type { Core } from './core';
import { calendarOf, corrupt, type Header, isTime, parseHeader, zoneOf } from './header';
import { checkTogether, describeMember, type Member } from './member';

/** What the header says, before anything is made of the rest. */
export interface RestorePlan {
  header: Header;
  engine: Engine;
  compute: KeptOptions;
}

/** Makes the engine that a file asks for. `given` wins over what was saved. */
export function planRestore(text: string, given: ComputeOptions): RestorePlan {
  const header = parseHeader(text);
  const { simdEnabled, lowMemory, memoryPool } = header;
  const options = { simdEnabled, lowMemory, memoryPool, ...withoutUndefined(given) };
  const engineSettings = engineOptions(options);
  const engine = callNative(() => new (native().Engine)(engineSettings));
  return { header, engine, compute: keptOptions(options) };
}

/** The state of the forecaster in the file. Throws ERR_CORRUPT_MODEL. */
export function finishRestore(
  { header, engine, compute }: RestorePlan,
  parts: BundleContents,
): Core {
  if (parts.models.length === 0 || parts.panel === undefined) throw corrupt('it holds no models');
  if (parts.panel.seriesCount !== header.ids.length) throw corrupt('series and ids differ');
  const calendar = calendarOf(header);
  const members = readMembers(parts.models);
  const history = {
    panel: parts.panel,
    ids: header.ids,
    lastDs: Float64Array.from(header.lastDs),
    calendar: calendar ?? fixedCalendar(1, 'integer', 1),
  };
  checkMembers(members, history, parts.dsStep);
  const fill = header.fill === null ? undefined : fillOption(header.fill, 'fill');
  const zone = zoneOf(header);
  const time = { frequency: calendar, fill, zone, dated: calendar?.kind === 'time' };
  const { parallelModels, localScaler, seed } = header;
  return {
    engine,
    compute,
    settings: { frequency: calendar, fill, zone, parallelModels, localScaler, seed },
    members,
    history,
    time,
    fitting: false,
    disposed: false,
  };
}

function readMembers(models: Model[]): Member[] {
  const members = models.map((model) => describeMember(model));
  try {
    for (const [i, { name, config }] of members.entries()) {
      // Text that is not given is an empty one here.
      const given = Object.entries(config).filter(([, value]) => value !== '');
      checkNames(Object.fromEntries(given), `models[${i}]: ${name}`);
    }
    checkTogether(members);
  } catch (error) {
    throw corrupt((error as Error).message);
  }
  return members;
}

/** What the models must have in common with each other and with the series. */
function checkMembers(
  members: Member[],
  { calendar, lastDs }: NonNullable<Core['history']>,
  dsStep: number | undefined,
): void {
  const { horizon } = members[0]!.config;
  if (!lastDs.every((time) => isTime(calendar, calendar.add(time, horizon)))) {
    throw corrupt('a series ends where time does');
  }
  const step = calendar.kind === 'integer' ? calendar.fixedStep : 0;
  if (members.some(({ local }) => local) && dsStep !== step) {
    throw corrupt(`its times have the step ${dsStep}, its frequency ${step}`);
  }
}

function withoutUndefined(options: ComputeOptions): ComputeOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
