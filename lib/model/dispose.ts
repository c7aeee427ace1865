import type { Core } from './core';

export function dispose(core: Core): void {
  if (core.disposed) return;
  core.disposed = true;
  core.engine.dispose();
  for (const { model } of core.members) model.dispose();
  core.history?.panel.dispose();
}
