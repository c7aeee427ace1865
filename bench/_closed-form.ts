// NLinear's least squares: one linear map from the lookback minus its last value to the horizon minus that
// value, fitted in double on every train window of every channel. It has no draws and no steps, so a harness that
// does not meet its published errors to the digit is wrong.
import { type Channel, type Forecaster, testEnd, trainEnd, validationEnd } from './_ett';

export function fitClosedForm(
  channels: readonly Channel[],
  inputSize: number,
  horizon: number,
): Forecaster {
  const { moments, sums, count } = windowMoments(channels, inputSize + horizon);
  const width = inputSize + horizon;
  const last = inputSize - 1;
  const at = (a: number, b: number) => moments[a * width + b]!;
  // Moments of z[a] = y[a] - y[last]; z[last] is 0 and gives its place to the constant 1.
  const shifted = (a: number, b: number) => at(a, b) - at(a, last) - at(last, b) + at(last, last);
  const shiftedSum = (a: number) => sums[a]! - sums[last]!;

  const gram = new Float64Array(inputSize * inputSize);
  const targets = new Float64Array(inputSize * horizon);
  for (let a = 0; a < inputSize; a++) {
    for (let b = 0; b <= a; b++) {
      gram[a * inputSize + b] = a === last ? (b === last ? count : shiftedSum(b)) : shifted(a, b);
    }
    for (let t = 0; t < horizon; t++) {
      const b = inputSize + t;
      targets[a * horizon + t] = a === last ? shiftedSum(b) : shifted(a, b);
    }
  }
  solveCholesky(gram, targets, inputSize, horizon);
  return (y) => applyLinear(y, targets, inputSize, horizon);
}

/**
 * Sums over all train windows w of w[a] * w[b] and of w[a]. Windows overlap, so the sum for (a + 1, b + 1) is that for
 * (a, b) without the first window's product and with the next one's: 1 s instead of a minute.
 */
function windowMoments(channels: readonly Channel[], width: number) {
  const windows = trainEnd - width + 1;
  const moments = new Float64Array(width * width);
  const sums = new Float64Array(width);
  for (const { y } of channels) {
    for (let b = 0; b < width; b++) {
      let product = 0;
      let sum = 0;
      for (let i = 0; i < windows; i++) {
        product += y[i]! * y[i + b]!;
        sum += y[i + b]!;
      }
      sums[b]! += sum;
      for (let a = 0; a + b < width; a++) {
        moments[a * width + a + b]! += product;
        if (b > 0) moments[(a + b) * width + a]! += product;
        product += y[windows + a]! * y[windows + a + b]! - y[a]! * y[a + b]!;
      }
    }
  }
  return { moments, sums, count: windows * channels.length };
}

/** Solves gram X = rhs in place; gram is positive definite and only its lower half is read. */
function solveCholesky(gram: Float64Array, rhs: Float64Array, n: number, columns: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = gram[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= gram[i * n + k]! * gram[j * n + k]!;
      gram[i * n + j] = i === j ? Math.sqrt(sum) : sum / gram[j * n + j]!;
    }
  }
  const subtract = (from: number, row: number, factor: number) => {
    for (let c = 0; c < columns; c++) rhs[from * columns + c]! -= factor * rhs[row * columns + c]!;
  };
  const divide = (row: number) => {
    for (let c = 0; c < columns; c++) rhs[row * columns + c]! /= gram[row * n + row]!;
  };
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtract(i, k, gram[i * n + k]!);
    divide(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtract(i, k, gram[k * n + i]!);
    divide(i);
  }
}

function applyLinear(
  y: Float64Array,
  weights: Float64Array,
  inputSize: number,
  horizon: number,
): Float64Array {
  const windows = testEnd - validationEnd - horizon + 1;
  const forecast = new Float64Array(windows * horizon);
  for (let i = 0; i < windows; i++) {
    const end = validationEnd + i;
    const anchor = y[end - 1]!;
    const row = forecast.subarray(i * horizon, (i + 1) * horizon).fill(anchor);
    for (let a = 0; a < inputSize; a++) {
      const x = a === inputSize - 1 ? 1 : y[end - inputSize + a]! - anchor;
      for (let t = 0; t < horizon; t++) row[t]! += x * weights[a * horizon + t]!;
    }
  }
  return forecast;
}
