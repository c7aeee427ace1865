// Statistics that both kinds of scaler take.
#ifndef NF_DATA_STATISTICS_H_
#define NF_DATA_STATISTICS_H_

#include <cmath>
#include <cstdint>

namespace nf {

struct Moments {
  double mean, std;
};

// Population moments, taken around the first value: equal values then give a spread of exactly 0,
// where a rounded mean would leave 1e-17 and defeat the guard against a zero scale. n >= 1.
inline Moments MeanStd(const double* x, int64_t n) {
  const double count = static_cast<double>(n);
  double sum = 0.0;
  for (int64_t i = 0; i < n; ++i) sum += x[i] - x[0];
  const double shift = sum / count;
  double squares = 0.0;
  for (int64_t i = 0; i < n; ++i) {
    const double d = (x[i] - x[0]) - shift;
    squares += d * d;
  }
  return {x[0] + shift, std::sqrt(squares / count)};
}

}  // namespace nf

#endif  // NF_DATA_STATISTICS_H_
