// Scalar twins of the recurrent steps, for any floating-point type.
#ifndef NF_KERNELS_REF_RECURRENT_H_
#define NF_KERNELS_REF_RECURRENT_H_

#include <cstddef>

#include "kernels/recurrent.h"
#include "kernels/ref/activations.h"

namespace nf::ref {

// packed[unit][k][gate] = weights[gate * units + unit][k].
template <class T>
void PackRecurrent(const T* weights, size_t gates, size_t units, size_t width, size_t begin,
                   size_t end, T* packed) {
  for (size_t u = begin; u < end; ++u) {
    for (size_t k = 0; k < width; ++k) {
      for (size_t g = 0; g < gates; ++g) {
        packed[(u * width + k) * gates + g] = weights[(g * units + u) * width + k];
      }
    }
  }
}

// W_hh . h' of one row and unit, by gate.
template <class T>
void HiddenSums(const RecurrentForwardOf<T>& s, size_t row, size_t unit, T (&sum)[4]) {
  const size_t gates = NumGates(s.cell);
  for (size_t g = 0; g < gates; ++g) sum[g] = T{0};
  if (s.hidden == nullptr) return;
  const T* h = s.hidden + row * s.width;
  const T* w = s.weights + unit * s.width * gates;
  for (size_t k = 0; k < s.width; ++k, w += gates) {
    for (size_t g = 0; g < gates; ++g) sum[g] += h[k] * w[g];
  }
}

// kept: of the row, at the unit. Returns h.
template <class T>
T LstmUnit(const RecurrentForwardOf<T>& s, size_t row, size_t unit, const T (&sum)[4], T* kept) {
  const size_t n = s.units;
  const T i = Activate(Activation::kSigmoid, kept[0] + sum[0]);
  const T f = Activate(Activation::kSigmoid, kept[n] + sum[1]);
  const T g = Activate(Activation::kTanh, kept[2 * n] + sum[2]);
  const T o = Activate(Activation::kSigmoid, kept[3 * n] + sum[3]);
  const T before = s.cell_before == nullptr ? T{0} : s.cell_before[row * s.cell_before_ld + unit];
  const T c = f * before + i * g;
  s.cell_after[row * s.cell_after_ld + unit] = c;
  kept[0] = i, kept[n] = f, kept[2 * n] = g, kept[3 * n] = o;
  return o * Activate(Activation::kTanh, c);
}

template <class T>
T GruUnit(const RecurrentForwardOf<T>& s, size_t row, size_t unit, const T (&sum)[4], T* kept) {
  const size_t size = s.units;
  const T r = Activate(Activation::kSigmoid, kept[0] + sum[0]);
  const T z = Activate(Activation::kSigmoid, kept[size] + sum[1]);
  const T n = Activate(Activation::kTanh, kept[2 * size] + r * sum[2]);
  const T before = s.hidden == nullptr ? T{0} : s.hidden[row * s.width + unit];
  kept[0] = r, kept[size] = z, kept[2 * size] = n, kept[3 * size] = sum[2];
  return n + z * (before - n);
}

template <class T>
void RecurrentStep(const RecurrentForwardOf<T>& s) {
  for (size_t row = 0; row < s.rows; ++row) {
    for (size_t unit = 0; unit < s.units; ++unit) {
      T sum[4];
      HiddenSums(s, row, unit, sum);
      for (size_t g = 0; s.bias != nullptr && g < NumGates(s.cell); ++g) {
        sum[g] += s.bias[g * s.units + unit];
      }
      T* kept = s.kept + row * s.kept_ld + unit;
      T h{};
      switch (s.cell) {
        case Cell::kLstm:
          h = LstmUnit(s, row, unit, sum, kept);
          break;
        case Cell::kGru:
          h = GruUnit(s, row, unit, sum, kept);
          break;
        case Cell::kRnnTanh:
          h = Activate(Activation::kTanh, kept[0] + sum[0]);
          break;
        case Cell::kRnnRelu:
          h = Activate(Activation::kRelu, kept[0] + sum[0]);
          break;
      }
      s.out[row * s.out_ld + unit] = h;
      if (s.next != nullptr) s.next[row * s.units + unit] = h;
      if (s.history != nullptr) s.history[row * s.history_ld + unit] = h;
    }
  }
}

template <class T>
void LstmUnitGrad(const RecurrentBackwardOf<T>& s, size_t row, size_t unit, T dh, T* kept,
                  T* state) {
  const size_t n = s.units;
  const T i = kept[0], f = kept[n], g = kept[2 * n], o = kept[3 * n];
  const T c = Activate(Activation::kTanh, s.after[row * s.after_ld + unit]);
  const T before = s.before == nullptr ? T{0} : s.before[row * s.before_ld + unit];
  const T following = s.cell_grad == nullptr ? T{0} : s.cell_grad[row * n + unit];
  const T dc = following + dh * o * ActivationSlope(Activation::kTanh, c);
  s.cell_grad_out[row * n + unit] = dc * f;
  kept[0] = dc * g * ActivationSlope(Activation::kSigmoid, i);
  kept[n] = dc * before * ActivationSlope(Activation::kSigmoid, f);
  kept[2 * n] = dc * i * ActivationSlope(Activation::kTanh, g);
  kept[3 * n] = dh * c * ActivationSlope(Activation::kSigmoid, o);
  for (size_t gate = 0; gate < 4; ++gate) state[gate * n] = kept[gate * n];
}

template <class T>
void GruUnitGrad(const RecurrentBackwardOf<T>& s, size_t row, size_t unit, T dh, T* kept,
                 T* state) {
  const size_t size = s.units;
  const T r = kept[0], z = kept[size], n = kept[2 * size], q = kept[3 * size];
  const T before = s.before == nullptr ? T{0} : s.before[row * s.before_ld + unit];
  const T dn = dh * (T{1} - z) * ActivationSlope(Activation::kTanh, n);
  s.hidden_grad_out[row * size + unit] = dh * z;
  kept[0] = dn * q * ActivationSlope(Activation::kSigmoid, r);
  kept[size] = dh * (before - n) * ActivationSlope(Activation::kSigmoid, z);
  kept[2 * size] = dn;
  kept[3 * size] = dn * r;
  state[0] = kept[0], state[size] = kept[size], state[2 * size] = kept[3 * size];
}

template <class T>
void RecurrentStepGrad(const RecurrentBackwardOf<T>& s) {
  const size_t gates = NumGates(s.cell);
  for (size_t row = 0; row < s.rows; ++row) {
    for (size_t unit = 0; unit < s.units; ++unit) {
      const T next = s.hidden_grad == nullptr ? T{0} : s.hidden_grad[row * s.units + unit];
      const T dh = s.out_grad[row * s.out_grad_ld + unit] + next;
      T* kept = s.kept + row * s.kept_ld + unit;
      T* state = s.state_grad + row * gates * s.units + unit;
      if (s.cell == Cell::kLstm) {
        LstmUnitGrad(s, row, unit, dh, kept, state);
      } else if (s.cell == Cell::kGru) {
        GruUnitGrad(s, row, unit, dh, kept, state);
      } else {
        const auto act = s.cell == Cell::kRnnTanh ? Activation::kTanh : Activation::kRelu;
        kept[0] = state[0] = dh * ActivationSlope(act, s.after[row * s.after_ld + unit]);
      }
    }
  }
}

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_RECURRENT_H_
