// Pooling on vectors.
#include <algorithm>
#include <cstdint>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "kernels/pooling.h"
#include "kernels/ref/pooling.h"
#include "simd/loop-inl.h"

#if defined(NF_KERNELS_POOLING_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_POOLING_INL_H_
#undef NF_KERNELS_POOLING_INL_H_
#else
#define NF_KERNELS_POOLING_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Lanes are adjacent windows of one channel: `stride` floats apart in x.
struct WindowLanes {
  hn::Vec<hn::RebindToSigned<FloatTag>> index;
  size_t count;

  WindowLanes(size_t stride, size_t lanes)
      : index(hn::Mul(hn::Iota(hn::RebindToSigned<FloatTag>(), 0),
                      hn::Set(hn::RebindToSigned<FloatTag>(), static_cast<int32_t>(stride)))),
        count(lanes) {}
  FloatVec Load(const float* p) const { return hn::GatherIndexN(FloatTag(), p, index, count); }
  void Store(FloatVec v, float* p) const { hn::ScatterIndexN(v, FloatTag(), p, index, count); }
};

// Window o covers elements x + k * stride, k < size, of every lane.
struct Windows {
  size_t x, stride, size, y;  // x and y: offsets of the first lane
};

// Calls body(windows, x_lanes, y_lanes) for all windows: lanes are channels, or adjacent windows
// when there is one channel.
template <class Body>
HWY_INLINE void ForWindows(size_t rows, size_t time, size_t channels, size_t kernel,
                           const Body& body) {
  if (channels == 1 && time % kernel == 0) time *= rows, rows = 1;  // one long row
  const size_t outputs = (time + kernel - 1) / kernel, full = time / kernel;
  const size_t step = hn::Lanes(FloatTag());
  for (size_t r = 0; r < rows; ++r) {
    const size_t x = r * time * channels, y = r * outputs * channels;
    size_t o = 0;
    if (channels == 1) {
      for (; o < full; o += step) {
        const size_t lanes = HWY_MIN(step, full - o);
        body(Windows{x + o * kernel, 1, kernel, y + o}, WindowLanes(kernel, lanes),
             PartLanes{lanes});
      }
      o = full;
    }
    for (; o < outputs; ++o) {
      const size_t size = HWY_MIN(kernel, time - o * kernel);
      ForLanes(channels, [&](size_t c, auto lanes) HWY_ATTR {
        body(Windows{x + o * kernel * channels + c, channels, size, y + o * channels + c}, lanes,
             lanes);
      });
    }
  }
}

inline void MaxForward(const float* x, size_t rows, size_t time, size_t channels, size_t kernel,
                       float* y) {
  ForWindows(rows, time, channels, kernel, [=](Windows w, auto x_lanes, auto y_lanes) HWY_ATTR {
    FloatVec best = x_lanes.Load(x + w.x);
    for (size_t k = 1; k < w.size; ++k) {
      const FloatVec v = x_lanes.Load(x + w.x + k * w.stride);
      best = hn::IfThenElse(hn::Or(hn::Gt(v, best), hn::IsNaN(v)), v, best);
    }
    y_lanes.Store(best, y + w.y);
  });
}

inline void MaxBackward(const float* x, const float* y, const float* dy, size_t rows, size_t time,
                        size_t channels, size_t kernel, bool accumulate, float* dx) {
  ForWindows(rows, time, channels, kernel, [=](Windows w, auto x_lanes, auto y_lanes) HWY_ATTR {
    const FloatVec best = y_lanes.Load(y + w.y);
    FloatVec left = y_lanes.Load(dy + w.y);  // dy until its maximum has come, 0 after it
    for (size_t k = 0; k < w.size; ++k) {
      const size_t at = w.x + k * w.stride;
      const FloatVec v = x_lanes.Load(x + at);
      const auto hit = hn::Or(hn::Eq(v, best), hn::IsNaN(v));
      const FloatVec gradient = hn::IfThenElseZero(hit, left);
      left = hn::IfThenZeroElse(hit, left);
      x_lanes.Store(accumulate ? hn::Add(x_lanes.Load(dx + at), gradient) : gradient, dx + at);
    }
  });
}

inline void AverageForward(const float* x, size_t rows, size_t time, size_t channels, size_t kernel,
                           float* y) {
  ForWindows(rows, time, channels, kernel, [=](Windows w, auto x_lanes, auto y_lanes) HWY_ATTR {
    FloatVec sum = x_lanes.Load(x + w.x);
    for (size_t k = 1; k < w.size; ++k) {
      sum = hn::Add(sum, x_lanes.Load(x + w.x + k * w.stride));
    }
    y_lanes.Store(hn::Div(sum, hn::Set(FloatTag(), static_cast<float>(w.size))), y + w.y);
  });
}

inline void AverageBackward(const float* dy, size_t rows, size_t time, size_t channels,
                            size_t kernel, bool accumulate, float* dx) {
  ForWindows(rows, time, channels, kernel, [=](Windows w, auto x_lanes, auto y_lanes) HWY_ATTR {
    const FloatVec gradient =
        hn::Div(y_lanes.Load(dy + w.y), hn::Set(FloatTag(), static_cast<float>(w.size)));
    for (size_t k = 0; k < w.size; ++k) {
      float* to = dx + w.x + k * w.stride;
      x_lanes.Store(accumulate ? hn::Add(x_lanes.Load(to), gradient) : gradient, to);
    }
  });
}

// Sums of `kernel` adjacent values by doubling: the sums of 1, 2, 4, ... values are made in place
// from one another and those of kernel's binary digits are put together. O(n log kernel) vector
// additions, errors that grow with log kernel, and one NaN spoils only its own windows. Rejected:
// running sums in double (serial, 4 cycles an element), adding all taps (kernel additions).
class WindowSum {
 public:
  static constexpr size_t kCapacity = 2048;

  // Outputs of one call to Run; inputs are kernel - 1 more.
  static size_t MaxOutputs(size_t kernel) { return kCapacity - (kernel - 1); }

  float* input() { return input_; }

  // sum[t] = input[t] + ... + input[t + kernel - 1], t < n. Spoils the input.
  const float* Run(size_t n, size_t kernel) {
    size_t length = n + kernel - 1;  // values of input_ that hold sums of `width`
    bool started = false;
    for (size_t width = 1, offset = 0; width <= kernel; width *= 2) {
      if (kernel & width) {
        const bool add = started;
        ForLanes(n, [=, this](size_t i, auto lanes) HWY_ATTR {
          const FloatVec v = lanes.Load(input_ + offset + i);
          lanes.Store(add ? hn::Add(lanes.Load(sum_ + i), v) : v, sum_ + i);
        });
        started = true;
        offset += width;
      }
      if (2 * width > kernel) break;
      length -= width;
      ForLanes(length, [=, this](size_t i, auto lanes) HWY_ATTR {
        lanes.Store(hn::Add(lanes.Load(input_ + i), lanes.Load(input_ + i + width)), input_ + i);
      });
    }
    return sum_;
  }

 private:
  HWY_ALIGN float input_[kCapacity];
  HWY_ALIGN float sum_[kCapacity];
};

// Writes values [begin - before, begin - before + count) of a row of `time`, with `left` and
// `right` standing for what lies outside.
inline void PadRow(const float* row, size_t time, size_t begin, size_t before, size_t count,
                   float left, float right, float* out) {
  const size_t low = begin < before ? HWY_MIN(before - begin, count) : 0;
  const size_t first = begin + low - before;
  const size_t inside = first < time ? HWY_MIN(count - low, time - first) : 0;
  std::fill(out, out + low, left);
  std::copy(row + first, row + first + inside, out + low);
  std::fill(out + low + inside, out + count, right);
}

inline void MovingAverageForward(const float* x, size_t rows, size_t time, size_t kernel,
                                 float* y) {
  if (kernel > WindowSum::kCapacity / 2) {
    return ref::MovingAverageForward(x, rows, time, kernel, y);
  }
  WindowSum window;
  const FloatVec scale = hn::Set(FloatTag(), 1.0f / static_cast<float>(kernel));
  for (size_t r = 0; r < rows; ++r, x += time, y += time) {
    for (size_t begin = 0; begin < time; begin += WindowSum::MaxOutputs(kernel)) {
      const size_t n = HWY_MIN(WindowSum::MaxOutputs(kernel), time - begin);
      PadRow(x, time, begin, kernel / 2, n + kernel - 1, x[0], x[time - 1], window.input());
      const float* sum = window.Run(n, kernel);
      ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
        lanes.Store(hn::Mul(lanes.Load(sum + i), scale), y + begin + i);
      });
    }
  }
}

// The transpose: windows over dy with nothing outside, then what the repeated edges were used for.
inline void MovingAverageBackward(const float* dy, size_t rows, size_t time, size_t kernel,
                                  bool accumulate, float* dx) {
  if (kernel > WindowSum::kCapacity / 2) {
    return ref::MovingAverageBackward(dy, rows, time, kernel, accumulate, dx);
  }
  WindowSum window;
  const FloatVec scale = hn::Set(FloatTag(), 1.0f / static_cast<float>(kernel));
  for (size_t r = 0; r < rows; ++r, dy += time, dx += time) {
    for (size_t begin = 0; begin < time; begin += WindowSum::MaxOutputs(kernel)) {
      const size_t n = HWY_MIN(WindowSum::MaxOutputs(kernel), time - begin);
      PadRow(dy, time, begin, kernel / 2, n + kernel - 1, 0.0f, 0.0f, window.input());
      const float* sum = window.Run(n, kernel);
      ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
        float* to = dx + begin + i;
        const FloatVec gradient = hn::Mul(lanes.Load(sum + i), scale);
        lanes.Store(accumulate ? hn::Add(lanes.Load(to), gradient) : gradient, to);
      });
    }
    ref::AddMovingAverageEdges(dy, time, kernel, dx);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_POOLING_INL_H_
