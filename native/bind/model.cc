#include "bind/model.h"

#include <limits>

#include "bind/convert.h"
#include "bind/environment.h"
#include "bind/errors.h"
#include "bind/free_aside.h"
#include "bind/model_calls.h"
#include "bind/tags.h"

namespace nf::bind {
namespace {

constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

}  // namespace

ModelCore::ModelCore(napi_env env, const std::shared_ptr<EngineState>& state,
                     std::unique_ptr<nf::Model> m)
    : engine_state(state),
      engine(state->Live()),
      model(std::move(m)),
      predictor(std::make_unique<Predictor>(*model, *engine)),
      external_(env) {
  ReportMemory();
}

ModelCore::~ModelCore() {
  struct Parts {  // in the order in which each needs those before it
    std::shared_ptr<nf::Engine> engine;
    std::unique_ptr<nf::Model> model;
    std::unique_ptr<Predictor> predictor;
  };
  const size_t bytes = external_.bytes() + PoolBytes(*engine);
  FreeAside(Parts{std::move(engine), std::move(model), std::move(predictor)}, bytes);
}

Predictor& ModelCore::ReadyPredictor() {
  if (!model->fitted())
    Fail(ErrorCode::kNotFitted, model->alias() + " has no weights yet: call fit() or load() first");
  return *predictor;
}

void ModelCore::ReportMemory() {
  size_t bytes = 0;
  if (const auto weights = model->weights()) bytes += sizeof(float) * weights->size();
  if (const auto local = model->local_parameters()) bytes += sizeof(double) * local->values.size();
  external_.Set(bytes);
  engine_state->ReportMemory();
}

Napi::Function ModelWrap::Define(Napi::Env env) {
  return DefineClass(
      env, "Model",
      {InstanceAccessor<&ModelWrap::Name>("name"), InstanceAccessor<&ModelWrap::Alias>("alias"),
       InstanceAccessor<&ModelWrap::Config>("config"), InstanceAccessor<&ModelWrap::Local>("local"),
       InstanceAccessor<&ModelWrap::Fitted>("fitted"),
       InstanceAccessor<&ModelWrap::ParameterCount>("parameterCount"),
       InstanceAccessor<&ModelWrap::OutputColumns>("outputColumns"),
       InstanceAccessor<&ModelWrap::PointOutput>("pointOutput"),
       InstanceAccessor<&ModelWrap::OutputQuantiles>("outputQuantiles"),
       InstanceMethod<&ModelWrap::Fit>("fit"), InstanceMethod<&ModelWrap::Predict>("predict"),
       InstanceMethod<&ModelWrap::PredictSync>("predictSync"),
       InstanceMethod<&ModelWrap::PredictBatch>("predictBatch"),
       InstanceMethod<&ModelWrap::PredictBatchSync>("predictBatchSync"),
       InstanceMethod<&ModelWrap::Warmup>("warmup"), InstanceMethod<&ModelWrap::Stats>("stats"),
       InstanceMethod<&ModelWrap::Dispose>("dispose")});
}

ModelWrap::ModelWrap(Info info) : ObjectWrap(info) {
  Guarded(info.Env(), [&] {
    const auto& state = EngineWrap::From(info[0], "engine").state();
    core_ = std::exchange(Environment::Of(info.Env()).new_model, nullptr);
    if (core_ == nullptr) {
      state->Live();
      const std::string name = ToString(info[1], "name");
      const Json config = Json::Parse(ToString(info[2], "config"));
      const int64_t seed = ToInteger(info[3], "seed", 0, kMaxSafeInteger);
      core_ = std::make_shared<ModelCore>(
          info.Env(), state,
          nf::Model::Create(name, config, static_cast<uint64_t>(seed), ToString(info[4], "path")));
    }
    core_->engine_state->models.insert(this);
    Value().TypeTag(&kModelTag);
  });
}

Napi::Object ModelWrap::New(Napi::Env env, Napi::Object engine, std::shared_ptr<ModelCore> core) {
  Environment& environment = Environment::Of(env);
  environment.new_model = std::move(core);
  return environment.model_class.New({engine});
}

const std::shared_ptr<ModelCore>& ModelWrap::From(Napi::Value value, const char* what) {
  return bind::Unwrap<ModelWrap>(value, kModelTag, what, "a Model").Live();
}

void ModelWrap::Drop() {
  if (core_ == nullptr) return;
  core_->engine_state->models.erase(this);
  core_.reset();
}

const std::shared_ptr<ModelCore>& ModelWrap::Live() const {
  if (core_ == nullptr) Fail(ErrorCode::kDisposed, "The model was disposed of");
  return core_;
}

Napi::Value ModelWrap::Name(Info info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::String::New(info.Env(), Live()->model->name());
  });
}

Napi::Value ModelWrap::Alias(Info info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::String::New(info.Env(), Live()->model->alias());
  });
}

Napi::Value ModelWrap::Config(Info info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::String::New(info.Env(), Live()->model->ConfigJson().Dump());
  });
}

Napi::Value ModelWrap::Local(Info info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Boolean::New(info.Env(), Live()->model->local());
  });
}

Napi::Value ModelWrap::Fitted(Info info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Boolean::New(info.Env(), Live()->model->fitted());
  });
}

Napi::Value ModelWrap::ParameterCount(Info info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(Live()->model->num_parameters()));
  });
}

Napi::Value ModelWrap::OutputColumns(Info info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return FromStrings(info.Env(), Live()->model->OutputColumns());
  });
}

Napi::Value ModelWrap::PointOutput(Info info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(Live()->model->point_output()));
  });
}

Napi::Value ModelWrap::OutputQuantiles(Info info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const LossConfig& loss = Live()->model->config().loss;
    std::vector<double> quantiles = loss.OutputQuantiles();
    // The point forecast of a local model is no median.
    if (Live()->model->local() && !quantiles.empty())
      quantiles[0] = std::numeric_limits<double>::quiet_NaN();
    quantiles.resize(static_cast<size_t>(loss.outputs()), std::numeric_limits<double>::quiet_NaN());
    return ToFloat64Array(info.Env(), quantiles);
  });
}

Napi::Value ModelWrap::Fit(Info info) {
  Napi::Env env = info.Env();
  return Guarded(env, [&]() -> Napi::Value {
    return Environment::Of(env).jobs.Start(MakeFitJob(env, Live(), info[0], info[1], info[2]));
  });
}

Napi::Value ModelWrap::Predict(Info info) {
  Napi::Env env = info.Env();
  return Guarded(env, [&]() -> Napi::Value {
    return Environment::Of(env).jobs.Start(MakePredictJob(env, Live(), info[0]));
  });
}

void ModelWrap::PredictSync(Info info) {
  Guarded(info.Env(), [&] { PredictHere(*Live(), info[0]); });
}

Napi::Value ModelWrap::PredictBatch(Info info) {
  Napi::Env env = info.Env();
  return Guarded(env, [&]() -> Napi::Value {
    return Environment::Of(env).jobs.Start(MakePredictBatchJob(env, Live(), info[0]));
  });
}

void ModelWrap::PredictBatchSync(Info info) {
  Guarded(info.Env(), [&] { PredictBatchHere(*Live(), info[0]); });
}

void ModelWrap::Warmup(Info info) {
  Guarded(info.Env(), [&] {
    const auto core = Live();
    const Napi::Array array = ToArray(info[0], "batchSizes");
    std::vector<int64_t> sizes;
    for (uint32_t i = 0, n = array.Length(); i < n; ++i)
      sizes.push_back(ToInteger(array.Get(i), "batchSizes", 1, int64_t{1} << 31));
    Predictor& predictor = core->ReadyPredictor();
    if (!core->model->local()) predictor.Warmup(sizes);  // a local model has nothing to plan
    core->ReportMemory();
  });
}

Napi::Value ModelWrap::Stats(Info info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const Predictor::Stats s = Live()->predictor->stats();
    Napi::Object stats = Napi::Object::New(info.Env());
    stats.Set("planHits", static_cast<double>(s.plan_hits));
    stats.Set("planMisses", static_cast<double>(s.plan_misses));
    return stats;
  });
}

void ModelWrap::Dispose(Info) { Drop(); }

}  // namespace nf::bind
