// N-HiTS: pooled inputs and interpolated outputs, each stack at its own rate (Challu et al., 2023).
#include <algorithm>

#include "models/registry.h"
#include "nn/basis.h"
#include "nn/linear.h"
#include "nn/residual_stack.h"
#include "ops/interpolate.h"
#include "ops/pool.h"
#include "ops/slice.h"
#include "ops/transpose.h"
#include "util/error.h"

namespace nf {
namespace {

struct NhitsConfig : ModelConfig {
  std::vector<std::string> stack_types = {"identity", "identity", "identity"};
  std::vector<int64_t> n_blocks = {1, 1, 1};
  std::vector<std::vector<int64_t>> mlp_units = {{512, 512}, {512, 512}, {512, 512}};
  std::vector<int64_t> n_pool_kernel_size = {2, 2, 1};
  std::vector<int64_t> n_freq_downsample = {4, 2, 1};
  std::string pooling_mode = "MaxPool1d";
  std::string interpolation_mode = "linear";
  double dropout_prob_theta = 0.0;
  std::string activation = "ReLU";

  NhitsConfig() { num_lr_decays = 3; }
  void VisitFields(FieldVisitor& v) override {
    ModelConfig::VisitFields(v);
    v.Visit("stackTypes", stack_types,
            {.doc = "One 'identity' a stack.", .choices = {"identity"}, .min_items = 1});
    v.Visit("nBlocks", n_blocks,
            {.doc = "Blocks of each stack.", .min = 1, .max = 100, .min_items = 1});
    v.Visit("mlpUnits", mlp_units,
            {.doc = "Hidden layers of each block, as [in, out] pairs.",
             .min = 1,
             .max = 65536,
             .min_items = 1});
    v.Visit("nPoolKernelSize", n_pool_kernel_size,
            {.doc = "Pooling window of each stack's input.", .min = 1, .max = 1e6, .min_items = 1});
    v.Visit("nFreqDownsample", n_freq_downsample,
            {.doc = "Steps between the forecast knots of each stack.",
             .min = 1,
             .max = 1e6,
             .min_items = 1});
    v.Visit("poolingMode", pooling_mode,
            {.doc = "How inputs are pooled.", .choices = {"MaxPool1d", "AvgPool1d"}});
    v.Visit("interpolationMode", interpolation_mode,
            {.doc = "How knots become a forecast.", .choices = {"linear", "nearest", "cubic"}});
    v.Visit("dropoutProbTheta", dropout_prob_theta,
            {.doc = "Dropout after each hidden layer.", .min = 0, .max = 0.99});
    v.Visit("activation", activation,
            {.doc = "Of the hidden layers.", .choices = kActivationNames});
  }
};

void Check(const ModelConfig& config, const std::string& path) {
  const auto& c = static_cast<const NhitsConfig&>(config);
  CheckMlpUnits(c.mlp_units, path);
  const size_t stacks = c.stack_types.size();
  if (c.n_blocks.size() != stacks || c.n_pool_kernel_size.size() != stacks ||
      c.n_freq_downsample.size() != stacks) {
    Fail(ErrorCode::kOutOfRange, path +
                                     ": stackTypes, nBlocks, nPoolKernelSize and nFreqDownsample "
                                     "must have one entry a stack (" +
                                     std::to_string(stacks) + ")");
  }
}

int64_t Knots(const NhitsConfig& c, size_t stack, int64_t horizon) {
  return std::max<int64_t>(horizon / c.n_freq_downsample[stack], 1);
}

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const NhitsConfig&>(config);
  const BlockMlp mlp{c.mlp_units, ParseActivation(c.activation), c.dropout_prob_theta};
  std::vector<size_t> stack_of;  // by block
  for (size_t s = 0; s < c.n_blocks.size(); ++s) {
    stack_of.insert(stack_of.end(), static_cast<size_t>(c.n_blocks[s]), s);
  }
  std::vector<ConstMatrix> taps;  // by stack
  for (size_t s = 0; s < c.n_blocks.size(); ++s) {
    taps.push_back(InterpolationTaps(c.interpolation_mode, Knots(c, s, in.horizon), in.horizon));
  }
  const int64_t lookback = in.steps;
  auto block = [&](int64_t i, Tensor residual) -> BlockOutput {
    const size_t stack = stack_of[static_cast<size_t>(i)];
    auto pool = [&](Tensor x) {
      if (x.empty()) return x;
      const int64_t kernel = c.n_pool_kernel_size[stack];
      return c.pooling_mode == "MaxPool1d" ? MaxPool(g, x, kernel) : AveragePool(g, x, kernel);
    };
    const int64_t knots = Knots(c, stack, in.horizon);
    const Tensor x = in.Flat(g, pool(residual), pool(in.historic), pool(in.future));
    // theta: [ backcast L | knots Q x K ]
    const Tensor theta = mlp(g, x, lookback + in.outputs * knots, "blocks." + std::to_string(i));
    const Tensor of_output = Slice(g, theta, Axis(0), lookback, g.size(theta), {in.outputs, knots});
    Tensor forecast = Transpose(g, of_output);
    // As many knots as steps are the steps.
    if (knots < in.horizon) forecast = Interpolate(g, forecast, taps[stack]);
    return {Slice(g, theta, Axis(0), 0, lookback), forecast};
  };
  return ResidualStack(g, in.insample_y, in.insample_mask, in.horizon * in.outputs,
                       static_cast<int64_t>(stack_of.size()), block);
}

}  // namespace

extern const ModelEntry kNHITSModel = {
    .name = "NHITS",
    .doc = "Residual MLP blocks at several sampling rates: pooled inputs, interpolated outputs.",
    .paper = "Challu et al., 2023",
    .future_exog = true,
    .historic_exog = true,
    .static_exog = true,
    .tiny = R"({"mlpUnits": [[16, 16], [16, 16]], "nBlocks": [2, 1, 1]})",
    .dropout = R"({"dropoutProbTheta": 0.2})",
    .bench = R"({"mlpUnits": [[128, 128], [128, 128], [128, 128]]})",
    .make_config = MakeConfig<NhitsConfig>,
    .check = Check,
    .build = Build,
};

}  // namespace nf
