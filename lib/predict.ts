import type * as Native from '../types/native';
import { checkKnown, integerOption, optionsObject, show, signalOption } from './arguments';
import { type Core, fittedHistory } from './core';
import { alignFuture } from './data/future';
import type { DataSettings, FutureExogInput, TimeSeriesInput } from './data/input';
import { buildPanel, localTimes, type SeriesSet } from './data/panel';
import { fillOption } from './data/regular';
import { AbortError, callNative, ForecastError, outOfRange } from './errors';
import { type Forecast, futureTimes, makeForecast } from './forecast';
import type { Calendar } from './frequency';
import { askedQuantiles, type IntervalOptions, type Outputs, outputsOf } from './intervals';
import { awaitJobs, disposedError, throwIfAborted } from './job';
import { columnNeeds, type Member } from './member';
import { frequencyOption } from './options';

/** Options of `predictSync`. */
export interface PredictSyncOptions extends IntervalOptions, DataSettings {
  /** Future values of the models' `futureExog` columns, for every step of the horizon. */
  futureExog?: FutureExogInput;
  /**
   * Forecast these series instead of those of fit(); nothing is trained. A local model (Prophet) knows only the series of
   * its fit: it is fitted to these for this forecast, and keeps what it had.
   */
  data?: TimeSeriesInput;
  /** Steps ahead. Default: the trained horizon. Beyond it the forecast of a neural model feeds on itself. */
  horizon?: number;
}

/** Options of `predict`. */
export interface PredictOptions extends PredictSyncOptions {
  /** Stops the forecast; the promise rejects with an AbortError. */
  signal?: AbortSignal;
}

const optionNames = [
  'level',
  'quantiles',
  'futureExog',
  'data',
  'horizon',
  'frequency',
  'freq',
  'fill',
];

interface Run {
  series: SeriesSet;
  horizon: number;
  /** The panel was made for this forecast. */
  ownPanel: boolean;
  /** Timestamps of the forecast. */
  ds: Float64Array<ArrayBuffer>;
  tasks: {
    member: Member;
    outputs: Outputs;
    options: Native.PredictOptions & { out: Float64Array<ArrayBuffer>[] };
  }[];
}

export function startPredict(core: Core, options?: PredictOptions): Promise<Forecast> {
  const given = optionsObject(options, 'predict: options');
  checkKnown(given, [...optionNames, 'signal'], 'predict');
  const signal = signalOption(given.signal, 'signal');
  const run = planPredict(core, given, 'predict()');
  const jobs: Native.Job<void>[] = [];
  try {
    throwIfAborted(signal);
    for (const task of run.tasks) {
      jobs.push(callNative(() => task.member.model.predict(task.options)));
    }
  } catch (error) {
    for (const job of jobs) {
      job.promise.catch(() => undefined);
      job.cancel();
    }
    release(run);
    throw error;
  }
  return finishPredict(core, run, jobs, signal);
}

async function finishPredict(
  core: Core,
  run: Run,
  jobs: Native.Job<void>[],
  signal: AbortSignal | undefined,
): Promise<Forecast> {
  try {
    await awaitJobs(jobs, signal);
    return collect(run);
  } catch (error) {
    const stopped = core.disposed && error instanceof AbortError && !signal?.aborted;
    throw stopped ? disposedError('predict()') : error;
  } finally {
    release(run);
  }
}

export function predictNow(core: Core, options?: PredictSyncOptions): Forecast {
  const given = optionsObject(options, 'predictSync: options');
  checkKnown(given, optionNames, 'predictSync');
  const run = planPredict(core, given, 'predictSync()');
  try {
    for (const task of run.tasks) callNative(() => task.member.model.predictSync(task.options));
    return collect(run);
  } finally {
    release(run);
  }
}

function planPredict(core: Core, options: PredictSyncOptions, what: string): Run {
  const most = 1_000_000;
  const asked = askedQuantiles(options);
  const horizon =
    options.horizon === undefined
      ? core.members[0]!.config.horizon
      : integerOption(options.horizon, 'horizon', 1, most);
  const { zone } = core.settings;
  const said = frequencyOption(options, '', zone);
  const time = {
    frequency: said ?? core.time.frequency,
    fill: fillOption(options.fill, 'fill') ?? core.time.fill,
    zone,
    finer: said !== undefined,
  };
  const history = fittedHistory(core, what);
  const outputs = core.members.map((member) => outputsOf(member, asked));
  const needs = columnNeeds(core.members);
  checkShorter(core, horizon);
  const ownPanel = options.data !== undefined;
  if (!ownPanel) checkSameFrequency(said, history);
  if (!ownPanel && history.ids.length === 0) {
    throw new ForecastError(
      'ERR_NOT_FITTED',
      `${what}: the loaded file holds models without series; pass the series to forecast as 'data'`,
    );
  }
  const series = ownPanel ? buildPanel(options.data, 'data', needs, time, core.lowMemory) : history;
  const ds = futureTimes(series, horizon);
  const run: Run = { series, horizon, ownPanel, ds, tasks: [] };
  try {
    const future = alignFuture(options.futureExog, needs.future, series, horizon);
    run.tasks = core.members.map((member, i) => ({
      member,
      outputs: outputs[i]!,
      options: {
        panel: series.panel,
        horizon,
        ahead: member.config.futureExog.map((name) => future.get(name)!),
        localScaler: core.settings.localScaler,
        quantiles: outputs[i]!.quantiles,
        futureDs: member.local ? localTimes(ds, series.calendar) : undefined,
        refit: member.local ? ownPanel : undefined,
        out: outputs[i]!.columns.map(() => new Float64Array(series.ids.length * horizon)),
      },
    }));
    return run;
  } catch (error) {
    release(run);
    throw error;
  }
}

/** The series of fit() go on as they are: another frequency is for other data. */
function checkSameFrequency(given: Calendar | undefined, { calendar, ids }: SeriesSet): void {
  if (given === undefined || ids.length === 0 || given.text === calendar.text) return;
  const { kind, fixedStep } = given;
  if (fixedStep > 0 && fixedStep === calendar.fixedStep && kind === calendar.kind) return;
  throw outOfRange(
    `frequency is that of 'data', which is not given; the series of fit() go on by ${show(calendar.text)}, not ${show(given.text)}`,
  );
}

/** A neural model with future columns needs them for all the steps that it was trained on. */
function checkShorter(core: Core, horizon: number): void {
  const trained = core.members[0]!.config.horizon;
  const { future } = columnNeeds(core.members.filter(({ local }) => !local));
  if (horizon >= trained || future.size === 0) return;
  const [name, model] = future.entries().next().value!;
  throw outOfRange(
    `horizon must be at least ${trained}, the trained one, because ${model} needs '${name}' for all of it; got ${horizon}. Take the first steps of the forecast instead`,
  );
}

function collect(run: Run): Forecast {
  const columns: Record<string, Float64Array<ArrayBuffer>> = {};
  for (const { outputs, options } of run.tasks) {
    for (const at of outputs.chosen) columns[outputs.columns[at]!] = options.out[at]!;
  }
  return makeForecast({ ids: run.series.ids, horizon: run.horizon, ds: run.ds, columns });
}

function release(run: Run): void {
  if (run.ownPanel) run.series.panel.dispose();
}
