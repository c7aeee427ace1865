#include "nn/residual_stack.h"

#include "nn/linear.h"
#include "ops/dropout.h"
#include "ops/elementwise.h"
#include "ops/last.h"
#include "ops/reverse.h"
#include "ops/sub_mul.h"
#include "util/error.h"

namespace nf {

Tensor ResidualStack(Recorder& g, Tensor y, Tensor mask, int64_t values, int64_t num_blocks,
                     const std::function<BlockOutput(int64_t, Tensor)>& block) {
  Tensor residual = Reverse(g, y, Axis(0));
  const Tensor observed = Reverse(g, mask, Axis(0));
  Tensor forecast = RepeatLast(g, y, Axis(0), values);
  for (int64_t i = 0; i < num_blocks; ++i) {
    const BlockOutput out = block(i, residual);
    residual = SubMul(g, residual, out.backcast, observed);
    forecast = Add(g, forecast, out.forecast);
  }
  return forecast;
}

Tensor BlockMlp::operator()(Recorder& g, Tensor x, int64_t theta, const std::string& name) const {
  int64_t index = 0;
  auto next = [&](int64_t step) {
    const std::string layer = name + ".layers." + std::to_string(index);
    index += step;
    return layer;
  };
  x = LinearLayer(g, x, units[0][0], Activation::kNone, next(1));
  for (const auto& pair : units) {
    x = LinearLayer(g, x, pair[1], activation, next(dropout > 0 ? 3 : 2));
    x = Dropout(g, x, dropout);
  }
  return LinearLayer(g, x, theta, Activation::kNone, next(1));
}

void CheckMlpUnits(const std::vector<std::vector<int64_t>>& units, const std::string& path) {
  int64_t before = 0;
  for (const auto& pair : units) {
    if (pair.size() != 2 || (before != 0 && pair[0] != before)) {
      Fail(ErrorCode::kOutOfRange, path +
                                       ".mlpUnits must be pairs [in, out] in which each in equals "
                                       "the out before it, such as "
                                       "[[512, 512], [512, 256]]");
    }
    before = pair[1];
  }
}

}  // namespace nf
