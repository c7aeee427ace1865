// Pooling in double.
#include "ops/pool.h"

#include "kernels/ref/pooling.h"
#include "testing/op_case.h"

namespace nf {
namespace {

struct PoolCase {
  std::vector<int64_t> dims;
  int64_t kernel;
};
// Whole and short last windows, one wider than the input, channels.
const PoolCase kPools[] = {{{12}, 3}, {{13}, 4}, {{5}, 9}, {{7, 3}, 2}, {{40}, 2}};

template <class Record, class Forward>
std::vector<GraphCase> PoolCases(const Record& record, const Forward& forward) {
  std::vector<GraphCase> cases;
  for (const auto& [dims, kernel] : kPools) {
    const auto time = static_cast<size_t>(dims[0]), k = static_cast<size_t>(kernel);
    const size_t channels = dims.size() > 1 ? static_cast<size_t>(dims[1]) : 1;
    cases.push_back(Unary(
        Label("time", dims[0], kernel), dims,
        [=, kernel = kernel](Recorder& g, Tensor x) { return record(g, x, kernel); },
        [=](const Doubles& x) {
          Doubles y((time + k - 1) / k * channels);
          forward(x.data(), 1, time, channels, k, y.data());
          return y;
        }));
  }
  return cases;
}

}  // namespace

std::vector<GraphCase> CaseMaxPool() {
  return PoolCases([](Recorder& g, Tensor x, int64_t k) { return MaxPool(g, x, k); },
                   [](auto... args) { ref::MaxForward<double>(args...); });
}

std::vector<GraphCase> CaseAveragePool() {
  return PoolCases([](Recorder& g, Tensor x, int64_t k) { return AveragePool(g, x, k); },
                   [](auto... args) { ref::AverageForward<double>(args...); });
}

}  // namespace nf
