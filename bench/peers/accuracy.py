"""The Python library's own errors on ETTh1 and M4 Weekly, for `npm run bench -- accuracy` to set
this package's beside: same settings (accuracy_settings.json), same seeds' count, same data.

    python accuracy.py [--data FOLDER] [--only LSTM,GRU] [--sets "ETTh1,M4 Weekly"]

writes accuracy.json beside itself, after every run, so that it can be stopped and started again:
what the file holds for equal settings is not repeated.

ETTh1: 7 channels as 7 series, z-scored by the train rows, trained on the first 8640 rows without
validation, tested on every window of the 2880 test rows (errors on scaled values). M4 Weekly: one
model for the 359 series, forecast once. Prophet is fitted to each series, on ETTh1 anew at
a few origins, spread evenly over the test rows, since a fit per window would take days.

All of it took 20 minutes of one core of the machine that made accuracy.json (AMD Zen 5), Prophet's
fits not counted, which run in processes of their own.
"""

import argparse
import json
import logging
import os
import time

import torch

from torch_peer import arguments, model_class

import numpy as np
import pandas as pd
from neuralforecast.tsdataset import TimeSeriesDataset

FOLDER = os.path.dirname(os.path.abspath(__file__))
TRAIN_END, VALIDATION_END, TEST_END = 8640, 11520, 14400


def read_etth1(folder):
    table = pd.read_csv(os.path.join(folder, "ETTh1.csv")).iloc[:TEST_END, 1:]
    train = table.iloc[:TRAIN_END]
    scaled = (table - train.mean()) / train.std(ddof=0)
    return {name: scaled[name].to_numpy() for name in scaled.columns}


def read_m4(folder):
    def rows(file):
        table = pd.read_csv(os.path.join(folder, file), index_col=0)
        return {name: row.dropna().to_numpy(dtype=float) for name, row in table.iterrows()}

    return rows("M4-Weekly-train.csv"), rows("M4-Weekly-test.csv")


def dataset(series):
    frames = [
        pd.DataFrame({"unique_id": f"{i:05d}", "ds": np.arange(len(y)), "y": y.astype(np.float32)})
        for i, y in enumerate(series)
    ]
    return TimeSeriesDataset.from_df(pd.concat(frames, ignore_index=True))[0]


def make(name, options, seed):
    cls = model_class(name)
    quiet = dict(logger=False, enable_progress_bar=False, enable_model_summary=False)
    quiet.update(enable_checkpointing=False, accelerator="cpu")
    return cls(**arguments(cls, options), random_seed=seed, **quiet)


def etth1(name, settings, seed, channels):
    horizon = settings["horizon"]
    options = {"horizon": horizon, **settings["common"], **settings["models"][name]}
    if model_class(name).MULTIVARIATE:
        options["nSeries"] = len(channels)
    model = make(name, options, seed)
    model.fit(dataset([y[:TRAIN_END] for y in channels.values()]))
    begin = VALIDATION_END - model.input_size
    model.set_test_size(TEST_END - VALIDATION_END)
    forecasts = model.predict(dataset([y[begin:] for y in channels.values()]))  # windows of stride 1
    windows = TEST_END - VALIDATION_END - horizon + 1
    forecasts = np.asarray(forecasts).reshape(len(channels), windows, horizon)
    errors = []
    for forecast, y in zip(forecasts, channels.values()):
        test = np.lib.stride_tricks.sliding_window_view(y[VALIDATION_END:], horizon)
        errors.append(forecast - test)
    errors = np.stack(errors)
    return {"MSE": float(np.mean(errors**2)), "MAE": float(np.mean(np.abs(errors)))}


def m4_errors(forecasts, train, test):
    smape, mase = [], []
    for forecast, history, truth in zip(forecasts, train, test):
        error = np.abs(forecast - truth)
        smape.append(np.mean(200 * error / (np.abs(truth) + np.abs(forecast))))
        mase.append(np.mean(error) / np.mean(np.abs(np.diff(history))))
    smape, mase = float(np.mean(smape)), float(np.mean(mase))
    return {"sMAPE": smape, "MASE": mase, "OWA": (smape / 9.161 + mase / 2.777) / 2}


def m4(name, settings, seed, train, test):
    options = {"horizon": settings["horizon"], **settings["common"], **settings["models"][name]}
    model = make(name, options, seed)
    histories, truths = list(train.values()), list(test.values())
    data = dataset(histories)
    model.fit(data)
    forecasts = np.asarray(model.predict(data)).reshape(len(histories), settings["horizon"])
    return m4_errors(forecasts, histories, truths)


def prophet_forecast(y, horizon, frequency):
    from prophet import Prophet

    data = pd.DataFrame({"ds": pd.date_range("2016-07-01", periods=len(y), freq=frequency), "y": y})
    model = Prophet(uncertainty_samples=0).fit(data)
    future = model.make_future_dataframe(horizon, freq=frequency, include_history=False)
    return model.predict(future)["yhat"].to_numpy()


def prophet_etth1(settings, channels):
    horizon, options = settings["horizon"], settings["Prophet"]
    errors = []
    last = TEST_END - horizon
    for i in range(options["origins"]):
        origin = VALIDATION_END + round(i * (last - VALIDATION_END) / (options["origins"] - 1))
        for y in channels.values():
            forecast = prophet_forecast(y[origin - options["history"] : origin], horizon, "h")
            errors.append(forecast - y[origin : origin + horizon])
    errors = np.stack(errors)
    return {"MSE": float(np.mean(errors**2)), "MAE": float(np.mean(np.abs(errors)))}


def prophet_m4(settings, train, test):
    forecasts = [prophet_forecast(y, settings["horizon"], "W") for y in train.values()]
    return m4_errors(forecasts, list(train.values()), list(test.values()))


def versions():
    import neuralforecast
    import prophet

    return {
        "neuralforecast": neuralforecast.__version__,
        "torch": torch.__version__,
        "prophet": prophet.__version__,
    }


def write(file_name, stored):
    """A run a line; six digits, since the rest differs from machine to machine."""
    for run in stored["runs"]:
        run["errors"] = {key: float(f"{value:.6g}") for key, value in run["errors"].items()}
    runs = ",\n".join("  " + json.dumps(run) for run in stored["runs"])
    with open(file_name, "w") as file:
        file.write(f'{{\n "versions": {json.dumps(stored["versions"])},\n "runs": [\n{runs}\n ]\n}}\n')


def main():
    parser = argparse.ArgumentParser()
    default = os.path.join(FOLDER, "..", "..", "..", "shared", "data")
    parser.add_argument("--data", default=os.environ.get("NEURAL_FORECASTER_DATA", default))
    parser.add_argument("--only")
    parser.add_argument("--sets", default="ETTh1,M4 Weekly")
    parser.add_argument("--out", default=os.path.join(FOLDER, "accuracy.json"))
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    with open(os.path.join(FOLDER, "accuracy_settings.json")) as file:
        settings = json.load(file)
    stored = {"versions": versions(), "runs": []}
    if os.path.exists(given.out):
        with open(given.out) as file:
            stored = json.load(file)

    channels = read_etth1(given.data)
    train, test = read_m4(given.data)

    def run(data_set, name, seed):
        options = settings[data_set]
        if name == "Prophet":
            if data_set == "ETTh1":
                return prophet_etth1(options, channels)
            return prophet_m4(options, train, test)
        if data_set == "ETTh1":
            return etth1(name, options, seed, channels)
        return m4(name, options, seed, train, test)

    for data_set in given.sets.split(","):
        names = [*settings[data_set]["models"], "Prophet"]
        for name in given.only.split(",") if given.only else names:
            own = settings[data_set]["models"].get(name, settings[data_set]["Prophet"])
            key = {"horizon": settings[data_set]["horizon"]}
            key.update(own if name == "Prophet" else {**settings[data_set]["common"], **own})
            for seed in settings["seeds"] if name != "Prophet" else [1]:
                head = {"data": data_set, "model": name, "seed": seed, "settings": key}
                if any(all(old[k] == head[k] for k in head) for old in stored["runs"]):
                    continue
                begin, cpu = time.time(), time.process_time()
                errors = run(data_set, name, seed)
                seconds = round(time.process_time() - cpu, 1)
                print(data_set, name, seed, errors, seconds, round(time.time() - begin, 1), flush=True)
                stored["runs"].append({**head, "errors": errors, "cpuSeconds": seconds})
                write(given.out, stored)


if __name__ == "__main__":
    main()
