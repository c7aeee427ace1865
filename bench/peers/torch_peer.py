"""PyTorch's side of `npm run bench -- peers`: the real NeuralForecast modules, driven over stdin.

A request is a line of JSON, and so is its answer. Models are named as in NeuralForecast and
options come in camelCase, as in this package's API:

    {"make": "a", "model": "LSTM", "options": {...}, "batch": 32}   -> {"parameters": 123456}
    {"train": "a", "threads": 2, "seconds": 0.3, "least": 3}        -> {"times": [0.0123, ...]}
    {"predict": "a", "rows": 32, "threads": 1, ...}                 -> {"times": [...]}
    {"export": "a", "file": "x.onnx", "rows": 1}                    -> {}
    {"prophet": {"y": [...], "horizon": 24}}                        -> {"fit": 0.1, "predict": 0.02}
    {"drop": "a"}                                                   -> {}

A training step is forward, loss, backward and Adam on windows that lie in memory; what
NeuralForecast does around it (all windows unfolded, scaling, Lightning's loop) is left out, so
torch is at its best. So are its settings: oneDNN on, and Adam's fused form, which NeuralForecast
does not ask for but which is the faster one.
"""

import inspect
import json
import logging
import os
import re
import sys
import time
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
logging.disable(logging.WARNING)

import torch  # noqa: E402

# GNU OpenMP's threads spin for a few milliseconds after a parallel region, which is left as it is
# because torch gains by it; the answer is held back until they sleep, so that the other side
# finds an idle machine.
SETTLE_SECONDS = 0.03


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def model_class(name):
    if name == "LSTMAttention":
        sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tools"))
        from lstm_attention import LSTMAttention

        return LSTMAttention
    import neuralforecast.models

    return getattr(neuralforecast.models, {"Transformer": "VanillaTransformer"}.get(name, name))


def arguments(cls, options):
    """NeuralForecast's keyword arguments for options in camelCase; an unknown one is an error."""
    known = inspect.signature(cls.__init__).parameters
    short = {"horizon": "h"}
    given = {short.get(key, snake(key)): value for key, value in options.items()}
    for key in given:
        if key not in known:
            raise ValueError(f"{cls.__name__} has no option {key}")
    return given


class Case:
    def __init__(self, model, options, batch, fused=True):
        torch.manual_seed(1)
        cls = model_class(model)
        self.module = cls(**arguments(cls, options), enable_progress_bar=False, logger=False)
        self.length, self.horizon = self.module.input_size, self.module.h
        self.batch = batch
        generator = torch.Generator().manual_seed(2)
        self.series = self.module.n_series
        self.y = torch.randn(batch, self.length + self.horizon, self.series, generator=generator)
        self.mask = torch.ones(batch, self.length + self.horizon, self.series)
        self.optimizer = torch.optim.Adam(self.module.parameters(), lr=1e-4, fused=fused)

    def parameters(self):
        return sum(p.numel() for p in self.module.parameters() if p.requires_grad)

    def windows(self, rows):
        rows_y = self.y if rows <= self.batch else self.y.repeat(-(-rows // self.batch), 1, 1)
        y, mask = rows_y[:rows, : self.length].contiguous(), torch.ones(rows, self.length, self.series)
        return dict(insample_y=y, insample_mask=mask, futr_exog=None, hist_exog=None, stat_exog=None)

    def trainer(self):
        module, optimizer, windows = self.module.train(), self.optimizer, self.windows(self.batch)
        target = self.y[:, self.length :].contiguous()
        mask = self.mask[:, self.length :].contiguous()

        def step():
            optimizer.zero_grad(set_to_none=True)
            forecast = module.loss.domain_map(module(windows))
            if module.loss.is_distribution_output:  # of windows that are not scaled
                forecast = module.loss.scale_decouple(output=forecast)
                loss = module.loss(y=target, distr_args=forecast, mask=mask)
            else:
                loss = module.loss(y=target, y_hat=forecast, mask=mask)
            loss.backward()
            optimizer.step()

        return step

    def predictor(self, rows):
        module, windows = self.module.eval(), self.windows(rows)

        def predict():
            with torch.inference_mode():
                module(windows)

        return predict


def timed(call, threads, seconds, least, settle=True):
    """Seconds of a call, for `seconds` and at least `least` times after one that is not counted.

    Short calls are timed in groups of half a millisecond.
    """
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    begin = time.perf_counter()
    call()
    group = 1
    if time.perf_counter() - begin < 0.01:  # a first call may take long for other reasons
        begin = time.perf_counter()
        call()
        group = max(1, int(5e-4 / (time.perf_counter() - begin)))
    times = []
    begin = now = time.perf_counter()
    while now - begin < seconds or len(times) < least:
        for _ in range(group):
            call()
        end = time.perf_counter()
        times.append((end - now) / group)
        now = end
    if settle and threads > 1:
        time.sleep(SETTLE_SECONDS)
    return times


class OneForecast(torch.nn.Module):
    """A module of one tensor, [rows, length, 1], for the exporter."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, y):
        mask = torch.ones_like(y)
        return self.module(
            dict(insample_y=y, insample_mask=mask, futr_exog=None, hist_exog=None, stat_exog=None)
        )


def export_onnx(case, file, rows):
    module = OneForecast(case.module.eval())
    with torch.no_grad():
        torch.onnx.export(
            module,
            (case.windows(rows)["insample_y"],),
            file,
            input_names=["y"],
            output_names=["forecast"],
            opset_version=17,
            dynamo=False,
        )


def prophet(y, horizon):
    """Seconds of one fit of an hourly series and of one forecast of it with its interval."""
    import pandas
    from prophet import Prophet

    data = pandas.DataFrame({"ds": pandas.date_range("1970-01-01", periods=len(y), freq="h"), "y": y})
    begin = time.perf_counter()
    model = Prophet().fit(data)
    middle = time.perf_counter()
    model.predict(model.make_future_dataframe(horizon, freq="h", include_history=False))
    return {"fit": middle - begin, "predict": time.perf_counter() - middle}


def answer(request, cases):
    if "make" in request:
        case = Case(request["model"], request["options"], request["batch"], request.get("fused", True))
        cases[request["make"]] = case
        return {"parameters": case.parameters()}
    measure = {key: request[key] for key in ("threads", "seconds", "least") if key in request}
    if "train" in request:
        return {"times": timed(cases[request["train"]].trainer(), **measure)}
    if "predict" in request:
        return {"times": timed(cases[request["predict"]].predictor(request["rows"]), **measure)}
    if "export" in request:
        export_onnx(cases[request["export"]], request["file"], request["rows"])
        return {}
    if "prophet" in request:
        return prophet(**request["prophet"])
    if "drop" in request:
        cases.pop(request["drop"], None)
        return {}
    if "versions" in request:
        import neuralforecast

        return {"torch": torch.__version__, "neuralforecast": neuralforecast.__version__}
    raise ValueError(f"unknown request {sorted(request)}")


def main():
    # Answers alone go to the pipe; whatever the libraries print goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    cases = {}
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line), cases)
        except Exception as error:  # the bench says it and goes on with the next case
            reply = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
