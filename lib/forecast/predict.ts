import type * as Native from '../../types/native';
import { alignFuture } from '../data/future';
import type { DataSettings, FutureExogInput, TimeSeriesInput } from '../data/input';
import { buildPanel, localTimes, type SeriesSet } from '../data/panel';
import { type TimeSettings, timeSettings } from '../data/settings';
import { callNative, ForecastError, nameSeries, outOfRange } from '../errors';
import { type Core, fittedHistory } from '../model/core';
import { awaitJobs, throwIfAborted } from '../model/job';
import { columnNeeds, type Member } from '../model/member';
import { checkKnown, integerOption, optionsObject, show, signalOption } from '../options/arguments';
import { futureTimes } from '../time/future-times';
import { type Forecast, makeForecast } from './forecast';
import { askedQuantiles, type IntervalOptions, type Outputs, outputsOf } from './intervals';

/** Options of `predictSync`. */
export interface PredictSyncOptions extends IntervalOptions, DataSettings {
  /**
   * Future values of the models' `futureExog` columns, for every step of the horizon; rounded up to a multiple of the
   * trained horizon where a neural model without the recurrent form reads them, since it forecasts so many steps at a time
   * (ERR_MISSING_FUTURE_EXOG names the first step that lacks them).
   */
  futureExog?: FutureExogInput;
  /**
   * Forecast these series instead of those of fit(); nothing is trained. A neural model reads the last `inputSize` rows of
   * each (in the recurrent form one more): fewer are ERR_SERIES_TOO_SHORT, unless the model was trained with
   * `startPadding: true`, and so are rows none of which is observed. A local model (Prophet) knows only the series of
   * its fit: it is fitted to these for this forecast, and keeps what it had.
   */
  data?: TimeSeriesInput;
  /**
   * Steps ahead, 1 to 1,000,000. Default: the trained horizon. Another one changes no step that both have: a shorter one
   * is the beginning, and a longer one begins with it. Beyond the trained horizon a neural model forecasts in rounds of
   * it. Each round reads the point forecasts before it (of a quantile loss the median, or what is nearest to it) as
   * history, and the last one is cut. The recurrent form (RNN, LSTM and GRU with `recurrent: true`) has no rounds: it goes
   * on from its state, feeding back the mean of its outputs, for up to 2048 steps. With `historicExog` no horizon beyond
   * the trained one can be had (ERR_UNSUPPORTED). Prophet is a function of time, whatever the horizon.
   */
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
    await awaitJobs(core, 'predict()', jobs, signal);
    return collect(run);
  } catch (error) {
    throw nameSeries(error, run.series.ids);
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
  } catch (error) {
    throw nameSeries(error, run.series.ids);
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
  const time = timeSettings(options, core.time);
  const history = fittedHistory(core, what);
  const outputs = core.members.map((member) => outputsOf(member, asked));
  const needs = columnNeeds(core.members);
  const ownPanel = options.data !== undefined;
  if (!ownPanel) checkSameFrequency(time, history);
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
    const ahead = futureColumns(core.members, options.futureExog, series, horizon);
    run.tasks = core.members.map((member, i) => ({
      member,
      outputs: outputs[i]!,
      options: {
        panel: series.panel,
        horizon,
        ahead: ahead(member),
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
function checkSameFrequency(
  { frequency: given, finer: said }: TimeSettings,
  { calendar, ids }: SeriesSet,
): void {
  if (!said || given === undefined || ids.length === 0 || given.text === calendar.text) return;
  const { kind, fixedStep } = given;
  if (fixedStep > 0 && fixedStep === calendar.fixedStep && kind === calendar.kind) return;
  throw outOfRange(
    `frequency is that of 'data', which is not given; the series of fit() go on by ${show(calendar.text)}, not ${show(given.text)}`,
  );
}

/** Steps of the future columns that a model reads: most neural ones forecast whole rounds of the trained horizon. */
function stepsRead({ local, config }: Member, horizon: number): number {
  if (local || config.recurrent) return horizon;
  return Math.ceil(horizon / config.horizon) * config.horizon;
}

/** The future columns of each model, as far ahead as it reads them. */
function futureColumns(
  members: Member[],
  input: FutureExogInput | undefined,
  series: SeriesSet,
  horizon: number,
): (member: Member) => Float64Array[] {
  const readers = members.filter(({ config }) => config.futureExog.length > 0);
  const each = new Set(readers.map((member) => stepsRead(member, horizon)));
  const longest = Math.max(...each);
  const known = new Map<number, Map<string, Float64Array>>();
  for (const steps of each) {
    const { future } = columnNeeds(readers.filter((one) => stepsRead(one, horizon) === steps));
    try {
      known.set(steps, alignFuture(input, future, series, steps, longest));
    } catch (error) {
      throw steps === horizon ? error : explainRounds(error, readers[0]!, steps, horizon);
    }
  }
  return (member) => {
    const columns = known.get(stepsRead(member, horizon));
    return member.config.futureExog.map((name) => columns!.get(name)!);
  };
}

function explainRounds(error: unknown, { config }: Member, steps: number, horizon: number) {
  if (!(error instanceof ForecastError) || error.code !== 'ERR_MISSING_FUTURE_EXOG') return error;
  return new ForecastError(
    error.code,
    `${error.message}. Horizon ${horizon} takes whole rounds of the trained horizon ${config.horizon}, so ${steps} steps of future columns`,
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
