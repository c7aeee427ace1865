import type * as Native from '../../types/native';
import type { TimeSeriesInput } from '../data/input';
import { callNative, ForecastError } from '../errors';
import { type Core, checkAlive } from '../model/core';
import { abandon, awaitJobs, disposedError, throwIfAborted } from '../model/job';
import type { Member } from '../model/member';
import { pathOfModel } from '../options/paths';
import type { FitOptions } from './options';
import { type FitPlan, planFit, releasePlan } from './plan';
import { type FitReport, modelReport } from './report';

/** Checks the arguments, copies the data and starts training. */
export function fitModels(
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
  const training: Training = { plan, jobs: [], callbackError: undefined };
  try {
    const first = core.settings.parallelModels ? plan.trainees : plan.trainees.slice(0, 1);
    for (const member of first) startJob(training, member);
  } catch (error) {
    abandon(training.jobs);
    releasePlan(plan);
    throw error;
  }
  core.fitting = true;
  return finishFit(core, training).finally(() => {
    core.fitting = false;
  });
}

/** A fit that runs. */
interface Training {
  plan: FitPlan;
  jobs: Native.Job<Native.FitReport>[];
  /** What onProgress threw. */
  callbackError: { error: unknown } | undefined;
}

function startJob(training: Training, member: Member): Native.Job<Native.FitReport> {
  const { plan } = training;
  const { report } = plan;
  const path = plan.checkpointPath;
  const options = {
    ...plan.native,
    checkpointPath: path && plan.trainees.length > 1 ? pathOfModel(path, member.alias) : path,
  };
  const onProgress =
    report &&
    ((progress: Native.Progress) => {
      if (training.callbackError) return;
      try {
        report({ model: member.alias, ...progress });
      } catch (error) {
        training.callbackError = { error };
        for (const job of training.jobs) job.cancel();
      }
    });
  const job = callNative(() => member.model.fit(plan.data.panel, options, onProgress));
  training.jobs.push(job);
  return job;
}

async function finishFit(core: Core, training: Training): Promise<FitReport> {
  const { plan } = training;
  const begin = performance.now();
  try {
    const reports = await trainAll(core, training);
    commit(core, plan);
    return {
      models: reports.map((report, i) => modelReport(report, plan.trainees[i]!.alias)),
      seconds: (performance.now() - begin) / 1000,
    };
  } catch (error) {
    keepLastGood(core, plan, error);
    throw training.callbackError ? training.callbackError.error : error;
  } finally {
    releasePlan(plan, core);
  }
}

async function trainAll(core: Core, training: Training): Promise<Native.FitReport[]> {
  const { plan, jobs } = training;
  const reports = await awaitJobs(core, 'fit()', jobs, plan.signal);
  for (const member of plan.trainees.slice(jobs.length)) {
    throwIfAborted(plan.signal);
    if (core.disposed) throw disposedError('fit()');
    reports.push(...(await awaitJobs(core, 'fit()', [startJob(training, member)], plan.signal)));
  }
  if (training.callbackError) throw training.callbackError.error;
  if (core.disposed) throw disposedError('fit()');
  return reports;
}

/**
 * A first fit that diverges keeps the weights from before, so that there is something to forecast with; a
 * forecaster that was fitted keeps what it had.
 */
function keepLastGood(core: Core, plan: FitPlan, error: unknown): void {
  if (!(error instanceof ForecastError) || error.code !== 'ERR_DIVERGED') return;
  if (core.history || core.disposed) return;
  if (plan.trainees.every(({ model }) => model.info().fitted)) commit(core, plan);
}

/** The forecaster answers with the trained models from here on. */
function commit(core: Core, plan: FitPlan): void {
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
