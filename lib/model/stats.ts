import { type Core, checkAlive } from './core';

/** Memory, plans and what the forecaster computes with. */
export interface ForecasterStats {
  /** Buffers asked of the pool, those that it had (`hits`), their share; bytes in use, kept for reuse, most ever. */
  pool: {
    hits: number;
    misses: number;
    hitRate: number;
    bytesInUse: number;
    bytesCached: number;
    peakBytes: number;
  };
  /** Recorded programs, one a batch size, kept between predictions. */
  planCache: { hits: number; misses: number };
  /** 'AVX3' (AVX-512), 'AVX2', 'SSE2', 'NEON' or 'SCALAR'. */
  simdTarget: string;
  /** Compute threads. */
  threads: number;
}

export function stats(core: Core): ForecasterStats {
  checkAlive(core, 'stats()');
  const { pool, target, threads } = core.engine.stats();
  const planCache = { hits: 0, misses: 0 };
  for (const { model } of core.members) {
    const { planHits, planMisses } = model.stats();
    planCache.hits += planHits;
    planCache.misses += planMisses;
  }
  return { pool, planCache, simdTarget: target, threads };
}
