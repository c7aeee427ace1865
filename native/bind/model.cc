#include "bind/model.h"

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
    : engine_state(state), engine(state->Live()), model(std::move(m)), external_(env) {
  ReportMemory();
}

ModelCore::~ModelCore() {
  struct Parts {  // the model needs the engine
    std::shared_ptr<nf::Engine> engine;
    std::unique_ptr<nf::Model> model;
  };
  const size_t bytes = external_.bytes() + PoolBytes(*engine);
  FreeAside(Parts{std::move(engine), std::move(model)}, bytes);
}

void ModelCore::ReportMemory() {
  external_.Set(model->bytes());
  engine_state->ReportMemory();
}

Napi::Function ModelWrap::Define(Napi::Env env) {
  return DefineClass(
      env, "Model",
      {InstanceMethod<&ModelWrap::ModelInfo>("info"), InstanceMethod<&ModelWrap::Fit>("fit"),
       InstanceMethod<&ModelWrap::Predict>("predict"),
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
          nf::Model::Create(*state->engine, name, config, static_cast<uint64_t>(seed),
                            ToString(info[4], "path")));
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

Napi::Value ModelWrap::ModelInfo(Info info) {
  Napi::Env env = info.Env();
  return Guarded(env, [&]() -> Napi::Value {
    const nf::Model& model = *Live()->model;
    const ModelFacts& facts = model.facts();
    Napi::Array quantiles = Napi::Array::New(env, facts.quantiles.size());
    for (uint32_t i = 0; i < facts.quantiles.size(); ++i) {
      const Output& quantile = facts.quantiles[i];
      quantiles.Set(i, quantile ? Napi::Number::New(env, *quantile).As<Napi::Value>() : env.Null());
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("name", facts.name);
    result.Set("alias", facts.alias);
    result.Set("anyQuantile", facts.any_quantile);
    result.Set("samples", facts.samples);
    result.Set("anyHorizon", facts.any_horizon);
    result.Set("kind", facts.local ? "local" : "neural");
    result.Set("config", model.ConfigJson().Dump());
    result.Set("lookback", static_cast<double>(facts.lookback));
    result.Set("columns", FromStrings(env, facts.columns));
    result.Set("point", static_cast<double>(facts.point));
    result.Set("quantiles", quantiles);
    result.Set("fitted", model.fitted());
    result.Set("parameters", static_cast<double>(model.num_parameters()));
    return result;
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
    core->model->CheckFitted();
    core->model->Warmup(sizes);
    core->ReportMemory();
  });
}

Napi::Value ModelWrap::Stats(Info info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const Predictor::Stats s = Live()->model->stats();
    Napi::Object stats = Napi::Object::New(info.Env());
    stats.Set("planHits", static_cast<double>(s.plan_hits));
    stats.Set("planMisses", static_cast<double>(s.plan_misses));
    return stats;
  });
}

void ModelWrap::Dispose(Info) { Drop(); }

}  // namespace nf::bind
