"""The model cases: forecast, training loss, gradients, and ten optimiser steps, by the library."""

import copy
import json
import re

import flat_cases
import numpy as np
import sequence_cases
import torch
from heads import COUNTS
from losses import build as build_loss
from lstm_attention import LSTMAttention
from neuralforecast import models as nf_models

ROWS = 7

# Our option names are the library's in camelCase, but for these.
RENAMED = {
    "horizon": "h",
    "futureExog": "futr_exog_list",
    "historicExog": "hist_exog_list",
    "staticExog": "stat_exog_list",
}

CASES = {**flat_cases.CASES, **sequence_cases.CASES}

# Ten steps of Adam under the library's StepLR. A squared error: the sign of an absolute error's
# gradient would turn a rounding difference into a whole Adam step.
TRAINED = {**flat_cases.TRAINED, **sequence_cases.TRAINED}
STEPS = {"maxSteps": 10, "learningRate": 1e-3, "numLrDecays": 3}


def snake(name):
    return RENAMED.get(name) or re.sub("([A-Z])", lambda m: "_" + m.group(1).lower(), name)


def build_model(name, config, seed):
    args = {snake(k): v for k, v in config.items() if k != "loss"}
    torch.manual_seed(seed)
    cls = LSTMAttention if name == "LSTMAttention" else getattr(nf_models, name)
    model = cls(**args, loss=build_loss(config.get("loss", {"name": "MAE"})), random_seed=seed)
    if name == "RNN":
        # The library takes the option and forgets it.
        model.hist_encoder.mode = "RNN_" + config.get("encoderActivation", "tanh").upper()
    return model.eval() if config.get("dropoutProbTheta") else model.train()


def draw_batch(config, seed, recurrent):
    """Windows as training_step sees them: scaled, zero where the lookback is not observed.

    The recurrent form, as DeepAR, reads one step more, then its last targets but one; its exogenous columns
    are one step ahead, and the historic ones are zero from the first target on.
    """
    rng = np.random.default_rng(seed)
    horizon, size, known = config["horizon"], config["inputSize"], config["inputSize"]
    future = size + horizon
    if recurrent:
        horizon = config.get("hTrain", 1)
        size = future = size + horizon

    def normal(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    # The series of a multivariate model stand behind the time.
    series = (config["nSeries"],) if "nSeries" in config else ()
    level = normal(ROWS, 1, *series)
    batch = {
        "insample_y": level + normal(ROWS, size, *series),
        "insample_mask": (rng.random((ROWS, size, *series)) > 0.15).astype(np.float32),
        "outsample_y": level + normal(ROWS, horizon, *series),
        "outsample_mask": (rng.random((ROWS, horizon, *series)) > 0.2).astype(np.float32),
    }
    batch["insample_mask"][1] = 1
    batch["insample_mask"][2, -1] = 0  # the forecast's starting level is then 0
    batch["insample_y"] *= batch["insample_mask"]
    batch["outsample_mask"][1] = 1
    if horizon > 1:
        batch["outsample_mask"][4] = 0
    if config.get("historicExog"):
        batch["hist_exog"] = normal(ROWS, size, len(config["historicExog"]))
        batch["hist_exog"][:, known:] = 0
    if config.get("futureExog"):
        batch["futr_exog"] = normal(ROWS, future, len(config["futureExog"]))
    if config.get("staticExog"):
        batch["stat_exog"] = normal(ROWS, len(config["staticExog"]))
    loss = config.get("loss", {"name": "MAE"})
    if "IQLoss" in loss["name"]:
        batch["level"] = rng.uniform(0.01, 0.99, (ROWS, horizon, *series)).astype(np.float32)
    if build_loss(loss).is_distribution_output:
        batch["loc"] = rng.uniform(3, 6, (ROWS, *series)).astype(np.float32)
        batch["scale"] = rng.uniform(0.5, 2, (ROWS, *series)).astype(np.float32)
        if loss.get("distribution", loss["name"]) in COUNTS:  # their targets are as they are
            batch["outsample_y"] = rng.poisson(5, (ROWS, horizon, *series)).astype(np.float32)
    return batch


def tensors_of(batch, dtype):
    """The arguments of forward() and of the loss."""
    t = {k: torch.tensor(v, dtype=dtype) for k, v in batch.items()}
    for key in ("insample_y", "insample_mask", "outsample_y", "outsample_mask", "level"):
        if key in t and t[key].ndim == 2:
            t[key] = t[key][..., None]
    for key in ("hist_exog", "futr_exog", "stat_exog"):
        t.setdefault(key, None)
    for key in ("loc", "scale"):
        if key in t:
            t[key] = t[key].reshape(ROWS, 1, -1)
    return t


def likelihood(loss, forecast, t):
    """Of targets in the unit of y, as training_step has it."""
    args = loss.scale_decouple(output=loss.domain_map(forecast), loc=t["loc"], scale=t["scale"])
    y, name = t["outsample_y"], getattr(loss, "distribution", type(loss).__name__)
    if name not in COUNTS:
        y = y * t["scale"] + t["loc"]
    return loss(y=y, distr_args=args, mask=t["outsample_mask"])


def implicit(loss, level):
    """Trains at these quantiles, where the library draws some."""
    def given(sample_size, device):
        loss.q = level
        return level[..., None]

    loss._sample_quantiles, loss.has_predicted = given, False


def training_loss(model, t):
    """As BaseModel.training_step computes it once the windows are scaled."""
    inputs = ("insample_y", "insample_mask", "futr_exog", "hist_exog", "stat_exog")
    if model.RECURRENT:
        model.h = model.h_train
    raw = model({key: t[key] for key in inputs})
    forecast = by_series(model, raw) if model.MULTIVARIATE else raw
    if model.loss.is_distribution_output:
        # What splits the outputs by parameter, [B, h, P * N], reads them as they are given.
        split = getattr(model.loss.domain_map, "__name__", "") == "_domain_map"
        return forecast, likelihood(model.loss, raw if split else forecast, t)
    if "level" in t:
        implicit(model.loss, t["level"])
    value = model.loss(
        y=t["outsample_y"],
        y_hat=model.loss.domain_map(forecast),
        y_insample=t["insample_y"],
        mask=t["outsample_mask"],
    )
    return forecast, value


def by_series(model, forecast):
    """[B, h, Q * N] as iTransformer gives it to [B, h, N * Q], as the losses read it. The library
    leaves this out, so that with several quantiles it takes those of one series for another's."""
    batch, horizon = forecast.shape[:2]
    parts = forecast.reshape(batch, horizon, -1, model.n_series)
    return parts.transpose(2, 3).reshape(batch, horizon, -1)


def learning(model):
    """The parameters that a backward pass has reached: TiDE has some that it never runs."""
    return {k: p for k, p in model.named_parameters() if p.grad is not None}


def states(model):
    """What is kept with the parameters and not trained: running statistics, fixed positions."""
    fixed = [k for k, p in model.named_parameters() if k.endswith("W_pos") and not p.requires_grad]
    return fixed + [k for k, _ in model.named_buffers() if re.search("running_(mean|var)$", k)]


def evaluate(model, batch, dtype):
    """Forecast, loss and gradients in the given precision; the model itself is left alone."""
    torch.set_default_dtype(dtype)
    model = copy.deepcopy(model).to(dtype)
    forecast, value = training_loss(model, tensors_of(batch, dtype))
    value.backward()
    torch.set_default_dtype(torch.float32)
    grads = {k: p.grad.numpy() for k, p in learning(model).items()}
    forecast = forecast.detach().numpy()
    if model.MULTIVARIATE:
        forecast = forecast.reshape(*forecast.shape[:2], model.n_series, -1)
    return forecast, value.item(), grads


def feed_back(model, batch, dtype):
    """The recurrent form's raw outputs of the whole horizon [B, h, Q]: the mean of a step's outputs
    is the next input, or that of the distribution that they give. (Of quantiles the library then
    reports the mean as every one.)"""
    torch.set_default_dtype(dtype)
    model = copy.deepcopy(model).to(dtype).eval()
    t = tensors_of(batch, dtype)
    model.maintain_state, model.h = True, 1
    y, first, outputs = t["insample_y"], t["insample_y"].shape[1], []
    with torch.no_grad():
        for step in range(model.horizon_backup):
            at = slice(0, first) if step == 0 else slice(first + step - 1, first + step)
            exog = {key: None if t[key] is None else t[key][:, at]
                    for key in ("hist_exog", "futr_exog")}
            output = model({"insample_y": y, "insample_mask": None, **exog,
                            "stat_exog": t["stat_exog"]})
            outputs.append(output)
            y = output.mean(dim=-1, keepdim=True)
            if model.loss.is_distribution_output:
                loc, scale = t["loc"], t["scale"]
                args = model.loss.scale_decouple(output=model.loss.domain_map(output), loc=loc,
                                                 scale=scale)
                mean = model.loss.get_distribution(distr_args=args).mean
                y = model.scaler.scaler(mean.reshape(loc.shape), loc, scale)
    torch.set_default_dtype(torch.float32)
    return torch.cat(outputs, dim=1).numpy()


def draw_prediction(config, batch, seed):
    """What the recurrent form forecasts from: L + 1 steps, and columns up to the horizon's end."""
    rng = np.random.default_rng(seed + 1)
    known, horizon = config["inputSize"], config["horizon"]
    inputs = {"insample_y": rng.standard_normal((ROWS, known + 1)).astype(np.float32)}
    for key in ("hist_exog", "futr_exog"):
        if key in batch:
            shape = (ROWS, known + horizon, batch[key].shape[2])
            inputs[key] = rng.standard_normal(shape).astype(np.float32)
    if "hist_exog" in inputs:
        inputs["hist_exog"][:, known:] = 0
    inputs.update({key: batch[key] for key in ("loc", "scale") if key in batch})
    return inputs


def check_close(name, exact, single, tolerance):
    scale = max(np.abs(exact).max(), 1e-12)
    error = np.abs(exact - single).max() / scale
    if not error <= tolerance:
        raise SystemExit(f"{name}: single precision is off by {error:.1e}; draw another seed")


def take_steps(model, batch, dtype):
    """The weights and the losses of ten optimiser steps."""
    torch.set_default_dtype(dtype)
    model = copy.deepcopy(model).to(dtype)
    setup = model.configure_optimizers()
    optimizer, schedule = setup["optimizer"], setup["lr_scheduler"]["scheduler"]
    t, values = tensors_of(batch, dtype), []
    for _ in range(STEPS["maxSteps"]):
        optimizer.zero_grad()
        value = training_loss(model, t)[1]
        value.backward()
        optimizer.step()
        schedule.step()
        values.append(value.item())
    torch.set_default_dtype(torch.float32)
    after = {k: p.detach().numpy() for k, p in learning(model).items()}
    return after, np.array(values)


def snap_to_zero(grads):
    """Gradients that are zero but for double's rounding, such as that of the bias of attention's
    keys, become zero: single precision has nothing to agree with there."""
    largest = max(np.abs(g).max() for g in grads.values())
    return {k: np.where(np.abs(g) < 1e-13 * largest, 0, g) for k, g in grads.items()}, largest


def golden(name, label, config, seed, steps=False):
    """One file. The library runs in double, from single-precision weights and inputs, so that the
    file carries no rounding but its own; that its usual single precision agrees is checked."""
    options = {**config, **STEPS} if steps else config
    model = build_model(name, options, seed)
    batch = draw_batch(config, seed, model.RECURRENT)
    forecast, value, grads = evaluate(model, batch, torch.float64)
    forecast32, value32, grads32 = evaluate(model, batch, torch.float32)
    check_close(f"{name} {label} forecast", forecast, forecast32, 5e-6)
    check_close(f"{name} {label} loss", np.array(value), np.array(value32), 5e-6)
    grads, largest = snap_to_zero(grads)

    tensors = {**batch, "forecast": forecast, "loss": np.float64(value)}
    stored = {*grads, *states(model)}
    for key, weight in model.state_dict().items():
        # Shared blocks are listed once; bases and quantiles are constants.
        if key in stored:
            tensors[f"weights/{key}"] = weight.numpy()
        elif ".basis." in key:
            tensors[f"constants/{key}"] = weight.numpy()
    for key in grads:
        reference = grads[key] if grads[key].any() else np.array([largest])
        check_close(f"{name} {label} {key}", reference, reference + grads32[key] - grads[key], 5e-5)
        tensors[f"grad/{key}"] = grads[key]
    if model.RECURRENT:
        inputs = draw_prediction(config, batch, seed)
        known = {**inputs, **{k: batch[k] for k in ("stat_exog",) if k in batch}}
        forecast = feed_back(model, known, torch.float64)
        check_close(f"{name} {label} fed back", forecast, feed_back(model, known, torch.float32),
                    5e-6)
        tensors.update({f"predict/{key}": value for key, value in inputs.items()})
        tensors["predict/forecast"] = forecast
    if steps:
        after, values = take_steps(model, batch, torch.float64)
        single = take_steps(model, batch, torch.float32)[0]
        for key in after:
            moved = grads[key] != 0
            check_close(f"{name} {label} after {key}", np.where(moved, after[key], 0),
                        np.where(moved, single[key], 0), 5e-6)
        tensors["losses10"] = values
        tensors.update({f"after10/{key}": after[key] for key in after})
    metadata = {"model": name, "config": json.dumps(options)}
    scalars = ("loss", "losses10")
    tensors = {k: v if k in scalars else np.asarray(v, np.float32) for k, v in tensors.items()}
    return metadata, tensors


def goldens():
    """(file stem, metadata, tensors) of every case."""
    for name, cases in CASES.items():
        for index, (label, config) in enumerate(cases.items()):
            yield f"{name.lower()}_{label}", *golden(name, label, config, seed=1000 + index)
        yield f"{name.lower()}_steps", *golden(name, "steps", TRAINED[name], seed=7, steps=True)
