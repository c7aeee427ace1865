import { types } from 'node:util';
import type { BundleContents, Engine, Model } from '../../types/native';
import { checkAttached } from '../data/column';
import { fillOption } from '../data/settings';
import { callNative, invalidType } from '../errors';
import { native, packageVersion } from '../native';
import { show } from '../options/arguments';
import { checkNames } from '../options/names';
import { fixedCalendar } from '../time/frequency';
import { type Core, fittedHistory } from './core';
import { calendarOf, corrupt, FORMAT, type Header, isTime, parseHeader, zoneOf } from './header';
import { awaitJobs, throwIfAborted } from './job';
import { checkTogether, describeMember, type Member } from './member';
import { type ComputeOptions, engineOptions } from './options';

/** What is needed to write a forecaster down. */
export function bundle(core: Core, compute: ComputeOptions, what: string) {
  const history = fittedHistory(core, what);
  const header: Header = {
    format: FORMAT,
    version: packageVersion(),
    ids: history.ids,
    lastDs: Array.from(history.lastDs),
    frequency: core.time.frequency?.text ?? null,
    timeZone: core.settings.zone?.name ?? null,
    fill: core.time.fill ?? null,
    parallelModels: core.settings.parallelModels,
    localScaler: core.settings.localScaler,
    seed: core.settings.seed,
    simdEnabled: compute.simdEnabled ?? true,
    lowMemory: core.lowMemory,
    memoryPool: compute.memoryPool ?? true,
  };
  return {
    header: JSON.stringify(header),
    models: core.members.map(({ model }) => model),
    panel: history.panel,
  };
}

/** The state of a saved forecaster, and what it computes with. */
export interface Restored {
  core: Core;
  compute: ComputeOptions;
}

/** The state in the bytes of a file. `given` wins over what was saved. */
export function restore(bytes: Uint8Array, given: ComputeOptions): Restored {
  if (!types.isUint8Array(bytes)) {
    throw invalidType(`bytes must be a Uint8Array; got ${show(bytes)}`);
  }
  checkAttached(bytes, 'bytes');
  const plan = planRestore(
    callNative(() => native().readHeader(bytes)),
    given,
  );
  try {
    return finishRestore(
      plan,
      callNative(() => native().deserialize(plan.engine, bytes)),
    );
  } catch (error) {
    plan.engine.dispose();
    throw error;
  }
}

/** The same of a file, which threads of the addon read and decode. */
export async function restoreFile(
  path: string,
  given: ComputeOptions,
  signal: AbortSignal | undefined,
): Promise<Restored> {
  throwIfAborted(signal);
  const [file] = await awaitJobs(
    undefined,
    'load()',
    [callNative(() => native().openFile(path))],
    signal,
  );
  let plan: Plan | undefined;
  try {
    throwIfAborted(signal);
    plan = planRestore(file!.header, given);
    const { engine } = plan;
    const job = callNative(() => native().decodeFile(engine, file!));
    const [contents] = await awaitJobs(undefined, 'load()', [job], signal);
    return finishRestore(plan, contents!);
  } catch (error) {
    file!.dispose();
    plan?.engine.dispose();
    throw error;
  }
}

/** What the header says, before anything is made of the rest. */
interface Plan extends Pick<Restored, 'compute'> {
  header: Header;
  engine: Engine;
  lowMemory: boolean;
}

function planRestore(text: string, given: ComputeOptions): Plan {
  const header = parseHeader(text);
  const { simdEnabled, lowMemory, memoryPool } = header;
  const compute = { simdEnabled, lowMemory, memoryPool, ...withoutUndefined(given) };
  const options = engineOptions(compute);
  const engine = callNative(() => new (native().Engine)(options));
  return { header, compute, engine, lowMemory: options.lowMemory };
}

function finishRestore({ header, compute, engine, lowMemory }: Plan, parts: BundleContents) {
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
  const time = { frequency: calendar, fill, zone: zoneOf(header) };
  const { parallelModels, localScaler, seed } = header;
  const core: Core = {
    engine,
    lowMemory,
    settings: { ...time, parallelModels, localScaler, seed },
    members,
    history,
    time,
    fitting: false,
    disposed: false,
  };
  return { core, compute };
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
