#include "kernels/recurrent.h"

#include <string>

#include "kernels/ref/recurrent.h"
#include "testing/kernel_inputs.h"

namespace nf {
namespace {

constexpr Cell kCells[] = {Cell::kLstm, Cell::kGru, Cell::kRnnTanh, Cell::kRnnRelu};

struct Shape {
  Cell cell;
  size_t rows, units, width;
  bool given;  // the optional operands are there

  size_t gates() const { return NumGates(cell); }
  size_t kept_ld() const { return NumKept(cell) * units + 3; }
  std::string Name() const {
    return "cell " + std::to_string(static_cast<int>(cell)) + ", " + std::to_string(rows) + " x " +
           std::to_string(units) + " from " + std::to_string(width) + (given ? ", all given" : "");
  }
};

// Few to many rows, units below, at and above the vector lengths; LSTM states narrower than H.
std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  for (Cell cell : kCells) {
    for (size_t units : {1, 3, 4, 5, 8, 9, 15, 16, 17, 31, 33, 64, 100, 131}) {
      for (size_t rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 17}) {
        shapes.push_back({cell, rows, units, units, rows % 2 == 1});
        shapes.push_back({cell, rows, units, units, rows % 2 == 0});
      }
    }
  }
  for (size_t width : {1, 2, 7}) {
    for (size_t rows : {1, 3, 8}) shapes.push_back({Cell::kLstm, rows, 21, width, true});
  }
  shapes.push_back({Cell::kGru, 0, 8, 8, true});
  return shapes;
}

struct FloatArrays {
  using Number = float;
  static TestArray Make(size_t n, uint32_t seed) {
    return TestArray(RandomFloats(n, seed, -0.9f, 0.9f), seed);
  }
};
struct DoubleArrays {
  using Number = double;
  static std::vector<double> Make(size_t n, uint32_t seed) {
    return ToDouble(RandomFloats(n, seed, -0.9f, 0.9f));
  }
};

// A step's operands, the same numbers in the type of the kernels or of the twin.
template <class Arrays>
struct Operands {
  using T = typename Arrays::Number;
  using Array = decltype(Arrays::Make(0, 0));

  explicit Operands(const Shape& s)
      : shape(s),
        hidden(Arrays::Make(s.rows * s.width, 1)),
        weights(Arrays::Make(s.gates() * s.units * s.width, 2)),
        bias(Arrays::Make(s.gates() * s.units, 3)),
        kept(Arrays::Make(s.rows * s.kept_ld(), 4)),
        before(Arrays::Make(s.rows * (s.units + 1), 5)),
        after(Arrays::Make(s.rows * (s.units + 2), 6)),
        out(Arrays::Make(s.rows * (s.units + 5), 7)),
        next(Arrays::Make(s.rows * s.units, 8)),
        history(Arrays::Make(s.rows * (s.units + 4), 9)),
        state(Arrays::Make(s.rows * s.units * s.gates(), 10)) {}

  RecurrentForwardOf<T> Forward(const T* packed) {
    RecurrentForwardOf<T> f;
    f.cell = shape.cell, f.rows = shape.rows, f.units = shape.units, f.width = shape.width;
    f.weights = packed;
    f.kept = kept.data(), f.kept_ld = shape.kept_ld();
    f.cell_after = after.data(), f.cell_after_ld = shape.units + 2;
    f.out = out.data(), f.out_ld = shape.units + 5;
    if (!shape.given) return f;
    f.hidden = hidden.data();
    f.bias = bias.data();
    f.cell_before = before.data(), f.cell_before_ld = shape.units + 1;
    f.next = next.data();
    f.history = history.data(), f.history_ld = shape.units + 4;
    return f;
  }

  // `out` holds the gradient of h, `next` that by the next step, `history` is LSTM's c' gradient.
  RecurrentBackwardOf<T> Backward() {
    RecurrentBackwardOf<T> b;
    b.cell = shape.cell, b.rows = shape.rows, b.units = shape.units;
    b.kept = kept.data(), b.kept_ld = shape.kept_ld();
    b.out_grad = out.data(), b.out_grad_ld = shape.units + 5;
    b.state_grad = state.data();
    b.after = after.data(), b.after_ld = shape.units + 2;
    b.hidden_grad_out = next.data();
    b.cell_grad_out = history.data();
    if (!shape.given) return b;
    b.hidden_grad = next.data();
    b.before = before.data(), b.before_ld = shape.units + 1;
    b.cell_grad = history.data();
    return b;
  }

  const Shape shape;
  Array hidden, weights, bias, kept, before, after, out, next, history, state;
};

TestArray Packed(const KernelTable& table, const Operands<FloatArrays>& o) {
  const Shape& s = o.shape;
  TestArray packed(table.recurrent.packed_size(s.gates(), s.units, s.width));
  for (size_t begin = 0; begin < s.units; begin += table.gemm.panel) {
    table.recurrent.pack(o.weights.data(), s.gates(), s.units, s.width, begin,
                         std::min(begin + table.gemm.panel, s.units), packed.data());
  }
  return packed;
}

void ExpectTwins(const Operands<FloatArrays>& got, const Operands<DoubleArrays>& expected) {
  constexpr double kTolerance = 1e-5;  // h sums up to 131 products
  ExpectNear(got.kept, expected.kept, kTolerance);
  ExpectNear(got.after, expected.after, kTolerance);
  ExpectNear(got.out, expected.out, kTolerance);
  ExpectNear(got.next, expected.next, kTolerance);
  ExpectNear(got.history, expected.history, kTolerance);
  ExpectNear(got.state, expected.state, kTolerance);
}

TEST(Recurrent, ForwardMatchesTheTwin) {
  for (const Shape& s : Shapes()) {
    Operands<DoubleArrays> expected(s);
    std::vector<double> weights(expected.weights.size());
    ref::PackRecurrent(expected.weights.data(), s.gates(), s.units, s.width, 0, s.units,
                       weights.data());
    ref::RecurrentStep(expected.Forward(weights.data()));
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(s.Name());
      Operands<FloatArrays> got(s);
      const TestArray packed = Packed(table, got);
      table.recurrent.forward(got.Forward(packed.data()));
      ExpectTwins(got, expected);
    });
  }
}

TEST(Recurrent, BackwardMatchesTheTwin) {
  for (const Shape& s : Shapes()) {
    Operands<DoubleArrays> expected(s);
    ref::RecurrentStepGrad(expected.Backward());
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(s.Name());
      Operands<FloatArrays> got(s);
      table.recurrent.backward(got.Backward());
      ExpectTwins(got, expected);
    });
  }
}

// Alone, and with the blocks of units taken from the other end.
TEST(Recurrent, ARowsBitsDependOnNothingElse) {
  for (const Shape& s : Shapes()) {
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(s.Name());
      Operands<FloatArrays> whole(s), other(s);
      const TestArray packed = Packed(table, whole);
      table.recurrent.forward(whole.Forward(packed.data()));
      for (size_t r = 0; r < s.rows; ++r) {
        RecurrentForward f = other.Forward(packed.data());
        f.rows = 1;
        f.descending = true;
        f.kept += r * f.kept_ld;
        f.cell_after += r * f.cell_after_ld;
        f.out += r * f.out_ld;
        if (s.given) {
          f.hidden += r * s.width;
          f.cell_before += r * f.cell_before_ld;
          f.next += r * s.units;
          f.history += r * f.history_ld;
        }
        table.recurrent.forward(f);
      }
      ExpectSameBits(other.kept, whole.kept);
      ExpectSameBits(other.after, whole.after);
      ExpectSameBits(other.out, whole.out);
      ExpectSameBits(other.next, whole.next);
      ExpectSameBits(other.history, whole.history);
    });
  }
}

TEST(Recurrent, NanInIsNanOut) {
  for (Cell cell : kCells) {
    const Shape s{cell, 2, 19, 19, true};
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(s.Name());
      Operands<FloatArrays> o(s);
      o.hidden[3] = std::numeric_limits<float>::quiet_NaN();
      const TestArray packed = Packed(table, o);
      table.recurrent.forward(o.Forward(packed.data()));
      for (size_t u = 0; u < s.units; ++u) {
        EXPECT_TRUE(std::isnan(o.next[u])) << u;
        EXPECT_FALSE(std::isnan(o.next[s.units + u])) << u;
      }
    });
  }
}

}  // namespace
}  // namespace nf
