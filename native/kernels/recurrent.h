// One step in time of a recurrent layer over a batch of rows, forward and backward: LSTM
// (Hochreiter & Schmidhuber, 1997), GRU (Cho et al., 2014) and the plain RNN (Elman, 1990), with
// torch's gates and their order. The op walks through time; everything that does not depend on the
// step before (x . W_ih^T, the gradients of x and of the weights) is a matrix product over all
// steps at once.
//
// Sums over h run in ascending order from zero, so a row has the same bits alone as among others.
#ifndef NF_KERNELS_RECURRENT_H_
#define NF_KERNELS_RECURRENT_H_

#include <cstddef>
#include <cstdint>

namespace nf {

enum class Cell : uint8_t { kLstm, kGru, kRnnTanh, kRnnRelu };

// Gates of W_ih and W_hh [gates * H, ..]: LSTM i, f, g, o; GRU r, z, n; RNN one.
constexpr size_t NumGates(Cell cell) {
  return cell == Cell::kLstm ? 4 : cell == Cell::kGru ? 3 : 1;
}
// What a step keeps, in units of H: the gates, and for the GRU q = W_hn . h + b_hn.
constexpr size_t NumKept(Cell cell) { return cell == Cell::kGru ? 4 : NumGates(cell); }

// LSTM: c = f c' + i g, h = o tanh(c). GRU: n = tanh(x_n + r q), h = n + z (h' - n).
// RNN: h = act(x + W_hh h' + b_hh). Row r of a matrix with a stride `_ld` begins at r * _ld.
template <class T>
struct RecurrentForwardOf {
  Cell cell = Cell::kLstm;
  size_t rows = 0;
  size_t units = 0;                // H
  size_t width = 0;                // of h': H, or less where the LSTM projects its output
  const T* hidden = nullptr;       // h' [rows, width]; null: zeros
  const T* weights = nullptr;      // W_hh, packed
  const T* bias = nullptr;         // b_hh [gates * H], or null
  T* kept = nullptr;               // in: x . W_ih^T + b_ih [gates * H]; out: the gates after their
  size_t kept_ld = 0;              //   activation, q behind them (the RNN leaves it as it is)
  const T* cell_before = nullptr;  // LSTM: c'; null: zeros
  size_t cell_before_ld = 0;
  T* cell_after = nullptr;  // LSTM: c
  size_t cell_after_ld = 0;
  T* out = nullptr;  // h
  size_t out_ld = 0;
  T* next = nullptr;     // h once more, [rows, H]; not `hidden`. These two may be null
  T* history = nullptr;  // and once more
  size_t history_ld = 0;
  // Whether blocks of units go last to first. Alternating from step to step, what a step read last
  // is in the cache for the next one.
  bool descending = false;
};

template <class T>
struct RecurrentBackwardOf {
  Cell cell = Cell::kLstm;
  size_t rows = 0;
  size_t units = 0;
  T* kept = nullptr;  // in: as forward left it; out: gradients of x . W_ih^T + b_ih, then dq
  size_t kept_ld = 0;
  const T* out_grad = nullptr;  // of h, by what reads it
  size_t out_grad_ld = 0;
  // Gradient of h by the next step [rows, H], or null: none. The GRU leaves z dh in it, the part of
  // h' gradient that goes around the gates; where it is null on entry, in `hidden_grad_out`.
  const T* hidden_grad = nullptr;
  T* hidden_grad_out = nullptr;  // GRU; may be hidden_grad
  T* state_grad = nullptr;       // out: gradients of W_hh . h' + b_hh [rows, gates * H]
  const T* before = nullptr;     // LSTM c', GRU h'; null: zeros
  size_t before_ld = 0;
  const T* after = nullptr;  // LSTM c, RNN h
  size_t after_ld = 0;
  const T* cell_grad = nullptr;  // LSTM: gradient of c by what follows [rows, H]; null: none
  T* cell_grad_out = nullptr;    // and of c'; may be cell_grad
};

using RecurrentForward = RecurrentForwardOf<float>;
using RecurrentBackward = RecurrentBackwardOf<float>;

struct RecurrentKernels {
  // Floats that a packed W_hh [gates * units, width] takes, a multiple of 16.
  size_t (*packed_size)(size_t gates, size_t units, size_t width);
  // Packs the rows of units [begin, end) of every gate; begin is a multiple of GemmKernels::panel,
  // end too, or units.
  void (*pack)(const float* weights, size_t gates, size_t units, size_t width, size_t begin,
               size_t end, float* packed);
  void (*forward)(const RecurrentForward& step);
  void (*backward)(const RecurrentBackward& step);
};

}  // namespace nf

#endif  // NF_KERNELS_RECURRENT_H_
