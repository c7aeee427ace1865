#include "kernels/elementwise.h"

#include <string>

#include "kernels/ref/elementwise.h"
#include "testing/kernel_inputs.h"

namespace nf {
namespace {

TEST(Elementwise, MapsMatchTheTwin) {
  for (size_t n : TestSizes()) {
    const std::vector<float> a = RandomFloats(n, 1), b = RandomFloats(n, 2), m = RandomFloats(n, 3),
                             out = RandomFloats(n, 4);
    const auto da = ToDouble(a), db = ToDouble(b), dm = ToDouble(m);
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE("n " + std::to_string(n));
      const ElementwiseKernels& k = table.elementwise;
      const TestArray va(a, n % 3), vb(b, n % 5), vm(m, n % 7);
      const auto check = [&](auto&& kernel, auto&& twin) {
        TestArray actual(out, 1);
        auto expected = ToDouble(out);
        kernel(actual.data());
        twin(expected.data());
        ExpectNear(actual, expected, 3e-7, 4.0);
      };
      check([&](float* y) { k.sub_mul(va.data(), vb.data(), vm.data(), y, n); },
            [&](double* y) { ref::SubMul(da.data(), db.data(), dm.data(), y, n); });
      check([&](float* y) { k.axpy(0.75f, va.data(), y, n); },
            [&](double* y) { ref::Axpy(0.75, da.data(), y, n); });
      check([&](float* y) { k.scale(0.75f, va.data(), y, n); },
            [&](double* y) { ref::Scale(0.75, da.data(), y, n); });
      check([&](float* y) { k.reverse(va.data(), y, n); },
            [&](double* y) { ref::Reverse(da.data(), y, n); });
    });
  }
}

TEST(Elementwise, ColumnSumsMatchTheTwin) {
  for (size_t rows : {0, 1, 5, 255, 256, 257, 700}) {
    for (size_t cols : {1, 3, 8, 15, 16, 17, 33, 127, 128, 129, 200}) {
      const size_t ld = cols + cols % 4;
      const std::vector<float> x = RandomFloats(rows * ld, 5), out = RandomFloats(cols, 6);
      for (bool accumulate : {false, true}) {
        auto expected = ToDouble(out);
        ref::ColumnSums(ToDouble(x).data(), rows, cols, ld, 0.5, accumulate, expected.data());
        ForEachTable([&](const KernelTable& table) {
          SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(cols));
          const TestArray in(x, 3);
          TestArray actual(out, cols % 5);
          table.elementwise.column_sums(in.data(), rows, cols, ld, 0.5f, accumulate, actual.data());
          ExpectNear(actual, expected, 1e-7, 8.0 + static_cast<double>(rows));
        });
      }
    }
  }
}

// What lets the graph cut weight gradients into K blocks: see elementwise.h.
TEST(Elementwise, ColumnSumsSplitAtBlocksOrColumnsGiveTheSameBits) {
  const size_t rows = 3 * kColumnSumRows + 100, cols = 203;
  const TestArray x(RandomFloats(rows * cols, 7), 0);
  ForEachTable([&](const KernelTable& table) {
    const auto sums = table.elementwise.column_sums;
    TestArray whole(cols), split(cols), column(cols);
    sums(x.data(), rows, cols, cols, 0.3f, false, whole.data());
    const size_t at = 2 * kColumnSumRows;
    sums(x.data(), at, cols, cols, 0.3f, false, split.data());
    sums(x.data() + at * cols, rows - at, cols, cols, 0.3f, true, split.data());
    ExpectSameBits(split, whole);
    for (size_t j = 0; j < cols; ++j) {
      sums(x.data() + j, rows, 1, cols, 0.3f, false, column.data() + j);
    }
    ExpectSameBits(column, whole);
  });
}

TEST(Elementwise, SumSquaresIsDoubleAndRepeatable) {
  for (size_t n : TestSizes()) {
    const std::vector<float> x = RandomFloats(n, 8, -1e3f, 1e3f);
    const double expected = ref::SumSquares(ToDouble(x).data(), n);
    ForEachTable([&](const KernelTable& table) {
      const TestArray in(x, n % 4), moved(x, n % 4 + 1);
      const double actual = table.elementwise.sum_squares(in.data(), n);
      EXPECT_NEAR(actual, expected, 1e-14 * expected) << "n " << n;
      EXPECT_EQ(actual, table.elementwise.sum_squares(moved.data(), n)) << "n " << n;
    });
  }
  // Beyond f32's range and precision.
  const std::vector<float> large(1000, 1e30f);
  ForEachTable([&](const KernelTable& table) {
    EXPECT_NEAR(table.elementwise.sum_squares(large.data(), 1000) / 1e63, 1.0, 1e-6);
  });
}

// Dropout's mask is a function of (seed, op, step, row, i): the twin's Philox and the vectors'
// agree to the bit, and a row is the same alone or cut short.
TEST(Elementwise, DropoutHasTheTwinsBitsAtEverySize) {
  for (size_t n : TestSizes()) {
    const std::vector<float> x = RandomFloats(n, 9);
    TestArray expected(n, 0);
    const uint64_t seed = 0x123456789abcdef0u, step = 0x700000003u;
    ref::Dropout(x.data(), expected.data(), n, 0.3f, seed, 17, step, 1000000007u);
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE("n " + std::to_string(n));
      TestArray in(x, n % 3), out(n, n % 5);
      table.elementwise.dropout(in.data(), out.data(), n, 0.3f, seed, 17, step, 1000000007u);
      ExpectSameBits(out, expected);
      table.elementwise.dropout(in.data(), in.data(), n, 0.3f, seed, 17, step, 1000000007u);
      ExpectSameBits(in, expected);
    });
  }
}

TEST(Elementwise, DropoutKeepsItsShareAndItsMean) {
  const size_t n = 200000;
  const std::vector<float> ones(n, 1.0f);
  std::vector<float> y(n), other(n);
  ForEachTable([&](const KernelTable& table) {
    for (float p : {0.0f, 0.1f, 0.5f, 0.9f}) {
      table.elementwise.dropout(ones.data(), y.data(), n, p, 1, 2, 3, 4);
      const double kept = static_cast<double>(n - std::count(y.begin(), y.end(), 0.0f)) / n;
      EXPECT_NEAR(kept, 1.0 - p, 5.0 * std::sqrt(p * (1.0 - p) / n) + 1e-12);
      EXPECT_EQ(*std::max_element(y.begin(), y.end()), 1.0f / (1.0f - p));
    }
    // Another row, step, op or seed is another mask: about half of the elements differ at p = 0.5.
    table.elementwise.dropout(ones.data(), y.data(), n, 0.5f, 1, 2, 3, 4);
    for (int what = 0; what < 4; ++what) {
      table.elementwise.dropout(ones.data(), other.data(), n, 0.5f, 1 + (what == 0),
                                2 + (what == 1), 3 + (what == 2), 4 + (what == 3));
      size_t differ = 0;
      for (size_t i = 0; i < n; ++i) differ += y[i] != other[i];
      EXPECT_NEAR(static_cast<double>(differ) / n, 0.5, 0.01);
    }
  });
}

TEST(Elementwise, DropoutOfEverythingAndOfNan) {
  const std::vector<float> x(50, 3.0f), nan(50, std::numeric_limits<float>::quiet_NaN());
  ForEachTable([&](const KernelTable& table) {
    std::vector<float> y(50);
    table.elementwise.dropout(x.data(), y.data(), 50, 1.0f, 1, 2, 3, 4);
    for (float v : y) EXPECT_EQ(v, 0.0f);
    table.elementwise.dropout(nan.data(), y.data(), 50, 0.5f, 1, 2, 3, 4);
    for (float v : y) EXPECT_TRUE(std::isnan(v));
  });
}

}  // namespace
}  // namespace nf
