// onnxruntime-node and tfjs (WebAssembly), one thread each, driven as torch_peer.py is: a line of
// JSON in, one out. Modules come from the folder that the first argument names.
//   {"onnx": "a", "file": "x.onnx", "inputSize": 48}                  -> {}
//   {"tfjs": "a", "model": "GRU", "options": {...}, "batch": 32}      -> {"parameters": 123}
//   {"predict": "a", "rows": 32, "seconds": 0.3, "least": 3}          -> {"times": [...]}
//   {"train": "a", "seconds": 0.3, "least": 3}                        -> {"times": [...]}
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';

const modules = path.resolve(process.argv[2]);
const require = createRequire(path.join(modules, 'peers.js'));
const cases = new Map();
const log = console.error;
console.log = console.info = console.warn = log; // answers alone go to standard output

const waves = (count) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.26));

async function makeOnnx({ onnx, file, inputSize }) {
  const runtime = require('onnxruntime-node');
  const session = await runtime.InferenceSession.create(file, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  const predict = (rows) => {
    const y = new runtime.Tensor('float32', waves(rows * inputSize), [rows, inputSize, 1]);
    return () => session.run({ y });
  };
  cases.set(onnx, { predict });
  return {};
}

let loadedTf;
async function loadTf() {
  if (loadedTf) return loadedTf;
  const tf = require('@tensorflow/tfjs');
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  const files = path.join(modules, '@tensorflow', 'tfjs-backend-wasm', 'dist') + path.sep;
  wasm.setWasmPaths(files);
  wasm.setThreadsCount(1);
  await tf.setBackend('wasm');
  await tf.ready();
  loadedTf = tf;
  return tf;
}

/** y [rows, L, 1] -> [rows, h, 1]: the states of the last h steps, each through an MLP. */
function recurrent(tf, model, { inputSize, horizon, encoderHiddenSize, decoderHiddenSize }) {
  const y = tf.input({ shape: [inputSize, 1] });
  const make = model === 'GRU' ? tf.layers.gru : tf.layers.lstm;
  const cell = { units: encoderHiddenSize, returnSequences: true, recurrentActivation: 'sigmoid' };
  const states = make(model === 'GRU' ? { ...cell, resetAfter: false } : cell).apply(y);
  const last = tf.layers.cropping1D
    ? tf.layers.cropping1D({ cropping: [inputSize - horizon, 0] }).apply(states)
    : new (lastStepsLayer(tf))(horizon).apply(states);
  const hidden = tf.layers.dense({ units: decoderHiddenSize, activation: 'relu' }).apply(last);
  return tf.model({ inputs: y, outputs: tf.layers.dense({ units: 1 }).apply(hidden) });
}

/**
 * torch's cells, and ours, add two biases where Keras's add one: so many more parameters of the same work. The GRU of
 * tfjs has no other (resetAfter false): it resets the state before the product, torch's after.
 */
function secondBiases(model, { encoderHiddenSize = 0 }) {
  return ({ LSTM: 4, GRU: 3 }[model] ?? 0) * encoderHiddenSize;
}

/** Keras's Cropping1D, which tfjs lacks. */
function lastStepsLayer(tf) {
  return class LastSteps extends tf.layers.Layer {
    static className = 'LastSteps';
    constructor(steps) {
      super({});
      this.steps = steps;
    }
    computeOutputShape([rows, , width]) {
      return [rows, this.steps, width];
    }
    call(inputs) {
      const states = Array.isArray(inputs) ? inputs[0] : inputs;
      return states.slice([0, states.shape[1] - this.steps, 0], [-1, this.steps, -1]);
    }
  };
}

/** Residual blocks of four dense layers, as NeuralForecast's: the first has no activation. */
function nbeats(tf, { inputSize, horizon, mlpUnits, stackTypes }) {
  const y = tf.input({ shape: [inputSize, 1] });
  const flat = tf.layers.flatten().apply(y);
  let residual = flat;
  let forecast;
  for (const _ of stackTypes) {
    let hidden = tf.layers.dense({ units: mlpUnits[0][0] }).apply(residual);
    for (const [, units] of mlpUnits) {
      hidden = tf.layers.dense({ units, activation: 'relu' }).apply(hidden);
    }
    // Two heads for theta's two parts: a subtraction is an addition of what the head learns negated.
    const backcast = tf.layers.dense({ units: inputSize }).apply(hidden);
    residual = tf.layers.add().apply([residual, backcast]);
    const part = tf.layers.dense({ units: horizon }).apply(hidden);
    forecast = forecast ? tf.layers.add().apply([forecast, part]) : part;
  }
  const outputs = tf.layers.reshape({ targetShape: [horizon, 1] }).apply(forecast);
  return tf.model({ inputs: y, outputs });
}

async function makeTfjs({ tfjs, model, options, batch }) {
  const tf = await loadTf();
  const { inputSize, horizon } = options;
  const net = model === 'NBEATS' ? nbeats(tf, options) : recurrent(tf, model, options);
  const optimizer = tf.train.adam(1e-4);
  const tensor = (rows, steps) => tf.tensor3d(waves(rows * steps), [rows, steps, 1]);
  const [x, target] = [tensor(batch, inputSize), tensor(batch, horizon)];
  const train = () => {
    const loss = () => tf.losses.absoluteDifference(target, net.apply(x, { training: true }));
    const value = optimizer.minimize(loss, true);
    value.dataSync(); // whatever is still pending belongs to the step
    value.dispose();
  };
  const predict = (rows) => {
    const windows = tensor(rows, inputSize);
    return () => tf.tidy(() => net.apply(windows).dataSync());
  };
  cases.set(tfjs, { predict, train });
  return { parameters: net.countParams() + secondBiases(model, options) };
}

/** Seconds of a call; short ones are timed in groups of half a millisecond. */
async function timed(call, { seconds, least }) {
  await call();
  const first = performance.now();
  await call();
  const group = Math.max(1, Math.floor(0.5 / (performance.now() - first)));
  const times = [];
  const begin = performance.now();
  for (let now = begin; now - begin < seconds * 1000 || times.length < least; ) {
    for (let i = 0; i < group; i++) await call();
    const end = performance.now();
    times.push((end - now) / 1000 / group);
    now = end;
  }
  return { times };
}

async function answer(request) {
  if (request.onnx) return makeOnnx(request);
  if (request.tfjs) return makeTfjs(request);
  if (request.train) return timed(cases.get(request.train).train, request);
  if (request.predict) return timed(cases.get(request.predict).predict(request.rows), request);
  throw new Error(`unknown request ${Object.keys(request)}`);
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = await answer(JSON.parse(line));
  } catch (error) {
    reply = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
