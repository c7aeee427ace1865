#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>

#include "data/sampler.h"
#include "data/series_scale.h"
#include "heads/head.h"
#include "store/files.h"
#include "train/advice.h"
#include "train/checkpoint.h"
#include "train/divergence.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/step_runner.h"
#include "train/validator.h"
#include "util/physical_memory.h"

namespace nf {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A machine that lends more memory than it has ends the process when the memory is used, so what
// cannot fit is refused before: weights, gradients, two moments, the last good weights, the best.
void CheckMemory(const NeuralModel& model) {
  const int64_t needed = 6 * model.graph().slab_size * static_cast<int64_t>(sizeof(float));
  const int64_t there = PhysicalMemory();
  if (there == 0 || needed <= there) return;
  const auto gigabytes = [](int64_t bytes) { return std::to_string(bytes >> 30) + " GB"; };
  Fail(ErrorCode::kOutOfMemory,
       model.alias() + ": training " + std::to_string(model.num_parameters()) +
           " parameters takes " + gigabytes(needed) + " and this machine has " + gigabytes(there) +
           ": choose fewer or narrower layers, a shorter inputSize or horizon, or fewer quantiles");
}

// One training from its first step to its last.
class Training {
 public:
  Training(NeuralModel& model, Engine& engine, const Panel& panel, const FitOptions& options,
           const JobControl& control)
      : model_(model),
        engine_(engine),
        options_(options),
        config_(options_.train),
        control_(control),
        sampler_(panel, SamplerOf(model, options), options.series_names),
        windows_(static_cast<size_t>(config_.windows_batch_size)),
        source_(panel,
                ShapeOf(model.config(), panel, options.validation_size, WindowUse::kTraining,
                        model.head().target_unit()),
                model.config().loss),
        runner_(model, engine, config_.windows_batch_size),
        optimizer_(config_, engine, model.graph().trained_size),
        max_steps_(config_.epochs > 0 ? config_.epochs * sampler_.steps_per_epoch()
                                      : config_.max_steps),
        schedule_(config_, max_steps_),
        gradients_(static_cast<size_t>(model.graph().slab_size), 0.0f) {
    MakeValidator(panel);
    if (!options_.checkpoint_path.empty()) data_ = MarkOf(panel, options_.validation_size);
    Begin();
    for (std::string& advice : Advice(model, panel, options_.series_names))
      warnings_.push_back(std::move(advice));
  }

  FitReport Run() {
    const Clock::time_point start = Clock::now();
    const int64_t first_step = state_.step;
    state_.train_loss.reserve(static_cast<size_t>(std::min<int64_t>(max_steps_, 1 << 20)));
    while (state_.step < max_steps_ && !stopped_early_) {
      control_.ThrowIfCancelled();
      Step();
      if (IsCheckStep()) Validate();
      Report(SecondsSince(start));
      if (IsCheckpointStep()) Save();
    }
    // The last update has no next loss to show that it went too far.
    CheckWeights();
    // Early stopping is what asks for the best weights; without it the last ones are the result.
    if (config_.early_stop_patience_steps > 0 && !state_.best_parameters.empty()) {
      state_.parameters = state_.best_parameters;
    }
    Keep(state_.parameters);
    return Summary(SecondsSince(start), state_.step - first_step);
  }

 private:
  void MakeValidator(const Panel& panel) {
    // Windows of the held-out rows, or all windows of data that was kept apart.
    SamplerOptions sampler = SamplerOf(model_, options_);
    sampler.horizon = model_.config().horizon;
    const bool apart = options_.validation_panel != nullptr;
    if (!apart && options_.validation_size == 0) return;
    if (apart) sampler.holdout = 0;
    const Panel& source = apart ? *options_.validation_panel : panel;
    std::vector<Frame> windows = ValidationWindows(
        source, sampler, apart ? options_.validation_names : options_.series_names);
    if (windows.empty()) return;
    // Not of the rows that are validated on, where there are others.
    std::vector<double> scales;
    if (config_.valid_loss_scale == "series" && !model_.config().valid_loss.relative()) {
      scales = SeriesScales(source, sampler.holdout);
    }
    valid_measure_ = model_.ConfigJson().At("validLoss").Dump() + " of " +
                     std::to_string(windows.size()) + " windows by " + config_.valid_loss_scale +
                     (apart ? ", apart" : "");
    validator_ =
        std::make_unique<Validator>(model_, engine_, source, std::move(windows), std::move(scales));
  }

  // A checkpoint's validation losses are no measure for others: those of another loss, unit or
  // data begin anew.
  void ForgetOtherValidation() {
    if (validator_ == nullptr || state_.valid_measure == valid_measure_) return;
    state_.valid_measure = valid_measure_;
    state_.valid_loss.clear();
    state_.best_parameters.clear();
    state_.best_valid_loss = state_.plateau_best = std::numeric_limits<double>::infinity();
    state_.checks_without_gain = state_.plateau_bad_checks = 0;
  }

  void Begin() {
    const size_t n = gradients_.size();
    // An hour of training must not end at a folder that is not there.
    if (!options_.checkpoint_path.empty()) CheckWritable(options_.checkpoint_path);
    if (options_.resume && !options_.checkpoint_path.empty()) {
      if (auto saved = LoadCheckpoint(options_.checkpoint_path, model_, config_, data_, control_)) {
        state_ = std::move(*saved);
        ForgetOtherValidation();
        schedule_.set_plateau(
            {state_.plateau_rate, state_.plateau_best, state_.plateau_bad_checks});
        stopped_early_ = OutOfPatience();
        if (state_.step >= max_steps_ || stopped_early_)
          warnings_.push_back(model_.alias() + ": " + options_.checkpoint_path +
                              " is of a training that had ended, at step " +
                              std::to_string(state_.step) + ": nothing was trained");
        return;
      }
    }
    const auto old = model_.weights();
    state_.parameters = options_.warm_start && old != nullptr ? *old : model_.InitialParameters();
    state_.moment1.assign(n, 0.0f);
    state_.moment2.assign(n, 0.0f);
    state_.good_parameters = state_.parameters;
    state_.valid_measure = valid_measure_;
    state_.data = data_;
  }

  StepRunner::Outcome Gradients() {
    const int64_t batches = config_.accumulate_steps;
    if (batches > 1) std::fill(gradients_.begin(), gradients_.end(), 0.0f);
    StepRunner::Outcome out;
    for (int64_t i = 0; i < batches; ++i) {
      const int64_t batch = state_.step * batches + i;
      sampler_.Sample(batch, windows_);
      source_.Set(windows_);
      float* const parameters = state_.parameters.data();
      const StepRunner::Outcome one =
          batches == 1 ? runner_.Run(source_, parameters, batch, gradients_.data())
                       : runner_.RunAndAdd(source_, parameters, batch, gradients_.data());
      if (std::isfinite(one.loss)) runner_.UpdateStates(parameters);
      if (batches == 1) return one;
      out.loss += one.loss / static_cast<double>(batches);
      if (!std::isfinite(one.loss)) break;
    }
    out.grad_scale = 1.0f / static_cast<float>(batches);
    return out;
  }

  void Step() {
    const StepRunner::Outcome out = Gradients();
    if (!std::isfinite(out.loss)) {
      Diverged(std::isnan(out.loss) ? "training loss became NaN" : "training loss became infinite");
    }
    if (state_.step % config_.val_check_steps == 0) {
      // A saturated unit hides an infinite weight from the loss.
      CheckWeights();
      std::copy(state_.parameters.begin(), state_.parameters.end(), state_.good_parameters.begin());
    }
    rate_ = schedule_.Rate(state_.step);
    optimizer_.Step(state_.step, rate_, out.grad_scale, gradients_.data(), state_.parameters.data(),
                    state_.moment1.data(), state_.moment2.data());
    state_.train_loss.push_back(out.loss);
    ++state_.step;
  }

  void CheckWeights() {
    const auto finite = [](float p) { return std::isfinite(p); };
    if (!std::all_of(state_.parameters.begin(), state_.parameters.end(), finite)) {
      Diverged("weights became infinite");
    }
  }

  void Keep(const std::vector<float>& parameters) {
    model_.SetStartPadding(config_.start_padding);
    model_.SetWeights(parameters);
  }

  [[noreturn]] void Diverged(const char* what) {
    source_.Set(windows_);
    Keep(state_.good_parameters);
    Fail(
        ErrorCode::kDiverged,
        model_.alias() + ": the " + what + " at step " + std::to_string(state_.step) + " (" +
            DescribeLargest(source_, windows_, model_.graph(), options_.series_names) +
            "); the last good weights are kept. Lower learningRate, set gradientClipNorm, or scale "
            "the data (scalerType: 'standard' or 'robust')");
  }

  bool IsCheckStep() const {
    return validator_ != nullptr &&
           (state_.step % config_.val_check_steps == 0 || state_.step == max_steps_);
  }

  bool IsCheckpointStep() const {
    if (options_.checkpoint_path.empty()) return false;
    const int64_t every =
        options_.checkpoint_frequency > 0 ? options_.checkpoint_frequency : config_.val_check_steps;
    return state_.step % every == 0 || state_.step == max_steps_ || stopped_early_;
  }

  void Validate() {
    const double loss = validator_->Loss(state_.parameters.data());
    state_.valid_loss.emplace_back(state_.step, loss);
    schedule_.OnValidation(loss);
    state_.plateau_rate = schedule_.plateau().rate;
    state_.plateau_best = schedule_.plateau().best;
    state_.plateau_bad_checks = schedule_.plateau().bad_checks;
    if (loss < state_.best_valid_loss) {
      state_.best_valid_loss = loss;
      state_.best_parameters = state_.parameters;
      state_.checks_without_gain = 0;
      return;
    }
    ++state_.checks_without_gain;
    stopped_early_ = OutOfPatience();
  }

  bool OutOfPatience() const {
    const int64_t patience = config_.early_stop_patience_steps;
    return patience > 0 && state_.checks_without_gain >= patience;
  }

  void Report(double seconds) const {
    if (!control_.on_progress) return;
    Progress p;
    p.step = state_.step;
    p.max_steps = max_steps_;
    p.train_loss = state_.train_loss.back();
    p.valid_loss = state_.valid_loss.empty() ? std::numeric_limits<double>::quiet_NaN()
                                             : state_.valid_loss.back().second;
    p.learning_rate = rate_;
    p.seconds = seconds;
    control_.on_progress(p);
  }

  void Save() { SaveCheckpoint(options_.checkpoint_path, model_, config_, state_, control_); }

  FitReport Summary(double seconds, int64_t steps) const {
    FitReport report;
    report.model = model_.alias();
    report.steps = state_.step;
    report.stopped_early = stopped_early_;
    report.train_loss = state_.train_loss;
    report.valid_loss = state_.valid_loss;
    report.best_valid_loss = state_.valid_loss.empty() ? std::numeric_limits<double>::quiet_NaN()
                                                       : state_.best_valid_loss;
    report.seconds = seconds;
    const double samples =
        static_cast<double>(steps) *
        static_cast<double>(config_.windows_batch_size * config_.accumulate_steps);
    report.samples_per_second = seconds > 0 ? samples / seconds : 0.0;
    report.warnings = warnings_;
    return report;
  }

  NeuralModel& model_;
  Engine& engine_;
  const FitOptions& options_;
  const TrainConfig& config_;
  const JobControl& control_;
  WindowSampler sampler_;
  std::vector<Frame> windows_;
  WindowSource source_;
  StepRunner runner_;
  Optimizer optimizer_;
  const int64_t max_steps_;
  Schedule schedule_;
  std::vector<float> gradients_;
  std::unique_ptr<Validator> validator_;
  std::string valid_measure_, data_;
  std::vector<std::string> warnings_;
  TrainState state_;
  double rate_ = 0;
  bool stopped_early_ = false;
};

}  // namespace

SamplerOptions SamplerOf(const NeuralModel& model, const FitOptions& o) {
  SamplerOptions s;
  s.lookback = model.config().lookback();
  s.lag = s.lookback - model.config().input_size;
  s.horizon = model.config().train_horizon();
  s.series = model.config().series();
  s.step_size = o.train.step_size;
  s.start_padding = o.train.start_padding;
  s.batch_size = o.train.batch_size;
  s.windows_batch_size = o.train.windows_batch_size;
  s.holdout = o.validation_size;
  s.seed = model.seed();
  return s;
}

FitReport Fit(NeuralModel& model, Engine& engine, const Panel& panel, const FitOptions& options,
              const JobControl& control) {
  CheckMemory(model);
  model.CheckPanel(panel, options.series_names);
  model.head().CheckTargets(panel, options.series_names, model.alias());
  if (const Panel* apart = options.validation_panel; apart != nullptr) {
    model.CheckPanel(*apart, options.validation_names);
    model.head().CheckTargets(*apart, options.validation_names, model.alias() + ", validationData");
  }
  return Training(model, engine, panel, options, control).Run();
}

}  // namespace nf
