import { AbortError, ForecastError, fromNative } from './errors';

interface NativeJob<T> {
  promise: Promise<T>;
  cancel(): void;
}

/**
 * Waits for native jobs that run side by side. The signal cancels them; when one fails, the others are
 * cancelled, and the promise rejects only after all have stopped, so that nothing runs on behind it.
 */
export async function awaitJobs<T>(jobs: NativeJob<T>[], signal?: AbortSignal): Promise<T[]> {
  const cancel = () => {
    for (const job of jobs) job.cancel();
  };
  let failure: { error: unknown } | undefined;
  const watched = jobs.map((job) =>
    job.promise.catch((error: unknown) => {
      failure ??= { error };
      cancel();
      return undefined;
    }),
  );
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const results = await Promise.all(watched);
    if (failure === undefined) return results as T[];
    const error = fromNative(failure.error);
    throw error instanceof AbortError && signal?.aborted ? new AbortError(signal.reason) : error;
  } finally {
    signal?.removeEventListener('abort', cancel);
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
