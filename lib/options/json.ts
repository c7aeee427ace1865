import { invalidType } from '../errors';
import { show } from './arguments';

/**
 * JSON text for the native parser, which names a wrong field. JSON has no NaN or infinities: they go as
 * strings, so that the native code can say which field holds one. What is no data at all is refused here, where
 * JSON.stringify would drop it silently, and text that is not well-formed. `what` begins the messages.
 */
export function configJson(value: unknown, what: string): string {
  try {
    return JSON.stringify(value, (key, member: unknown) => {
      if (typeof member === 'number' && !Number.isFinite(member)) return String(member);
      if (['bigint', 'function', 'symbol'].includes(typeof member)) throw notData(key, member);
      if (isHalved(key) || isHalved(member)) throw notData(key, member);
      if (ArrayBuffer.isView(member) && !(member instanceof DataView)) {
        return Array.from(member as unknown as ArrayLike<number>);
      }
      return member;
    });
  } catch (error) {
    const reason = error instanceof NotData ? error.message : 'they refer to themselves';
    throw invalidType(`${what}: options must be plain data; ${reason}`);
  }
}

/** Text with half of a surrogate pair, which has no UTF-8. The u flag takes whole pairs as one character. */
export function isHalved(value: unknown): boolean {
  return typeof value === 'string' && /\p{Surrogate}/u.test(value);
}

class NotData extends Error {}

function notData(key: string, member: unknown): NotData {
  const got = typeof member === 'bigint' ? `the bigint ${show(member)}` : show(member);
  return new NotData(`'${key}' is ${got}`);
}
