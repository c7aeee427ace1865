// N-BEATS: residual MLP blocks on fixed bases (Oreshkin et al., 2020).
#include <map>

#include "models/registry.h"
#include "nn/basis.h"
#include "nn/linear.h"
#include "nn/residual_stack.h"
#include "ops/const_linear.h"
#include "ops/slice.h"
#include "util/error.h"

namespace nf {
namespace {

struct NbeatsConfig : ModelConfig {
  int64_t n_harmonics = 2;
  int64_t n_basis = 2;
  std::string basis = "polynomial";
  std::vector<std::string> stack_types = {"identity", "trend", "seasonality"};
  std::vector<int64_t> n_blocks = {1, 1, 1};
  std::vector<std::vector<int64_t>> mlp_units = {{512, 512}, {512, 512}, {512, 512}};
  double dropout_prob_theta = 0.0;
  std::string activation = "ReLU";
  bool shared_weights = false;

  NbeatsConfig() { num_lr_decays = 3; }
  void VisitFields(FieldVisitor& v) override {
    ModelConfig::VisitFields(v);
    v.Visit(
        "nHarmonics", n_harmonics,
        {.doc = "Steps per unit of frequency in the seasonality basis.", .min = 1, .max = 1000});
    v.Visit("nBasis", n_basis, {.doc = "Degree of the trend basis.", .min = 0, .max = 100});
    v.Visit("basis", basis, {.doc = "Kind of trend basis.", .choices = kTrendBases});
    v.Visit("stackTypes", stack_types,
            {.doc = "Basis of each stack.",
             .choices = {"identity", "trend", "seasonality"},
             .min_items = 1});
    v.Visit("nBlocks", n_blocks,
            {.doc = "Blocks of each stack.", .min = 1, .max = 100, .min_items = 1});
    v.Visit("mlpUnits", mlp_units,
            {.doc = "Hidden layers of each block, as [in, out] pairs.",
             .min = 1,
             .max = 65536,
             .min_items = 1});
    v.Visit("dropoutProbTheta", dropout_prob_theta,
            {.doc = "Dropout after each hidden layer.", .min = 0, .max = 0.99});
    v.Visit("activation", activation,
            {.doc = "Of the hidden layers.", .choices = kActivationNames});
    v.Visit("sharedWeights", shared_weights, {.doc = "Blocks of a stack share their weights."});
  }
};

void Check(const ModelConfig& config, const std::string& path) {
  const auto& c = static_cast<const NbeatsConfig&>(config);
  CheckMlpUnits(c.mlp_units, path);
  if (c.n_blocks.size() != c.stack_types.size()) {
    Fail(ErrorCode::kOutOfRange, path + ": stackTypes and nBlocks must have one entry a stack");
  }
  if (c.basis == "spline" && c.n_basis < 3) {
    Fail(ErrorCode::kOutOfRange, path + ".nBasis must be >= 3 for the 'spline' basis");
  }
  if (c.basis == "linear_hat" && c.n_basis < 1) {
    Fail(ErrorCode::kOutOfRange, path + ".nBasis must be >= 1 for the 'linear_hat' basis");
  }
}

// A stack's pair of bases: coefficients -> backcast [L] and forecast [h].
struct Bases {
  ConstMatrix backcast, forecast;
};

Bases StackBases(const NbeatsConfig& c, const std::string& type, int64_t lookback,
                 int64_t horizon) {
  if (type == "trend") {
    return {TrendBasis(c.basis, c.n_basis, lookback), TrendBasis(c.basis, c.n_basis, horizon)};
  }
  return {SeasonalityBasis(c.n_harmonics, horizon, lookback, -1.0),
          SeasonalityBasis(c.n_harmonics, horizon, horizon, 1.0)};
}

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const NbeatsConfig&>(config);
  const BlockMlp mlp{c.mlp_units, ParseActivation(c.activation), c.dropout_prob_theta};
  struct Block {
    std::string type, name;
  };
  std::vector<Block> blocks;
  for (size_t s = 0; s < c.n_blocks.size(); ++s) {
    for (int64_t i = 0; i < c.n_blocks[s]; ++i) {
      const bool shared = c.shared_weights && i > 0;
      blocks.push_back({c.stack_types[s],
                        shared ? blocks.back().name : "blocks." + std::to_string(blocks.size())});
    }
  }
  const int64_t lookback = in.steps;
  std::map<std::string, Bases> bases_of;
  for (const char* type : {"trend", "seasonality"}) {
    bases_of.emplace(type, StackBases(c, type, lookback, in.horizon));
  }
  auto block = [&](int64_t i, Tensor residual) -> BlockOutput {
    const auto& [type, name] = blocks[static_cast<size_t>(i)];
    if (type == "identity") {
      const Tensor theta = mlp(g, residual, lookback + in.horizon * in.outputs, name);
      return {Slice(g, theta, Axis(0), 0, lookback),
              Slice(g, theta, Axis(0), lookback, g.size(theta))};
    }
    // theta: [ backcast P | forecast P x Q ]
    const Bases& bases = bases_of.at(type);
    const int64_t functions = bases.backcast.rows;
    const Tensor theta = mlp(g, residual, functions * (1 + in.outputs), name);
    return {ConstLinear(g, Slice(g, theta, Axis(0), 0, functions), bases.backcast),
            ApplyPerOutput(
                g, Slice(g, theta, Axis(0), functions, g.size(theta), {functions, in.outputs}),
                bases.forecast)};
  };
  return ResidualStack(g, in.insample_y, in.insample_mask, in.horizon * in.outputs,
                       static_cast<int64_t>(blocks.size()), block);
}

}  // namespace

extern const ModelEntry kNBEATSModel = {
    .name = "NBEATS",
    .doc = "Residual MLP blocks on identity, trend and seasonality bases.",
    .paper = "Oreshkin et al., 2020",
    .tiny = R"({"mlpUnits": [[16, 16], [16, 16]], "nBlocks": [2, 1, 1], "nBasis": 3})",
    .dropout = R"({"dropoutProbTheta": 0.2})",
    .bench = R"({"mlpUnits": [[128, 128], [128, 128], [128, 128]]})",
    .make_config = MakeConfig<NbeatsConfig>,
    .check = Check,
    .build = Build,
};

}  // namespace nf
