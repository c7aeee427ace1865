// Scalar twin of attention, for any floating-point type: query by query, with the whole row of
// scores in `scratch`.
#ifndef NF_KERNELS_REF_ATTENTION_H_
#define NF_KERNELS_REF_ATTENTION_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernels/attention.h"
#include "util/rng.h"

namespace nf::ref {

// AttentionArgs in the type T.
template <class T>
struct Attention {
  const AttentionArgs& args;  // sizes, strides, options
  const T *q, *k, *v, *mask;
  T *out, *statistics;
  const T* d_out = nullptr;
  T *dq = nullptr, *dk = nullptr, *dv = nullptr;
};

// One row of scores.
inline size_t AttentionScratch(size_t, size_t keys, size_t) { return keys; }

template <class T>
T AttentionKept(const AttentionArgs& a, size_t i, size_t j) {
  if (a.dropout == 0.0f) return T{1};
  const uint64_t block = (uint64_t{a.head} * a.queries + i) * ((a.keys + 3) / 4) + j / 4;
  const auto draws =
      Philox4x32({static_cast<uint32_t>(block), a.row, static_cast<uint32_t>(a.step), a.op},
                 {static_cast<uint32_t>(a.seed), static_cast<uint32_t>(a.seed >> 32)});
  const bool keep = static_cast<float>(draws[j % 4] >> 8) * 0x1p-24f >= a.dropout;
  return keep ? T{1.0f / (1.0f - a.dropout)} : T{0};
}

template <class T>
bool AttentionSees(const Attention<T>& t, size_t i, size_t j) {
  const AttentionArgs& a = t.args;
  if (a.causal && j + a.queries > i + a.keys) return false;
  return t.mask == nullptr || t.mask[j] != T{0};
}

template <class T>
T Dot(const T* x, const T* y, size_t n) {
  T sum{0};
  for (size_t c = 0; c < n; ++c) sum += x[c] * y[c];
  return sum;
}

// scores[j] = scale * q_i . k_j, -infinity where hidden.
template <class T>
void AttentionScores(const Attention<T>& t, size_t i, T* scores) {
  const AttentionArgs& a = t.args;
  for (size_t j = 0; j < a.keys; ++j) {
    scores[j] = AttentionSees(t, i, j)
                    ? T{a.scale} * Dot(t.q + i * a.q_stride, t.k + j * a.k_stride, a.width)
                    : -std::numeric_limits<T>::infinity();
  }
}

template <class T>
void AttentionForward(const Attention<T>& t, size_t begin, size_t end, T* scores) {
  const AttentionArgs& a = t.args;
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  for (size_t i = begin; i < end; ++i) {
    AttentionScores(t, i, scores);
    T most = -kInfinity, sum{0};
    for (size_t j = 0; j < a.keys; ++j) most = std::max(most, scores[j]);
    const bool blind = most == -kInfinity;
    for (size_t j = 0; j < a.keys && !blind; ++j) {
      scores[j] = std::exp(scores[j] - most);
      sum += scores[j];
    }
    t.statistics[i] = blind ? kInfinity : most + std::log(sum);
    T* out = t.out + i * a.out_stride;
    std::fill_n(out, a.v_width, T{0});
    for (size_t j = 0; j < a.keys && !blind; ++j) {
      const T p = scores[j] / sum * AttentionKept<T>(a, i, j);
      for (size_t c = 0; c < a.v_width; ++c) out[c] += p * t.v[j * a.v_stride + c];
    }
  }
}

template <class T>
void ClearRows(T* x, size_t rows, size_t width, size_t stride) {
  for (size_t r = 0; r < rows && x != nullptr; ++r) std::fill_n(x + r * stride, width, T{0});
}

template <class T>
void AttentionBackward(const Attention<T>& t, T* scratch) {
  const AttentionArgs& a = t.args;
  T* p = scratch;
  ClearRows(a.add_q ? nullptr : t.dq, a.queries, a.width, a.q_stride);
  ClearRows(a.add_k ? nullptr : t.dk, a.keys, a.width, a.k_stride);
  ClearRows(a.add_v ? nullptr : t.dv, a.keys, a.v_width, a.v_stride);
  for (size_t i = 0; i < a.queries; ++i) {
    AttentionScores(t, i, p);
    const T* d_out = t.d_out + i * a.out_stride;
    const T mean = Dot(d_out, t.out + i * a.out_stride, a.v_width);  // of dP over P
    for (size_t j = 0; j < a.keys; ++j) {
      const T probability = std::exp(p[j] - t.statistics[i]), kept = AttentionKept<T>(a, i, j);
      const T dp = Dot(d_out, t.v + j * a.v_stride, a.v_width) * kept;
      const T ds = probability * (dp - mean) * T{a.scale};
      for (size_t c = 0; c < a.width; ++c) {
        if (t.dq != nullptr) t.dq[i * a.q_stride + c] += ds * t.k[j * a.k_stride + c];
        if (t.dk != nullptr) t.dk[j * a.k_stride + c] += ds * t.q[i * a.q_stride + c];
      }
      for (size_t c = 0; c < a.v_width && t.dv != nullptr; ++c) {
        t.dv[j * a.v_stride + c] += probability * kept * d_out[c];
      }
    }
  }
}

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_ATTENTION_H_
