"""torch's BatchNorm1d over some batches, one after the other, and what it makes of one at inference."""

import json

import numpy as np
import torch

BATCHES = 3
# Rows, time, channels, momentum, epsilon. Without time as over the channels of a vector.
CASES = [(19, 1, 37, 0.1, 1e-5), (21, 6, 5, 0.1, 1e-5), (9, 3, 8, 0.35, 1e-3), (5, 1, 3, 1.0, 1e-5)]


def run(rows, time, channels, momentum, epsilon, seed):
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    shape = (BATCHES, rows, time, channels)
    given = {"x": normal(*shape) * 2 + normal(BATCHES, 1, 1, channels) * 3, "dy": normal(*shape),
             "weight": normal(channels), "bias": normal(channels)}
    norm = torch.nn.BatchNorm1d(channels, eps=epsilon, momentum=momentum).double()
    norm.weight.data, norm.bias.data = (torch.tensor(given[key], dtype=torch.float64)
                                        for key in ("weight", "bias"))

    def apply(x):  # [rows, time, channels], which torch has the other way round
        return norm(x.transpose(1, 2)).transpose(1, 2) if time > 1 else norm(x[:, 0])[:, None]

    got = {key: [] for key in ("y", "dx", "dweight", "dbias", "mean", "variance")}
    for values, dy in zip(given["x"], given["dy"]):
        norm.zero_grad()
        x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
        y = apply(x)
        y.backward(torch.tensor(dy, dtype=torch.float64))
        for key, value in zip(got, (y.detach(), x.grad, norm.weight.grad, norm.bias.grad,
                                    norm.running_mean, norm.running_var)):
            got[key].append(value.numpy().copy())
    norm.eval()
    inferred = apply(torch.tensor(given["x"][0], dtype=torch.float64)).detach().numpy()
    return {**given, **{key: np.stack(values) for key, values in got.items()}, "inferred": inferred}


def batch_norms():
    metadata, tensors = {"kind": "batch norms"}, {}
    for index, case in enumerate(CASES):
        prefix = f"{index:02d}"
        metadata[prefix] = json.dumps({"momentum": case[3], "epsilon": case[4]})
        for key, value in run(*case, seed=400 + index).items():
            tensors[f"{prefix}/{key}"] = value.astype(np.float32)
    return metadata, tensors
