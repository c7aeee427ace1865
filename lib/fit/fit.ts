import type * as Native from '../../types/native';
import type { TimeSeriesInput } from '../data/input';
import { buildPanel, type SeriesSet } from '../data/panel';
import { type TimeSettings, timeSettings } from '../data/settings';
import { callNative, ForecastError } from '../errors';
import { trainFieldNames } from '../generated';
import { type Core, checkAlive } from '../model/core';
import { withLists } from '../model/display';
import { awaitJobs, disposedError, throwIfAborted } from '../model/job';
import { columnNeeds, copyMember, type Member, renewMember } from '../model/member';
import { optionsObject, signalOption } from '../options/arguments';
import { configJson } from '../options/json';
import { pathOfModel } from '../options/paths';
import { checkFitOptions, type FitOptions, progressReporter } from './options';
import type { FitProgress } from './progress';

/** What one model's training came to. `JSON.stringify` writes `trainLoss` as a list of numbers. */
export interface ModelFitReport {
  /** The model's alias. */
  model: string;
  /** Optimiser steps done. */
  steps: number;
  /** earlyStopPatienceSteps ended the training. */
  stoppedEarly: boolean;
  /** Loss of every step, in the scale that the model trains in. */
  trainLoss: Float64Array;
  /**
   * The model's `validLoss` at every validation check. By default errors are counted in the series' own mean change
   * from row to row, as MASE is, so that 1 is about as good as repeating the last value whatever the series' unit;
   * with `validLossScale: 'data'` in the unit of y.
   */
  validLoss: { step: number; loss: number }[];
  /**
   * The least of `validLoss`; NaN without validation. With early stopping it is the loss of the weights that are kept.
   * Models trained by different losses compare when they are given one `validLoss`, such as 'MAE'.
   */
  bestValidLoss: number;
  /** Wall time of the training. */
  seconds: number;
  /** Windows trained on in a second. */
  samplesPerSecond: number;
  /**
   * What the data could not tell the model, a sentence each that names the series; 20 at most, and how many more there
   * are. Prophet: columns that are the same in every row, and columns that cannot be told from others. Else empty.
   */
  warnings: string[];
}

/** What fit() came to. */
export interface FitReport {
  /** In the order of the forecaster's models. */
  models: ModelFitReport[];
  /** Wall time of all of them. */
  seconds: number;
}

/** One fit: everything checked and copied, nothing of the forecaster changed yet. */
interface Plan {
  signal: AbortSignal | undefined;
  report: ((progress: FitProgress) => void) | undefined;
  native: Omit<Native.FitOptions, 'checkpointPath'>;
  checkpointPath: string;
  time: TimeSettings;
  data: SeriesSet;
  validation: SeriesSet | undefined;
  trainees: Member[];
}

/** Checks the arguments, copies the data and starts training. */
export function startFit(
  core: Core,
  data: TimeSeriesInput,
  options?: FitOptions,
): Promise<FitReport> {
  checkAlive(core, 'fit()');
  if (core.fitting) {
    throw new ForecastError(
      'ERR_BUSY',
      'fit(): the forecaster is fitting already; await that fit first, or use a second forecaster',
    );
  }
  const plan = planFit(core, data, options);
  const run: Run = { plan, jobs: [], callbackError: undefined };
  try {
    const first = core.settings.parallelModels ? plan.trainees : plan.trainees.slice(0, 1);
    for (const member of first) startJob(run, member);
  } catch (error) {
    for (const job of run.jobs) {
      job.promise.catch(() => undefined);
      job.cancel();
    }
    release(plan);
    throw error;
  }
  core.fitting = true;
  return finishFit(core, run).finally(() => {
    core.fitting = false;
  });
}

function planFit(core: Core, data: TimeSeriesInput, options?: FitOptions): Plan {
  const given = optionsObject(options, 'fit: options');
  const checks = checkFitOptions(core.members, given);
  const signal = signalOption(given.signal, 'signal');
  const report = progressReporter(given);
  const { frequency, fill, zone } = core.settings;
  const time = timeSettings(given, { frequency, fill, zone, finer: frequency !== undefined });
  throwIfAborted(signal);

  const needs = columnNeeds(core.members);
  const plan: Partial<Plan> = { signal, report, checkpointPath: checks.checkpointPath };
  try {
    plan.data = buildPanel(data, 'data', needs, time, core.lowMemory);
    plan.time = { frequency: plan.data.calendar, fill: time.fill, zone };
    if (given.validationData !== undefined) {
      const set = buildPanel(
        given.validationData,
        'validationData',
        needs,
        plan.time,
        core.lowMemory,
      );
      plan.validation = set;
    }
    plan.trainees = createTrainees(core, given.warmStart === true);
  } catch (error) {
    release(plan);
    throw error;
  }
  plan.native = {
    train: configJson(
      Object.fromEntries(trainFieldNames.map((name) => [name, given[name]])),
      'fit',
    ),
    validationSize: checks.validationSize,
    validationPanel: plan.validation?.panel,
    seriesNames: plan.data.ids,
    validationNames: plan.validation?.ids ?? [],
    localScaler: core.settings.localScaler,
    checkpointFrequency: checks.checkpointFrequency,
    resume: checks.resume,
    warmStart: given.warmStart === true,
  };
  return plan as Plan;
}

/** New models to train, so that a fit that fails or is aborted leaves the forecaster as it was. */
function createTrainees(core: Core, warmStart: boolean): Member[] {
  const { engine, members, settings } = core;
  const trainees: Member[] = [];
  try {
    for (const member of members) {
      const copy = warmStart && member.model.fitted;
      trainees.push(copy ? copyMember(engine, member) : renewMember(engine, member, settings.seed));
    }
    return trainees;
  } catch (error) {
    for (const trainee of trainees) trainee.model.dispose();
    throw error;
  }
}

interface Run {
  plan: Plan;
  jobs: Native.Job<Native.FitReport>[];
  callbackError: { error: unknown } | undefined;
}

function startJob(run: Run, member: Member): Native.Job<Native.FitReport> {
  const { plan } = run;
  const { report } = plan;
  const path = plan.checkpointPath;
  const options = {
    ...plan.native,
    checkpointPath: path && plan.trainees.length > 1 ? pathOfModel(path, member.alias) : path,
  };
  const onProgress =
    report &&
    ((progress: Native.Progress) => {
      if (run.callbackError) return;
      try {
        report({ model: member.alias, ...progress });
      } catch (error) {
        run.callbackError = { error };
        for (const job of run.jobs) job.cancel();
      }
    });
  const job = callNative(() => member.model.fit(plan.data.panel, options, onProgress));
  run.jobs.push(job);
  return job;
}

async function finishFit(core: Core, run: Run): Promise<FitReport> {
  const { plan } = run;
  const begin = performance.now();
  try {
    const reports = await trainAll(core, run);
    commit(core, plan);
    return {
      models: reports.map((report, i) => modelReport(report, plan.trainees[i]!)),
      seconds: (performance.now() - begin) / 1000,
    };
  } catch (error) {
    keepLastGood(core, plan, error);
    throw run.callbackError ? run.callbackError.error : error;
  } finally {
    release(plan, core);
  }
}

async function trainAll(core: Core, run: Run): Promise<Native.FitReport[]> {
  const { plan, jobs } = run;
  const reports = await awaitJobs(core, 'fit()', jobs, plan.signal);
  for (const member of plan.trainees.slice(jobs.length)) {
    throwIfAborted(plan.signal);
    if (core.disposed) throw disposedError('fit()');
    reports.push(...(await awaitJobs(core, 'fit()', [startJob(run, member)], plan.signal)));
  }
  if (run.callbackError) throw run.callbackError.error;
  if (core.disposed) throw disposedError('fit()');
  return reports;
}

/**
 * A first fit that diverges keeps the weights from before, so that there is something to forecast with; a
 * forecaster that was fitted keeps what it had.
 */
function keepLastGood(core: Core, plan: Plan, error: unknown): void {
  if (!(error instanceof ForecastError) || error.code !== 'ERR_DIVERGED') return;
  if (core.history || core.disposed) return;
  if (plan.trainees.every(({ model }) => model.fitted)) commit(core, plan);
}

/** The forecaster answers with the trained models from here on. */
function commit(core: Core, plan: Plan): void {
  // A local model needs no row beside what it learned.
  const lookbacks = plan.trainees.map(({ local, lookback }) => (local ? 0 : lookback));
  const longest = Math.max(...lookbacks);
  // Local scalers are fitted on what is kept, so with one it must be the whole series.
  const { panel } = plan.data;
  const kept = core.settings.localScaler ? panel : callNative(() => panel.tail(longest));
  const old = { members: core.members, history: core.history };
  core.members = plan.trainees;
  core.history = { ...plan.data, panel: kept };
  core.time = plan.time;
  for (const { model } of old.members) model.dispose();
  old.history?.panel.dispose();
}

/** Frees what the fit made and the forecaster did not take over. */
function release(plan: Partial<Plan>, core?: Core): void {
  if (core?.members !== plan.trainees) for (const { model } of plan.trainees ?? []) model.dispose();
  plan.validation?.panel.dispose();
  if (core?.history?.panel !== plan.data?.panel) plan.data?.panel.dispose();
}

function modelReport(report: Native.FitReport, member: Member): ModelFitReport {
  return withLists({
    model: member.alias,
    steps: report.steps,
    stoppedEarly: report.stoppedEarly,
    trainLoss: report.trainLoss,
    validLoss: Array.from(report.validLoss, (loss, i) => ({ step: report.validSteps[i]!, loss })),
    bestValidLoss: report.bestValidLoss,
    seconds: report.seconds,
    samplesPerSecond: report.samplesPerSecond,
    warnings: report.warnings,
  });
}
