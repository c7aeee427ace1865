// Names that users give: what can neither be mistaken for something else nor be lost on its way.

import { outOfRange } from '../errors';
import { isPlainObject, show } from './arguments';
import { isHalved } from './json';

const LONGEST = 200;
/** What else stands beside a forecast's columns, in its rows and in those of a cross-validation. */
const besideForecasts = ['uniqueId', 'unique_id', 'ds', 'y', 'cutoff'];
/** What else stands beside exogenous columns, in the forms of input. */
export const besideColumns: readonly string[] = [
  'uniqueId',
  'unique_id',
  'ds',
  'y',
  'availableMask',
  'static',
  'frequency',
  'freq',
  'fill',
  'ids',
  'offsets',
];

/** What a name is for: which ones mean something else there, and what to do about a wrong one. */
interface Use {
  taken: readonly string[];
  meaning: string;
  remedy: string;
}
const alias: Use = {
  taken: besideForecasts,
  meaning: 'which a forecast has besides its columns',
  remedy: 'choose another alias',
};
const column: Use = {
  taken: besideColumns,
  meaning: 'which means something else in the data',
  remedy: 'rename the column, in the data too',
};
const component: Use = { taken: [], meaning: '', remedy: 'choose another name' };

/**
 * Checks every name in a model's options: its alias, its columns, what its components are called. Values of
 * a wrong type are left to the native code. `path` begins the messages.
 */
export function checkNames(options: object, path: string): void {
  for (const [option, value] of Object.entries(options) as [string, unknown][]) {
    const where = `${path}.${option}`;
    if (option === 'alias') checkName(value, where, alias);
    else if (option === 'name' || option.endsWith('Column')) checkName(value, where, component);
    else if (Array.isArray(value)) checkList(value, where, option.endsWith('Exog'));
  }
}

function checkList(list: readonly unknown[], where: string, columns: boolean): void {
  for (const [i, item] of list.entries()) {
    if (columns) checkName(item, `${where}[${i}]`, column);
    else if (isPlainObject(item)) checkNames(item, `${where}[${i}]`);
  }
}

function checkName(name: unknown, where: string, use: Use): void {
  if (typeof name !== 'string') return;
  const fault = faultOf(name, use);
  if (fault) throw outOfRange(`${where} ${fault}; ${use.remedy}`);
}

function faultOf(name: string, { taken, meaning }: Use): string | undefined {
  if (name === '' || name.length > LONGEST) {
    return `must have 1 to ${LONGEST} characters; got ${name.length}`;
  }
  if (isHalved(name)) return `must be well-formed text, not ${show(name)}`;
  if (/\p{Cc}/u.test(name)) return `must not hold control characters, as ${show(name)} does`;
  if (taken.includes(name)) return `must not be '${name}', ${meaning}`;
  // 'constructor' and the like: an object without such a column seems to have it.
  return name in Object.prototype ? `must not be '${name}', which every object has` : undefined;
}

/** What two models of one forecaster, or two outputs of one model, would both be called. */
export function checkColumns(
  members: readonly { name: string; alias: string; columns: string[] }[],
) {
  const aliases = new Set<string>();
  for (const [i, { name, alias, columns }] of members.entries()) {
    const twice = columns.find((column, at) => columns.indexOf(column) !== at);
    if (twice !== undefined) {
      throw outOfRange(
        `models[${i}]: ${name}.loss: two of its quantiles fall on the column '${twice}', because names have two decimals of the level; leave one of them out`,
      );
    }
    if (aliases.has(alias)) {
      throw outOfRange(`models[${i}]: a second model is called '${alias}'; ${another(name)}`);
    }
    aliases.add(alias);
  }
  // Also levels that no model has yet: some have any level that predict() asks for.
  for (const [i, { name, alias }] of members.entries()) {
    const owner = /^(.+)-(?:lo|hi)-[\d.e-]+$/s.exec(alias)?.[1];
    if (owner === undefined || !aliases.has(owner)) continue;
    throw outOfRange(
      `models[${i}]: '${alias}' is what a level column of '${owner}' is called; ${another(name)}`,
    );
  }
}

const another = (name: string) =>
  `give one of them another alias: models.${name}({ alias: '...' })`;
