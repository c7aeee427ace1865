/** How far a model's training has come. Losses are means over the batch (train) or the checks (valid). */
export interface FitProgress {
  /** The model's alias. */
  model: string;
  step: number;
  maxSteps: number;
  trainLoss: number;
  /** Of the latest validation check; NaN before the first. */
  validLoss: number;
  learningRate: number;
  /** Since this model's training began. */
  seconds: number;
}

/** Called with a line of text now and then: `verbose: true` writes them to stderr. */
export type LineWriter = (line: string) => void;

const LINE_EVERY = 1; // seconds

/** Turns progress into lines: one a second and model, and one for the last step. */
export function lineReporter(write: LineWriter): (progress: FitProgress) => void {
  const latest = new Map<string, number>();
  return (progress) => {
    const { model, step, maxSteps, trainLoss, validLoss, seconds } = progress;
    const due = (latest.get(model) ?? Number.NEGATIVE_INFINITY) + LINE_EVERY;
    if (step < maxSteps && seconds < due) return;
    latest.set(model, seconds);
    const valid = Number.isNaN(validLoss) ? '' : `, valid ${validLoss.toPrecision(5)}`;
    const loss = `train ${trainLoss.toPrecision(5)}${valid}`;
    write(`${model} step ${step}/${maxSteps}: ${loss}, ${seconds.toFixed(1)} s`);
  };
}
