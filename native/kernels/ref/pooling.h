// Scalar twins of pooling, for any floating-point type.
#ifndef NF_KERNELS_REF_POOLING_H_
#define NF_KERNELS_REF_POOLING_H_

#include <algorithm>
#include <cstddef>

#include "kernels/pooling.h"

namespace nf::ref {

// Calls body(x, y, size) for every window and channel: its elements are x + k * channels, k < size.
template <class Body>
void ForWindows(size_t rows, size_t time, size_t channels, size_t kernel, const Body& body) {
  const size_t outputs = (time + kernel - 1) / kernel;
  for (size_t r = 0; r < rows; ++r) {
    for (size_t o = 0; o < outputs; ++o) {
      const size_t size = std::min(kernel, time - o * kernel);
      for (size_t c = 0; c < channels; ++c) {
        body((r * time + o * kernel) * channels + c, (r * outputs + o) * channels + c, size);
      }
    }
  }
}

template <class T>
void MaxForward(const T* x, size_t rows, size_t time, size_t channels, size_t kernel, T* y) {
  ForWindows(rows, time, channels, kernel, [=](size_t from, size_t to, size_t size) {
    T best = x[from];
    for (size_t k = 1; k < size; ++k) {
      const T v = x[from + k * channels];
      if (v > best || v != v) best = v;
    }
    y[to] = best;
  });
}

template <class T>
void MaxBackward(const T* x, const T* y, const T* dy, size_t rows, size_t time, size_t channels,
                 size_t kernel, bool accumulate, T* dx) {
  ForWindows(rows, time, channels, kernel, [=](size_t from, size_t to, size_t size) {
    bool given = false;
    for (size_t k = 0; k < size; ++k) {
      const size_t at = from + k * channels;
      const bool hit = !given && (x[at] == y[to] || x[at] != x[at]);
      dx[at] = (accumulate ? dx[at] : T{0}) + (hit ? dy[to] : T{0});
      given = given || hit;
    }
  });
}

template <class T>
void AverageForward(const T* x, size_t rows, size_t time, size_t channels, size_t kernel, T* y) {
  ForWindows(rows, time, channels, kernel, [=](size_t from, size_t to, size_t size) {
    T sum = x[from];
    for (size_t k = 1; k < size; ++k) sum += x[from + k * channels];
    y[to] = sum / static_cast<T>(size);
  });
}

template <class T>
void AverageBackward(const T* dy, size_t rows, size_t time, size_t channels, size_t kernel,
                     bool accumulate, T* dx) {
  ForWindows(rows, time, channels, kernel, [=](size_t from, size_t to, size_t size) {
    for (size_t k = 0; k < size; ++k) {
      const size_t at = from + k * channels;
      dx[at] = (accumulate ? dx[at] : T{0}) + dy[to] / static_cast<T>(size);
    }
  });
}

// A running sum in double: what enters less what leaves.
template <class T>
void MovingAverageForward(const T* x, size_t rows, size_t time, size_t kernel, T* y) {
  const size_t half = kernel / 2, last = time - 1;
  for (size_t r = 0; r < rows; ++r, x += time, y += time) {
    double sum = static_cast<double>(half + 1) * x[0];
    for (size_t t = 1; t <= half; ++t) sum += x[std::min(t, last)];
    for (size_t t = 0; t < time; ++t) {
      y[t] = static_cast<T>(sum / static_cast<double>(kernel));
      sum += static_cast<double>(x[std::min(t + half + 1, last)]) - x[t < half ? 0 : t - half];
    }
  }
}

// The gradient that comes through the repeated edge values: x[0] stands in for half - t taps of
// output t, x[time - 1] for half - (time - 1 - t).
template <class T>
void AddMovingAverageEdges(const T* dy, size_t time, size_t kernel, T* dx) {
  const size_t half = kernel / 2;
  double first = 0.0, last = 0.0;
  for (size_t t = 0; t < std::min(half, time); ++t) {
    first += static_cast<double>(half - t) * dy[t];
    last += static_cast<double>(half - t) * dy[time - 1 - t];
  }
  dx[0] += static_cast<T>(first / static_cast<double>(kernel));
  dx[time - 1] += static_cast<T>(last / static_cast<double>(kernel));
}

template <class T>
void MovingAverageBackward(const T* dy, size_t rows, size_t time, size_t kernel, bool accumulate,
                           T* dx) {
  const size_t half = kernel / 2;
  for (size_t r = 0; r < rows; ++r, dy += time, dx += time) {
    double sum = 0.0;
    for (size_t t = 0; t < std::min(half, time); ++t) sum += dy[t];
    for (size_t t = 0; t < time; ++t) {
      if (t + half < time) sum += dy[t + half];
      const T gradient = static_cast<T>(sum / static_cast<double>(kernel));
      dx[t] = accumulate ? dx[t] + gradient : gradient;
      if (t >= half) sum -= dy[t - half];
    }
    AddMovingAverageEdges(dy, time, kernel, dx);
  }
}

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_POOLING_H_
