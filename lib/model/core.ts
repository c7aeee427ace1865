import type { Engine } from '../../types/native';
import type { SeriesSet } from '../data/panel';
import type { TimeSettings } from '../data/settings';
import { ForecastError } from '../errors';
import { disposedError } from './job';
import type { Member } from './member';
import type { Settings } from './options';

/** The state that a forecaster's methods share. */
export interface Core {
  readonly engine: Engine;
  readonly lowMemory: boolean;
  readonly settings: Settings;
  members: Member[];
  /** What fit() keeps of its data; undefined before the first fit. */
  history: SeriesSet | undefined;
  /** The time settings of the last fit: those of the constructor and what the data showed. */
  time: TimeSettings;
  fitting: boolean;
  disposed: boolean;
}

export function checkAlive(core: Core, what: string): void {
  if (core.disposed) throw disposedError(what);
}

/** The kept series; throws ERR_DISPOSED or ERR_NOT_FITTED. */
export function fittedHistory(core: Core, what: string): SeriesSet {
  checkAlive(core, what);
  if (core.history) return core.history;
  throw new ForecastError(
    'ERR_NOT_FITTED',
    `${what}: the models have no weights yet; call fit(data) first, or load() a saved forecaster`,
  );
}

/** What console.log shows of a forecaster; of one that was disposed of too. */
export function summary({ members, history, time, disposed }: Core): object {
  return {
    models: members.map(({ alias }) => alias),
    horizon: members[0]!.config.horizon,
    fitted: history !== undefined && !disposed,
    ...(disposed ? { disposed } : {}),
    ...(history ? { series: history.ids.length } : {}),
    ...(time.frequency ? { frequency: time.frequency.text } : {}),
  };
}
