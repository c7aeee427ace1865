import { callNative } from '../errors';
import { native } from '../native';
import { signalOption } from '../options/arguments';
import { type ComputeOptions, engineOptions, loadOptions } from '../options/compute';
import { pathOption } from '../options/paths';
import type { Core } from './core';
import { awaitJobs, throwIfAborted } from './job';
import { finishRestore, planRestore, type RestorePlan } from './restore';

/** Options of `load`. */
export interface LoadOptions extends ComputeOptions {
  /** Stops the reading; the promise rejects with an AbortError. */
  signal?: AbortSignal;
}

export function load(path: string | URL, options?: LoadOptions): Promise<Core> {
  const file = pathOption(path, 'path');
  const { signal, ...compute } = loadOptions(options, ['signal']) as LoadOptions;
  const checked = signalOption(signal, 'signal');
  return read(file, compute, checked);
}

/** Reads and decodes on threads of the addon. */
async function read(
  path: string,
  given: ComputeOptions,
  signal: AbortSignal | undefined,
): Promise<Core> {
  engineOptions(given); // a wrong one is said before the file is opened
  throwIfAborted(signal);
  const reading = callNative(() => native().openFile(path));
  const [file] = await awaitJobs(undefined, 'load()', [reading], signal);
  let plan: RestorePlan | undefined;
  try {
    throwIfAborted(signal);
    plan = planRestore(file!.header, given);
    const { engine } = plan;
    const decoding = callNative(() => native().decodeFile(engine, file!));
    const [contents] = await awaitJobs(undefined, 'load()', [decoding], signal);
    return finishRestore(plan, contents!);
  } catch (error) {
    file!.dispose();
    plan?.engine.dispose();
    throw error;
  }
}
