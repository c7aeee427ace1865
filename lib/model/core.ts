import type { Engine } from '../../types/native';
import type { SeriesSet } from '../data/panel';
import type { TimeSettings } from '../data/settings';
import { ForecastError } from '../errors';
import type { KeptOptions } from '../options/compute';
import { disposedError } from './job';
import type { Member } from './member';
import type { Settings } from './options';

/** The state that a forecaster's methods share. */
export interface Core {
  readonly engine: Engine;
  /** What it computes with, as a file keeps it. */
  readonly compute: KeptOptions;
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
