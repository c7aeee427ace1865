import type { DataSettings, TimeSeriesInput } from '../data/input';
import { invalidType, outOfRange } from '../errors';
import { type TrainingOptions, trainFieldNames } from '../generated';
import type { Member } from '../model/member';
import {
  booleanOption,
  checkKnown,
  functionOption,
  integerOption,
  show,
} from '../options/arguments';
import { pathOption } from '../options/paths';
import { type FitProgress, type LineWriter, lineReporter } from './progress';

/**
 * Options of `fit`. Training options win over those of the models, for this fit; either of maxSteps and epochs over both of
 * the models'. Where both stand side by side epochs win, unless they are 0.
 */
export interface FitOptions extends TrainingOptions, DataSettings {
  /** Rows at the end of every series that are held out to validate on: 0 or at least the horizon. */
  validationSize?: number;
  /** Other series to validate on instead, in any form that `fit` takes. */
  validationData?: TimeSeriesInput;
  /** Called on the event loop while training goes on, with the latest step of each model. */
  onProgress?: (progress: FitProgress) => void;
  /** Stops training within a step; the promise rejects with an AbortError. */
  signal?: AbortSignal;
  /** true: lines on stderr, about one a second; a function gets the lines instead. Default false. */
  verbose?: boolean | LineWriter;
  /**
   * Where checkpoints are written, replaced as save() replaces a file; with several models each adds `.<alias>`.
   * Default: none.
   */
  checkpointPath?: string | URL;
  /** Steps between checkpoints; 0: at every validation check. Default 0. */
  checkpointFrequency?: number;
  /**
   * Go on from checkpointPath when it exists, bit for bit as if never interrupted. ERR_OUT_OF_RANGE says what differs
   * when it is of another training: model, an option of it, seed, optimizer or data (new data: `warmStart`). Training
   * options such as maxSteps and learningRate may differ and rule from there on; where it had ended already nothing is
   * trained, and the report's `warnings` say so. Default false.
   */
  resume?: boolean;
  /** Begin with the weights of the last fit instead of fresh ones. Default false. */
  warmStart?: boolean;
}

const optionNames = [
  'validationSize',
  'validationData',
  'onProgress',
  'signal',
  'verbose',
  'checkpointPath',
  'checkpointFrequency',
  'resume',
  'warmStart',
  'frequency',
  'freq',
  'fill',
  ...trainFieldNames,
];

/** One function that serves onProgress and verbose; undefined when neither is asked for. */
export function progressReporter(
  options: FitOptions,
): ((progress: FitProgress) => void) | undefined {
  const onProgress = functionOption(options.onProgress, 'onProgress');
  const { verbose } = options;
  if (verbose !== undefined && typeof verbose !== 'boolean' && typeof verbose !== 'function') {
    throw invalidType(`verbose must be true, false or a function; got ${show(verbose)}`);
  }
  if (!verbose) return onProgress;
  const toStderr: LineWriter = (line) => process.stderr.write(`${line}\n`);
  const lines = lineReporter(verbose === true ? toStderr : verbose);
  return (progress) => {
    lines(progress);
    onProgress?.(progress);
  };
}

/** The checked options that are not about data. */
export interface FitChecks {
  validationSize: number;
  checkpointPath: string;
  checkpointFrequency: number;
  resume: boolean;
}

/** Checks the options against each other and the models. */
export function checkFitOptions(members: Member[], options: FitOptions): FitChecks {
  checkKnown(options, optionNames, 'fit');
  const most = Number.MAX_SAFE_INTEGER;
  const size = integerOption(options.validationSize ?? 0, 'validationSize', 0, most);
  const { horizon } = members[0]!.config;
  if (size > 0 && size < horizon) {
    throw outOfRange(
      `validationSize must be 0 or at least the horizon (${horizon}), so that a whole forecast fits in; got ${size}`,
    );
  }
  if (size > 0 && options.validationData !== undefined) {
    throw outOfRange('validationSize and validationData exclude each other; pass one of them');
  }
  const validates = size > 0 || options.validationData !== undefined;
  for (const { alias, config } of members) {
    const patience = options.earlyStopPatienceSteps ?? config.earlyStopPatienceSteps;
    if (patience > 0 && !validates) {
      throw outOfRange(
        `${alias}: earlyStopPatienceSteps (${patience}) needs data to validate on: pass fit(data, { validationSize: ${horizon} })`,
      );
    }
  }
  const checkpointPath =
    options.checkpointPath === undefined
      ? ''
      : pathOption(options.checkpointPath, 'checkpointPath');
  const resume = booleanOption(options.resume ?? false, 'resume');
  if (resume && checkpointPath === '') {
    throw outOfRange('resume needs checkpointPath, the file to go on from');
  }
  booleanOption(options.warmStart ?? false, 'warmStart');
  const every = options.checkpointFrequency ?? 0;
  return {
    validationSize: size,
    checkpointPath,
    checkpointFrequency: integerOption(every, 'checkpointFrequency', 0, most),
    resume,
  };
}
