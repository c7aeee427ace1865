import { readFileSync } from 'node:fs';

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A tensor as it lies in a file. */
export interface Tensor {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

export interface SafetensorsFile {
  metadata: Record<string, string>;
  tensors: Map<string, Tensor>;
}

export function readSafetensors(path: string): SafetensorsFile {
  const bytes = readFileSync(path);
  const begin = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__, ...entries } = JSON.parse(bytes.toString('utf8', 8, begin));
  const { crc32: _, ...metadata } = __metadata__; // of these bytes, not of what a test makes of them
  const tensors = new Map(
    Object.entries(entries as Record<string, Entry>).map(([name, entry]) => {
      const [from, to] = entry.data_offsets;
      const data = bytes.subarray(begin + from, begin + to);
      return [name, { dtype: entry.dtype, shape: entry.shape, bytes: data }];
    }),
  );
  return { metadata, tensors };
}

export function writeSafetensors({ metadata, tensors }: SafetensorsFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [end, end + bytes.length] };
    end += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...[...tensors.values()].map(({ bytes }) => bytes)]);
}

/** The same file without its checksum, which would be the only fault that is found when a test damages the rest. */
export function withoutChecksum(bytes: Uint8Array): Buffer {
  const text = Buffer.from(bytes).toString('latin1');
  return Buffer.from(
    text.replace(/"crc32":"[0-9a-f]{8}",/, (member) => ' '.repeat(member.length)),
    'latin1',
  );
}

/** The values of a single-precision tensor. */
export function floats({ dtype, bytes }: Tensor): Float32Array {
  if (dtype !== 'F32') throw new Error(`not single precision but ${dtype}`);
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
