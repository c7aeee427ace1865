"""Trains small models with the real NeuralForecast, exports them, records what Python forecasts.

    python export.py            writes data/python/: <case>.safetensors, series.json, forecasts.json
    python export.py lstm gru   only these cases

test/python-models.test.ts opens the files and expects the same forecasts. A training gives the same
bits on one kind of processor only.
"""

import json
import logging
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import torch

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")

TOOLS = Path(__file__).parents[2] / "tools"
sys.path.append(str(TOOLS))
from export_neuralforecast import UnsupportedError, export, frequency  # noqa: E402
from lstm_attention import LSTMAttention  # noqa: E402
from neuralforecast import NeuralForecast  # noqa: E402
from neuralforecast import models as nf_models  # noqa: E402
from neuralforecast.losses.pytorch import (  # noqa: E402
    DistributionLoss,
    HuberLoss,
    IQLoss,
    MAE,
    MQLoss,
    QuantileLoss,
)

DATA = Path(__file__).parent / "data" / "python"
HORIZON, INPUT = 6, 15
LENGTHS = {"a": 90, "b": 71, "short": 24}
# What multivariate models are trained on: series of the same rows.
ALIGNED = {"ids": ["a", "b"], "rows": 71}

QUIET = {"accelerator": "cpu", "logger": False, "enable_progress_bar": False,
         "enable_model_summary": False}
TRAINING = {"h": HORIZON, "input_size": INPUT, "max_steps": 15, "learning_rate": 5e-3,
            "windows_batch_size": 32, **QUIET}
ENCODER = {"encoder_hidden_size": 10, "decoder_hidden_size": 8}
EXOG = {"futr_exog_list": ["f0", "f1"], "hist_exog_list": ["x0"], "stat_exog_list": ["s0"]}
DENSE = {"hidden_size": 10, "decoder_output_dim": 5, "temporal_decoder_dim": 7, "dropout": 0.1}
INVERTED = {"n_series": 2, "hidden_size": 12, "n_heads": 3, "d_ff": 8}
PATCHES = {"hidden_size": 12, "n_heads": 3, "linear_hidden_size": 8, "encoder_layers": 2,
           "patch_len": 4, "stride": 2}
UNITS = {"mlp_units": [[12, 12]] * 3}


def frames(freq):
    """Three series of different lengths with every kind of column, and the future columns.

    The values are exact in single precision, which the library reads them in."""
    rng = np.random.default_rng(3)
    past, future = [], []
    for number, (uid, length) in enumerate(LENGTHS.items()):
        steps = np.arange(length + HORIZON)
        ds = steps + 5 if freq == 1 else pd.date_range("2024-01-01", periods=len(steps), freq=freq)
        y = 20 * number + 5 * np.sin(steps / 2.0 + number) + rng.standard_normal(len(steps))
        columns = {"y": y, "x0": rng.standard_normal(len(steps)), "f0": np.cos(steps / 3.0),
                   "f1": rng.standard_normal(len(steps)) + 3}
        frame = pd.DataFrame({"unique_id": uid, "ds": ds}
                             | {k: np.round(v * 256) / 256 for k, v in columns.items()})
        past.append(frame[:length])
        future.append(frame[length:])
    static = pd.DataFrame({"unique_id": list(LENGTHS), "s0": [0.5, -1.0, 2.0]})
    return pd.concat(past), pd.concat(future).drop(columns=["y", "x0"]), static


def model(name, **options):
    cls = LSTMAttention if name == "LSTMAttention" else getattr(nf_models, name)
    return name, cls, {**TRAINING, **options}


LEVEL = {"level": [80, 95]}
# Models, and what is not as usual: frequency, local scaler, mask, how they are exported.
CASES = {
    "nhits": dict(models=[model("NHITS", **UNITS, **EXOG, scaler_type="robust", loss=LEVEL)]),
    "nbeats": dict(models=[model("NBEATS", **UNITS, scaler_type="standard")], freq="MS"),
    "mlp": dict(models=[model("MLP", hidden_size=12, **EXOG, scaler_type="minmax")],
                local_scaler="robust", freq="B"),
    "dlinear": dict(models=[model("DLinear", moving_avg_window=5)], freq=1, how="folder"),
    "nlinear": dict(models=[model("NLinear", scaler_type="revin", loss=LEVEL)], freq="15min"),
    "several": dict(models=[model("NLinear"), model("NLinear", scaler_type="invariant"),
                            model("DLinear", alias="linear"), model("NHITS", **UNITS)],
                    local_scaler="standard"),
    "alone": dict(models=[model("MLP", hidden_size=9, scaler_type="minmax1")], how="model"),
    "masked": dict(models=[model("NHITS", **UNITS)], masked=True),
    "rnn": dict(models=[model("RNN", **ENCODER, **EXOG, loss=LEVEL)]),
    "rnn_recurrent": dict(models=[model("RNN", **ENCODER, recurrent=True, h_train=3,
                                        futr_exog_list=["f0"])]),
    "lstm": dict(models=[model("LSTM", **ENCODER, encoder_n_layers=1)], how="folder"),
    "lstm_exog": dict(models=[model("LSTM", **ENCODER, **EXOG, loss="QuantileLoss")]),
    "lstm_recurrent": dict(models=[model("LSTM", **ENCODER, recurrent=True)]),
    "gru": dict(models=[model("GRU", **ENCODER, encoder_bias=False, loss="HuberLoss")]),
    "gru_recurrent": dict(models=[model("GRU", **ENCODER, recurrent=True, **EXOG,
                                        alias="fed back")]),
    "tcn": dict(models=[model("TCN", **ENCODER, dilations=[1, 2, 4], **EXOG)]),
    "vanillatransformer": dict(models=[model("VanillaTransformer", hidden_size=12, n_head=3,
                                             conv_hidden_size=8, futr_exog_list=["f1"],
                                             scaler_type="standard")]),
    # The second has a norm over one value, and columns of the future alone.
    "tide": dict(models=[model("TiDE", **DENSE, **EXOG, scaler_type="standard", loss=LEVEL),
                         model("TiDE", **DENSE, futr_exog_list=["f0"], num_decoder_layers=2,
                               scaler_type="standard", alias="point")]),
    "deepar": dict(models=[model("DeepAR", lstm_hidden_size=9, h_train=2, futr_exog_list=["f0"],
                                 stat_exog_list=["s0"], scaler_type="standard", loss="MAE")]),
    "distribution": dict(models=[model("NHITS", **UNITS, scaler_type="robust", loss="Normal"),
                                 model("MLP", hidden_size=9, loss="Normal", alias="unscaled"),
                                 model("MLP", hidden_size=9, loss="IQLoss", alias="implicit")]),
    "itransformer": dict(models=[model("iTransformer", **INVERTED, e_layers=1),
                                 model("iTransformer", **INVERTED, use_norm=False, factor=3,
                                       scaler_type="standard", loss="HuberLoss", alias="plain"),
                                 model("NLinear")], aligned=True),
    # Norms behind the sublayers and before them, with statistics that training moved.
    "patchtst": dict(models=[model("PatchTST", **PATCHES, revin_affine=True, loss=LEVEL),
                             model("PatchTST", **PATCHES, batch_normalization=True, revin=False,
                                   res_attention=False, learn_pos_embed=False, activation="relu",
                                   scaler_type="standard", alias="pre")]),
    "tft": dict(models=[model("TFT", hidden_size=12, n_head=3, **EXOG, scaler_type="standard",
                              n_rnn_layers=2, loss=LEVEL),
                        model("TFT", hidden_size=8, rnn_type="GRU", grn_activation="GELU",
                              scaler_type="standard", alias="plain")]),
    "itransformer_normal": dict(models=[model("iTransformer", **INVERTED, scaler_type="standard",
                                              loss="Normal")], aligned=True),
    "lstmattention": dict(models=[model("LSTMAttention", **{**ENCODER, "encoder_hidden_size": 12},
                                        **EXOG, loss=LEVEL)], how="folder"),
}


class Exact(DistributionLoss):
    """Normal, whose mean and quantiles are exact where the library's own are those of samples."""

    def __init__(self):
        super().__init__("Normal", level=[80, 95])

    def sample(self, distr_args, num_samples=None):
        distribution = self.get_distribution(distr_args)
        levels = self.quantiles.to(distribution.mean.dtype)
        bounds = distribution.icdf(levels.view(-1, 1, 1, 1))
        return None, distribution.mean[..., None], bounds.permute(1, 2, 3, 0)


Exact.__name__, Exact.__module__ = "DistributionLoss", DistributionLoss.__module__
LOSSES = {"HuberLoss": lambda: HuberLoss(delta=0.5), "QuantileLoss": lambda: QuantileLoss(0.3),
          "IQLoss": lambda: IQLoss(cos_embedding_dim=8), "MAE": MAE, "Normal": Exact}


def build(name, cls, options):
    options = dict(options)
    loss = options.get("loss")
    if loss is not None:
        options["loss"] = LOSSES[loss]() if isinstance(loss, str) else MQLoss(**loss)
    return cls(**options)


def save(nf, how, path):
    """Exports from memory, without the data, or as a user would from a folder."""
    if how != "folder":
        export(nf.models if how == "model" else nf, path)
        return
    with tempfile.TemporaryDirectory() as folder:
        nf.save(f"{folder}/saved")
        tool = TOOLS / "export_neuralforecast.py"
        subprocess.run([sys.executable, tool, f"{folder}/saved", path], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def data_of(models, freq, masked, aligned=False):
    """What the models of a case are trained on, and the future columns, by the names they use."""
    past, future, static = frames(freq)
    if aligned:
        past = past[past.unique_id.isin(ALIGNED["ids"])].groupby("unique_id").head(ALIGNED["rows"])
    if masked:
        past["available_mask"] = np.where(np.arange(len(past)) % 7 == 3, 0.0, 1.0)
        past["y"] *= past["available_mask"]
    columns = {c for _, _, options in models for c in EXOG if options.get(c)}
    known = [c for k in ("futr_exog_list", "hist_exog_list") if k in columns for c in EXOG[k]]
    mask = ["available_mask"] if masked else []
    past = past[["unique_id", "ds", "y", *known, *mask]]
    return (past, future if "futr_exog_list" in columns else None,
            static if "stat_exog_list" in columns else None, known)


def ours(column, outputs):
    """What neural-forecaster calls a column: the median is the point forecast, unless there is a
    mean beside it."""
    point = re.sub("-median|_ql.*", "", column)
    return column if point in outputs else point


def run(name, models, freq="h", local_scaler=None, how="memory", masked=False, aligned=False):
    """Trains, exports, and returns what test/python-models.test.ts compares with."""
    torch.set_num_threads(1)
    past, future, static, known = data_of(models, freq, masked, aligned)
    nf = NeuralForecast(models=[build(*m) for m in models], freq=freq,
                        local_scaler_type=local_scaler)
    nf.fit(past, static_df=static)
    forecast = nf.predict(futr_df=future)
    save(nf, how, DATA / f"{name}.safetensors")
    outputs = forecast.drop(columns=["unique_id", "ds"])
    return {
        "freq": freq,
        "how": how,
        "masked": masked,
        **({"aligned": ALIGNED} if aligned else {}),
        "models": [m[0] for m in models],
        "exog": sorted(known),
        "inputSize": INPUT,
        "localScaler": local_scaler is not None,
        "ds": np.asarray(forecast.ds).astype("int64" if freq == 1 else "datetime64[ms]").astype(
            "int64").tolist(),
        "columns": {ours(c, outputs): outputs[c].astype(float).tolist()
                    for c in outputs},
    }


def series(freq):
    past, future, static = frames(freq)
    return {
        "past": {c: past[c].tolist() for c in past if c != "ds"},
        "future": {c: future[c].tolist() for c in future if c != "ds"},
        "statics": {c: static[c].tolist() for c in static},
    }


def refused(cls, options, words):
    """The tool must refuse such a model, and say why."""
    try:
        export(cls(**{**TRAINING, **options}), DATA / "refused.safetensors")
    except UnsupportedError as error:
        if words in str(error):
            return
        raise
    raise SystemExit(f"{cls.__name__} with {words} was exported")


def check_refusals():
    refused(nf_models.NHITS, {"exclude_insample_y": True}, "exclude_insample_y")
    refused(nf_models.NHITS, {"hist_exog_list": ["x0"], "cat_exog_list": ["x0"],
                              "categorical_cardinalities": {"x0": 3}}, "cat_exog_list")
    refused(nf_models.NHITS, {"hist_exog_list": ["x0"], "scaler_type": "revin"}, "revin")
    refused(nf_models.NHITS, {"activation": "PReLU"}, "PReLU")
    refused(nf_models.iTransformer, {**INVERTED, "loss": MQLoss(level=[80])}, "another's")
    refused(nf_models.DeepNPTS, {}, "DeepNPTS")
    for freq in ("SMS", "SME", "us", "CBMS"):
        try:
            frequency(freq)
        except UnsupportedError:
            continue
        raise SystemExit(f"frequency {freq} was exported")


def main():
    check_refusals()
    DATA.mkdir(parents=True, exist_ok=True)
    path = DATA / "forecasts.json"
    known = json.loads(path.read_text()) if sys.argv[1:] else {}
    known |= {name: run(name, **CASES[name]) for name in sys.argv[1:] or CASES}
    forecasts = {name: known[name] for name in CASES if name in known}
    path.write_text(json.dumps(forecasts) + "\n")
    (DATA / "series.json").write_text(json.dumps(series("h")) + "\n")
    print(f"{len(forecasts)} cases")


if __name__ == "__main__":
    main()
