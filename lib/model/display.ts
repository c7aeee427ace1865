// How objects of ours look to JSON.stringify, console.log and util.inspect.
import { type InspectOptions, inspect, types } from 'node:util';

/**
 * Has util.inspect show instances of a class as its name and `facts`, plain data. Both definitions here are no
 * enumerable members, so that types, structuredClone and comparisons do not see them.
 */
export function showAs<T extends object>(
  type: { readonly name: string; readonly prototype: T },
  facts: (instance: T) => object,
): void {
  Object.defineProperty(type.prototype, inspect.custom, {
    value(this: T, depth: number, options: InspectOptions) {
      if (depth < 0) return `[${type.name}]`;
      return `${type.name} ${inspect(facts(this), options)}`;
    },
  });
}

/** `value`, of which JSON.stringify writes typed arrays as lists of numbers. */
export function withLists<T extends object>(value: T): T {
  const toJSON = () =>
    Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        types.isTypedArray(member) ? Array.from(member as ArrayLike<unknown>) : member,
      ]),
    );
  return Object.defineProperty(value, 'toJSON', { value: toJSON });
}
