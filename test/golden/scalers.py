"""Writes data/scalers.json: what NeuralForecast's window scalers (TemporalNorm) and coreforecast's local scalers give.

    python scalers.py            rewrite the file
    python scalers.py --check    compare with the file there, change nothing

Apart from generate.py, and JSON: the tests of native/data stand below the safetensors reader.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from coreforecast.grouped_array import GroupedArray
from neuralforecast.common._scalers import TemporalNorm
from neuralforecast.core import _type2scaler

FILE = Path(__file__).parent / "data" / "scalers.json"
LOOKBACK, HORIZON = 9, 3
WINDOW_SCALERS = ["identity", "standard", "revin", "robust", "minmax", "minmax1", "invariant"]


def windows(rng):
    """(x, mask) [L + h]: an odd and an even count of observed values, ties, no spread, masks."""
    total = LOOKBACK + HORIZON
    noise = rng.normal(3.0, 2.0, (4, total))
    price = 4321.5 + rng.normal(0.0, 1.0, total).cumsum()
    ties = np.array([5, 5, 5, 5, 5, 7, 2, 5, 9, 1, 6, 5], float)  # MAD 0, std not
    half = np.array([5, 7, 5, 9, 5, 4, 5, 8, 5, 1, 6, 5], float)  # an even count, half of them equal
    constant = np.full(total, 6.5)
    ones = np.ones(total)
    gaps = (rng.random((5, total)) > 0.3).astype(float)
    left = np.array([0] * 5 + [1] * 7, float)  # padding before the series
    single = np.array([0] * 8 + [1] * 4, float)
    eight = np.array([0] + [1] * 11, float)
    return [(noise[0], ones), (noise[1], gaps[0]), (noise[2], gaps[1]), (noise[3], left), (price, ones),
            (price, gaps[2]), (ties, ones), (ties, gaps[3]), (half, eight), (constant, ones), (noise[0], single),
            (noise[1] * 1e-5, ones), (noise[2] * 1e8, gaps[4])]


def window_cases(rng):
    # As the base model has it: [windows, L + h, columns, 1], statistics over dimension 1, the horizon masked out; the
    # second column stands for an exogenous one. In double, where the library trains in float: the formulas are under
    # test, not its rounding.
    cases = []
    for x, mask in windows(rng):
        x = np.array(rounded(np.stack([x, x[::-1] * 0.5 + 1.0], axis=-1).tolist()))
        case = {"x": x.T.tolist(), "mask": mask.astype(int).tolist(), "scalers": {}}
        lookback = torch.tensor(mask)[None, :, None, None].clone()
        lookback[:, LOOKBACK:] = 0.0
        for name in WINDOW_SCALERS:
            norm = TemporalNorm(scaler_type=name, dim=1, num_features=2).double()
            data = torch.tensor(x)[None, :, :, None]
            z = norm.transform(data, lookback)
            loc, scale = norm.compute_statistics(data, lookback, dim=1, eps=norm.eps)
            back = norm.inverse_transform(z, loc, scale)
            case["scalers"][name] = {
                "loc": loc.flatten().tolist(),
                "scale": scale.flatten().tolist(),
                "z": z[0, :, :, 0].T.tolist(),
                "inverse": back[0, :, :, 0].detach().T.tolist(),
            }
        cases.append(case)
    return cases


def local_cases(rng):
    season = np.sin(np.arange(48) / 6.0)
    series = [
        rng.gamma(2.0, 3.0, 31),
        rng.gamma(2.0, 3.0, 32),
        np.exp(rng.normal(0.0, 1.0, 57)),
        (rng.normal(10.0, 0.5, 40)) ** 2,
        np.exp(season) * 100.0 + rng.normal(0.0, 2.0, 48),
        1200.0 * np.exp(rng.normal(0.0, 0.01, 60).cumsum()),
        rng.normal(10.0, 0.5, 33) ** 0.5,
        np.full(7, 4.25),
        np.array([5.0, 5, 5, 5, 5, 9]),
        np.array([3.0, 8.0]),
        np.array([2.5]),
    ]
    outside = np.array([0.25, 1.0, 6.0, 40.0])  # values that the scale was not fitted on
    cases = []
    for x in series:
        x = np.array(rounded(x.tolist()))
        case = {"x": x.tolist(), "outside": outside.tolist(), "scalers": {}}
        for name, make in _type2scaler.items():
            if name == "boxcox" and np.ptp(x) == 0:
                continue  # every lambda fits a constant alike: ours takes 1
            fitted = make().fit(array(x))
            shown = np.concatenate([x[:5], outside])
            z = fitted.transform(array(shown))
            case["scalers"][name] = {
                "stats": fitted.stats_[0].tolist(),
                "z": z.tolist(),
                "inverse": fitted.inverse_transform(array(z + 0.125)).tolist(),
            }
        cases.append(case)
    return cases


def rounded(value):
    """Twelve digits: beyond what the tests compare, and half the file."""
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


def array(x):
    x = np.asarray(x, dtype=np.float64)
    return GroupedArray(x, np.array([0, len(x)], dtype=np.int32))


def main():
    rng = np.random.default_rng(7)
    golden = {"inputSize": LOOKBACK, "horizon": HORIZON, "windows": window_cases(rng), "local": local_cases(rng)}
    text = json.dumps(rounded(golden)) + "\n"
    if "--check" in sys.argv[1:]:
        sys.exit(None if FILE.read_text() == text else "scalers.json differs")
    FILE.write_text(text)


if __name__ == "__main__":
    main()
