import type { BundleParts } from '../../types/native';
import { packageVersion } from '../native';
import { type Core, fittedHistory } from './core';
import { FORMAT, type Header } from './header';

/** What is needed to write a forecaster down. */
export function bundle(core: Core, what: string): BundleParts {
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
    ...core.compute,
  };
  return {
    header: JSON.stringify(header),
    models: core.members.map(({ model }) => model),
    panel: history.panel,
  };
}
