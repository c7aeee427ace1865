import type * as Native from '../../types/native';
import type { DataSettings, FutureExogInput, TimeSeriesInput } from '../data/input';
import { buildPanel, localTimes, type SeriesSet } from '../data/panel';
import { type TimeSettings, timeSettings } from '../data/settings';
import { ForecastError, outOfRange } from '../errors';
import { type Core, fittedHistory } from '../model/core';
import { columnNeeds, type Member } from '../model/member';
import { integerOption, show } from '../options/arguments';
import { futureTimes } from '../time/future-times';
import { type Forecast, makeForecast } from './forecast';
import { futureColumns } from './future-columns';
import { askedQuantiles, type IntervalOptions, type Outputs, outputsOf } from './intervals';

/** Options of `predictSync`. */
export interface PredictSyncOptions extends IntervalOptions, DataSettings {
  /**
   * Future values of the models' `futureExog` columns, for every step of the horizon; rounded up to a multiple of the
   * trained horizon where a neural model without the recurrent form reads them, since it forecasts so many steps at a time
   * (ERR_MISSING_FUTURE_EXOG names the first step that lacks them). An error where no model reads a column ahead; columns
   * beside those that are read are left alone.
   */
  futureExog?: FutureExogInput;
  /**
   * Draws of each step's distribution, 1 to 10,000, in the columns `<Model>-sample-1`, ...: of models whose loss is a
   * distribution or of implicit quantiles (ERR_UNSUPPORTED of others). They are the same at every call, by the model's
   * seed. Each step of a direct forecast is drawn by itself; beyond the trained horizon the rounds before are taken as
   * sure. A recurrent model draws whole paths.
   */
  samples?: number;
  /**
   * Forecast these series instead of those of fit(); nothing is trained. A neural model reads the last `inputSize` rows of
   * each (in the recurrent form one more): fewer are ERR_SERIES_TOO_SHORT, unless the model was trained with
   * `startPadding: true`, and so are rows none of which is observed. A local model (Prophet) knows only the series of
   * its fit: it is fitted to these for this forecast, and keeps what it had. After a fit to dates it needs `ds`, or
   * `frequency: 1` beside it to count the rows.
   */
  data?: TimeSeriesInput;
  /**
   * Steps ahead, 1 to 1,000,000. Default: the trained horizon. Another one changes no step that both have: a shorter one
   * is the beginning, and a longer one begins with it. Beyond the trained horizon a neural model forecasts in rounds of
   * it. Each round reads the point forecasts before it (of a quantile loss the median, or what is nearest to it) as
   * history, and the last one is cut. DeepAR and the recurrent form (RNN, LSTM and GRU with `recurrent: true`) have no
   * rounds: they go on from their state, feeding back the mean of their outputs, or samples of a distribution. With
   * `historicExog` no horizon beyond the trained one can be had (ERR_UNSUPPORTED). Prophet is a function of time, whatever
   * the horizon.
   */
  horizon?: number;
}

export const predictNames = [
  'level',
  'quantiles',
  'samples',
  'futureExog',
  'data',
  'horizon',
  'frequency',
  'freq',
  'fill',
];

/** One forecast: everything checked and copied, its arrays there to be filled. */
export interface Prediction {
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

/** Checks the arguments and copies the data. `what` begins messages about the forecaster. */
export function planPrediction(core: Core, options: PredictSyncOptions, what: string): Prediction {
  const asked = askedQuantiles(options, what);
  const horizon =
    options.horizon === undefined
      ? core.members[0]!.config.horizon
      : integerOption(options.horizon, 'horizon', 1, 1_000_000);
  const samples =
    options.samples === undefined ? 0 : integerOption(options.samples, 'samples', 1, 10_000);
  const time = timeSettings(options, core.time);
  const history = fittedHistory(core, what);
  const outputs = core.members.map((member) => outputsOf(member, asked, samples));
  const ownPanel = options.data !== undefined;
  if (!ownPanel) checkHistory(history, time, what);
  const series = ownPanel ? seriesOf(core, options.data, time) : history;
  if (ownPanel) checkOrder(series, history, core.members, what);
  const ds = futureTimes(series, horizon);
  const prediction: Prediction = { series, horizon, ownPanel, ds, tasks: [] };
  try {
    const ahead = futureColumns(core.members, options.futureExog, series, horizon);
    prediction.tasks = core.members.map((member, i) => ({
      member,
      outputs: outputs[i]!,
      options: {
        panel: series.panel,
        horizon,
        ahead: ahead(member),
        localScaler: core.settings.localScaler,
        quantiles: outputs[i]!.quantiles,
        samples,
        futureDs: member.local ? localTimes(ds, series.calendar) : undefined,
        refit: member.local ? ownPanel : undefined,
        out: outputs[i]!.columns.map(() => new Float64Array(series.ids.length * horizon)),
      },
    }));
    return prediction;
  } catch (error) {
    releasePrediction(prediction);
    throw error;
  }
}

function seriesOf(core: Core, data: unknown, time: TimeSettings): SeriesSet {
  return buildPanel(data, 'data', columnNeeds(core.members), time, core.compute.lowMemory);
}

/** What a model has learned of several series together it has learned by their places. */
function checkOrder({ ids, panel }: SeriesSet, known: SeriesSet, members: Member[], what: string) {
  const { together } = columnNeeds(members);
  const other = ids.findIndex((id, i) => id !== known.ids[i]);
  if (together === undefined || other < 0) return;
  const names = new Set(known.ids);
  if (ids.length !== names.size || !ids.every((id) => names.has(id))) return;
  panel.dispose();
  throw outOfRange(
    `${what}: ${together} forecasts all series together, in the order of fit(): series '${known.ids[other]}' is not where it was, '${ids[other]}' is there`,
  );
}

/** Whether the series of fit() can go on as the options say. */
function checkHistory(history: SeriesSet, time: TimeSettings, what: string): void {
  checkSameFrequency(time, history);
  if (history.ids.length > 0) return;
  throw new ForecastError(
    'ERR_NOT_FITTED',
    `${what}: the loaded file holds models without series; pass the series to forecast as 'data'`,
  );
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

/** The forecast, once its arrays are filled. */
export function collect(prediction: Prediction): Forecast {
  const columns: Record<string, Float64Array<ArrayBuffer>> = {};
  for (const { outputs, options } of prediction.tasks) {
    for (const at of outputs.chosen) columns[outputs.columns[at]!] = options.out[at]!;
  }
  return makeForecast({
    ids: prediction.series.ids,
    horizon: prediction.horizon,
    ds: prediction.ds,
    columns,
  });
}

/** Frees what was made for this forecast alone. */
export function releasePrediction(prediction: Prediction): void {
  if (prediction.ownPanel) prediction.series.panel.dispose();
}
