"""Turns models that were trained with NeuralForecast in Python into a file for neural-forecaster.

    from export_neuralforecast import export
    export(nf, "model.safetensors")

or, from what NeuralForecast.save(folder) wrote:

    python export_neuralforecast.py folder model.safetensors

and in Node.js:

    const forecaster = await NeuralForecaster.load('model.safetensors');

The file holds weights, options and, where the NeuralForecast object has its data, the end of every
series: predict() goes on from there at once. Whatever would make the forecasts differ is refused
with an UnsupportedError that names it.
"""

import argparse
import inspect
import json
import logging
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from coreforecast.grouped_array import GroupedArray
from neuralforecast import NeuralForecast
from neuralforecast.common._base_auto import BaseAuto
from neuralforecast.tsdataset import TimeSeriesDataset

sys.path.append(str(Path(__file__).parent))
import safetensors_file  # noqa: E402
from lstm_attention import LSTMAttention  # noqa: E402

# Written by `npm run generate`: the options of every model and of every loss.
TABLE = json.loads((Path(__file__).parent / "models.json").read_text())

# Our option names are the library's in camelCase, but for these.
RENAMED = {
    "h": "horizon",
    "futr_exog_list": "futureExog",
    "hist_exog_list": "historicExog",
    "stat_exog_list": "staticExog",
    "start_padding_enabled": "startPadding",
    # Lightning's, among the trainer's.
    "gradient_clip_val": "gradientClipNorm",
    "accumulate_grad_batches": "accumulateSteps",
}

# Read by functions of their own.
HANDLED = {"input_size", "alias", "random_seed", "loss", "valid_loss", "optimizer",
           "optimizer_kwargs", "lr_scheduler", "lr_scheduler_kwargs"}

# How Python runs a model, and what the library takes but does not use.
IMMATERIAL = {"valid_batch_size", "inference_windows_batch_size", "drop_last_loader",
              "dataloader_kwargs", "inference_input_size", "context_size", "n_polynomials",
              "cat_emb_dim", "categorical_cardinalities", "RNN.encoder_activation",
              "GRU.encoder_activation", "iTransformer.d_layers", "iTransformer.factor",
              "PatchTST.fc_dropout"}

# A model that has other values than the defaults of these still forecasts as it did.
TRAINING = {"training_data_availability_threshold": 0.0, "val_monitor": "ptl/val_loss"}

OPTIMIZERS = {torch.optim.Adam: "adam", torch.optim.AdamW: "adamw", torch.optim.SGD: "sgd",
              torch.optim.RMSprop: "rmsprop"}
OPTIMIZER_OPTIONS = {"eps": "epsilon", "weight_decay": "weightDecay", "momentum": "momentum"}

# Time units of pandas and polars as neural-forecaster writes them.
UNITS = {unit: unit for unit in "ms s S min T h H d D B W MS ME M QS QE Q YS AS YE Y A".split()}
UNITS |= {unit: unit for unit in "BMS BME BM BQS BQE BQ BYS BAS BYE BY BA".split()}
UNITS |= {"L": "ms", "m": "min", "mo": "M", "w": "W", "q": "Q", "y": "Y"}


class UnsupportedError(ValueError):
    """neural-forecaster would not forecast as Python does."""


# Options


def camel(option):
    return RENAMED.get(option) or re.sub("_([a-z0-9])", lambda m: m.group(1).upper(), option)


def plain(value):
    """As JSON has it."""
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def shortest(value):
    """A single-precision number as it was written: 0.1, not 0.10000000149."""
    return float(str(np.float32(value)))


def left_out(label, what):
    warnings.warn(f"{label}: {what} is left out; it matters only when training goes on",
                  stacklevel=2)


# Of the losses, and what the library calls them.
LOSS_OPTIONS = {"q": "q", "delta": "delta", "seasonality": "seasonality", "c": "c",
                "normalize": "normalize", "alpha": "alpha", "distribution": "distribution",
                "nComponents": "n_components", "weighted": "weighted",
                "cosEmbeddingDim": "cos_embedding_dim", "concentration0": "concentration0",
                "concentration1": "concentration1"}


def loss_config(label, loss):
    name = type(loss).__name__
    if name not in TABLE["losses"] or not type(loss).__module__.startswith("neuralforecast."):
        raise UnsupportedError(f"{label}: the loss {name} is not supported; there are "
                               + ", ".join(TABLE["losses"]))
    takes, config = TABLE["losses"][name], {"name": name}
    if getattr(loss, "distribution", None) == "Tweedie":
        raise UnsupportedError(f"{label}: NeuralForecast's Tweedie has no mean below 1, by a softplus "
                               "that is not here: train it here, or with another distribution")
    if "quantiles" in takes:
        config["quantiles"] = [shortest(q) for q in plain(loss.quantiles)]
    for option, attribute in LOSS_OPTIONS.items():
        if option in takes and hasattr(loss, attribute):
            config[option] = plain(getattr(loss, attribute))
    # The options of one distribution are bound to the function that reads its outputs.
    bound = getattr(getattr(loss, "domain_map", None), "keywords", {})
    for option, keyword in (("rho", "rho"), ("numPieces", "num_pieces")):
        if option in takes and keyword in bound:
            config[option] = bound[keyword]
    for coupled in ("batch_correlation", "horizon_correlation"):
        if getattr(loss, coupled, False):
            left_out(label, f"{name}'s {coupled}")
    if getattr(loss, "return_params", False):
        left_out(label, f"{name}'s return_params")
    weight = getattr(loss, "horizon_weight", None)
    if weight is not None:
        config["horizonWeight"] = [shortest(w) for w in plain(weight.flatten())]
    return config


def training_config(label, model):
    """Optimiser, schedule and validation loss: what matters when training goes on."""
    config = {}
    if model.optimizer in OPTIMIZERS:
        config["optimizer"] = OPTIMIZERS[model.optimizer]
        decay = inspect.signature(model.optimizer).parameters["weight_decay"].default
        given = {"weight_decay": decay, **model.optimizer_kwargs}
        config["beta1"], config["beta2"] = given.pop("betas", (0.9, 0.999))
        for option, value in given.items():
            if option in OPTIMIZER_OPTIONS:
                config[OPTIMIZER_OPTIONS[option]] = plain(value)
            elif option != "lr":  # the library ignores it
                left_out(label, f"optimizer_kwargs[{option!r}]")
    elif model.optimizer is not None:
        left_out(label, f"optimizer={model.optimizer.__name__}")
    if model.lr_scheduler is not None:
        left_out(label, f"lr_scheduler={model.lr_scheduler.__name__}")
        config["lrScheduler"] = "constant"
    if model.valid_loss is not model.loss:
        try:
            config["validLoss"] = loss_config(label, model.valid_loss)
        except UnsupportedError:
            left_out(label, f"valid_loss={type(model.valid_loss).__name__}")
    return config


def check_choice(label, option, value, choices):
    for item in value if isinstance(value, list) else [value]:
        if choices is not None and item not in choices:
            raise UnsupportedError(f"{label}: {option}={item!r} is not supported; there are "
                                   + ", ".join(map(str, choices)))


def model_name(model):
    name = type(model).__name__
    library = type(model).__module__.startswith("neuralforecast.models.")
    if name not in TABLE["models"] or not (library or isinstance(model, LSTMAttention)):
        raise UnsupportedError(f"the model {name} is not supported; there are "
                               + ", ".join(TABLE["models"]))
    return name


def model_config(model, alias):
    """Our options of a model, from its hyper-parameters."""
    name = model_name(model)
    label = name if alias == name else f"{name} '{alias}'"
    fields = TABLE["common"] | TABLE["models"][name]
    known = inspect.signature(type(model).__init__).parameters
    config = {"alias": alias, "inputSize": model.input_size - int(model.RECURRENT),
              "loss": loss_config(label, model.loss), **training_config(label, model)}
    for option, value in model.hparams.items():
        field, value = camel(option), plain(value)
        if option in HANDLED or {option, f"{name}.{option}"} & IMMATERIAL:
            continue
        if option not in known:  # the trainer's, and the base class's where a model has it not
            if option in RENAMED and value is not None:
                config[field] = value
            continue
        default = plain(known[option].default)
        if option in TRAINING or (value is None and default is not None):
            if value != default:
                left_out(label, f"{option}={value!r}")
        elif field in fields and value is not None:
            if option == "rnn_type":
                value = value.lower()  # as the library reads it
            check_choice(label, option, value, fields[field])
            config[field] = value
        elif value != default and (value or default):  # no columns: [] and None
            raise UnsupportedError(f"{label}: {option}={value!r} is not supported")
    # What splits the outputs by parameter reads [B, h, Q * N] as it is, the others as [B, h, N * Q].
    splits = getattr(model.loss.domain_map, "__name__", "") == "_domain_map"
    several = model.MULTIVARIATE and model.n_series > 1 and model.loss.outputsize_multiplier > 1
    if several and not splits:
        raise UnsupportedError(f"{label}: of a loss with several outputs the library takes those "
                               "of one series for another's")
    return config


def stored(model):
    """Parameters under their state_dict keys, shared ones once, and what batch norms keep."""
    yield from model.named_parameters()
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            yield f"{name}.running_mean", module.running_mean
            yield f"{name}.running_var", module.running_var


def weights(model):
    """What the file holds of a model, by names."""
    # Normalised, a single value is 0. neural-forecaster keeps it as it is, and scales it by this.
    single = {f"{name}.weight" for name, module in model.named_modules()
              if isinstance(module, torch.nn.LayerNorm) and module.normalized_shape == (1,)}
    found = {}
    for key, parameter in stored(model):
        if key.startswith(("loss.quantiles", "valid_loss.")) or ".basis." in key:
            continue  # quantiles and bases: constants that follow from the options. (An IQLoss has
            # layers of its own.)
        if key.endswith(".sdp_attn.scale"):
            continue  # PatchTST's 1 / sqrt(width of a head), a parameter that is not trained
        if key.startswith("hist_exog_projection.") and not model.hist_exog_size:
            continue  # made where there are future columns, and never run
        if key == "static_encoder.vsn.joint_grn.lin_c.weight":
            continue  # made of a context that the choice among static columns is never given
        array = parameter.detach().cpu().float().numpy()
        if key in single:
            array = np.zeros_like(array)
        if key.startswith("scaler.revin_"):
            if array.size > 1:
                raise UnsupportedError(f"{type(model).__name__}: scaler_type='revin' with "
                                       "exogenous columns is not supported")
            array = array.reshape(1)
        if not np.isfinite(array).all():
            raise ValueError(f"{type(model).__name__}: {key} is not finite")
        found[key] = array
    return found


# Series


def frequency(freq):
    """A frequency of pandas or polars, or a number, as neural-forecaster writes it."""
    if freq is None or isinstance(freq, (int, np.integer)):
        return None if freq is None else int(freq)
    text = freq if isinstance(freq, str) else freq.freqstr
    match = re.fullmatch(r"(\d*)([A-Za-z]+)(-[A-Za-z]{3})?", text)
    if match is None or match[2] not in UNITS:
        raise UnsupportedError(f"freq={text!r} is not supported; pass export(..., freq=...), "
                               "such as '15min', 'h', 'D', 'B', 'W', 'MS', 'ME', 'QS' or a number")
    return match[1] + UNITS[match[2]] + (match[3] or "")


def last_times(times, freq):
    """Epoch milliseconds, in UTC, or the integers that the data counts in."""
    dtype = getattr(times, "dtype", None)
    zone = getattr(dtype, "tz", None) or getattr(dtype, "time_zone", None)  # pandas', polars'
    if zone is not None:
        if str(zone) != "UTC" and not re.fullmatch(r"\d*(ms|s|S|min|T|h|H)", str(freq)):
            raise UnsupportedError(f"freq={freq!r} counts days of {zone}: timestamps with a time "
                                   "zone are exported for frequencies of hours or less alone. Train "
                                   "on timestamps without one (tz_localize(None)); their dates are "
                                   "exported, and here are text ('2024-05-31') or midnights of UTC")
        if hasattr(times, "tz_convert"):  # polars gives numpy UTC itself
            times = times.tz_convert("UTC").tz_localize(None)
    times = np.asarray(times)
    if times.dtype.kind == "M":
        times = times.astype("datetime64[ms]").astype(np.int64)
    if times.dtype.kind not in "iu":
        raise UnsupportedError(f"timestamps of type {times.dtype} are not supported")
    return times.tolist()


def stored_series(source):
    """The dataset of a NeuralForecast object, if it has one in memory."""
    dataset = getattr(source, "dataset", None)
    return dataset if isinstance(dataset, TimeSeriesDataset) else None


def temporal_columns(nf, dataset, names):
    """Columns in the units of the data: what the local scalers did is undone."""
    at = {name: i for i, name in enumerate(dataset.temporal_cols)}
    columns = {}
    for name in names:
        values = dataset.temporal[:, at[name]].numpy().astype(np.float64)
        scaler = (getattr(nf, "scalers_", None) or {}).get(name)
        if scaler is not None:
            values = scaler.inverse_transform(GroupedArray(values, dataset.indptr))
        columns[name] = values
    return columns


def tails(indptr, longest):
    """Which rows are kept, and where each series begins among them."""
    begins = np.maximum(indptr[:-1], indptr[1:] - longest) if longest else indptr[:-1]
    rows = np.concatenate([np.arange(b, e) for b, e in zip(begins, indptr[1:])])
    return rows, np.concatenate([[0], np.cumsum(indptr[1:] - begins)]).astype(np.int64)


def warn_of_gaps(y, observed, lengths, configs):
    """neural-forecaster reads what is not observed, and what a lookback has before its series, as 0
    after scaling, the library as it stands; and it pads no lookback unasked."""
    scaled = any(config.get("scalerType", "identity") != "identity" for config in configs)
    short = [c for c in configs if lengths.min() < c["inputSize"]]
    if any(not config.get("startPadding") for config in short):
        warnings.warn("series shorter than input_size: neural-forecaster refuses to forecast them, "
                      "where the library pads with zeros (start_padding_enabled=True pads in both)",
                      stacklevel=3)
    padded = any(config.get("startPadding") for config in short)
    if (~observed & (scaled | (y != 0))).any() or (padded and scaled):
        warnings.warn("rows that are not observed, or lookbacks that begin before their series: "
                      "the forecasts of these series will differ a little", stacklevel=3)


def check_aligned(nf, offsets, configs):
    """The library pads series that are shorter, and pairs ends whatever their times."""
    if not any("nSeries" in config for config in configs):
        return
    if len(set(np.diff(offsets))) > 1 or len(set(np.asarray(nf.last_dates).tolist())) > 1:
        raise UnsupportedError("a multivariate model is exported with series of the same rows "
                               "alone: these have other lengths or ends")


def panel_of(nf, dataset, configs):
    """The end of every series as (names, tensors): what predict() needs."""
    def union(option):
        return list(dict.fromkeys(c for config in configs for c in config.get(option, [])))

    names = {kind: union(f"{kind}Exog") for kind in ("historic", "future", "static")}
    if names["static"] and getattr(nf, "local_static_scaler_type", None):
        raise UnsupportedError("local_static_scaler_type is not supported")
    # Local scalers are fitted to whole series; the recurrent form reads one step more.
    longest = 0 if nf.local_scaler_type else max(config["inputSize"] for config in configs) + 1
    rows, offsets = tails(np.asarray(dataset.indptr, np.int64), longest)
    check_aligned(nf, offsets, configs)
    target = str(dataset.temporal_cols[dataset.y_idx])
    wanted = {target, "available_mask", *names["historic"], *names["future"]}
    columns = temporal_columns(nf, dataset, wanted)
    observed = columns.pop("available_mask")[rows] != 0
    warn_of_gaps(columns[target][rows], observed, np.diff(dataset.indptr), configs)
    tensors = {"panel.offsets": offsets}
    if not observed.all():
        tensors["panel.mask"] = observed.astype(np.uint8)

    def add(key, column):
        values = np.where(observed, columns[column][rows], 0)
        if not np.isfinite(values).all():
            raise ValueError(f"column {column!r} is not finite")
        tensors[key] = values

    add("panel.y", target)
    for kind in ("historic", "future"):
        for i, column in enumerate(names[kind]):
            add(f"panel.{kind}.{i}", column)
    if names["static"]:
        at = [list(dataset.static_cols).index(column) for column in names["static"]]
        tensors["panel.statics"] = dataset.static[:, at].numpy().astype(np.float32)
    return names, tensors


# Files


def named_models(source):
    """(column name, model) of every model, named as the library names its columns."""
    if isinstance(source, NeuralForecast):
        if not source._fitted:
            raise ValueError("the NeuralForecast object is not fitted; call its fit() first")
        models = source.models
    else:
        models = list(source) if isinstance(source, (list, tuple)) else [source]
    named, count = [], {}
    for model in models:
        name = repr(model)
        number = count[name] = count.get(name, -1) + 1
        inner = model.model if isinstance(model, BaseAuto) else model
        named.append((name + str(number or ""), inner))
    return named


def header_of(nf, freq, has_series):
    scaler = getattr(nf, "local_scaler_type", None) or ""
    freq = frequency(getattr(nf, "freq", None) if freq is None else freq)
    return {
        "format": 1,
        "version": "python",
        "ids": [str(uid) for uid in nf.uids] if has_series else [],
        "lastDs": last_times(nf.last_dates, freq) if has_series else [],
        "frequency": freq,
        "fill": None,
        "parallelModels": False,
        "localScaler": scaler,
        "seed": 1,
        "simdEnabled": True,
        "lowMemory": False,
        "memoryPool": True,
    }


def export(source, path, freq=None):
    """Writes trained models to a file that NeuralForecaster.load(path) opens.

    Args:
        source: a fitted NeuralForecast object, or a trained model or several without their data:
            predict({ data }) and predictBatch() work then.
        path: the file, replaced when complete.
        freq: wins over the NeuralForecast object's; None without one: found from the data.

    Raises:
        UnsupportedError: a model, option, loss, frequency or column kind that would make the
            forecasts differ; the message names it.
    """
    named = named_models(source)
    dataset = stored_series(source)
    entries, tensors = [], {}
    for i, (alias, model) in enumerate(named):
        prefix = f"models.{i}."
        entries.append({"name": model_name(model), "config": model_config(model, alias),
                        "seed": int(model.hparams.get("random_seed") or 1), "prefix": prefix})
        tensors |= {prefix + key: array for key, array in weights(model).items()}
    configs = [entry["config"] for entry in entries]
    if len({config["horizon"] for config in configs}) > 1:
        raise UnsupportedError("models of different horizons do not go into one file")
    if dataset is None:
        names = {"historic": [], "future": [], "static": []}
        tensors |= {"panel.offsets": np.zeros(1, np.int64), "panel.y": np.zeros(0)}
    else:
        names, series = panel_of(source, dataset, configs)
        tensors |= series
    metadata = {
        "format": "neural-forecaster",
        "formatVersion": "1",
        "header": header_of(source, freq, dataset is not None),
        "models": entries,
        "panel": names,
    }
    metadata = {k: v if isinstance(v, str) else json.dumps(v) for k, v in metadata.items()}
    safetensors_file.write(Path(path), metadata, tensors, safetensors_file.encode_checked)


def main():
    parser = argparse.ArgumentParser(
        description="Turns what NeuralForecast.save(folder) wrote into a file for "
        "neural-forecaster. Reading such a folder runs code that is in it: take only your own.")
    parser.add_argument("folder")
    parser.add_argument("file")
    parser.add_argument("--freq", help="frequency of the data, instead of the saved one",
                        type=lambda text: int(text) if text.isdigit() else text)
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    nf = NeuralForecast.load(args.folder, map_location="cpu")
    try:
        export(nf, args.file, freq=args.freq)
    except (UnsupportedError, ValueError) as error:
        sys.exit(f"not exported: {error}")
    size = Path(args.file).stat().st_size
    print(f"{args.file}: {', '.join(repr(m) for m in nf.models)}; {size} bytes")


if __name__ == "__main__":
    main()
