import { type ErrorCodeName, errorCodeNames } from './generated';

/** Codes that argument errors and aborts carry; they have classes of their own. */
type ArgumentCode = 'ERR_INVALID_ARG_TYPE' | 'ERR_OUT_OF_RANGE' | 'ABORT_ERR';

/** The `code` of a {@link ForecastError}. */
export type ForecastErrorCode = Exclude<ErrorCodeName, ArgumentCode>;

/**
 * What went wrong with data, a model or a file. `code` says what kind of fault it is; the message
 * names the series, model or column and the way out. Wrong arguments are a TypeError
 * (`ERR_INVALID_ARG_TYPE`) or a RangeError (`ERR_OUT_OF_RANGE`) instead, and an abort is an
 * {@link AbortError}.
 */
export class ForecastError extends Error {
  readonly code: ForecastErrorCode;

  constructor(code: ForecastErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ForecastError';
    this.code = code;
  }
}

/** An operation was stopped through its AbortSignal. `cause` is `signal.reason`. */
export class AbortError extends Error {
  readonly code = 'ABORT_ERR';

  constructor(cause?: unknown) {
    super('The operation was aborted', { cause });
    this.name = 'AbortError';
  }
}

/** A TypeError with `code: 'ERR_INVALID_ARG_TYPE'`. */
export function invalidType(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' as const });
}

/** A RangeError with `code: 'ERR_OUT_OF_RANGE'`. */
export function outOfRange(message: string): RangeError {
  return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' as const });
}

/** Gives an error of the native code its class; anything that carries none of its codes passes through. */
export function fromNative(error: unknown): unknown {
  if (error instanceof ForecastError || error instanceof AbortError) return error;
  if (typeof error !== 'object' || error === null || !('code' in error)) return error;
  const { code, message } = error as { code: string; message: string };
  if (code === 'ERR_INVALID_ARG_TYPE') return invalidType(message);
  if (code === 'ERR_OUT_OF_RANGE') return outOfRange(message);
  if (code === 'ABORT_ERR') return new AbortError();
  const known = (errorCodeNames as readonly string[]).includes(code);
  return known ? new ForecastError(code as ForecastErrorCode, message) : error;
}

/** Runs native code; what it throws gets its class. */
export function callNative<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromNative(error);
  }
}

/** Native messages call a series by its number, as in "series 3"; here it gets its id. */
export function nameSeries(error: unknown, ids: readonly string[]): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof AbortError) return error;
  const message = error.message.replace(/(?<!')\bseries (\d+)\b/g, (text, at) =>
    at < ids.length ? `series '${ids[at]}'` : text,
  );
  return message === error.message ? error : fromNative({ code: error.code, message });
}

/**
 * The rule for methods that return a promise: a TypeError or RangeError about an argument is thrown
 * at once, every ForecastError and AbortError rejects.
 */
export function settle<T>(start: () => Promise<T>): Promise<T> {
  try {
    return start();
  } catch (error) {
    if (error instanceof ForecastError || error instanceof AbortError) return Promise.reject(error);
    throw error;
  }
}
