// Damage to model files that leaves their outer form: names, types, bounds, missing, extra and duplicated members of every
// JSON text in them, tensors that lie wrong, values that are none. Pure functions of a file's bytes and random numbers.

/** JSON that may hold a member twice, and numbers that no double holds. */
type Node = { members: [string, Node][] } | { items: Node[] } | { raw: string };

type Random = () => number;

/** A generator of its own for each seed, uniform in [0, 1). */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const below = (random: Random, n: number) => Math.floor(random() * n);
const pick = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)]!;

function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { items: value.map(nodeOf) };
  if (typeof value !== 'object' || value === null) return { raw: JSON.stringify(value) };
  return { members: Object.entries(value).map(([key, member]) => [key, nodeOf(member)]) };
}

function textOf(node: Node): string {
  if ('raw' in node) return node.raw;
  if ('items' in node) return `[${node.items.map(textOf).join(',')}]`;
  return `{${node.members.map(([key, m]) => `${JSON.stringify(key)}:${textOf(m)}`).join(',')}}`;
}

/** Values of every type, and the bounds of numbers. */
const oddities = [
  'null',
  'true',
  'false',
  '""',
  '"text"',
  '"\\u0000"',
  '"\\ud800"',
  '[]',
  '[[]]',
  '{}',
  '{"name":"MAE"}',
  '0',
  '-0',
  '1',
  '-1',
  '2',
  '0.5',
  '20000',
  '100000',
  '1000000',
  '2147483648',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775807',
  '18446744073709551616',
  '8640000000000000',
  '1e14',
  '1e300',
  '-1e300',
  '1e-300',
  '1e999',
  'NaN',
  `"${'long'.repeat(5000)}"`,
  `${'['.repeat(3000)}${']'.repeat(3000)}`,
  `[${'1,'.repeat(5000)}1]`,
];

function misspelled(random: Random, name: string): string {
  const at = below(random, name.length + 1);
  switch (below(random, 4)) {
    case 0:
      return `${name}x`;
    case 1:
      return name.slice(0, at) + name.slice(at + 1);
    case 2:
      return name.toUpperCase() === name ? name.toLowerCase() : name.toUpperCase();
    default:
      return pick(random, ['', '__proto__', 'constructor', 'length', 'toString']);
  }
}

/** A number near another one, or far from it. */
function otherNumber(random: Random, raw: string): string {
  const value = Number(raw);
  return String(
    pick(random, [value + 1, value - 1, -value, value * 2, value * 10, value * 1000, value / 2]),
  );
}

/** Every node with what can be done to it, so that each is met as often as another. */
type Change = (random: Random) => void;

function changesOf(node: Node, changes: Change[] = []): Change[] {
  const become = (other: Node) => {
    for (const key of Object.keys(node)) delete (node as Record<string, unknown>)[key];
    Object.assign(node, other);
  };
  changes.push((random) => become({ raw: pick(random, oddities) }));
  if ('members' in node) {
    const { members } = node;
    changes.push((random) => members.push(['unknown', { raw: pick(random, oddities) }]));
    for (const member of [...members]) {
      const drop = () => members.splice(members.indexOf(member), 1);
      changes.push(drop);
      changes.push((random) => {
        member[0] = misspelled(random, member[0]);
      });
      changes.push((random) => {
        const value = random() < 0.5 ? member[1] : { raw: pick(random, oddities) };
        members.push([member[0], value]);
      });
      changesOf(member[1], changes);
    }
  } else if ('items' in node) {
    const { items } = node;
    changes.push((random) => items.splice(below(random, items.length), 1));
    changes.push((random) => items.push(items[below(random, items.length)] ?? { raw: '0' }));
    changes.push(() => items.reverse());
    changes.push(() => items.push(...Array.from({ length: 300 }, () => items[0] ?? { raw: '1' })));
    for (const item of items) changesOf(item, changes);
  } else {
    const { raw } = node;
    if (/^-?\d/.test(raw)) {
      changes.push((random) => become({ raw: otherNumber(random, raw) }));
    } else if (raw.startsWith('"')) {
      const text = JSON.parse(raw) as string;
      changes.push((random) => become({ raw: JSON.stringify(misspelled(random, text)) }));
    }
  }
  return changes;
}

/** A file taken apart: its header, with the JSON texts in its metadata parsed too, and the tensors' bytes. */
interface Parts {
  header: Node;
  texts: Map<string, Node>;
  data: Uint8Array;
}

function takeApart(bytes: Uint8Array): Parts {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const begin = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, begin)));
  delete header.__metadata__.crc32; // it would be the only fault that is found
  const texts = new Map<string, Node>();
  for (const name of ['header', 'models', 'panel']) {
    const text = header.__metadata__[name];
    if (text !== undefined) texts.set(name, nodeOf(JSON.parse(text)));
  }
  return { header: nodeOf(header), texts, data: bytes.slice(begin) };
}

function withTexts({ header, texts }: Parts): void {
  if (!('members' in header)) return;
  const metadata = header.members.find(([key]) => key === '__metadata__')?.[1];
  if (!metadata || !('members' in metadata)) return;
  for (const member of metadata.members) {
    const text = texts.get(member[0]);
    if (text) member[1] = { raw: JSON.stringify(textOf(text)) };
  }
}

function putTogether(parts: Parts): Uint8Array {
  withTexts(parts);
  return joined(new TextEncoder().encode(textOf(parts.header)), parts.data);
}

function joined(header: Uint8Array, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(data, 8 + header.length);
  return bytes;
}

/** A number that a tensor's bytes may hold, over 8 of them. */
function damageValues(random: Random, data: Uint8Array): void {
  if (data.length < 8) return;
  const view = new DataView(data.buffer, data.byteOffset);
  const at = below(random, Math.floor(data.length / 8)) * 8;
  const odd = pick(random, [Number.NaN, Infinity, -Infinity, 0, -1, 1e14, 1e300, -1e300, 1e-300]);
  const whole = pick(random, [-1n, 1n, 2n ** 40n, 2n ** 62n, -(2n ** 63n)]);
  pick(random, [
    () => view.setFloat64(at, odd, true),
    () => view.setFloat32(at, odd, true),
    () => view.setBigInt64(at, whole, true),
  ])();
}

function damageBytes(random: Random, bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer);
  switch (below(random, 4)) {
    case 0:
      return bytes.slice(0, below(random, bytes.length));
    case 1: {
      const longer = new Uint8Array(bytes.length + 1 + below(random, 64));
      longer.set(bytes);
      return longer;
    }
    case 2:
      view.setBigUint64(0, pick(random, [0n, 1n, 8n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n]), true);
      return bytes;
    default:
      bytes[below(random, bytes.length)]! ^= 1 << below(random, 8);
      return bytes;
  }
}

/** Everything that can be done to a file's texts, and its values as often as a member. */
function allChanges({ header, texts, data }: Parts): Change[] {
  const changes = [...texts.values(), header].flatMap((node) => changesOf(node));
  for (let i = 0; i < 20; i++) changes.push((random) => damageValues(random, data));
  return changes;
}

/** How many seeds in a row do everything that can be done to a file once. */
export function changeCount(bytes: Uint8Array): number {
  return allChanges(takeApart(bytes)).length;
}

/** The file with one fault, the seed's; at times with more. Seeds in a row change one place after another. */
export function mutated(bytes: Uint8Array, seed: number): Uint8Array {
  const random = randomOf(seed);
  const parts = takeApart(bytes);
  const changes = allChanges(parts);
  changes[seed % changes.length]!(random);
  while (random() < 0.1) pick(random, changes)(random);
  const result = putTogether(parts);
  return random() < 0.05 ? damageBytes(random, result) : result;
}

/** How much more a forecast is asked to do than the file's own one, from what its configurations say. */
export function growthOf(bytes: Uint8Array, horizon: number, inputSize: number): number {
  let most = 1;
  try {
    const text = takeApart(bytes).texts.get('models');
    for (const { config } of JSON.parse(textOf(text!)) as { config: Record<string, unknown> }[]) {
      const ratio = (key: string, usual: number) => Math.max(1, Number(config[key] ?? 0) / usual);
      const size = ratio('horizon', horizon) * ratio('inputSize', inputSize);
      most = Math.max(most, size * ratio('uncertaintySamples', 1000));
    }
  } catch {
    // What cannot be read is refused.
  }
  return most;
}
