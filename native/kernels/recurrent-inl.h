// Steps of recurrent layers. Forward, a register tile holds all gates of some rows and blocks of
// hidden units (a vector each) while it walks through h; the gates follow, vector by vector.
#include <cstddef>
#include <utility>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "kernels/activations-inl.h"
#include "kernels/recurrent.h"
#include "simd/loop-inl.h"

#if defined(NF_KERNELS_RECURRENT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_RECURRENT_INL_H_
#undef NF_KERNELS_RECURRENT_INL_H_
#else
#define NF_KERNELS_RECURRENT_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A block of units is one vector wide.
constexpr size_t kUnits = HWY_LANES(float);

// Sums in registers of a tile: 24 of 32 (AVX-512, NEON), or 12 of 16.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
constexpr size_t kSums = 12;
#else
constexpr size_t kSums = 24;
#endif

// Rows of the tallest tile. A gate's weights are loaded once for all rows of a tile, a row's h once
// for all gates and blocks; the plain RNN's tile is several blocks wide instead.
constexpr size_t MostRows(size_t gates) { return gates == 1 ? 6 : kSums / gates; }

// Blocks of the widest tile of so many rows, a power of two: few rows need them for enough
// independent sums, to hide the latency of the multiply-adds.
constexpr size_t MostBlocks(size_t gates, size_t rows) {
  size_t blocks = 8;
  while (blocks > 1 && blocks * gates * rows > kSums) blocks /= 2;
  return blocks;
}

// Panels [block][k][gate][kUnits]; units that do not exist are zero.
constexpr size_t PanelFloats(size_t gates, size_t width) { return gates * width * kUnits; }

inline size_t RecurrentPackedSize(size_t gates, size_t units, size_t width) {
  return (hwy::DivCeil(units, kUnits) * PanelFloats(gates, width) + 15) & ~size_t{15};
}

inline void PackRecurrent(const float* weights, size_t gates, size_t units, size_t width,
                          size_t begin, size_t end, float* packed) {
  for (size_t block = begin / kUnits; block < hwy::DivCeil(end, kUnits); ++block) {
    float* panel = packed + block * PanelFloats(gates, width);
    for (size_t g = 0; g < gates; ++g) {
      for (size_t i = 0; i < kUnits; ++i) {
        const size_t unit = block * kUnits + i;
        const float* from = weights + (g * units + unit) * width;
        for (size_t k = 0; k < width; ++k) {
          panel[(k * gates + g) * kUnits + i] = unit < units ? from[k] : 0.0f;
        }
      }
    }
  }
}

// sums[block][row][gate] = the gate's weights . h, of kBlocks panels and kRows rows of h.
template <size_t kGates, size_t kBlocks, size_t kRows>
HWY_NOINLINE void HiddenTile(const float* HWY_RESTRICT h, size_t width,
                             const float* HWY_RESTRICT panels, float* HWY_RESTRICT sums) {
  const FloatTag d;
  const size_t stride = PanelFloats(kGates, width);
  FloatVec sum[kBlocks][kRows][kGates];
#pragma GCC unroll 8
  for (size_t b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 8
    for (size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (size_t g = 0; g < kGates; ++g) sum[b][r][g] = hn::Zero(d);
    }
  }
  for (size_t k = 0; k < width; ++k, panels += kGates * kUnits) {
    // What there is less of stays in registers: the rows' h, or the weights.
    if constexpr (kRows <= kBlocks * kGates) {
      FloatVec x[kRows];
#pragma GCC unroll 8
      for (size_t r = 0; r < kRows; ++r) x[r] = hn::Set(d, h[r * width + k]);
#pragma GCC unroll 8
      for (size_t b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 8
        for (size_t g = 0; g < kGates; ++g) {
          const FloatVec w = hn::LoadU(d, panels + b * stride + g * kUnits);
#pragma GCC unroll 8
          for (size_t r = 0; r < kRows; ++r) sum[b][r][g] = hn::MulAdd(x[r], w, sum[b][r][g]);
        }
      }
    } else {
      FloatVec w[kBlocks][kGates];
#pragma GCC unroll 8
      for (size_t b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 8
        for (size_t g = 0; g < kGates; ++g) {
          w[b][g] = hn::LoadU(d, panels + b * stride + g * kUnits);
        }
      }
#pragma GCC unroll 8
      for (size_t r = 0; r < kRows; ++r) {
        const FloatVec x = hn::Set(d, h[r * width + k]);
#pragma GCC unroll 8
        for (size_t b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 8
          for (size_t g = 0; g < kGates; ++g) sum[b][r][g] = hn::MulAdd(x, w[b][g], sum[b][r][g]);
        }
      }
    }
  }
#pragma GCC unroll 8
  for (size_t b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 8
    for (size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (size_t g = 0; g < kGates; ++g, sums += kUnits) hn::Store(sum[b][r][g], d, sums);
    }
  }
}

using HiddenTileFunction = void (*)(const float* h, size_t width, const float* panels, float* sums);

template <size_t kGates, size_t kBlocks, size_t kRows>
constexpr HiddenTileFunction HiddenTileOrNone() {
  if constexpr (kBlocks <= MostBlocks(kGates, kRows)) {
    return &HiddenTile<kGates, kBlocks, kRows>;
  } else {
    return nullptr;
  }
}

template <size_t kGates, size_t kBlocks, size_t... kIndex>
HiddenTileFunction FindHiddenTile(size_t rows, std::index_sequence<kIndex...>) {
  static constexpr HiddenTileFunction kTiles[] = {
      HiddenTileOrNone<kGates, kBlocks, kIndex + 1>()...};
  return kTiles[rows - 1];
}

// blocks: a power of two that MostBlocks allows for the rows.
template <size_t kGates>
HiddenTileFunction HiddenTileOf(size_t blocks, size_t rows) {
  constexpr auto kRows = std::make_index_sequence<MostRows(kGates)>();
  switch (blocks) {
    case 8:
      return FindHiddenTile<kGates, 8>(rows, kRows);
    case 4:
      return FindHiddenTile<kGates, 4>(rows, kRows);
    case 2:
      return FindHiddenTile<kGates, 2>(rows, kRows);
    default:
      return FindHiddenTile<kGates, 1>(rows, kRows);
  }
}

// The gates of one row and block that need nothing but their own sum: LSTM all, GRU r and z, RNN
// none. `sums` becomes their values (GRU: and q). `unit` is the block's first.
template <Cell kCell, class LanesT>
HWY_INLINE void OpenGates(const RecurrentForward& s, size_t row, size_t unit, LanesT lanes,
                          float* sums) {
  const FloatTag d;
  float* kept = s.kept + row * s.kept_ld + unit;
  for (size_t gate = 0; gate < NumGates(kCell); ++gate, kept += s.units, sums += kUnits) {
    FloatVec sum = hn::Load(d, sums);
    if (s.bias != nullptr) sum = hn::Add(sum, lanes.Load(s.bias + gate * s.units + unit));
    if (kCell == Cell::kGru && gate == 2) {
      lanes.Store(sum, kept + s.units);
    } else {
      sum = hn::Add(lanes.Load(kept), sum);
      if (kCell == Cell::kGru || (kCell == Cell::kLstm && gate != 2)) {
        sum = Sigmoid(d, sum);
      } else if (kCell == Cell::kLstm) {
        sum = Tanh(d, sum);
      }
      if (kCell == Cell::kLstm || kCell == Cell::kGru) lanes.Store(sum, kept);
    }
    hn::Store(sum, d, sums);
  }
}

// h of one row and block, from what OpenGates left.
template <Cell kCell, class LanesT>
HWY_INLINE FloatVec NewState(const RecurrentForward& s, size_t row, size_t unit, LanesT lanes,
                             const float* sums) {
  const FloatTag d;
  const auto gate = [&](size_t g) HWY_ATTR { return hn::Load(d, sums + g * kUnits); };
  if constexpr (kCell == Cell::kLstm) {
    FloatVec c = hn::Mul(gate(0), gate(2));
    if (s.cell_before != nullptr) {
      c = hn::MulAdd(gate(1), lanes.Load(s.cell_before + row * s.cell_before_ld + unit), c);
    }
    lanes.Store(c, s.cell_after + row * s.cell_after_ld + unit);
    return hn::Mul(gate(3), Tanh(d, c));
  } else if constexpr (kCell == Cell::kGru) {
    float* kept = s.kept + row * s.kept_ld + 2 * s.units + unit;
    const FloatVec n = Tanh(d, hn::MulAdd(gate(0), gate(2), lanes.Load(kept)));
    lanes.Store(n, kept);
    const FloatVec before =
        s.hidden == nullptr ? hn::Zero(d) : lanes.Load(s.hidden + row * s.width + unit);
    return hn::MulAdd(gate(1), hn::Sub(before, n), n);
  } else if constexpr (kCell == Cell::kRnnTanh) {
    return Tanh(d, gate(0));
  } else {
    return ActivateAs<Activation::kRelu>(d, gate(0));
  }
}

template <Cell kCell, class LanesT>
HWY_INLINE void FinishUnits(const RecurrentForward& s, size_t row, size_t unit, LanesT lanes,
                            const float* sums) {
  const FloatVec h = NewState<kCell>(s, row, unit, lanes, sums);
  lanes.Store(h, s.out + row * s.out_ld + unit);
  if (s.next != nullptr) lanes.Store(h, s.next + row * s.units + unit);
  if (s.history != nullptr) lanes.Store(h, s.history + row * s.history_ld + unit);
}

// Lines that FinishUnits reads or writes: a row's steps lie far apart from each other's, so no
// prefetcher of the processor finds them. They come while the tile sums.
HWY_INLINE void FetchUnits(const RecurrentForward& s, size_t gates, size_t row, size_t unit) {
  for (size_t g = 0; g < gates; ++g) {
    __builtin_prefetch(s.kept + row * s.kept_ld + g * s.units + unit, 1);
  }
  if (gates == 3) __builtin_prefetch(s.kept + row * s.kept_ld + 3 * s.units + unit, 1);
  __builtin_prefetch(s.out + row * s.out_ld + unit, 1);
  if (gates == 4) __builtin_prefetch(s.cell_after + row * s.cell_after_ld + unit, 1);
  if (s.history != nullptr) __builtin_prefetch(s.history + row * s.history_ld + unit, 1);
}

// `blocks` blocks from `block` on, of `rows` rows from `row` on: one tile.
template <Cell kCell>
HWY_NOINLINE void StepTile(const RecurrentForward& s, size_t block, size_t blocks, size_t row,
                           size_t rows) {
  constexpr size_t kGates = NumGates(kCell);
  HWY_ALIGN float sums[kSums * kUnits];
  for (size_t b = block; b < block + blocks; ++b) {
    for (size_t r = row; r < row + rows; ++r) FetchUnits(s, kGates, r, b * kUnits);
  }
  if (s.hidden == nullptr) {
    ForLanes(blocks * rows * kGates * kUnits,
             [&](size_t i, auto lanes) HWY_ATTR { lanes.Store(hn::Zero(FloatTag()), sums + i); });
  } else {
    HiddenTileOf<kGates>(blocks, rows)(s.hidden + row * s.width, s.width,
                                       s.weights + block * PanelFloats(kGates, s.width), sums);
  }
  // In two sweeps, because the state waits for its gates. (As fast as one in a training step.)
  const auto sweep = [&](auto&& body) HWY_ATTR {
    float* at = sums;
    for (size_t b = block; b < block + blocks; ++b) {
      const size_t unit = b * kUnits;
      for (size_t r = row; r < row + rows; ++r, at += kGates * kUnits) {
        if (HWY_LIKELY(unit + kUnits <= s.units)) {
          body(r, unit, FullLanes{}, at);
        } else {
          body(r, unit, PartLanes{s.units - unit}, at);
        }
      }
    }
  };
  sweep([&](size_t r, size_t unit, auto lanes, float* at)
            HWY_ATTR { OpenGates<kCell>(s, r, unit, lanes, at); });
  sweep([&](size_t r, size_t unit, auto lanes, const float* at)
            HWY_ATTR { FinishUnits<kCell>(s, r, unit, lanes, at); });
}

// Rows inside, so that the panels of a block stay in L1 for all of them. Groups of rows of about
// the same size.
template <Cell kCell>
HWY_NOINLINE void StepOf(const RecurrentForward& s) {
  constexpr size_t kGates = NumGates(kCell);
  const size_t num_blocks = hwy::DivCeil(s.units, kUnits);
  const size_t groups = hwy::DivCeil(s.rows, MostRows(kGates));
  if (groups == 0) return;
  const size_t widest = MostBlocks(kGates, hwy::DivCeil(s.rows, groups));
  for (size_t done = 0, blocks; done < num_blocks; done += blocks) {
    blocks = widest;
    while (blocks > num_blocks - done) blocks /= 2;
    const size_t block = s.descending ? num_blocks - done - blocks : done;
    for (size_t g = 0, row = 0; g < groups; ++g) {
      const size_t rows = s.rows / groups + (g < s.rows % groups ? 1 : 0);
      StepTile<kCell>(s, block, blocks, row, rows);
      row += rows;
    }
  }
}

inline void RecurrentStep(const RecurrentForward& s) {
  switch (s.cell) {
    case Cell::kLstm:
      return StepOf<Cell::kLstm>(s);
    case Cell::kGru:
      return StepOf<Cell::kGru>(s);
    case Cell::kRnnTanh:
      return StepOf<Cell::kRnnTanh>(s);
    case Cell::kRnnRelu:
      return StepOf<Cell::kRnnRelu>(s);
  }
}

// The gradients of one row and block, given that of h.
template <Cell kCell, class LanesT>
HWY_INLINE void UnitGrad(const RecurrentBackward& s, size_t row, size_t unit, LanesT lanes,
                         FloatVec dh) {
  const FloatTag d;
  const size_t n = s.units;
  float* kept = s.kept + row * s.kept_ld + unit;
  float* state = s.state_grad + row * NumGates(kCell) * n + unit;
  const FloatVec one = hn::Set(d, 1.0f);
  const auto optional = [&](const float* x, size_t ld) HWY_ATTR {
    return x == nullptr ? hn::Zero(d) : lanes.Load(x + row * ld + unit);
  };
  const auto sigmoid_grad = [](FloatVec y, FloatVec dy) HWY_ATTR {
    return ActivateBackwardAs<Activation::kSigmoid>(FloatTag(), y, dy);
  };
  const auto tanh_grad = [](FloatVec y, FloatVec dy) HWY_ATTR {
    return ActivateBackwardAs<Activation::kTanh>(FloatTag(), y, dy);
  };
  const auto put = [&](size_t gate, FloatVec v) HWY_ATTR {
    lanes.Store(v, kept + gate * n);
    lanes.Store(v, state + gate * n);
  };
  if constexpr (kCell == Cell::kLstm) {
    const FloatVec i = lanes.Load(kept), f = lanes.Load(kept + n);
    const FloatVec g = lanes.Load(kept + 2 * n), o = lanes.Load(kept + 3 * n);
    const FloatVec c = Tanh(d, lanes.Load(s.after + row * s.after_ld + unit));
    const FloatVec dc = hn::Add(optional(s.cell_grad, n), tanh_grad(c, hn::Mul(dh, o)));
    lanes.Store(hn::Mul(dc, f), s.cell_grad_out + row * n + unit);
    put(0, sigmoid_grad(i, hn::Mul(dc, g)));
    put(1, sigmoid_grad(f, hn::Mul(dc, optional(s.before, s.before_ld))));
    put(2, tanh_grad(g, hn::Mul(dc, i)));
    put(3, sigmoid_grad(o, hn::Mul(dh, c)));
  } else if constexpr (kCell == Cell::kGru) {
    const FloatVec r = lanes.Load(kept), z = lanes.Load(kept + n);
    const FloatVec x = lanes.Load(kept + 2 * n), q = lanes.Load(kept + 3 * n);
    const FloatVec dx = tanh_grad(x, hn::Mul(dh, hn::Sub(one, z)));
    const FloatVec dq = hn::Mul(dx, r);
    lanes.Store(hn::Mul(dh, z), s.hidden_grad_out + row * n + unit);
    put(0, sigmoid_grad(r, hn::Mul(dx, q)));
    put(1, sigmoid_grad(z, hn::Mul(dh, hn::Sub(optional(s.before, s.before_ld), x))));
    lanes.Store(dx, kept + 2 * n);
    lanes.Store(dq, kept + 3 * n);
    lanes.Store(dq, state + 2 * n);
  } else {
    const FloatVec h = lanes.Load(s.after + row * s.after_ld + unit);
    constexpr auto kAct = kCell == Cell::kRnnTanh ? Activation::kTanh : Activation::kRelu;
    put(0, ActivateBackwardAs<kAct>(d, h, dh));
  }
}

// What the next row reads, as FetchUnits.
HWY_INLINE void FetchGrads(const RecurrentBackward& s, size_t kept, size_t row, size_t unit) {
  for (size_t g = 0; g < kept; ++g) {
    __builtin_prefetch(s.kept + row * s.kept_ld + g * s.units + unit, 1);
  }
  __builtin_prefetch(s.out_grad + row * s.out_grad_ld + unit);
  if (s.before != nullptr) __builtin_prefetch(s.before + row * s.before_ld + unit);
  if (s.after != nullptr) __builtin_prefetch(s.after + row * s.after_ld + unit);
}

template <Cell kCell>
HWY_NOINLINE void StepGradOf(const RecurrentBackward& s) {
  for (size_t row = 0; row < s.rows; ++row) {
    const float* out = s.out_grad + row * s.out_grad_ld;
    const bool more = row + 1 < s.rows;
    const float* next = s.hidden_grad == nullptr ? nullptr : s.hidden_grad + row * s.units;
    ForLanes(s.units, [&](size_t unit, auto lanes) HWY_ATTR {
      if (more) FetchGrads(s, NumKept(kCell), row + 1, unit);
      FloatVec dh = lanes.Load(out + unit);
      if (next != nullptr) dh = hn::Add(dh, lanes.Load(next + unit));
      UnitGrad<kCell>(s, row, unit, lanes, dh);
    });
  }
}

inline void RecurrentStepGrad(const RecurrentBackward& s) {
  switch (s.cell) {
    case Cell::kLstm:
      return StepGradOf<Cell::kLstm>(s);
    case Cell::kGru:
      return StepGradOf<Cell::kGru>(s);
    case Cell::kRnnTanh:
      return StepGradOf<Cell::kRnnTanh>(s);
    case Cell::kRnnRelu:
      return StepGradOf<Cell::kRnnRelu>(s);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_RECURRENT_INL_H_
