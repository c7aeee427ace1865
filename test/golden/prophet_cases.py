"""Writes data/prophet.safetensors: what the real Prophet fits to real series, and its forecasts.

    python prophet_cases.py            rewrite the file
    python prophet_cases.py --check    compare with the file there, change nothing

Apart from generate.py: it has its own library, and reads the series from node_modules (npm ci).
The series are works of the U.S. government, by way of the npm package vega-datasets: NOAA's weather of Seattle, daily and
as hourly normals, and the Bureau of Labor Statistics' employment, monthly.

Stan is driven further than its defaults; it still ends a little beside the mode (a Laplace prior has kinks), so the tests
compare the value of the posterior, which ours must not fall behind, and forecasts to a tolerance.
"""

import json
import logging
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from prophet import Prophet

sys.path.append(str(Path(__file__).parents[2] / "tools"))
import safetensors_file  # noqa: E402

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")

HERE = Path(__file__).resolve().parent
FILE = HERE / "data" / "prophet.safetensors"
SERIES = HERE / "../../node_modules/vega-datasets/data"
RESTARTS = 60
SAMPLES = 2000
# From tight to the defaults: L-BFGS fails on a kink before it meets a tolerance that is too tight, and then the next is tried.
STAN = [{"iter": 100_000, "tol_obj": tol, "tol_rel_obj": 1e4 * tol / 1e-12, "tol_grad": tol, "tol_rel_grad": 1e7 * tol / 1e-12,
         "tol_param": tol} for tol in (1e-16, 1e-15, 1e-14, 1e-13, 1e-12)]


def daily() -> pd.DataFrame:
    frame = pd.read_csv(SERIES / "seattle-weather.csv")
    return pd.DataFrame({"ds": pd.to_datetime(frame["date"]), "y": frame["temp_max"], "rain": frame["precipitation"],
                         "wet": (frame["precipitation"] > 0).astype(float)})


def hourly() -> pd.DataFrame:
    frame = pd.read_csv(SERIES / "seattle-weather-hourly-normals.csv").iloc[4000:4600]
    return pd.DataFrame({"ds": pd.to_datetime(frame["date"]), "y": frame["temperature"]}).reset_index(drop=True)


def monthly() -> pd.DataFrame:
    frame = pd.read_csv(SERIES / "us-employment.csv")
    return pd.DataFrame({"ds": pd.to_datetime(frame["month"]), "y": frame["construction"].astype(float),
                         "ceiling": np.linspace(9000, 9600, len(frame))})


def weekdays() -> pd.DataFrame:
    """Weekdays with four missing."""
    frame = daily()[["ds", "y"]].iloc[:300]
    return frame[frame["ds"].dt.dayofweek < 5].drop([30, 31, 101, 150]).reset_index(drop=True)


def holes() -> pd.DataFrame:
    """Hours, of which some are missing."""
    frame = hourly().iloc[:400]
    return frame[(np.arange(400) % 37 > 3) | (np.arange(400) > 350)].reset_index(drop=True)


def steady() -> pd.DataFrame:
    """A level, a week and a ripple; columns that are constant, or add up to 1, until the last three rows."""
    t = np.arange(123)
    return pd.DataFrame({"ds": pd.date_range("2022-01-03", periods=123), "y": 20 + 2 * np.sin(2 * np.pi * t / 7) + 0.3 * np.cos(12.9 * t),
                         "one": np.where(t < 120, 1.0, 0.0), "five": np.where(t < 120, 5.0, 9.0),
                         "never": np.where(t < 120, 0.0, 1.0), "odd": np.where(t < 120, t % 2, 0.0),
                         "even": np.where(t < 120, 1.0 - t % 2, 0.0)})


def level(value: float) -> pd.DataFrame:
    return pd.DataFrame({"ds": pd.date_range("2022-01-03", periods=405), "y": value})


HOLIDAYS = [{"name": "christmas", "ds": ["2012-12-25", "2013-12-25", "2014-12-25", "2015-12-25"], "lowerWindow": -1,
             "upperWindow": 2},
            {"name": "fourth", "ds": ["2012-07-04", "2013-07-04", "2014-07-04", "2015-07-04"], "priorScale": 2.0}]

# Series, rows to forecast, our options (horizon left out). The library's are made from them.
CASES = {
    "daily": ("daily", 90, {}),
    "daily_regressors": ("daily", 90, {"futureExog": ["rain", "wet"], "holidays": HOLIDAYS, "regressors": [
        {"name": "rain", "priorScale": 0.5}]}),
    "daily_multiplicative": ("daily", 60, {"futureExog": ["rain"], "seasonalityMode": "multiplicative",
                                           "regressors": [{"name": "rain", "mode": "additive"}]}),
    "daily_flat": ("daily", 60, {"growth": "flat", "weeklySeasonality": False, "seasonalities": [
        {"name": "lunar", "period": 29.53, "fourierOrder": 2, "priorScale": 0.1}]}),
    "hourly": ("hourly", 48, {}),
    "hourly_changes": ("hourly", 24, {"dailySeasonality": 6, "weeklySeasonality": False, "changepointPriorScale": 0.5,
                                      "changepoints": ["2010-06-20T00:00:00", "2010-07-01T12:00:00"]}),
    "monthly": ("monthly", 12, {"seasonalityMode": "multiplicative", "nChangepoints": 12}),
    "monthly_minmax": ("monthly", 12, {"scaling": "minmax", "changepointRange": 0.9}),
    "monthly_still": ("monthly", 12, {"nChangepoints": 0, "yearlySeasonality": 4, "seasonalityPriorScale": 0.05}),
    "monthly_logistic": ("monthly", 12, {"growth": "logistic", "cap": 9000, "floor": 4000}),
    "monthly_ceiling": ("monthly", 12, {"growth": "logistic", "capColumn": "ceiling", "futureExog": ["ceiling"],
                                        "seasonalityMode": "multiplicative"}),
    "weekdays": ("weekdays", 20, {}),
    "holes": ("holes", 24, {}),
}

# Where the posterior is flat, or has no mode: the library as it is, begun once and not driven further, whose search ends
# near where it begins, with no effect of what the history cannot tell. Ours is to forecast about the same.
FLAT = {
    "flat_one": ("steady", 3, {"futureExog": ["one"]}),
    "flat_five": ("steady", 3, {"futureExog": ["five"]}),
    "flat_never": ("steady", 3, {"futureExog": ["never"]}),
    "flat_share": ("steady", 3, {"futureExog": ["five"], "regressors": [{"name": "five", "mode": "multiplicative"}]}),
    "flat_twice": ("steady", 3, {"futureExog": ["one", "five"]}),
    "flat_sum": ("steady", 3, {"futureExog": ["odd", "even"]}),
    "flat_holiday": ("steady", 3, {"holidays": [
        {"name": "always", "ds": [str(day.date()) for day in pd.date_range("2022-01-03", periods=120)]}]}),
    "flat_monday": ("steady", 3, {"holidays": [
        {"name": "monday", "ds": [str(day.date()) for day in pd.date_range("2022-01-03", periods=17, freq="7D")]}]}),
    "level_eight": ("eight", 5, {"growth": "logistic", "cap": 10}),
    "level_four": ("four", 5, {"growth": "logistic", "cap": 10}),
}


def snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


def build(options: dict) -> Prophet:
    special = {"futureExog", "regressors", "seasonalities", "holidays", "cap", "floor", "capColumn"}
    arguments = {snake(k): v for k, v in options.items() if k not in special}
    if "holidays" in options:
        arguments["holidays"] = pd.DataFrame([
            {"holiday": h["name"], "ds": ds, "lower_window": h.get("lowerWindow", 0),
             "upper_window": h.get("upperWindow", 0), "prior_scale": h.get("priorScale", 10.0)}
            for h in options["holidays"] for ds in h["ds"]])
    model = Prophet(uncertainty_samples=0, **arguments)
    for s in options.get("seasonalities", []):
        model.add_seasonality(s["name"], s["period"], s["fourierOrder"], s.get("priorScale"), s.get("mode"))
    uses = {r["name"]: r for r in options.get("regressors", [])}
    for name in options.get("futureExog", []):
        if name != options.get("capColumn"):
            use = uses.get(name, {})
            model.add_regressor(name, use.get("priorScale"), "auto", use.get("mode"))
    return model


def column_order(model: Prophet, features: pd.DataFrame, options: dict) -> list:
    """Positions of the library's columns in our order: its holidays are sorted by text, ours by window."""
    names = list(features.columns)
    ours = []
    for season in model.seasonalities:
        ours += [n for n in names if n.startswith(f"{season}_delim_")]
    for h in options.get("holidays", []):
        for offset in range(h.get("lowerWindow", 0), h.get("upperWindow", 0) + 1):
            ours.append(f"{h['name']}_delim_{'+' if offset >= 0 else '-'}{abs(offset)}")
    ours += [n for n in names if n in model.extra_regressors]
    return [names.index(n) for n in ours]


def attempt(history: pd.DataFrame, options: dict, start: dict) -> Prophet | None:
    """A fit from `start`, by the first algorithm and the tightest of the tolerances that Stan can meet."""
    for how in [{"algorithm": a, **tolerances} for a in ("LBFGS", "BFGS") for tolerances in STAN] + [{"algorithm": "Newton"}]:
        model = build(options)
        model.stan_backend.set_options(newton_fallback=False)
        try:
            return model.fit(history, **how, **start)
        except RuntimeError:
            continue
    return None


def posterior(model: Prophet) -> float:
    return float(model.stan_fit.optimized_params_dict["lp__"])


def fitted(history: pd.DataFrame, options: dict) -> Prophet:
    """Begun again where it ended, until that gains nothing: the curvature that it learned on one side of a kink is wrong on
    the other, and stops it early."""
    best, still = attempt(history, options, {}), 0
    for _ in range(RESTARTS):
        params = best.params
        start = {"init": {"k": params["k"].item(), "m": params["m"].item(), "delta": params["delta"].ravel(),
                          "beta": params["beta"].ravel(), "sigma_obs": params["sigma_obs"].item()}}
        again = attempt(history, options, start)
        gain = posterior(again) - posterior(best) if again else 0.0
        still = 0 if gain > 1e-6 else still + 1
        if gain > 0:
            best = again
        if still == 3:
            break
    return best


def run(frame: pd.DataFrame, rows: int, options: dict, flat: bool) -> dict:
    frame = frame.copy()
    if options.get("growth") == "logistic":
        frame["cap"] = frame[options["capColumn"]] if "capColumn" in options else float(options["cap"])
        if "floor" in options:
            frame["floor"] = float(options["floor"])
    model = build(options).fit(frame.iloc[:-rows]) if flat else fitted(frame.iloc[:-rows], options)
    forecast = model.predict(frame.drop(columns="y"))
    features = model.make_all_seasonality_features(model.history)[0]
    order = column_order(model, features, options)
    theta = np.concatenate([model.params["k"].ravel(), model.params["m"].ravel(), model.params["delta"].ravel(),
                            model.params["beta"].ravel()[order]])
    values = {"theta": theta, "sigma": model.params["sigma_obs"].ravel()[:1], "changes": np.asarray(model.changepoints_t, float)}
    for column in ["trend", "additive_terms", "multiplicative_terms", "yhat"]:
        values[column] = forecast[column].to_numpy()[-rows:]
    # Futures one by one: its faster way of simulating them is an approximation of this.
    np.random.seed(7)
    model.uncertainty_samples = SAMPLES
    simulated = model.predict(frame.drop(columns="y").iloc[-rows:], vectorized=False)
    values["low"], values["high"] = simulated["yhat_lower"], simulated["yhat_upper"]
    return {name: np.asarray(value, np.float64) for name, value in values.items()}


def golden() -> tuple[dict, dict]:
    series = {"daily": daily(), "hourly": hourly(), "monthly": monthly(), "weekdays": weekdays(), "holes": holes(),
              "steady": steady(), "eight": level(8.0), "four": level(4.0)}
    metadata, values = {}, {}
    for name, frame in series.items():
        for column in frame.columns:
            data = frame[column]
            values[f"{name}/{column}"] = (data.astype("datetime64[ms]").astype("int64") if column == "ds" else data).to_numpy(
                np.float64)
    for name, (which, rows, options) in (CASES | FLAT).items():
        ours = json.loads(json.dumps(options), object_hook=milliseconds)
        metadata[name] = json.dumps({"series": which, "rows": rows, "config": ours})
        for key, value in run(series[which], rows, options, name in FLAT).items():
            values[f"{name}/{key}"] = value
    return metadata, values


def milliseconds(item: dict) -> dict:
    """Dates as the native code gets them."""
    for key in ("ds", "changepoints"):
        if key in item:
            item[key] = [int(pd.Timestamp(t).timestamp() * 1000) for t in item[key]]
    return item


def main() -> None:
    if "--check" not in sys.argv[1:]:
        safetensors_file.write(FILE, *golden())
        return print(f"{FILE.stat().st_size} bytes")
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / FILE.name
        safetensors_file.write(fresh, *golden())
        sys.exit(None if fresh.read_bytes() == FILE.read_bytes() else "prophet.safetensors differs")


if __name__ == "__main__":
    main()
