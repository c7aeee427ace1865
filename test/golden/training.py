"""torch's optimisers on small vectors, and its learning-rate schedules step by step."""

import json

import numpy as np
import torch
from torch.optim import lr_scheduler as sched

SIZE, STEPS = 37, 10  # whole vectors and a tail at every vector width
SCHEDULE_STEPS = 50

# Our options (native/models/config.h) beside torch's class and arguments.
OPTIMIZERS = [
    ("adam", {}, torch.optim.Adam, {}),
    ("adam", {"weightDecay": 0.1}, torch.optim.Adam, {"weight_decay": 0.1}),
    ("adam", {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6}, torch.optim.Adam,
     {"betas": (0.8, 0.95), "eps": 1e-6}),
    ("adamw", {"weightDecay": 0.0}, torch.optim.AdamW, {"weight_decay": 0.0}),
    ("adamw", {"weightDecay": 0.1}, torch.optim.AdamW, {"weight_decay": 0.1}),
    ("sgd", {}, torch.optim.SGD, {}),
    ("sgd", {"momentum": 0.9}, torch.optim.SGD, {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "weightDecay": 0.1}, torch.optim.SGD,
     {"momentum": 0.9, "weight_decay": 0.1}),
    ("rmsprop", {}, torch.optim.RMSprop, {}),
    ("rmsprop", {"weightDecay": 0.1}, torch.optim.RMSprop, {"weight_decay": 0.1}),
    ("rmsprop", {"momentum": 0.9, "weightDecay": 0.1}, torch.optim.RMSprop,
     {"momentum": 0.9, "weight_decay": 0.1}),
]


def optimizers():
    metadata, tensors = {"kind": "optimizers"}, {}
    for index, (name, options, cls, args) in enumerate(OPTIMIZERS):
        rng = np.random.default_rng(200 + index)
        start = rng.standard_normal(SIZE).astype(np.float32)
        grads = rng.standard_normal((STEPS, SIZE)).astype(np.float32)
        grads[:, 0] = 0  # a parameter that nothing reaches
        grads[:, 1] *= 1e-6
        p = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
        optimizer = cls([p], lr=0.01, **args)
        after = []
        for g in grads:
            p.grad = torch.tensor(g, dtype=torch.float64)
            optimizer.step()
            after.append(p.detach().numpy().astype(np.float32))
        prefix = f"{index:02d}"
        metadata[prefix] = json.dumps({"optimizer": name, "learningRate": 0.01, **options})
        tensors[f"{prefix}/start"] = start
        tensors[f"{prefix}/grads"] = grads
        tensors[f"{prefix}/after"] = np.stack(after)
    return metadata, tensors


def warmup_cosine(optimizer, warmup, steps, minimum):
    """lr * (t + 1) / warmup for the first `warmup` steps, then a half cosine down to `minimum`."""
    ramp = sched.LinearLR(optimizer, start_factor=1 / warmup, total_iters=max(warmup - 1, 1))
    fall = sched.CosineAnnealingLR(optimizer, T_max=steps - warmup, eta_min=minimum)
    return sched.SequentialLR(optimizer, [ramp, fall], milestones=[warmup])


N = SCHEDULE_STEPS
SCHEDULES = [
    ({"lrScheduler": "step", "numLrDecays": 3}, lambda o: sched.StepLR(o, N // 3, gamma=0.5)),
    ({"lrScheduler": "step", "numLrDecays": 7, "lrGamma": 0.3},
     lambda o: sched.StepLR(o, N // 7, gamma=0.3)),
    ({"lrScheduler": "step", "numLrDecays": -1}, lambda o: sched.StepLR(o, int(1e8), gamma=0.5)),
    ({"lrScheduler": "cosine"}, lambda o: sched.CosineAnnealingLR(o, T_max=N)),
    ({"lrScheduler": "cosine", "minLearningRate": 1e-4},
     lambda o: sched.CosineAnnealingLR(o, T_max=N, eta_min=1e-4)),
    ({"lrScheduler": "exponential", "lrGamma": 0.95},
     lambda o: sched.ExponentialLR(o, gamma=0.95)),
    ({"lrScheduler": "onecycle"}, lambda o: sched.OneCycleLR(o, max_lr=0.01, total_steps=N)),
    ({"lrScheduler": "warmupCosine", "warmupSteps": 5}, lambda o: warmup_cosine(o, 5, N, 0.0)),
    ({"lrScheduler": "warmupCosine", "warmupSteps": 12, "minLearningRate": 1e-4},
     lambda o: warmup_cosine(o, 12, N, 1e-4)),
]
# torch names them factor, patience, min_lr; the metric is read after every step.
PLATEAUS = [
    {"lrGamma": 0.5, "lrPatience": 3, "minLearningRate": 0.0},
    {"lrGamma": 0.1, "lrPatience": 0, "minLearningRate": 1e-4},
]


def rates(make, metric=None):
    """The rate that each of the steps uses."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.01)
    schedule, used = make(optimizer), []
    for t in range(N):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step() if metric is None else schedule.step(metric[t])
    return np.array(used, dtype=np.float64)


def schedules():
    metadata, tensors = {"kind": "schedules"}, {}
    for index, (options, make) in enumerate(SCHEDULES):
        metadata[f"{index:02d}"] = json.dumps({"learningRate": 0.01, "maxSteps": N, **options})
        tensors[f"{index:02d}/rates"] = rates(make)
    metric = np.random.default_rng(300).random(N) + np.linspace(1, 0, N)
    for index, options in enumerate(PLATEAUS, start=len(SCHEDULES)):
        metadata[f"{index:02d}"] = json.dumps(
            {"learningRate": 0.01, "maxSteps": N, "lrScheduler": "plateau", **options}
        )
        tensors[f"{index:02d}/metric"] = metric
        tensors[f"{index:02d}/rates"] = rates(
            lambda o: sched.ReduceLROnPlateau(
                o,
                factor=options["lrGamma"],
                patience=options["lrPatience"],
                min_lr=options["minLearningRate"],
            ),
            metric,
        )
    return metadata, tensors
