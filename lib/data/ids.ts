// What series are called, and which member of an input says so.
import { invalidType, outOfRange } from '../errors';

/** The id of a series that has none. */
export const DEFAULT_ID = 'series';

/** Members that say of which series a row of the long form is. */
export const ROW_ID_NAMES = ['uniqueId', 'unique_id'];
/** Members that name a series of a list. */
export const SERIES_ID_NAMES = ['id', ...ROW_ID_NAMES];

/** The one of `names` that `data` has, if any. Two that differ are refused: neither may win silently. */
export function givenName(
  data: Record<string, unknown>,
  names: readonly string[],
  owner: string,
): string | undefined {
  const [first, ...others] = names.filter((name) => data[name] !== undefined);
  const other = others.find((name) => data[name] !== data[first!]);
  if (other === undefined) return first;
  throw invalidType(
    `${owner} has both '${first}' and '${other}', and they differ: give one of them`,
  );
}

/** Throws for an id that stands twice. */
export function checkUnique(ids: readonly string[], what: (index: number) => string): void {
  const seen = new Map<string, number>();
  for (let i = 0; i < ids.length; i++) {
    const before = seen.get(ids[i]!);
    if (before !== undefined) {
      throw outOfRange(
        `${what(i)} is '${ids[i]}' like ${what(before)}: every series needs an id of its own`,
      );
    }
    seen.set(ids[i]!, i);
  }
}

/** The first ids, for a message. */
export function showIds(ids: readonly string[]): string {
  const few = ids.slice(0, 5).map((id) => `'${id}'`);
  return few.join(', ') + (ids.length > 5 ? ` and ${ids.length - 5} more` : '');
}

const LONGEST_MISSPELT = 64; // beyond it no misspelling, and time to compare

/**
 * The one of `names` that differs from `name` by fewest edits, when that is few. Ids are any text; options,
 * which Python calls otherwise, have the hint of native code.
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  if (name.length > LONGEST_MISSPELT) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
