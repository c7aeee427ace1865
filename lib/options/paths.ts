import { fileURLToPath } from 'node:url';
import { invalidType, outOfRange } from '../errors';
import { show } from './arguments';

/** What Linux takes, without the NUL at the end; other systems take less and say so themselves. */
const MOST_BYTES = 4095;

/** A file's path as text, from a string or a file: URL: every path that a user gives comes through here. */
export function pathOption(value: unknown, what: string): string {
  const path = isFileUrl(value) ? pathOfUrl(value, what) : value;
  if (typeof path !== 'string') {
    throw invalidType(`${what} must be a string or a file: URL; got ${show(value)}`);
  }
  if (path === '') throw outOfRange(`${what} must be a file's name; got ''`);
  if (path.includes('\0')) {
    throw outOfRange(`${what} must not hold a NUL character; got ${show(path)}`);
  }
  const bytes = Buffer.byteLength(path);
  if (bytes > MOST_BYTES) {
    throw outOfRange(`${what} must have at most ${MOST_BYTES} bytes; got ${bytes}`);
  }
  return path;
}

function isFileUrl(value: unknown): value is URL {
  return typeof value === 'object' && (value as URL | null)?.protocol === 'file:';
}

function pathOfUrl(url: URL, what: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw outOfRange(`${what}: ${show(String(url))} names no file: ${(error as Error).message}`);
  }
}

/** The file that one of several models has of `path`. An alias never leads to another folder. */
export function pathOfModel(path: string, alias: string): string {
  return `${path}.${alias.replace(/[%/\\\p{Cc}]/gu, encodeURIComponent)}`;
}
