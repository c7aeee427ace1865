#include "bind/convert.h"
#include "bind/model_calls.h"
#include "bind/panel.h"
#include "data/local_scaler.h"

namespace nf::bind {
namespace {

using PanelPtr = std::shared_ptr<const nf::Panel>;

PanelPtr Scaled(LocalScalerType scaler, const PanelPtr& panel,
                const std::vector<std::string>& names) {
  if (scaler == LocalScalerType::kNone || panel == nullptr) return panel;
  auto copy = std::make_shared<nf::Panel>(panel->Tail(panel->num_rows()));
  ScalePanel(scaler, *copy, names);
  return copy;
}

class FitJob : public Job {
 public:
  FitJob(Napi::Env env, CorePtr core, PanelPtr panel, PanelPtr validation, LocalScalerType scaler,
         FitOptions options)
      : Job(env, core->engine_state->training_lane, core->engine_state.get()),
        core_(std::move(core)),
        panel_(std::move(panel)),
        validation_(std::move(validation)),
        scaler_(scaler),
        options_(std::move(options)) {
    core_->fitting = true;
  }

  ~FitJob() override { ReleaseModel(); }  // a job that never started

  void Run(const JobControl& control) override {
    // Of this thread from here on: the event loop should not free them.
    const PanelPtr panel = Scaled(scaler_, std::exchange(panel_, nullptr), options_.series_names);
    const PanelPtr validation =
        Scaled(scaler_, std::exchange(validation_, nullptr), options_.validation_names);
    options_.validation_panel = validation.get();
    report_ = core_->model->Fit(*panel, options_, control);
  }

  bool WritesFiles() const override { return !options_.checkpoint_path.empty(); }

  void Ended(Napi::Env) override {
    ReleaseModel();
    core_->ReportMemory();
  }

  Napi::Value Result(Napi::Env env) override {
    std::vector<double> steps, losses;
    for (const auto& [step, loss] : report_.valid_loss) {
      steps.push_back(static_cast<double>(step));
      losses.push_back(loss);
    }
    Napi::Object report = Napi::Object::New(env);
    report.Set("model", report_.model);
    report.Set("steps", static_cast<double>(report_.steps));
    report.Set("stoppedEarly", report_.stopped_early);
    report.Set("trainLoss", ToFloat64Array(env, report_.train_loss));
    report.Set("validSteps", ToFloat64Array(env, steps));
    report.Set("validLoss", ToFloat64Array(env, losses));
    report.Set("bestValidLoss", report_.best_valid_loss);
    report.Set("seconds", report_.seconds);
    report.Set("samplesPerSecond", report_.samples_per_second);
    report.Set("warnings", FromStrings(env, report_.warnings));
    return report;
  }

 private:
  // Once: after it another fit may already hold the model.
  void ReleaseModel() {
    if (std::exchange(holds_model_, false)) core_->fitting = false;
  }

  const CorePtr core_;
  bool holds_model_ = true;
  PanelPtr panel_, validation_;
  const LocalScalerType scaler_;
  FitOptions options_;
  FitReport report_;
};

FitOptions ReadOptions(const nf::Model& model, Napi::Object source) {
  constexpr int64_t kMax = (int64_t{1} << 53) - 1;
  FitOptions options;
  options.train = model.train_config();
  ParseFields(Json::Parse(GetString(source, "train")), options.train, "fit: " + model.facts().name);
  options.validation_size = GetInteger(source, "validationSize", 0, kMax);
  options.series_names = ToStrings(Get(source, "seriesNames"), "seriesNames");
  options.validation_names = ToStrings(Get(source, "validationNames"), "validationNames");
  options.checkpoint_path = GetString(source, "checkpointPath");
  options.checkpoint_frequency = GetInteger(source, "checkpointFrequency", 0, kMax);
  options.resume = GetBool(source, "resume");
  options.warm_start = GetBool(source, "warmStart");
  return options;
}

}  // namespace

std::shared_ptr<Job> MakeFitJob(Napi::Env env, CorePtr core, Napi::Value panel_value,
                                Napi::Value options_value, Napi::Value on_progress) {
  const Napi::Object source = ToObject(options_value, "options");
  FitOptions options = ReadOptions(*core->model, source);
  PanelPtr panel = PanelWrap::From(panel_value, "panel"), validation;
  if (const Napi::Value v = Get(source, "validationPanel"); !v.IsUndefined())
    validation = PanelWrap::From(v, "validationPanel");
  const LocalScalerType scaler = ParseLocalScaler(GetString(source, "localScaler"));
  core->model->CheckScaler(scaler);
  if (!on_progress.IsUndefined() && !on_progress.IsFunction()) FailType("onProgress", "a function");
  if (core->fitting)
    Fail(ErrorCode::kBusy, core->model->alias() + " is being fitted: wait for that or abort it");
  auto job = std::make_shared<FitJob>(env, std::move(core), std::move(panel), std::move(validation),
                                      scaler, std::move(options));
  if (on_progress.IsFunction()) job->ReportProgressTo(on_progress.As<Napi::Function>());
  return job;
}

}  // namespace nf::bind
