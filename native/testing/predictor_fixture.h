// For the tests of forecasts, of every model of the registry.
#ifndef NF_TESTING_PREDICTOR_FIXTURE_H_
#define NF_TESTING_PREDICTOR_FIXTURE_H_

#include <functional>

#include "infer/predictor.h"
#include "testing/tiny_models.h"

namespace nf {

using Columns = std::vector<std::vector<double>>;  // by output

class PredictorTest : public EveryModel {
 protected:
  // With weights that need no training.
  std::unique_ptr<NeuralModel> Fitted(const Json::Object& overrides = {}, uint64_t seed = 1) const {
    auto model = TinyModel(entry(), overrides, seed);
    model->SetWeights(model->InitialParameters());
    return model;
  }

  // Of several rows, each of the windows of as many series as the model forecasts together.
  template <class T>
  std::vector<T> RandomWindows(size_t rows, uint32_t seed = 1) const {
    std::mt19937 random(seed);
    std::uniform_real_distribution<T> uniform(1, 9);
    std::vector<T> windows(rows * Together() * kLookback);
    for (T& v : windows) v = uniform(random);
    return windows;
  }
  size_t Together() const { return entry().multivariate ? kTogether : 1; }

  const Panel panel_ = ToyPanel();
  Engine engine_{{.num_threads = 2, .pool = {}}};
};

inline Columns PredictPanel(Predictor& predictor, const NeuralModel& model, const Panel& panel,
                            int64_t horizon, LocalScalerType scaler = LocalScalerType::kNone,
                            bool on_caller = false,
                            const std::vector<std::vector<double>>& ahead = {}) {
  const auto outputs = static_cast<size_t>(model.config().loss.outputs());
  Columns columns(outputs,
                  std::vector<double>(static_cast<size_t>(panel.num_series() * horizon), -1e300));
  const std::vector<std::span<double>> out(columns.begin(), columns.end());
  const std::vector<std::span<const double>> known(ahead.begin(), ahead.end());
  predictor.PredictPanel(panel, known, horizon, scaler, out, JobControl{}, on_caller);
  return columns;
}

inline void ExpectError(ErrorCode code, const std::string& part,
                        const std::function<void()>& call) {
  try {
    call();
    ADD_FAILURE() << "no error of " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

// The future column over `horizon` steps after each series, shifted.
inline std::vector<std::vector<double>> Ahead(const Panel& panel, int64_t horizon, double shift) {
  std::vector<double> column;
  for (int64_t s = 0; s < panel.num_series(); ++s) {
    for (int64_t i = 0; i < horizon; ++i) {
      column.push_back(shift + 2.0 + std::sin(0.2 * static_cast<double>(panel.length(s) + i)));
    }
  }
  return {column};
}

// Of three series: `steps` steps each are the first ones of those of a longer horizon.
inline void ExpectBeginning(const std::vector<double>& got, size_t steps,
                            const std::vector<double>& longer, size_t horizon) {
  ASSERT_EQ(got.size(), 3 * steps);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i], longer[i / steps * horizon + i % steps]) << "step " << i % steps;
  }
}

}  // namespace nf

#endif  // NF_TESTING_PREDICTOR_FIXTURE_H_
