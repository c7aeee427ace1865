// Every model of the registry learns: with its defaults, every option it has, every loss, every
// layout of exogenous inputs, and with values that are missing. Its gradients are those of its
// loss.
#include "testing/fit_fixture.h"

namespace nf {
namespace {

using ModelLearning = EveryModel;

// Trains a few steps and expects the loss over all windows to fall.
void ExpectLearns(const ModelEntry& entry, const Json::Object& overrides, const Panel& panel) {
  Engine engine({.num_threads = 1, .pool = {}});
  const auto model = TinyModel(entry, overrides);
  const double before = LossOver(*model, engine, panel, model->InitialParameters());
  const std::vector<float> weights = FittedWeights(*model, engine, panel);
  EXPECT_TRUE(AllFinite(weights));
  const double after = LossOver(*model, engine, panel, weights);
  EXPECT_TRUE(std::isfinite(after));
  EXPECT_LT(after, before);
}

TEST_P(ModelLearning, OverFitsAToySeries) {
  constexpr int64_t kSteps = 2000;
  Engine engine({.num_threads = 1, .pool = {}});
  const Panel panel = ToyPanel();
  // Scaled: values around 3 saturate a plain RNN, which at this rate never comes back.
  const auto model = TinyModel(entry(), {{"scalerType", "standard"},
                                         {"loss", "MSE"},
                                         {"maxSteps", kSteps},
                                         {"learningRate", 1e-2},
                                         {"numLrDecays", 4}});
  const FitReport report = Fit(*model, engine, panel, OptionsOf(*model), JobControl{});
  ASSERT_EQ(report.train_loss.size(), static_cast<size_t>(kSteps));
  EXPECT_LT(report.train_loss.back(), 0.01 * report.train_loss.front());
}

TEST_P(ModelLearning, WithEveryOption) {
  const Panel panel = ToyPanel();
  for (const Variant& variant : EveryOption(entry())) {
    SCOPED_TRACE(variant.label);
    ExpectLearns(entry(), variant.overrides, panel);
  }
}

TEST_P(ModelLearning, WithEveryLoss) {
  const Panel panel = ToyPanel();
  for (const std::string& loss : LossesOf(entry())) {
    SCOPED_TRACE(loss);
    // Scaled, because SMAPE has no slope where forecast and target have opposite signs.
    ExpectLearns(entry(), {{"loss", loss}, {"scalerType", "standard"}}, panel);
  }
}

TEST_P(ModelLearning, WithEveryLayoutOfExogenousInputs) {
  const Panel panel = ToyPanel();
  for (const Variant& variant : ExogenousLayouts(entry())) {
    SCOPED_TRACE(variant.label);
    ExpectLearns(entry(), variant.overrides, panel);
  }
}

// A column that the model was given changes its forecast, and one that it was not does not.
TEST_P(ModelLearning, SeesTheExogenousInputsItAsksFor) {
  Panel panel = ToyPanel(), changed = ToyPanel();
  for (int64_t i = 0; i < changed.num_rows(); ++i) {
    changed.historic[0].Write(i, 2.0 + changed.historic[0][i]);
    changed.future[0].Write(i, 2.0 + changed.future[0][i]);
  }
  for (float& value : changed.statics) value += 2.0f;
  const auto plain = TinyModel(entry());
  plain->SetWeights(plain->InitialParameters());
  EXPECT_EQ(Forecasts(*plain, BestKernels(), panel), Forecasts(*plain, BestKernels(), changed));
  for (const Variant& variant : ExogenousLayouts(entry())) {
    SCOPED_TRACE(variant.label);
    const auto model = TinyModel(entry(), variant.overrides);
    model->SetWeights(model->InitialParameters());
    EXPECT_NE(Forecasts(*model, BestKernels(), panel), Forecasts(*model, BestKernels(), changed));
  }
}

TEST_P(ModelLearning, RefusesExogenousInputsItCannotTake) {
  const std::pair<const char*, bool> kinds[] = {{"futureExog", entry().future_exog},
                                                {"historicExog", entry().historic_exog},
                                                {"staticExog", entry().static_exog}};
  for (const auto& [option, supported] : kinds) {
    SCOPED_TRACE(option);
    const Json::Object overrides = {{option, Json::Array{"x"}}};
    if (supported) {
      EXPECT_NO_THROW(TinyModel(entry(), overrides));
      continue;
    }
    try {
      TinyModel(entry(), overrides);
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
      EXPECT_NE(std::string(error.what()).find(option), std::string::npos) << error.what();
    }
  }
}

// Rows that are masked out may hold anything.
TEST_P(ModelLearning, LooksAtNoMaskedValue) {
  Engine engine({.num_threads = 1, .pool = {}});
  std::vector<std::vector<float>> weights;
  for (double garbage : {0.0, 1e9, std::nan("")}) {
    Panel panel = ToyPanel();
    panel.mask.assign(static_cast<size_t>(panel.num_rows()), 1);
    for (int64_t i = 3; i < panel.num_rows(); i += 7) {
      panel.mask[static_cast<size_t>(i)] = 0;
      panel.y.Write(i, garbage);
    }
    const auto model = TinyModel(entry(), {{"scalerType", "standard"}});
    weights.push_back(FittedWeights(*model, engine, panel));
    EXPECT_TRUE(AllFinite(weights.back()));
    EXPECT_LT(LossOver(*model, engine, panel, weights.back()),
              LossOver(*model, engine, panel, model->InitialParameters()));
  }
  EXPECT_EQ(weights[1], weights[0]);
  EXPECT_EQ(weights[2], weights[0]);
}

// Gradients against central differences of the loss. The engine computes in f32, so a difference
// is noise below some step and curvature (or a kink of ReLU, pooling or the loss) above it: the
// best of several steps counts, along directions in one parameter at a time.
class GradientCheck {
 public:
  GradientCheck(const NeuralModel& model, const Panel& panel)
      : model_(model),
        engine_({.num_threads = 1, .pool = {}}),
        batch_(model, panel, EveryFourth(WindowsOf(panel, model.config().series()))),
        runner_(model, engine_, batch_.source().rows()),
        parameters_(model.InitialParameters()),
        gradients_(parameters_.size()) {
    const auto outcome = runner_.Run(batch_.source(), parameters_.data(), 0, gradients_.data());
    for (float& g : gradients_) g *= outcome.grad_scale;
    scratch_.resize(gradients_.size());
  }

  // tolerance: of the norm of a parameter's gradient.
  void Run(double tolerance) {
    std::mt19937 random(3);
    std::normal_distribution<double> normal;
    for (TensorId id : model_.graph().parameters) {
      const TensorInfo& p = model_.graph().tensor(id);
      const float* g = gradients_.data() + p.offset;
      std::vector<double> along(g, g + p.size), across(static_cast<size_t>(p.size));
      // A parameter that cancels out has noise for a gradient (NLinear's shift of RevIN, the bias
      // of attention's keys, the choice between variables that are alike).
      const double norm = std::max(Normalise(along), 1e-3);
      for (double& d : across) d = normal(random);
      Normalise(across);
      Compare(p, along, tolerance * norm);
      Compare(p, across, 3 * tolerance * norm);
    }
  }

 private:
  static std::vector<Frame> EveryFourth(const std::vector<Frame>& all) {
    std::vector<Frame> some;
    for (size_t i = 0; i < all.size(); i += 4) some.push_back(all[i]);
    return some;
  }

  static double Normalise(std::vector<double>& d) {
    double squares = 0;
    for (double x : d) squares += x * x;
    for (double& x : d) x /= std::max(std::sqrt(squares), 1e-30);
    return std::sqrt(squares);
  }

  double LossAt(const TensorInfo& p, const std::vector<double>& direction, double step) {
    std::vector<float> at = parameters_;
    for (size_t i = 0; i < direction.size(); ++i) {
      at[static_cast<size_t>(p.offset) + i] += static_cast<float>(step * direction[i]);
    }
    return runner_.Run(batch_.source(), at.data(), 0, scratch_.data()).loss;
  }

  void Compare(const TensorInfo& p, const std::vector<double>& direction, double tolerance) {
    double expected = 0, best = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < direction.size(); ++i) {
      expected += direction[i] * gradients_[static_cast<size_t>(p.offset) + i];
    }
    for (double step : {3e-3, 1e-3, 1e-2, 3e-4, 3e-2}) {
      const double slope = (LossAt(p, direction, step) - LossAt(p, direction, -step)) / (2 * step);
      best = std::min(best, std::abs(slope - expected));
      if (best < tolerance) return;
    }
    EXPECT_LT(best, tolerance) << p.name << ": " << expected;
  }

  const NeuralModel& model_;
  Engine engine_;
  const FixedBatch batch_;
  StepRunner runner_;
  const std::vector<float> parameters_;
  std::vector<float> gradients_, scratch_;
};

TEST_P(ModelLearning, GradientsAreThoseOfTheLoss) {
  const Panel panel = ToyPanel();
  std::vector<Variant> variants = EveryOption(entry());
  for (const Variant& v : ExogenousLayouts(entry())) variants.push_back(v);
  for (Variant& v : variants) {
    // How a gradient is used changes nothing about it.
    if (v.label.starts_with("optimizer") || v.label.starts_with("lrScheduler")) continue;
    SCOPED_TRACE(v.label);
    v.overrides.emplace_back("loss", "MSE");
    const auto model = TinyModel(entry(), v.overrides);
    GradientCheck(*model, panel).Run(0.02);  // ReLU and pooling have kinks
  }
}

TEST_P(ModelLearning, GradientsOfEveryLoss) {
  const Panel panel = ToyPanel();
  for (const std::string& loss : LossesOf(entry())) {
    SCOPED_TRACE(loss);
    const auto model = TinyModel(entry(), {{"loss", loss}});
    GradientCheck(*model, panel).Run(0.03);  // most have a kink at every target
  }
}

NF_FOR_LEARNING_MODELS(ModelLearning);

}  // namespace
}  // namespace nf
