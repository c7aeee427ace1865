// How a forecaster looks to console.log and util.inspect.
import { type InspectOptions, inspect } from 'node:util';
import type { Core } from './core';

/**
 * Has util.inspect show instances of a class as its name and `facts`, plain data. It is no enumerable member, so
 * that types, structuredClone and comparisons do not see it.
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

/** What console.log shows of a forecaster; of one that was disposed of too. */
export function summary({ members, history, time, disposed }: Core): object {
  return {
    models: members.map(({ alias }) => alias),
    horizon: members[0]!.config.horizon,
    fitted: history !== undefined && !disposed,
    ...(disposed ? { disposed } : {}),
    ...(history ? { series: history.ids.length } : {}),
    ...(time.frequency ? { frequency: time.frequency.text } : {}),
  };
}
