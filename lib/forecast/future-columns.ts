import { alignFuture, checkFutureForm } from '../data/future';
import type { FutureExogInput } from '../data/input';
import type { SeriesSet } from '../data/panel';
import { ForecastError, invalidType } from '../errors';
import { columnNeeds, type Member, stepsRead } from '../model/member';

/** The future columns of each model, as far ahead as it reads them. */
export function futureColumns(
  members: Member[],
  input: FutureExogInput | undefined,
  series: SeriesSet,
  horizon: number,
): (member: Member) => Float64Array[] {
  const readers = members.filter(({ config }) => config.futureExog.length > 0);
  if (readers.length === 0 && input !== undefined) throw readByNone(input);
  const each = new Set(readers.map((member) => stepsRead(member, horizon)));
  const longest = Math.max(...each);
  const needs = columnNeeds(members);
  const all = new Set(
    [needs.historic, needs.future, needs.statics].flatMap((map) => [...map.keys()]),
  );
  const known = new Map<number, Map<string, Float64Array>>();
  for (const steps of each) {
    const { future } = columnNeeds(readers.filter((one) => stepsRead(one, horizon) === steps));
    try {
      known.set(steps, alignFuture(input, future, series, steps, longest, all));
    } catch (error) {
      throw steps === horizon ? error : explainRounds(error, readers[0]!, steps, horizon);
    }
  }
  return (member) => {
    const columns = known.get(stepsRead(member, horizon));
    return member.config.futureExog.map((name) => columns!.get(name)!);
  };
}

function readByNone(input: unknown): TypeError {
  checkFutureForm(input);
  return invalidType(
    "futureExog is given, but no model reads a column ahead: name its columns in the option futureExog of a model that has it, such as models.NHITS({ futureExog: ['holiday'] }), or leave it out",
  );
}

function explainRounds(error: unknown, { config }: Member, steps: number, horizon: number) {
  if (!(error instanceof ForecastError) || error.code !== 'ERR_MISSING_FUTURE_EXOG') return error;
  return new ForecastError(
    error.code,
    `${error.message}. Horizon ${horizon} takes whole rounds of the trained horizon ${config.horizon}, so ${steps} steps of future columns`,
  );
}
