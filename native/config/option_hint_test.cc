#include "config/option_hint.h"

#include <gtest/gtest.h>

namespace nf {
namespace {

const std::vector<std::string> kModel = {"horizon",    "inputSize",    "maxSteps",   "learningRate",
                                         "futureExog", "historicExog", "staticExog", "scalerType"};

TEST(OptionHintTest, PythonNamesGetOurs) {
  const std::pair<const char*, const char*> cases[] = {
      {"h", "horizon"},
      {"input_size", "inputSize"},
      {"max_steps", "maxSteps"},
      {"learning_rate", "learningRate"},
      {"scaler_type", "scalerType"},
      {"futr_exog_list", "futureExog"},
      {"hist_exog_list", "historicExog"},
      {"stat_exog_list", "staticExog"},
      {"futrExogList", "futureExog"},
  };
  for (const auto& [python, ours] : cases)
    EXPECT_EQ(OptionHint(python, kModel), std::string("did you mean '") + ours + "'?") << python;
}

TEST(OptionHintTest, AnOptionOfAnotherPlaceIsNamedWithIt) {
  EXPECT_EQ(OptionHint("random_seed", kModel), "did you mean 'seed', an option of the forecaster?");
  EXPECT_EQ(OptionHint("val_size", kModel), "did you mean 'validationSize', an option of fit()?");
  EXPECT_EQ(OptionHint("val_size", {"validationSize"}), "did you mean 'validationSize'?");
  EXPECT_EQ(OptionHint("n_series", kModel),
            "leave it out: the data says how many series there are");
}

TEST(OptionHintTest, MisspelledNamesGetTheNearest) {
  EXPECT_EQ(OptionHint("INPUTSIZE", kModel), "did you mean 'inputSize'?");
  EXPECT_EQ(OptionHint("maxStep", kModel), "did you mean 'maxSteps'?");
  EXPECT_EQ(OptionHint("zzzzzzzzzzzz", kModel), "");
  EXPECT_EQ(OptionHint("loss", {"alias", "floor"}), "");
  EXPECT_EQ(OptionHint(std::string(100000, 'h'), kModel), "");
  EXPECT_EQ(OptionHint("", {}), "");
  EXPECT_EQ(OptionHint("_", kModel), "");
}

}  // namespace
}  // namespace nf
