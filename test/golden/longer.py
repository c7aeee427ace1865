"""What the real NeuralForecast forecasts beyond the trained horizon, with the models in data/python.

    python longer.py          writes data/python/longer.json; export.py must have run before
    python longer.py --check  only compares, to 1e-6

The models are not trained again: their weights are read from the files that export.py wrote, and
the forecast at the trained horizon must be the recorded one. test/python-models.test.ts expects
the same forecasts at 12 steps, twice the trained horizon, and at 11 the first 11 of them.

At 11 the library is followed in the recurrent form alone. The direct form's second round has
columns for five of its six steps there, and so the library runs it on a lookback that ends a step
too early and gives the result as that of the steps behind: `python longer.py --check` prints by how
much that differs from the beginning of its own 12 steps.
"""

import json
import re
import struct
import sys

import numpy as np
import pandas as pd
import torch
from export import CASES, DATA, HORIZON, LEVEL, build, data_of, frames
from neuralforecast import NeuralForecast

LONG = 2 * HORIZON


def longer_future(future):
    """The future columns over LONG steps; values exact in single precision."""
    parts = []
    for _, rows in future.groupby("unique_id", sort=False):
        step = rows.ds.iloc[1] - rows.ds.iloc[0]
        numbers = np.arange(LONG - HORIZON)
        more = pd.DataFrame({"unique_id": rows.unique_id.iloc[0],
                             "ds": rows.ds.iloc[-1] + (numbers + 1) * step,
                             "f0": np.round(np.cos(numbers) * 256) / 256,
                             "f1": np.round(np.sin(numbers) * 256) / 256 + 3})
        parts += [rows, more]
    return pd.concat(parts, ignore_index=True)


def stored(name):
    """The single precision tensors of a file that export.py wrote."""
    data = (DATA / f"{name}.safetensors").read_bytes()
    begin = 8 + struct.unpack("<Q", data[:8])[0]
    entries = json.loads(data[8:begin])
    return {key: np.frombuffer(data[begin:][slice(*entry["data_offsets"])], "<f4")
            for key, entry in entries.items() if entry.get("dtype") == "F32"}


def reload(name, models, freq="h", local_scaler=None, masked=False, aligned=False, **_):
    """The NeuralForecast object of a case of export.py, with the exported weights."""
    past, future, static, _ = data_of(models, freq, masked, aligned)
    nf = NeuralForecast(models=[build(label, cls, {**options, "max_steps": 1})
                                for label, cls, options in models],
                        freq=freq, local_scaler_type=local_scaler)
    nf.fit(past, static_df=static)
    tensors = stored(name)
    for i, model in enumerate(nf.models):
        for key, kept in model.state_dict().items():
            values = tensors.get(f"models.{i}.{key}")
            if values is not None:
                kept.copy_(torch.tensor(values).reshape(kept.shape))
    return nf, None if future is None else longer_future(future)


def forecast(nf, future, horizon):
    rows = None if future is None else future.groupby("unique_id", sort=False).head(horizon)
    out = nf.predict(futr_df=rows, h=horizon).drop(columns=["unique_id", "ds"])
    return {re.sub("-median|_ql.*", "", c): out[c].astype(float).tolist() for c in out}


def close(got, expected):
    return all(np.allclose(got[c], expected[c], rtol=0, atol=1e-6 * np.abs(expected[c]).max())
               for c in expected)


def say_distance(name, shorter, longer):
    for column, values in longer.items():
        begun = np.reshape(values, (-1, LONG))[:, :-1].ravel()
        worst = np.abs(begun - shorter[column]).max()
        print(f"{name} {column}: at {LONG - 1} steps {worst:.3g} from the first of {LONG}")


def main():
    torch.set_num_threads(1)
    recorded = json.loads((DATA / "forecasts.json").read_text())
    cases = {}
    for name, case in CASES.items():
        if any(options.get("hist_exog_list") for _, _, options in case["models"]):
            continue  # the library refuses them: it has no historic columns of the future
        if any(options.get("loss") == LEVEL for _, _, options in case["models"]):
            continue  # the library goes on from the median as it is, we from the sorted one
        if case.get("how") == "model" or case.get("freq", "h") not in ("h", 1):
            continue  # no data in the file; one frequency more shows nothing
        nf, future = reload(name, **case)
        assert close(forecast(nf, future, HORIZON), recorded[name]["columns"]), name
        cases[name] = forecast(nf, future, LONG)
        say_distance(name, forecast(nf, future, LONG - 1), cases[name])
    columns = longer_future(frames("h")[1])
    text = {"future": {c: columns[c].tolist() for c in columns if c != "ds"}, "cases": cases}
    path = DATA / "longer.json"
    if "--check" in sys.argv:
        old = json.loads(path.read_text())["cases"]
        bad = [name for name in cases if not close(cases[name], old[name])]
        sys.exit(f"differ: {bad}" if bad else 0)
    path.write_text(json.dumps(text) + "\n")
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    main()
