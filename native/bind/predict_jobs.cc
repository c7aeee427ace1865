#include <cmath>
#include <span>

#include "bind/convert.h"
#include "bind/model_calls.h"
#include "bind/panel.h"
#include "data/local_scaler.h"
#include "infer/local_predictor.h"

namespace nf::bind {
namespace {

constexpr int64_t kMaxHorizon = int64_t{1} << 24;  // so that series * horizon cannot overflow

template <class T>
using Spans = std::vector<std::span<T>>;

// The members of an array, before any of them is looked into: reading a member can run JavaScript.
std::vector<Napi::Value> Members(Napi::Value value, const char* what, size_t count) {
  const Napi::Array array = ToArray(value, what);
  CheckLength(what, array.Length(), count);
  std::vector<Napi::Value> members;
  members.reserve(count);
  for (size_t i = 0; i < count; ++i) members.push_back(array.Get(static_cast<uint32_t>(i)));
  return members;
}

template <class T>
Spans<T> ToSpans(const std::vector<Napi::Value>& values, const char* what, size_t length) {
  Spans<T> spans;
  spans.reserve(values.size());
  for (const Napi::Value value : values) {
    spans.push_back(ToSpan<T>(value, what));
    CheckLength(what, spans.back().size(), length);
  }
  return spans;
}

// The outputs of the loss; of a local model those that are asked for.
size_t NumOutputs(const ModelCore& core, const std::vector<double>& quantiles) {
  return core.model->local() ? quantiles.size()
                             : static_cast<size_t>(core.model->config().loss.outputs());
}

// One an output that is asked of a local model, NaN for the point forecast; else nothing.
std::vector<double> ReadQuantiles(const ModelCore& core, Napi::Object options) {
  std::vector<double> quantiles;
  if (!core.model->local()) return quantiles;
  const auto given = ToSpan<double>(Get(options, "quantiles"), "quantiles");
  quantiles.assign(given.begin(), given.end());
  const bool simulates = !core.model->local_config().Levels().empty();
  for (const double q : quantiles)
    if (!std::isnan(q) && !(simulates && q >= 0 && q <= 1))
      Fail(ErrorCode::kOutOfRange, "quantiles must be NaN or from 0 to 1");
  return quantiles;
}

// Typed arrays that a job fills: strong references, dropped on the JS thread.
std::vector<Napi::ObjectReference> Hold(const std::vector<Napi::Value>& values) {
  std::vector<Napi::ObjectReference> held;
  held.reserve(values.size());
  for (const Napi::Value value : values) held.push_back(Napi::Persistent(value.As<Napi::Object>()));
  return held;
}

// After the end of every series of a panel.

struct PanelCall {
  std::shared_ptr<const nf::Panel> panel;
  int64_t horizon = 0;
  LocalScalerType scaler = LocalScalerType::kNone;
  bool refit = false;  // what follows: local models only
  std::vector<double> quantiles;
  std::span<const double> future_ds;
  std::vector<Napi::Value> out_values;
  Spans<double> out;
  Spans<const double> ahead;
};

PanelCall ReadPanelCall(const ModelCore& core, Napi::Value value) {
  const Napi::Object options = ToObject(value, "options");
  PanelCall call;
  call.panel = PanelWrap::From(Get(options, "panel"), "panel");
  call.horizon = GetInteger(options, "horizon", 1, kMaxHorizon);
  call.scaler = ParseLocalScaler(GetString(options, "localScaler"));
  const auto ahead =
      Members(Get(options, "ahead"), "ahead", core.model->config().future_exog.size());
  call.quantiles = ReadQuantiles(core, options);
  call.out_values = Members(Get(options, "out"), "out", NumOutputs(core, call.quantiles));
  const auto length = static_cast<size_t>(call.panel->num_series() * call.horizon);
  call.out = ToSpans<double>(call.out_values, "out", length);
  const int64_t known =
      core.model->local() ? call.horizon : core.predictor->known_steps(call.horizon);
  const auto ahead_length = static_cast<size_t>(call.panel->num_series() * known);
  for (const auto span : ToSpans<double>(ahead, "ahead", ahead_length)) call.ahead.push_back(span);
  if (!core.model->local()) return call;
  call.refit = GetBool(options, "refit");
  call.future_ds = ToSpan<double>(Get(options, "futureDs"), "futureDs");
  CheckLength("futureDs", call.future_ds.size(), length);
  return call;
}

// Either kind of model.
void PredictPanelCall(ModelCore& core, const PanelCall& call, const JobControl& control,
                      bool on_caller_thread) {
  Predictor& predictor = core.ReadyPredictor();
  if (!core.model->local()) {
    predictor.PredictPanel(*call.panel, call.ahead, call.horizon, call.scaler, call.out, control,
                           on_caller_thread);
    return;
  }
  const LocalAsk ask{call.quantiles, call.scaler, on_caller_thread};
  PredictLocalPanel(*core.model, *core.engine, *call.panel, call.refit, call.future_ds, call.ahead,
                    call.horizon, ask, call.out, control);
}

class PredictJob : public Job {
 public:
  PredictJob(Napi::Env env, CorePtr core, PanelCall call)
      : Job(env, Lane::kForecast, core->engine_state.get()),
        core_(std::move(core)),
        held_(Hold(call.out_values)),
        future_ds_(call.future_ds.begin(), call.future_ds.end()),
        call_(std::move(call)) {
    call_.out_values.clear();  // handles of this call; held_ keeps the arrays
    for (const auto span : call_.ahead) ahead_.emplace_back(span.begin(), span.end());
    call_.ahead.assign(ahead_.begin(), ahead_.end());
    call_.future_ds = future_ds_;
  }

  void Run(const JobControl& control) override {
    const PanelCall call = std::move(call_);  // this thread frees the panel, not the event loop
    PredictPanelCall(*core_, call, control, /*on_caller_thread=*/false);
  }

  void Ended(Napi::Env) override { core_->ReportMemory(); }

 private:
  const CorePtr core_;
  const std::vector<Napi::ObjectReference> held_;
  const std::vector<double> future_ds_;
  std::vector<std::vector<double>> ahead_;
  PanelCall call_;  // its inputs are the copies above; out: lib/'s own arrays, kept alive by held_
};

// Raw windows.

template <class T>
struct BatchCall {
  std::span<const T> windows;
  LocalScalerType scaler = LocalScalerType::kNone;
  std::vector<double> quantiles;  // local models only
  std::vector<Napi::Value> out_values;
  Spans<T> out;
};

// Either kind of model.
template <class T>
void PredictWindowsCall(ModelCore& core, std::span<const T> windows, LocalScalerType scaler,
                        std::span<const double> quantiles, std::span<const std::span<T>> out,
                        const JobControl& control, bool on_caller_thread) {
  Predictor& predictor = core.ReadyPredictor();
  if (!core.model->local())
    return predictor.PredictWindows(windows, scaler, out, control, on_caller_thread);
  PredictLocalWindows(*core.model, *core.engine, windows,
                      LocalAsk{quantiles, scaler, on_caller_thread}, out, control);
}

// Calls fn with a BatchCall<float> or a BatchCall<double>, by the type of `windows`.
template <class Fn>
auto WithBatchCall(const ModelCore& core, Napi::Object options, Fn&& fn) {
  const Napi::Value windows = Get(options, "windows");
  const LocalScalerType scaler = ParseLocalScaler(GetString(options, "localScaler"));
  std::vector<double> quantiles = ReadQuantiles(core, options);
  auto out = Members(Get(options, "out"), "out", NumOutputs(core, quantiles));
  const auto& config = core.model->config();
  const auto lookback = static_cast<size_t>(config.lookback());
  if (lookback == 0)
    Fail(ErrorCode::kUnsupported, core.model->alias() + " has no inputSize to cut windows by");
  const auto read = [&]<class T>(T) {
    BatchCall<T> call{
        ToSpan<T>(windows, "windows"), scaler, std::move(quantiles), std::move(out), {}};
    const size_t count = call.windows.size() / lookback;
    CheckLength("windows", call.windows.size(), count * lookback);
    call.out = ToSpans<T>(call.out_values, "out", count * static_cast<size_t>(config.horizon));
    return fn(std::move(call));
  };
  if (ToArrayView(windows, "windows").type == napi_float64_array) return read(double{});
  return read(float{});
}

template <class T>
class PredictBatchJob : public Job {
 public:
  PredictBatchJob(Napi::Env env, CorePtr core, BatchCall<T> call)
      : Job(env, Lane::kForecast, core->engine_state.get()),
        core_(std::move(core)),
        scaler_(call.scaler),
        quantiles_(std::move(call.quantiles)),
        count_(call.windows.size()),
        windows_(core_->engine->pool.AcquireUninitialized(call.windows.size_bytes())),
        held_(Hold(call.out_values)),
        out_(std::move(call.out)) {
    std::copy(call.windows.begin(), call.windows.end(), windows_.template As<T>());
  }

  void Run(const JobControl& control) override {
    const std::span<const T> windows(windows_.template As<T>(), count_);
    PredictWindowsCall<T>(*core_, windows, scaler_, quantiles_, out_, control,
                          /*on_caller_thread=*/false);
  }

  void Ended(Napi::Env) override { core_->ReportMemory(); }

 private:
  const CorePtr core_;  // first: its engine's pool outlives the buffers
  const LocalScalerType scaler_;
  const std::vector<double> quantiles_;
  const size_t count_;
  const Buffer windows_;
  const std::vector<Napi::ObjectReference> held_;
  const Spans<T> out_;  // lib/'s own arrays, kept alive by held_
};

}  // namespace

std::shared_ptr<Job> MakePredictJob(Napi::Env env, CorePtr core, Napi::Value options) {
  core->ReadyPredictor();
  PanelCall call = ReadPanelCall(*core, options);
  return std::make_shared<PredictJob>(env, std::move(core), std::move(call));
}

void PredictHere(ModelCore& core, Napi::Value options) {
  core.ReadyPredictor();
  PredictPanelCall(core, ReadPanelCall(core, options), JobControl(), /*on_caller_thread=*/true);
}

std::shared_ptr<Job> MakePredictBatchJob(Napi::Env env, CorePtr core, Napi::Value value) {
  core->ReadyPredictor();
  return WithBatchCall(*core, ToObject(value, "options"),
                       [&]<class T>(BatchCall<T> call) -> std::shared_ptr<Job> {
                         return std::make_shared<PredictBatchJob<T>>(env, core, std::move(call));
                       });
}

void PredictBatchHere(ModelCore& core, Napi::Value value) {
  core.ReadyPredictor();
  WithBatchCall(core, ToObject(value, "options"), [&]<class T>(BatchCall<T> call) {
    PredictWindowsCall<T>(core, call.windows, call.scaler, call.quantiles, call.out, JobControl(),
                          /*on_caller_thread=*/true);
  });
}

}  // namespace nf::bind
