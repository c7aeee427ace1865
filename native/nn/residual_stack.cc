#include "nn/residual_stack.h"

#include "nn/linear.h"
#include "util/error.h"

namespace nf {

Tensor ResidualStack(Builder& b, Tensor y, Tensor mask, int64_t values, int64_t num_blocks,
                     const std::function<BlockOutput(int64_t, Tensor)>& block) {
  Tensor residual = b.Reverse(y);
  const Tensor observed = b.Reverse(mask);
  Tensor forecast = b.RepeatLast(y, values);
  for (int64_t i = 0; i < num_blocks; ++i) {
    const BlockOutput out = block(i, residual);
    residual = b.SubMul(residual, out.backcast, observed);
    forecast = b.Add(forecast, out.forecast);
  }
  return forecast;
}

Tensor BlockMlp::operator()(Builder& b, Tensor x, int64_t theta, const std::string& name) const {
  int64_t index = 0;
  auto next = [&](int64_t step) {
    const std::string layer = name + ".layers." + std::to_string(index);
    index += step;
    return layer;
  };
  x = LinearLayer(b, x, units[0][0], Activation::kNone, next(1));
  for (const auto& pair : units) {
    x = LinearLayer(b, x, pair[1], activation, next(dropout > 0 ? 3 : 2));
    x = b.Dropout(x, dropout);
  }
  return LinearLayer(b, x, theta, Activation::kNone, next(1));
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
