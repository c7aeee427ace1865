import type * as Native from '../../types/native';
import type { TimeSeriesInput } from '../data/input';
import { buildPanel, type SeriesSet } from '../data/panel';
import { type TimeSettings, timeSettings } from '../data/settings';
import { trainFieldNames } from '../generated';
import type { Core } from '../model/core';
import { throwIfAborted } from '../model/job';
import { columnNeeds, copyMember, type Member, renewMember } from '../model/member';
import { optionsObject, signalOption } from '../options/arguments';
import { configJson } from '../options/json';
import { checkFitOptions, type FitChecks, type FitOptions, progressReporter } from './options';
import type { FitProgress } from './progress';

/** One fit: everything checked and copied, nothing of the forecaster changed yet. */
export interface FitPlan {
  signal: AbortSignal | undefined;
  report: ((progress: FitProgress) => void) | undefined;
  native: Omit<Native.FitOptions, 'checkpointPath'>;
  checkpointPath: string;
  time: TimeSettings;
  data: SeriesSet;
  validation: SeriesSet | undefined;
  trainees: Member[];
}

/** Checks the arguments and copies the data. */
export function planFit(core: Core, data: TimeSeriesInput, options?: FitOptions): FitPlan {
  const given = optionsObject(options, 'fit: options');
  const checks = checkFitOptions(core.members, given);
  const signal = signalOption(given.signal, 'signal');
  const report = progressReporter(given);
  const { frequency, fill, zone } = core.settings;
  const said = timeSettings(given, { frequency, fill, zone, finer: frequency !== undefined });
  throwIfAborted(signal);

  const plan: Partial<FitPlan> = { signal, report, checkpointPath: checks.checkpointPath };
  try {
    const needs = columnNeeds(core.members);
    const panelOf = (input: TimeSeriesInput, name: string, time: TimeSettings) =>
      buildPanel(input, name, needs, time, core.compute.lowMemory);
    plan.data = panelOf(data, 'data', said);
    const { calendar } = plan.data;
    plan.time = { frequency: calendar, fill: said.fill, zone, dated: calendar.kind === 'time' };
    if (given.validationData !== undefined) {
      plan.validation = panelOf(given.validationData, 'validationData', plan.time);
    }
    plan.trainees = createTrainees(core, given.warmStart === true, plan.data.ids.length);
    plan.native = nativeOptions(core, plan.data, plan.validation, given, checks);
  } catch (error) {
    releasePlan(plan);
    throw error;
  }
  return plan as FitPlan;
}

function nativeOptions(
  core: Core,
  data: SeriesSet,
  validation: SeriesSet | undefined,
  given: FitOptions,
  checks: FitChecks,
): FitPlan['native'] {
  const training = Object.fromEntries(trainFieldNames.map((name) => [name, given[name]]));
  // The model's epochs would win over the steps that this fit is given.
  if (given.maxSteps !== undefined) training.epochs = given.epochs ?? 0;
  return {
    train: configJson(training, 'fit'),
    validationSize: checks.validationSize,
    validationPanel: validation?.panel,
    seriesNames: data.ids,
    validationNames: validation?.ids ?? [],
    localScaler: core.settings.localScaler,
    checkpointFrequency: checks.checkpointFrequency,
    resume: checks.resume,
    warmStart: given.warmStart === true,
  };
}

/** New models to train, so that a fit that fails or is aborted leaves the forecaster as it was. */
function createTrainees(core: Core, warmStart: boolean, series: number): Member[] {
  const { engine, members, settings } = core;
  const trainees: Member[] = [];
  try {
    for (const member of members) {
      const copy = warmStart && member.model.info().fitted;
      trainees.push(
        copy ? copyMember(engine, member) : renewMember(engine, member, settings.seed, series),
      );
    }
    return trainees;
  } catch (error) {
    for (const trainee of trainees) trainee.model.dispose();
    throw error;
  }
}

/** Frees what the fit made and the forecaster did not take over. */
export function releasePlan(plan: Partial<FitPlan>, core?: Core): void {
  if (core?.members !== plan.trainees) for (const { model } of plan.trainees ?? []) model.dispose();
  plan.validation?.panel.dispose();
  if (core?.history?.panel !== plan.data?.panel) plan.data?.panel.dispose();
}
