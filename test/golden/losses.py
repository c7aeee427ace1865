"""Value and gradient of each loss, for random inputs with masks and horizon weights."""

import json

import numpy as np
import torch
from neuralforecast.losses import pytorch as nf_losses

ROWS, HORIZON = 7, 11  # 77 elements: whole vectors and a tail at every vector width

WEIGHT = [1.0, 0.5, 0.0, 2.0, 1.0, 1.5, 1.0, 0.25, 3.0, 1.0, 0.75]

# Our options (native/heads/loss.h). MQLoss and HuberMQLoss give one output a quantile.
CASES = [
    {"name": "MAE"},
    {"name": "MAE", "horizonWeight": WEIGHT},
    {"name": "MSE"},
    {"name": "MSE", "horizonWeight": WEIGHT},
    {"name": "RMSE"},
    {"name": "RMSE", "horizonWeight": WEIGHT},
    {"name": "MAPE"},
    {"name": "MAPE", "horizonWeight": WEIGHT},
    {"name": "SMAPE"},
    {"name": "SMAPE", "horizonWeight": WEIGHT},
    {"name": "HuberLoss"},
    {"name": "HuberLoss", "delta": 0.4, "horizonWeight": WEIGHT},
    {"name": "QuantileLoss", "q": 0.5},
    {"name": "QuantileLoss", "q": 0.1, "horizonWeight": WEIGHT},
    {"name": "HuberQLoss", "q": 0.8},
    {"name": "HuberQLoss", "q": 0.25, "delta": 0.4, "horizonWeight": WEIGHT},
    {"name": "MQLoss"},
    {"name": "MQLoss", "level": [80, 95], "horizonWeight": WEIGHT},
    {"name": "MQLoss", "quantiles": [0.1, 0.5, 0.9]},
    {"name": "HuberMQLoss", "level": [80, 95]},
    {"name": "HuberMQLoss", "quantiles": [0.2, 0.5, 0.7], "delta": 0.3, "horizonWeight": WEIGHT},
]


# Our options that the library calls otherwise, of those that are a loss's alone.
ARGUMENTS = {"level": "level", "quantiles": "quantiles", "q": "q", "delta": "delta",
             "seasonality": "seasonality", "c": "c", "normalize": "normalize", "alpha": "alpha",
             "distribution": "distribution", "rho": "rho", "numPieces": "num_pieces",
             "nComponents": "n_components", "weighted": "weighted",
             "cosEmbeddingDim": "cos_embedding_dim"}


def build(spec: dict):
    """The library's loss for our options."""
    args = {ARGUMENTS[k]: v for k, v in spec.items() if k in ARGUMENTS}
    if "horizonWeight" in spec:
        args["horizon_weight"] = torch.tensor(spec["horizonWeight"])
    return getattr(nf_losses, spec["name"])(**args)


def golden():
    metadata, tensors = {"kind": "losses"}, {}
    for index, spec in enumerate(CASES):
        rng = np.random.default_rng(100 + index)
        loss = build(spec).double()
        outputs = loss.outputsize_multiplier
        y = rng.standard_normal((ROWS, HORIZON)).astype(np.float32)
        y_hat = (y[..., None] + rng.standard_normal((ROWS, HORIZON, outputs))).astype(np.float32)
        mask = (rng.random((ROWS, HORIZON)) > 0.25).astype(np.float32)
        mask[3] = 0  # a row without a single observed value
        # Exact zeros of the error and of the target: kinks, and divisions by zero.
        y_hat[0, :4] = y[0, :4, None]
        y[1, :4] = 0
        y_hat[1, 2:4] = 0
        mask[:2, :4] = 1
        hat = torch.tensor(y_hat, dtype=torch.float64, requires_grad=True)
        value = loss(
            y=torch.tensor(y, dtype=torch.float64)[..., None],
            y_hat=loss.domain_map(hat),
            mask=torch.tensor(mask, dtype=torch.float64)[..., None],
        )
        value.backward()
        prefix = f"{index:02d}"
        metadata[prefix] = json.dumps(
            {
                "loss": spec,
                "quantiles": loss.quantiles.tolist() if hasattr(loss, "quantiles") else [],
                "outputNames": list(map(str, loss.output_names)),
            }
        )
        tensors[f"{prefix}/y"] = y
        tensors[f"{prefix}/y_hat"] = y_hat
        tensors[f"{prefix}/mask"] = mask
        tensors[f"{prefix}/loss"] = np.float64(value.item())
        tensors[f"{prefix}/grad"] = hat.grad.numpy().astype(np.float32)
    return metadata, tensors
