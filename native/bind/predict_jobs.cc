#include <span>

#include "bind/convert.h"
#include "bind/model_calls.h"
#include "bind/panel.h"
#include "data/local_scaler.h"

namespace nf::bind {
namespace {

constexpr int64_t kMaxSamples = 100000;
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

// What each output is asked to be, null for the point forecast. Nothing of a model that has the
// outputs of its loss; reading a member costs a tenth of a microsecond.
std::vector<Output> ReadQuantiles(const nf::Model& model, Napi::Object options) {
  std::vector<Output> quantiles;
  if (!model.facts().any_quantile) return quantiles;
  const Napi::Array array = ToArray(Get(options, "quantiles"), "quantiles");
  for (uint32_t i = 0, n = array.Length(); i < n; ++i) {
    const Napi::Value value = array.Get(i);
    if (!value.IsNull() && !value.IsNumber()) FailType("quantiles", "an array of numbers and null");
    quantiles.push_back(value.IsNull() ? Output() : value.As<Napi::Number>().DoubleValue());
  }
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
  std::vector<Napi::Value> out_values;
  PanelForecast ask;
};

PanelCall ReadPanelCall(const nf::Model& model, Napi::Value value) {
  const Napi::Object options = ToObject(value, "options");
  PanelCall call;
  PanelForecast& ask = call.ask;
  call.panel = PanelWrap::From(Get(options, "panel"), "panel");
  ask.panel = call.panel.get();
  ask.horizon = GetInteger(options, "horizon", 1, kMaxHorizon);
  ask.scaler = ParseLocalScaler(GetString(options, "localScaler"));
  const auto ahead = Members(Get(options, "ahead"), "ahead", model.facts().future_columns);
  ask.quantiles = ReadQuantiles(model, options);
  if (model.facts().samples) ask.samples = GetInteger(options, "samples", 0, kMaxSamples);
  call.out_values = Members(Get(options, "out"), "out",
                            model.NumOutputs(ask.quantiles) + static_cast<size_t>(ask.samples));
  const auto length = static_cast<size_t>(ask.panel->num_series() * ask.horizon);
  ask.out = ToSpans<double>(call.out_values, "out", length);
  const int64_t known = model.known_steps(ask.horizon);
  const auto ahead_length = static_cast<size_t>(ask.panel->num_series() * known);
  for (const auto span : ToSpans<double>(ahead, "ahead", ahead_length)) ask.ahead.push_back(span);
  if (!model.facts().local) return call;
  ask.refit = GetBool(options, "refit");
  ask.future_ds = ToSpan<double>(Get(options, "futureDs"), "futureDs");
  CheckLength("futureDs", ask.future_ds.size(), length);
  return call;
}

class PredictJob : public Job {
 public:
  PredictJob(Napi::Env env, CorePtr core, PanelCall call)
      : Job(env, Lane::kForecast, core->engine_state.get()),
        core_(std::move(core)),
        held_(Hold(call.out_values)),
        future_ds_(call.ask.future_ds.begin(), call.ask.future_ds.end()),
        call_(std::move(call)) {
    call_.out_values.clear();  // handles of this call; held_ keeps the arrays
    for (const auto span : call_.ask.ahead) ahead_.emplace_back(span.begin(), span.end());
    call_.ask.ahead.assign(ahead_.begin(), ahead_.end());
    call_.ask.future_ds = future_ds_;
  }

  void Run(const JobControl& control) override {
    const PanelCall call = std::move(call_);  // this thread frees the panel, not the event loop
    core_->model->Forecast(call.ask, control);
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
  std::vector<Napi::Value> out_values;
  WindowsForecast<T> ask;
};

// Calls fn with a BatchCall<float> or a BatchCall<double>, by the type of `windows`.
template <class Fn>
auto WithBatchCall(const nf::Model& model, Napi::Object options, Fn&& fn) {
  const Napi::Value windows = Get(options, "windows");
  const LocalScalerType scaler = ParseLocalScaler(GetString(options, "localScaler"));
  std::vector<Output> quantiles = ReadQuantiles(model, options);
  auto out = Members(Get(options, "out"), "out", model.NumOutputs(quantiles));
  const auto lookback = static_cast<size_t>(model.facts().lookback);
  if (lookback == 0)
    Fail(ErrorCode::kUnsupported, model.alias() + " has no inputSize to cut windows by");
  const auto read = [&]<class T>(T) {
    BatchCall<T> call;
    call.out_values = std::move(out);
    call.ask.windows = ToSpan<T>(windows, "windows");
    call.ask.scaler = scaler;
    call.ask.quantiles = std::move(quantiles);
    const auto series = static_cast<size_t>(model.facts().series);
    const size_t count = call.ask.windows.size() / (lookback * series) * series;
    CheckLength("windows", call.ask.windows.size(), count * lookback);
    call.ask.out =
        ToSpans<T>(call.out_values, "out", count * static_cast<size_t>(model.facts().horizon));
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
        windows_(core_->engine->pool.Acquire(call.ask.windows.size_bytes())),
        held_(Hold(call.out_values)),
        ask_(std::move(call.ask)) {
    std::copy(ask_.windows.begin(), ask_.windows.end(), windows_.template As<T>());
    ask_.windows = {windows_.template As<T>(), ask_.windows.size()};
  }

  void Run(const JobControl& control) override { core_->model->Forecast(ask_, control); }

  void Ended(Napi::Env) override { core_->ReportMemory(); }

 private:
  const CorePtr core_;  // first: its engine's pool outlives the buffers
  const Buffer windows_;
  const std::vector<Napi::ObjectReference> held_;
  WindowsForecast<T> ask_;  // its windows are the copy; out: lib/'s own arrays, kept by held_
};

}  // namespace

std::shared_ptr<Job> MakePredictJob(Napi::Env env, CorePtr core, Napi::Value options) {
  core->model->CheckFitted();
  PanelCall call = ReadPanelCall(*core->model, options);
  return std::make_shared<PredictJob>(env, std::move(core), std::move(call));
}

void PredictHere(ModelCore& core, Napi::Value options) {
  core.model->CheckFitted();
  PanelCall call = ReadPanelCall(*core.model, options);
  call.ask.on_caller_thread = true;
  core.model->Forecast(call.ask, JobControl());
}

std::shared_ptr<Job> MakePredictBatchJob(Napi::Env env, CorePtr core, Napi::Value value) {
  core->model->CheckFitted();
  return WithBatchCall(*core->model, ToObject(value, "options"),
                       [&]<class T>(BatchCall<T> call) -> std::shared_ptr<Job> {
                         return std::make_shared<PredictBatchJob<T>>(env, core, std::move(call));
                       });
}

void PredictBatchHere(ModelCore& core, Napi::Value value) {
  core.model->CheckFitted();
  WithBatchCall(*core.model, ToObject(value, "options"), [&]<class T>(BatchCall<T> call) {
    call.ask.on_caller_thread = true;
    core.model->Forecast(call.ask, JobControl());
  });
}

}  // namespace nf::bind
