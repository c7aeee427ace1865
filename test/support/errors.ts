/** What an error looks like from outside. */
export interface Seen {
  name: string;
  code: string | undefined;
  message: string;
  cause?: unknown;
}

function see(error: unknown): Seen {
  const { name, code, message, cause } = error as Error & { code?: string };
  return { name, code, message, cause };
}

/** The error that `call` throws at once. */
export function thrownBy(call: () => unknown): Seen {
  try {
    call();
  } catch (error) {
    return see(error);
  }
  throw new Error('nothing was thrown');
}

/** The error that the promise of `call` rejects with; `call` itself must not throw. */
export async function rejectedBy(call: () => Promise<unknown>): Promise<Seen> {
  const promise = call();
  try {
    await promise;
  } catch (error) {
    return see(error);
  }
  throw new Error('the promise did not reject');
}

/** Thrown at once or rejected: what a caller who awaits sees. */
export async function failureOf(call: () => unknown): Promise<Seen> {
  try {
    await call();
  } catch (error) {
    return see(error);
  }
  throw new Error('neither thrown nor rejected');
}
