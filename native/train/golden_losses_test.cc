// The loss kernels of every table against NeuralForecast's losses, value and gradient.
#include <cmath>
#include <string>
#include <vector>

#include "heads/head.h"
#include "kernels/kernel_table.h"
#include "testing/golden_data.h"

namespace nf {
namespace {

struct LossCase {
  std::string label;  // the case as JSON
  LossConfig config;
  std::vector<double> quantiles;
  std::vector<std::string> output_names;
  std::vector<float> y, y_hat, weight, grad;
  double loss = 0;
  size_t rows = 0, horizon = 0, outputs = 0;
};

LossCase ReadCase(const GoldenFile& file, const std::string& key, const Json& json) {
  LossCase c;
  c.label = json.Dump();
  ParseFields(json.At("loss"), c.config, "loss");
  for (const Json& q : json.At("quantiles").AsArray()) c.quantiles.push_back(q.AsNumber());
  for (const Json& n : json.At("outputNames").AsArray()) c.output_names.push_back(n.AsString());
  c.y = file.Floats(key + "/y");
  c.y_hat = file.Floats(key + "/y_hat");
  c.weight = file.Floats(key + "/mask");
  c.grad = file.Floats(key + "/grad");
  c.loss = file.Scalar(key + "/loss");
  const std::vector<int64_t>& shape = file.Shape(key + "/y_hat");
  c.rows = static_cast<size_t>(shape[0]);
  c.horizon = static_cast<size_t>(shape[1]);
  c.outputs = static_cast<size_t>(shape[2]);
  if (!c.config.horizon_weight.empty())
    for (size_t i = 0; i < c.weight.size(); ++i)
      c.weight[i] *= static_cast<float>(c.config.horizon_weight[i % c.horizon]);
  return c;
}

std::vector<LossCase> ReadCases() {
  const GoldenFile file("losses");
  std::vector<LossCase> cases;
  for (const auto& [key, json] : file.Cases()) cases.push_back(ReadCase(file, key, json));
  return cases;
}

// "-lo-80.0" is how the library names a level that it worked out from a quantile.
std::string Suffix(std::string name) {
  if (name == "-median") return "";
  if (name.size() > 2 && name.compare(name.size() - 2, 2, ".0") == 0) name.resize(name.size() - 2);
  return name;
}

TEST(GoldenLosses, ValueAndGradientAtEveryTarget) {
  const std::vector<LossCase> cases = ReadCases();
  ASSERT_GE(cases.size(), 20u);
  for (const KernelTable* table : AllKernels()) {
    for (const LossCase& c : cases) {
      SCOPED_TRACE(std::string(table->target) + " " + c.label);
      double weights = 0;
      for (float w : c.weight) weights += w;
      std::vector<float> grad(c.y_hat.size(), NAN);
      LossRows rows;
      rows.rows = static_cast<int64_t>(c.rows);
      rows.points = static_cast<int64_t>(c.horizon);
      rows.raw = c.y_hat.data();
      rows.target = c.y.data();
      rows.weight = c.weight.data();
      rows.grad_scale = static_cast<float>(1.0 / weights);
      rows.grad = grad.data();
      const auto head = MakeHead(c.config);
      const Head::Result result =
          head->Of(head->Loss(*table, rows), head->Benchmark(rows), weights);
      for (float& g : grad) g *= result.grad_scale;
      EXPECT_NEAR(result.loss, c.loss, 1e-6 * std::abs(c.loss));
      EXPECT_TRUE(Close(c.grad, grad, 1e-6));
    }
  }
}

TEST(GoldenLosses, OutputsAndTheirNames) {
  for (const LossCase& c : ReadCases()) {
    SCOPED_TRACE(c.config.name);
    EXPECT_EQ(c.config.outputs(), static_cast<int64_t>(c.outputs));
    if (c.outputs == 1) continue;
    EXPECT_TRUE(Close(c.quantiles, c.config.OutputQuantiles(), 1e-6));
    std::vector<std::string> expected;
    for (const std::string& name : c.output_names) expected.push_back(Suffix(name));
    EXPECT_EQ(c.config.OutputSuffixes(), expected);
  }
}

}  // namespace
}  // namespace nf
