#include <span>

#include "bind/convert.h"
#include "bind/model_calls.h"
#include "bind/panel.h"
#include "data/scaler.h"

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

size_t NumOutputs(const ModelCore& core) {
  return static_cast<size_t>(core.model->config().loss.outputs());
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
  call.out_values = Members(Get(options, "out"), "out", NumOutputs(core));
  const auto length = static_cast<size_t>(call.panel->num_series() * call.horizon);
  call.out = ToSpans<double>(call.out_values, "out", length);
  for (const auto span : ToSpans<double>(ahead, "ahead", length)) call.ahead.push_back(span);
  return call;
}

class PredictJob : public Job {
 public:
  PredictJob(Napi::Env env, CorePtr core, PanelCall call)
      : Job(env, Lane::kForecast, core->engine_state.get()),
        core_(std::move(core)),
        panel_(std::move(call.panel)),
        horizon_(call.horizon),
        scaler_(call.scaler),
        held_(Hold(call.out_values)),
        out_(std::move(call.out)) {
    for (const auto span : call.ahead) ahead_.emplace_back(span.begin(), span.end());
  }

  void Run(const JobControl& control) override {
    const Spans<const double> ahead(ahead_.begin(), ahead_.end());
    core_->ReadyPredictor().PredictPanel(*panel_, ahead, horizon_, scaler_, out_, control,
                                         /*on_caller_thread=*/false);
  }

  void Ended(Napi::Env) override { core_->ReportMemory(); }

 private:
  const CorePtr core_;
  const std::shared_ptr<const nf::Panel> panel_;
  const int64_t horizon_;
  const LocalScalerType scaler_;
  std::vector<std::vector<double>> ahead_;
  const std::vector<Napi::ObjectReference> held_;
  const Spans<double> out_;  // lib/'s own arrays, kept alive by held_
};

// Raw windows.

template <class T>
struct BatchCall {
  std::span<const T> windows;
  LocalScalerType scaler = LocalScalerType::kNone;
  std::vector<Napi::Value> out_values;
  Spans<T> out;
};

// Calls fn with a BatchCall<float> or a BatchCall<double>, by the type of `windows`.
template <class Fn>
auto WithBatchCall(const ModelCore& core, Napi::Object options, Fn&& fn) {
  const Napi::Value windows = Get(options, "windows");
  const LocalScalerType scaler = ParseLocalScaler(GetString(options, "localScaler"));
  auto out = Members(Get(options, "out"), "out", NumOutputs(core));
  const auto& config = core.model->config();
  const auto input_size = static_cast<size_t>(config.input_size);
  const auto read = [&]<class T>(T) {
    BatchCall<T> call{ToSpan<T>(windows, "windows"), scaler, std::move(out), {}};
    const size_t count = call.windows.size() / input_size;
    CheckLength("windows", call.windows.size(), count * input_size);
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
        count_(call.windows.size()),
        windows_(core_->engine->pool.AcquireUninitialized(call.windows.size_bytes())),
        held_(Hold(call.out_values)),
        out_(std::move(call.out)) {
    std::copy(call.windows.begin(), call.windows.end(), windows_.template As<T>());
  }

  void Run(const JobControl& control) override {
    const std::span<const T> windows(windows_.template As<T>(), count_);
    core_->ReadyPredictor().PredictWindows(windows, scaler_, std::span<const std::span<T>>(out_),
                                           control, /*on_caller_thread=*/false);
  }

  void Ended(Napi::Env) override { core_->ReportMemory(); }

 private:
  const CorePtr core_;  // first: its engine's pool outlives the buffers
  const LocalScalerType scaler_;
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
  Predictor& predictor = core.ReadyPredictor();
  const PanelCall call = ReadPanelCall(core, options);
  predictor.PredictPanel(*call.panel, call.ahead, call.horizon, call.scaler, call.out, JobControl(),
                         /*on_caller_thread=*/true);
}

std::shared_ptr<Job> MakePredictBatchJob(Napi::Env env, CorePtr core, Napi::Value value) {
  core->ReadyPredictor();
  return WithBatchCall(*core, ToObject(value, "options"),
                       [&]<class T>(BatchCall<T> call) -> std::shared_ptr<Job> {
                         return std::make_shared<PredictBatchJob<T>>(env, core, std::move(call));
                       });
}

void PredictBatchHere(ModelCore& core, Napi::Value value) {
  Predictor& predictor = core.ReadyPredictor();
  WithBatchCall(core, ToObject(value, "options"), [&]<class T>(BatchCall<T> call) {
    predictor.PredictWindows(call.windows, call.scaler, std::span<const std::span<T>>(call.out),
                             JobControl(), /*on_caller_thread=*/true);
  });
}

}  // namespace nf::bind
