import type * as Native from '../../types/native';
import { AbortError, ForecastError, fromNative } from '../errors';

/** What each signal stops: one listener a signal, or Node warns of the eleventh operation that shares it. */
const watched = new WeakMap<AbortSignal, { cancels: Set<() => void>; listener: () => void }>();

/** Calls `cancel` when the signal fires, or at once when it has. Returns what ends that. */
function onAbort(signal: AbortSignal, cancel: () => void): () => void {
  if (signal.aborted) cancel();
  let entry = watched.get(signal);
  if (entry === undefined) {
    const cancels = new Set<() => void>();
    const listener = () => {
      for (const call of [...cancels]) call();
    };
    entry = { cancels, listener };
    watched.set(signal, entry);
    signal.addEventListener('abort', listener);
  }
  const { cancels, listener } = entry;
  cancels.add(cancel);
  return () => {
    cancels.delete(cancel);
    if (cancels.size > 0) return;
    signal.removeEventListener('abort', listener);
    watched.delete(signal);
  };
}

/**
 * Waits for native jobs that run side by side on behalf of `what`, an operation of `core` where there is one. The signal
 * cancels them, dispose() does, and when one fails, the others are cancelled. A cancelled job rejects at once, but for one
 * that writes files: the promise settles only when nothing more will be written.
 */
export async function awaitJobs<T>(
  core: { readonly disposed: boolean } | undefined,
  what: string,
  jobs: Native.Job<T>[],
  signal?: AbortSignal,
): Promise<T[]> {
  const cancel = () => {
    for (const job of jobs) job.cancel();
  };
  let failure: { error: unknown } | undefined;
  const ends = jobs.map((job) =>
    job.promise.catch((error: unknown) => {
      failure ??= { error };
      cancel();
      return undefined;
    }),
  );
  const forget = signal && onAbort(signal, cancel);
  try {
    const results = await Promise.all(ends);
    if (failure === undefined) return results as T[];
    const error = fromNative(failure.error);
    if (!(error instanceof AbortError)) throw error;
    throw core?.disposed && !signal?.aborted ? disposedError(what) : new AbortError(signal?.reason);
  } finally {
    forget?.();
  }
}

/** Stops jobs that nobody waits for: those begun before one that could not be. */
export function abandon(jobs: readonly Native.Job<unknown>[]): void {
  for (const job of jobs) {
    job.promise.catch(() => undefined);
    job.cancel();
  }
}

/** Throws an AbortError when the signal has fired already. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError(signal.reason);
}

/** The error of an operation that dispose() stopped, or that came after it. */
export function disposedError(what: string): ForecastError {
  return new ForecastError(
    'ERR_DISPOSED',
    `${what}: the forecaster was disposed of; create a new one or load() a saved one`,
  );
}
