"""Distribution losses and those that look at the lookback: value and gradient by the library, mean
and quantiles of the distributions by it or by scipy."""

import functools
import json

import losses
import numpy as np
import torch
from scipy import optimize, stats

ROWS, HORIZON, LOOKBACK = 7, 5, 12
LEVELS = [0.001, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.999]
COUNTS = ("Poisson", "NegativeBinomial", "Tweedie", "PMM", "NBMM")

# Our options (native/heads/loss.h); "scaled": windows under a scaler, else loc 0 and scale 1.
CASES = [
    {"name": "MASE", "seasonality": 3},
    {"name": "MASE", "seasonality": 1, "horizonWeight": [1.0, 0.5, 0.0, 2.0, 1.0]},
    {"name": "relMSE"},
    {"name": "FreDF"},
    {"name": "FreDF", "alpha": 0.8},
    *[{"name": "DistributionLoss", "distribution": name, "scaled": scaled, **more}
      for name, more in [("Normal", {}), ("StudentT", {}), ("Poisson", {}),
                         ("NegativeBinomial", {}), ("Bernoulli", {}), ("Tweedie", {"rho": 1.4})]
      for scaled in (True, False) if scaled or name != "Tweedie"],
    {"name": "DistributionLoss", "distribution": "Normal", "scaled": True,
     "horizonWeight": [1.0, 0.5, 0.0, 2.0, 1.0]},
    {"name": "DistributionLoss", "distribution": "ISQF", "scaled": True},
    {"name": "DistributionLoss", "distribution": "ISQF", "scaled": False, "numPieces": 1,
     "quantiles": [0.2, 0.7]},
    {"name": "DistributionLoss", "distribution": "ISQF", "scaled": True, "numPieces": 3,
     "level": [60]},
    {"name": "GMM", "scaled": True, "nComponents": 3, "weighted": True},
    {"name": "GMM", "scaled": False, "nComponents": 10},
    {"name": "PMM", "scaled": True, "nComponents": 4, "weighted": True},
    {"name": "PMM", "scaled": False, "nComponents": 3},
    {"name": "NBMM", "scaled": True, "nComponents": 3, "weighted": True},
    {"name": "NBMM", "scaled": True, "nComponents": 1},
]


def distribution_of(spec):
    return spec.get("distribution", spec["name"])


def draw_targets(spec, loc, scale, rng):
    name, shape = distribution_of(spec), (ROWS, HORIZON)
    if name == "Bernoulli":
        return rng.integers(0, 2, shape).astype(np.float64)
    if name in COUNTS:
        y = rng.poisson(6, shape).astype(np.float64)
        return y * rng.uniform(0.5, 1.5, shape) * (y > 4) if name == "Tweedie" else y
    return loc + scale * 1.5 * rng.standard_normal(shape)


def frozen(spec, args):
    """scipy's distribution of the library's arguments."""
    name = distribution_of(spec)
    if name in ("Normal", "GMM"):
        return stats.norm(args[0], args[1])
    if name == "StudentT":
        return stats.t(args[0], args[1], args[2])
    if name in ("Poisson", "PMM"):
        return stats.poisson(args[0])
    if name in ("NegativeBinomial", "NBMM"):
        return stats.nbinom(args[0], 1 - args[1])
    if name == "Bernoulli":
        return stats.bernoulli(args[0])
    return None


def mixture_quantile(components, weights, level, discrete):
    def cdf(x):
        return float(np.sum(weights * components.cdf(x)))

    own = components.ppf(level)
    low, high = own.min(), own.max()
    if not discrete:
        return optimize.brentq(lambda x: cdf(x) - level, low - 1e-9, high + 1e-9, xtol=1e-13)
    return next(k for k in range(int(low), int(high) + 1) if cdf(k) >= level)


def tweedie_quantiles(mean, rho):
    """By the sum over how many gamma variables there are."""
    events, shape = mean ** (2 - rho) / (2 - rho), (2 - rho) / (rho - 1)
    rate, n = mean ** (1 - rho) / (rho - 1), np.arange(1, 400)

    def cdf(x):
        parts = stats.poisson(events).pmf(n) * stats.gamma(n * shape, scale=1 / rate).cdf(x)
        return np.exp(-events) + parts.sum()

    return [0.0 if cdf(0) >= level else
            optimize.brentq(lambda x, u=level: cdf(x) - u, 0, 1e3 * mean, xtol=1e-12)
            for level in LEVELS]


def quantiles_of(spec, loss, args):
    """[ROWS, HORIZON, len(LEVELS)]."""
    name, points = distribution_of(spec), []
    if name == "ISQF":
        distribution = loss.get_distribution(args)
        shape = (1, ROWS, HORIZON, 1)
        own = [distribution.base_dist.quantile(torch.full(shape, u, dtype=torch.float64))[0, ..., 0]
               for u in LEVELS]
        loc, scale = args[-2][..., 0], args[-1][..., 0]
        return torch.stack([q * scale + loc for q in own], -1).numpy()
    mixture = name.endswith("MM")
    weighted = mixture and spec.get("weighted", False)
    for index in np.ndindex(ROWS, HORIZON):
        if name == "Tweedie":
            points.append(tweedie_quantiles(float(np.exp(args[0][index].item())), spec["rho"]))
            continue
        own = [a[index].numpy().reshape(-1) for a in args]
        weights = own.pop() if weighted else np.full(len(own[0]), 1 / len(own[0]))
        at = frozen(spec, own)
        points.append([mixture_quantile(at, weights, u, name != "GMM") if mixture
                       else float(at.ppf(u)[0]) for u in LEVELS])
    return np.array(points, np.float64).reshape(ROWS, HORIZON, -1)


def distribution_case(spec, rng, tensors, prefix):
    loss = losses.build(spec).double()
    if distribution_of(spec) == "ISQF":  # its levels in double, as the rest
        named = loss.domain_map.keywords
        levels = [round(float(level), 6) for level in named["quantiles"]]
        loss.domain_map = functools.partial(
            loss.domain_map.func, **{**named, "quantiles": torch.tensor(levels, dtype=torch.float64)})
    loc = rng.uniform(3, 6, (ROWS, 1)).astype(np.float32) * (1 if spec["scaled"] else 0)
    scale = (rng.uniform(0.5, 2, (ROWS, 1)).astype(np.float32) if spec["scaled"]
             else np.ones((ROWS, 1), np.float32))
    y = draw_targets(spec, loc, scale, rng)
    counts = distribution_of(spec) in (*COUNTS, "Bernoulli")
    target = (y if counts else (y - loc) / scale).astype(np.float32)
    exact = target.astype(np.float64) * (1 if counts else scale) + (0 if counts else loc)
    mask = (rng.random((ROWS, HORIZON)) > 0.25).astype(np.float32)
    mask[3] = 0
    raw = rng.standard_normal((ROWS, HORIZON, loss.outputsize_multiplier)).astype(np.float32)

    hat = torch.tensor(raw, dtype=torch.float64, requires_grad=True)
    anchor = {k: torch.tensor(v, dtype=torch.float64)[..., None]
              for k, v in (("loc", loc), ("scale", scale))}
    args = loss.scale_decouple(output=loss.domain_map(hat), **anchor)
    if distribution_of(spec) == "Tweedie":  # without the softplus that keeps its mean above 1
        args = (hat + torch.log(anchor["loc"]), spec["rho"])
    # NBMM takes no weights but the mask; the others multiply the two.
    value = loss(y=torch.tensor(exact)[..., None], distr_args=args,
                 mask=torch.tensor(mask, dtype=torch.float64)[..., None])
    value.backward()
    with torch.no_grad():
        args = [a if isinstance(a, float) else a.detach() for a in args]
        mean = None
        if distribution_of(spec) != "ISQF":  # the library's own is a mean of samples
            loss.get_distribution(args)
            mean = loss.distr_mean.reshape(ROWS, HORIZON).numpy()
        quantiles = quantiles_of(spec, loss, args)
    tensors.update({f"{prefix}/loc": loc[:, 0], f"{prefix}/scale": scale[:, 0],
                    f"{prefix}/quantiles": quantiles})
    if mean is not None:
        tensors[f"{prefix}/mean"] = mean
    return target, raw, mask, value, hat


def window_case(spec, rng, tensors, prefix):
    loss = losses.build(spec).double()
    insample = rng.standard_normal((ROWS, LOOKBACK)).astype(np.float32)
    y = rng.standard_normal((ROWS, HORIZON)).astype(np.float32)
    raw = (y + rng.standard_normal((ROWS, HORIZON))).astype(np.float32)[..., None]
    mask = (rng.random((ROWS, HORIZON)) > 0.25).astype(np.float32)
    if spec["name"] == "FreDF":
        mask[:] = 1  # the library's transform knows no mask
    hat = torch.tensor(raw, dtype=torch.float64, requires_grad=True)
    known = torch.tensor(insample, dtype=torch.float64)[..., None]
    # [rows, lookback], as it is documented; in training the library gives it a third axis and then
    # divides every row by the scale of every other.
    more = {"y_insample": known[..., 0]}
    if spec["name"] == "relMSE":
        more = {"y_benchmark": known[:, -1:].expand(-1, HORIZON, -1)}
    truth, weights = (torch.tensor(v, dtype=torch.float64)[..., None] for v in (y, mask))
    value = loss(y=truth, y_hat=hat, mask=weights, **more)
    if spec["name"] == "relMSE":  # without the 1e-5 that is added to the divisor
        norm = loss.mse(y=truth, y_hat=more["y_benchmark"], mask=weights)
        value = value * (norm + 1e-5) / norm
    value.backward()
    tensors[f"{prefix}/insample"] = insample
    return y, raw, mask, value, hat


def golden():
    metadata, tensors = {"kind": "heads"}, {}
    for index, spec in enumerate(CASES):
        rng, prefix = np.random.default_rng(200 + index), f"{index:02d}"
        case = distribution_case if "scaled" in spec else window_case
        target, raw, mask, value, hat = case(spec, rng, tensors, prefix)
        config = {k: v for k, v in spec.items() if k != "scaled"}
        metadata[prefix] = json.dumps({"loss": config, "levels": LEVELS})
        tensors.update({f"{prefix}/target": target, f"{prefix}/raw": raw, f"{prefix}/mask": mask,
                        f"{prefix}/loss": np.float64(value.item()),
                        f"{prefix}/grad": hat.grad.numpy().astype(np.float32)})
    return metadata, tensors
