"""Times PyPI's prophet: a JSON request {"ds": [ms], "y": [..], "horizon": n, "rounds": n} on stdin, answered by the
milliseconds of each fit and of each forecast with its intervals."""

import json
import logging
import sys
import time
import warnings

import pandas as pd
from prophet import Prophet

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")


def main() -> None:
    request = json.load(sys.stdin)
    ds = pd.to_datetime(request["ds"], unit="ms")
    history = pd.DataFrame({"ds": ds, "y": request["y"]})
    step = ds[1] - ds[0]
    future = pd.DataFrame({"ds": [ds[-1] + step * (i + 1) for i in range(request["horizon"])]})
    fits, forecasts = [], []
    for _ in range(request["rounds"]):
        model = Prophet()
        begin = time.perf_counter()
        model.fit(history)
        middle = time.perf_counter()
        model.predict(future)
        end = time.perf_counter()
        fits.append(1e3 * (middle - begin))
        forecasts.append(1e3 * (end - middle))
    json.dump({"fits": fits, "forecasts": forecasts}, sys.stdout)


main()
