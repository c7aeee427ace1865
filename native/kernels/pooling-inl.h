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

// Sums of `kernel` adjacent values by doubling: the sums of 1, 2, 4, ... values are made in place
// from one another and those of kernel's binary digits are put together. O(n log kernel) vector
// additions, errors that grow with log kernel, and one NaN spoils only its own windows. Rejected:
// running sums in double (serial, 4 cycles an element), adding all taps (kernel additions).
class WindowSums {
 public:
  static constexpr size_t kMaxKernel = 1024;

  // Calls emit(row, begin, sum, n) until every output of every row has come: sum[i] is that of
  // output begin + i, i < n. Outside a row stand its edge values, or 0. As many rows as fit lie
  // side by side in the buffer, each with its padding, so short rows still make long loops; sums
  // that reach over two of them are made and ignored.
  template <class Emit>
  void ForRows(const float* x, size_t rows, size_t time, size_t kernel, bool repeat_edges,
               const Emit& emit) {
    const size_t width = HWY_MIN(time, kCapacity - (kernel - 1)), stride = width + kernel - 1;
    const size_t together = width == time ? kCapacity / stride : 1;
    for (size_t r = 0; r < rows; r += together) {
      const size_t count = HWY_MIN(together, rows - r);
      for (size_t begin = 0; begin < time; begin += width) {
        const size_t n = HWY_MIN(width, time - begin);
        for (size_t i = 0; i < count; ++i) {
          const float* row = x + (r + i) * time;
          PadRow(row, time, begin, kernel / 2, n + kernel - 1, repeat_edges ? row[0] : 0.0f,
                 repeat_edges ? row[time - 1] : 0.0f, input_ + i * stride);
        }
        Sum((count - 1) * stride + n, kernel);
        for (size_t i = 0; i < count; ++i) emit(r + i, begin, sum_ + i * stride, n);
      }
    }
  }

 private:
  static constexpr size_t kCapacity = 2 * kMaxKernel;

  // sum_[t] = input_[t] + ... + input_[t + kernel - 1], t < n. Spoils the input.
  void Sum(size_t n, size_t kernel) {
    size_t length = n + kernel - 1;  // values of input_ that hold sums of `width`
    bool started = false;
    for (size_t width = 1, offset = 0; width <= kernel; width *= 2) {
      if (width > 1) {
        length -= width / 2;
        ForLanes(length, [=, this](size_t i, auto lanes) HWY_ATTR {
          const float* from = input_ + i;
          lanes.Store(hn::Add(lanes.Load(from), lanes.Load(from + width / 2)), input_ + i);
        });
      }
      if ((kernel & width) == 0) continue;
      const bool add = started;
      ForLanes(n, [=, this](size_t i, auto lanes) HWY_ATTR {
        const FloatVec v = lanes.Load(input_ + offset + i);
        lanes.Store(add ? hn::Add(lanes.Load(sum_ + i), v) : v, sum_ + i);
      });
      started = true;
      offset += width;
    }
  }

  HWY_ALIGN float input_[kCapacity];
  HWY_ALIGN float sum_[kCapacity];
};

inline void MovingAverageForward(const float* x, size_t rows, size_t time, size_t kernel,
                                 float* y) {
  if (kernel > WindowSums::kMaxKernel) {
    return ref::MovingAverageForward(x, rows, time, kernel, y);
  }
  WindowSums window;
  const FloatVec scale = hn::Set(FloatTag(), 1.0f / static_cast<float>(kernel));
  window.ForRows(x, rows, time, kernel, true,
                 [=](size_t row, size_t begin, const float* sum, size_t n) HWY_ATTR {
                   float* to = y + row * time + begin;
                   ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
                     lanes.Store(hn::Mul(lanes.Load(sum + i), scale), to + i);
                   });
                 });
}

// The transpose: windows over dy with nothing outside, then what the repeated edges were used for.
inline void MovingAverageBackward(const float* dy, size_t rows, size_t time, size_t kernel,
                                  bool accumulate, float* dx) {
  if (kernel > WindowSums::kMaxKernel) {
    return ref::MovingAverageBackward(dy, rows, time, kernel, accumulate, dx);
  }
  WindowSums window;
  const FloatVec scale = hn::Set(FloatTag(), 1.0f / static_cast<float>(kernel));
  window.ForRows(dy, rows, time, kernel, false,
                 [=](size_t row, size_t begin, const float* sum, size_t n) HWY_ATTR {
                   float* to = dx + row * time + begin;
                   ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
                     const FloatVec gradient = hn::Mul(lanes.Load(sum + i), scale);
                     lanes.Store(accumulate ? hn::Add(lanes.Load(to + i), gradient) : gradient,
                                 to + i);
                   });
                 });
  for (size_t r = 0; r < rows; ++r) {
    ref::AddMovingAverageEdges(dy + r * time, time, kernel, dx + r * time);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_POOLING_INL_H_
