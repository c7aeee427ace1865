"""The Python library's own coverage of M4 Weekly by DeepAR's intervals, for `npm run bench -- coverage`
to set this package's beside: same settings (coverage_settings.json), same seeds, same data.

    python coverage.py [--data FOLDER]

writes coverage.json beside itself.
"""

import argparse
import json
import logging
import os

import numpy as np
import torch
from accuracy import FOLDER, dataset, read_m4
from neuralforecast import __version__
from neuralforecast.losses.pytorch import DistributionLoss
from torch_peer import arguments, model_class


def figures(lo, hi, train, test):
    inside = (test >= lo) & (test <= hi)
    steps = np.array([np.mean(np.abs(np.diff(y))) for y in train])
    return {"coverage": 100 * float(inside.mean()), "last": 100 * float(inside[:, -1].mean()),
            "width": float(np.mean((hi - lo) / steps[:, None]))}


def run(options, levels, seed, train, test):
    cls = model_class("DeepAR")
    model = cls(**arguments(cls, options), loss=DistributionLoss("StudentT", level=levels),
                random_seed=seed, logger=False, enable_progress_bar=False,
                enable_model_summary=False, enable_checkpointing=False, accelerator="cpu")
    data = dataset(train)
    model.fit(data)
    forecasts = np.asarray(model.predict(data)).reshape(len(train), options["horizon"], -1)
    names = model.loss.output_names  # the mean first
    column = {name: forecasts[:, :, i] for i, name in enumerate(names)}
    return {level: figures(column[f"-lo-{level}"], column[f"-hi-{level}"], train, test)
            for level in levels}


def main():
    parser = argparse.ArgumentParser()
    default = os.path.join(FOLDER, "..", "..", "..", "shared", "data")
    parser.add_argument("--data", default=os.environ.get("NEURAL_FORECASTER_DATA", default))
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    with open(os.path.join(FOLDER, "coverage_settings.json")) as file:
        settings = json.load(file)
    train, test = read_m4(given.data)
    runs = []
    for seed in settings["seeds"]:
        runs.append(run(settings["options"], settings["levels"], seed, list(train.values()),
                        np.stack(list(test.values()))))
        print(seed, runs[-1], flush=True)
    with open(os.path.join(FOLDER, "coverage.json"), "w") as file:
        json.dump({"version": __version__, "runs": runs}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
