/**
 * JSON text for the native parser, which names a wrong field. JSON has no NaN or infinities, and
 * JSON.stringify drops functions and symbols silently and throws on bigint: all of these become
 * strings, so that the native code sees a value of the wrong kind and says which field holds it.
 */
export function configJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'number' && !Number.isFinite(member)) return String(member);
    if (typeof member === 'bigint') return '[bigint]';
    if (typeof member === 'function') return '[function]';
    if (typeof member === 'symbol') return '[symbol]';
    if (ArrayBuffer.isView(member) && !(member instanceof DataView)) {
      return Array.from(member as unknown as ArrayLike<number>);
    }
    return member;
  });
}
