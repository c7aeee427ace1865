#include "kernels/gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "kernels/ref/gemm.h"

namespace nf {
namespace {

constexpr Trans kBoth[] = {Trans::kNo, Trans::kYes};

// Memory for packed panels and scratch: 64-byte aligned, exactly as long as asked for.
class Aligned {
 public:
  explicit Aligned(size_t count)
      : data_(static_cast<float*>(operator new (std::max<size_t>(count, 1) * sizeof(float),
                                                std::align_val_t{64}))) {}
  ~Aligned() { operator delete (data_, std::align_val_t{64}); }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  float* get() const { return data_; }

 private:
  float* data_;
};

// A matrix that begins `offset` floats into its memory and whose rows lie `pad` floats apart; what
// is between the rows is NaN, so that a kernel that uses it is found out.
struct Matrix {
  size_t rows, columns, ld, offset;
  std::vector<float> memory;

  Matrix(size_t rows_, size_t columns_, size_t pad = 0, size_t offset_ = 0)
      : rows(rows_), columns(columns_), ld(columns_ + pad), offset(offset_) {
    const size_t used = rows == 0 ? 0 : (rows - 1) * ld + columns;
    memory.assign(offset + used, std::numeric_limits<float>::quiet_NaN());
  }
  float* data() { return memory.data() + offset; }
  const float* data() const { return memory.data() + offset; }
  float& operator()(size_t i, size_t j) { return memory[offset + i * ld + j]; }
  float operator()(size_t i, size_t j) const { return memory[offset + i * ld + j]; }

  Matrix& Randomize(uint32_t seed) {
    std::minstd_rand rng(seed + 1);
    for (size_t i = 0; i < rows; ++i) {
      for (size_t j = 0; j < columns; ++j) {
        (*this)(i, j) = static_cast<float>(rng() % 20001) * 1e-4f - 1.0f;
      }
    }
    return *this;
  }
  std::vector<double> Wide() const { return {memory.begin(), memory.end()}; }
};

Matrix Transposed(const Matrix& x, size_t pad = 0, size_t offset = 0) {
  Matrix y(x.columns, x.rows, pad, offset);
  for (size_t i = 0; i < x.rows; ++i) {
    for (size_t j = 0; j < x.columns; ++j) y(j, i) = x(i, j);
  }
  return y;
}

// Everything else is untouched.
::testing::AssertionResult SameBits(const Matrix& x, const Matrix& y) {
  for (size_t i = 0; i < x.rows; ++i) {
    for (size_t j = 0; j < x.columns; ++j) {
      const float u = x(i, j), v = y(i, j);
      if (std::memcmp(&u, &v, sizeof u) != 0) {
        return ::testing::AssertionFailure() << "(" << i << ", " << j << "): " << u << " and " << v;
      }
    }
  }
  return ::testing::AssertionSuccess();
}

void RunGemm(const GemmKernels& kernels, Trans ta, Trans tb, size_t k, const Matrix& a,
             const Matrix& b, Matrix& c, const GemmEpilogue& epilogue = {}) {
  const Aligned scratch(kernels.scratch_size(ta, tb, c.rows, c.columns, k));
  kernels.gemm(ta, tb, c.rows, c.columns, k, a.data(), a.ld, b.data(), b.ld, c.data(), c.ld,
               epilogue, scratch.get());
}

void RunPacked(const GemmKernels& kernels, Trans tb, size_t k, const Matrix& a, const Matrix& b,
               Matrix& c, const GemmEpilogue& epilogue = {}) {
  const Aligned packed(kernels.packed_size(k, c.columns));
  kernels.pack(tb, b.data(), b.ld, k, c.columns, 0, c.columns, packed.get());
  kernels.packed(c.rows, c.columns, k, a.data(), a.ld, packed.get(), c.data(), c.ld, epilogue);
}

// Numbers of one case; b is k x n, whatever form it is handed over in.
struct Case {
  size_t m, n, k;
  Matrix a, b, bias, c;

  Case(size_t m_, size_t n_, size_t k_, size_t pad = 0, size_t offset = 0)
      : m(m_),
        n(n_),
        k(k_),
        a(m, k, pad, offset),
        b(k, n, pad, offset),
        bias(1, n, 0, offset),
        c(m, n, pad, offset) {
    const uint32_t seed = static_cast<uint32_t>(m * 131071 + n * 8191 + k);
    a.Randomize(seed);
    b.Randomize(seed + 1);
    bias.Randomize(seed + 2);
    c.Randomize(seed + 4);
  }
};

// The twin in double, on the same numbers.
std::vector<double> Expected(const Case& x, const GemmEpilogue& e) {
  const std::vector<double> a = x.a.Wide(), b = x.b.Wide(), bias = x.bias.Wide();
  std::vector<double> c = x.c.Wide();
  ref::Epilogue<double> epilogue;
  epilogue.alpha = e.alpha;
  epilogue.accumulate = e.accumulate;
  epilogue.activation = e.activation;
  if (e.bias != nullptr) epilogue.bias = bias.data() + x.bias.offset;
  ref::Gemm(Trans::kNo, Trans::kNo, x.m, x.n, x.k, a.data() + x.a.offset, x.a.ld,
            b.data() + x.b.offset, x.b.ld, c.data() + x.c.offset, x.c.ld, epilogue);
  return c;
}

::testing::AssertionResult Near(const Case& x, const Matrix& got,
                                const std::vector<double>& expected) {
  const double tolerance = 2e-7 * static_cast<double>(x.k + 8);
  for (size_t at = 0; at < got.memory.size(); ++at) {
    const double want = expected[at];
    if (std::isnan(want) && std::isnan(got.memory[at])) continue;  // between the rows
    if (!(std::abs(got.memory[at] - want) <= tolerance)) {
      return ::testing::AssertionFailure()
             << "m " << x.m << " n " << x.n << " k " << x.k << ", float " << at
             << " of C: " << got.memory[at] << ", expected " << want;
    }
  }
  return ::testing::AssertionSuccess();
}

class GemmTest : public ::testing::TestWithParam<const KernelTable*> {
 protected:
  const GemmKernels& kernels() const { return GetParam()->gemm; }
  size_t panel() const { return kernels().panel; }

  // Every entry and form against the double twin.
  void CheckForms(const Case& x, const GemmEpilogue& epilogue) const {
    const std::vector<double> expected = Expected(x, epilogue);
    const size_t pad = x.a.ld - x.a.columns, offset = x.a.offset;
    const Matrix at = Transposed(x.a, pad, offset), bt = Transposed(x.b, pad, offset);
    for (const Trans tb : kBoth) {
      const Matrix& b = tb == Trans::kNo ? x.b : bt;
      for (const Trans ta : kBoth) {
        Matrix c = x.c;
        RunGemm(kernels(), ta, tb, x.k, ta == Trans::kNo ? x.a : at, b, c, epilogue);
        ASSERT_TRUE(Near(x, c, expected)) << "gemm, forms " << int(ta) << int(tb);
      }
      Matrix c = x.c;
      RunPacked(kernels(), tb, x.k, x.a, b, c, epilogue);
      ASSERT_TRUE(Near(x, c, expected)) << "packed, form " << int(tb);
    }
  }
};

TEST_P(GemmTest, EverySmallSize) {
  for (size_t m = 0; m <= 17; ++m) {
    for (size_t n = 0; n <= 2 * panel() + 1; ++n) {
      for (const size_t k : {0, 1, 5, 18}) {
        const Case x(m, n, k, n % 3, m % 5);
        ASSERT_NO_FATAL_FAILURE(CheckForms(x, {}));
      }
    }
  }
}

TEST_P(GemmTest, EveryEdgeOfABlock) {
  const size_t many = 4 * panel();
  for (const size_t k : {0, 1, 2, 3, 4, 15, 16, 17, 33, 255, 256, 257, 258, 511, 512, 513}) {
    for (const size_t m : {1, 2, 3, 4, 5, 9, 65}) {
      for (const size_t n : {panel() - 1, panel() + 1, many - 1, many, many + panel() + 3}) {
        const Case x(m, n, k, k % 2 * 3, n % 2);
        ASSERT_NO_FATAL_FAILURE(CheckForms(x, {}));
      }
    }
  }
}

TEST_P(GemmTest, EveryEdgeOfAChunk) {
  for (const size_t m : {31, 32, 33, 63, 64, 65, 255, 256, 257, 261}) {
    for (const size_t n : {511, 512, 513, 1030}) {
      ASSERT_NO_FATAL_FAILURE(CheckForms(Case(m, n, 37), {}));
    }
  }
}

// Rows of more than a page: A is copied, B not read in place.
TEST_P(GemmTest, RowsFarApart) {
  for (const size_t m : {8, 33, 258}) {
    for (const size_t n : {8 * panel() - 1, 8 * panel(), 8 * panel() + 3, size_t{2051}}) {
      ASSERT_NO_FATAL_FAILURE(CheckForms(Case(m, n, 21, 1024), {}));
    }
  }
  ASSERT_NO_FATAL_FAILURE(CheckForms(Case(40, 8 * panel(), 260, 1024), {}));
}

TEST_P(GemmTest, EveryEpilogue) {
  for (const size_t m : {1, 2, 7, 10}) {
    for (const size_t n : {size_t{3}, panel(), 4 * panel() + 5}) {
      for (const size_t k : {0, 7, 300}) {
        const Case x(m, n, k, 2, 1);
        for (int act = 0; act <= static_cast<int>(Activation::kElu); ++act) {
          for (int set = 0; set < 3; ++set) {
            GemmEpilogue e;
            e.alpha = set % 2 == 0 ? 1.0f : 0.3f;
            e.activation = static_cast<Activation>(act);
            if (set != 0) e.bias = x.bias.data();
            ASSERT_NO_FATAL_FAILURE(CheckForms(x, e)) << "activation " << act << " set " << set;
          }
        }
        GemmEpilogue accumulate;
        accumulate.accumulate = true;
        ASSERT_NO_FATAL_FAILURE(CheckForms(x, accumulate));
        accumulate.alpha = -1.7f;
        ASSERT_NO_FATAL_FAILURE(CheckForms(x, accumulate));
      }
    }
  }
}

TEST_P(GemmTest, InfinityStays) {
  Case x(5, panel() + 3, 20);
  x.a(2, 7) = std::numeric_limits<float>::infinity();
  GemmEpilogue biased;
  biased.bias = x.bias.data();
  for (const GemmEpilogue& e : {GemmEpilogue{}, biased}) {
    RunPacked(kernels(), Trans::kNo, x.k, x.a, x.b, x.c, e);
    for (size_t j = 0; j < x.n; ++j) {
      const float b = x.b(7, j);
      if (b == 0.0f) continue;
      EXPECT_EQ(x.c(2, j), b * std::numeric_limits<float>::infinity());
    }
  }
}

TEST_P(GemmTest, NotANumberStays) {
  Case x(5, panel() + 3, 20);
  x.a(2, 7) = std::numeric_limits<float>::quiet_NaN();
  for (const Activation act : {Activation::kNone, Activation::kRelu, Activation::kTanh}) {
    GemmEpilogue e;
    e.activation = act;
    RunPacked(kernels(), Trans::kNo, x.k, x.a, x.b, x.c, e);
    for (size_t j = 0; j < x.n; ++j) {
      EXPECT_TRUE(std::isnan(x.c(2, j)));
      EXPECT_FALSE(std::isnan(x.c(1, j)));
    }
  }
}

// An epilogue whose every part is at work.
GemmEpilogue Full(const Case& x, Activation act) {
  GemmEpilogue e;
  e.alpha = 0.7f;
  e.bias = x.bias.data();
  e.activation = act;
  return e;
}

TEST_P(GemmTest, RowsDoNotDependOnTheBatch) {
  for (const Activation act : {Activation::kRelu, Activation::kSelu}) {
    const Case x(70, 5 * panel() + 7, 300, 1, 1);
    const GemmEpilogue e = Full(x, act);
    Matrix whole = x.c;
    RunPacked(kernels(), Trans::kNo, x.k, x.a, x.b, whole, e);
    const Aligned packed(kernels().packed_size(x.k, x.n));
    kernels().pack(Trans::kNo, x.b.data(), x.b.ld, x.k, x.n, 0, x.n, packed.get());
    for (const size_t rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 23, 64}) {
      Matrix parts = x.c;
      for (size_t i = 0; i < x.m; i += rows) {
        kernels().packed(std::min(rows, x.m - i), x.n, x.k, x.a.data() + i * x.a.ld, x.a.ld,
                         packed.get(), parts.data() + i * x.c.ld, x.c.ld, e);
      }
      ASSERT_TRUE(SameBits(parts, whole)) << rows << " rows at a time";
    }
  }
}

TEST_P(GemmTest, ColumnsDoNotDependOnTheirPlace) {
  for (const size_t m : {1, 3, 21}) {
    const Case x(m, 5 * panel() + 7, 270, 1, 1);
    const GemmEpilogue e = Full(x, Activation::kTanh);
    Matrix whole = x.c;
    RunPacked(kernels(), Trans::kNo, x.k, x.a, x.b, whole, e);
    for (const size_t width : {size_t{1}, size_t{3}, panel() - 1, panel(), 2 * panel() + 1}) {
      Matrix parts = x.c;
      for (size_t j = 0; j < x.n; j += width) {
        const size_t columns = std::min(width, x.n - j);
        const Aligned scratch(kernels().scratch_size(Trans::kNo, Trans::kNo, m, columns, x.k));
        GemmEpilogue part = e;
        part.bias += j;
        kernels().gemm(Trans::kNo, Trans::kNo, m, columns, x.k, x.a.data(), x.a.ld, x.b.data() + j,
                       x.b.ld, parts.data() + j, x.c.ld, part, scratch.get());
      }
      ASSERT_TRUE(SameBits(parts, whole)) << m << " rows, " << width << " columns at a time";
    }
  }
}

TEST_P(GemmTest, EveryEntryGivesTheSameBits) {
  for (const size_t m : {1, 2, 3, 4, 5, 8, 66}) {
    const Case x(m, 6 * panel() + 5, 520);
    const GemmEpilogue e = Full(x, Activation::kSigmoid);
    Matrix whole = x.c;
    RunPacked(kernels(), Trans::kNo, x.k, x.a, x.b, whole, e);

    const Matrix at = Transposed(x.a, 3, 1), bt = Transposed(x.b, 3, 1);
    for (const Trans ta : kBoth) {
      for (const Trans tb : kBoth) {
        Matrix c = x.c;
        RunGemm(kernels(), ta, tb, x.k, ta == Trans::kNo ? x.a : at, tb == Trans::kNo ? x.b : bt, c,
                e);
        EXPECT_TRUE(SameBits(c, whole)) << "gemm, forms " << int(ta) << int(tb);
      }
    }
    for (size_t panels = 1; panels <= 7; ++panels) {
      const size_t width = panels * panel();
      const Aligned packed(kernels().packed_size(x.k, x.n));
      Matrix c = x.c;
      for (size_t j = 0; j < x.n; j += width) {
        kernels().pack(Trans::kYes, bt.data(), bt.ld, x.k, x.n, j, std::min(x.n, j + width),
                       packed.get());
      }
      for (size_t j = 0; j < x.n; j += width) {
        GemmEpilogue part = e;
        part.bias += j;
        kernels().packed(m, std::min(width, x.n - j), x.k, x.a.data(), x.a.ld,
                         packed.get() + j * x.k, c.data() + j, c.ld, part);
      }
      EXPECT_TRUE(SameBits(c, whole)) << "packed, " << panels << " panels at a time";
    }
  }
}

TEST_P(GemmTest, SplitOfKGivesTheSameBits) {
  for (const size_t m : {1, 3, 12}) {
    const Case x(m, 4 * panel() + 3, 3 * kKc + 41);
    for (const Trans ta : kBoth) {
      const Matrix a = ta == Trans::kNo ? x.a : Transposed(x.a);
      for (const float alpha : {1.0f, 0.37f}) {
        GemmEpilogue e;
        e.alpha = alpha;
        Matrix whole = x.c;
        RunGemm(kernels(), ta, Trans::kNo, x.k, a, x.b, whole, e);
        for (const size_t step : {kKc, 2 * kKc, 3 * kKc}) {
          Matrix parts = x.c;
          for (size_t p = 0; p < x.k; p += step) {
            const size_t k = std::min(step, x.k - p);
            const Aligned scratch(kernels().scratch_size(ta, Trans::kNo, m, x.n, k));
            e.accumulate = p != 0;
            kernels().gemm(ta, Trans::kNo, m, x.n, k, a.data() + (ta == Trans::kNo ? p : p * a.ld),
                           a.ld, x.b.data() + p * x.b.ld, x.b.ld, parts.data(), parts.ld, e,
                           scratch.get());
          }
          ASSERT_TRUE(SameBits(parts, whole)) << "steps of " << step << ", alpha " << alpha;
        }
      }
    }
  }
}

TEST_P(GemmTest, ScratchOfTheLargestServesAll) {
  const auto size = kernels().scratch_size;
  const std::vector<size_t> sizes = {1, 5, 31, 32, 33, 200, 255, 256, 257, 511, 512, 513, 3000};
  for (const Trans ta : kBoth) {
    for (size_t x = 1; x < sizes.size(); ++x) {
      const size_t less = sizes[x - 1], more = sizes[x];
      for (const size_t y : sizes) {
        for (const size_t z : sizes) {
          EXPECT_LE(size(ta, Trans::kNo, less, y, z), size(ta, Trans::kNo, more, y, z));
          EXPECT_LE(size(ta, Trans::kNo, y, less, z), size(ta, Trans::kNo, y, more, z));
          EXPECT_LE(size(ta, Trans::kNo, y, z, less), size(ta, Trans::kNo, y, z, more));
        }
      }
    }
  }
}

TEST_P(GemmTest, ProbeCountsItsOperations) {
  const double one = kernels().fma_probe(1);
  EXPECT_GT(one, 0.0);
  EXPECT_EQ(kernels().fma_probe(10), 10.0 * one);
}

INSTANTIATE_TEST_SUITE_P(Targets, GemmTest, ::testing::ValuesIn(AllKernels()),
                         [](const auto& info) { return std::string(info.param->target); });

}  // namespace
}  // namespace nf
