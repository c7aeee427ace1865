import { outOfRange } from '../errors';
import { show } from '../options/arguments';
import { type Calendar, LAST_DATE, showTime } from './frequency';

/** What a forecast needs to know of the series it goes on from. */
export interface Origin {
  ids: string[];
  /** The last timestamp of every series. */
  lastDs: Float64Array;
  calendar: Calendar;
}

const MOST = { time: LAST_DATE, integer: Number.MAX_SAFE_INTEGER };

/** Timestamps of the horizon, [series * horizon], after the last one of every series. Throws ERR_OUT_OF_RANGE. */
export function futureTimes(
  { ids, lastDs, calendar }: Origin,
  horizon: number,
): Float64Array<ArrayBuffer> {
  const ds = new Float64Array(lastDs.length * horizon);
  for (let s = 0; s < lastDs.length; s++) {
    const last = lastDs[s]!;
    if (!(calendar.add(last, horizon) <= MOST[calendar.kind])) {
      throw outOfRange(
        `horizon ${horizon} at frequency ${show(calendar.text)} leads series '${ids[s]}' from ${showTime(calendar, last)} beyond ${calendar.kind === 'time' ? 'the last date that there is, in the year 275760' : 'the integers that a number can hold'}`,
      );
    }
    for (let k = 0; k < horizon; k++) ds[s * horizon + k] = calendar.add(last, k + 1);
  }
  return ds;
}
