// Every function of maps.inc on vectors, against its twin in double.
#include "kernels/maps.h"

#include <string>

#include "kernels/ref/maps.h"
#include "testing/kernel_inputs.h"

namespace nf {
namespace {

struct Unary {
  const char* name;
  UnaryMap map;
  double (*value)(double);
  double (*slope)(double);  // from what it is a function of
  bool of_x;
};
const Unary kUnary[] = {
#define NF_UNARY(Name, ...)                                                                \
  {#Name, UnaryMap::k##Name, ref::Name##Map::Value<double>, ref::Name##Map::Slope<double>, \
   ref::Name##Map::kOfX},
#define NF_BINARY(...)
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY
};

struct Binary {
  const char* name;
  BinaryMap map;
  double (*value)(double, double);
  double (*grads[2])(double, double, double);
};
const Binary kBinary[] = {
#define NF_UNARY(...)
#define NF_BINARY(Name, ...)      \
  {#Name,                         \
   BinaryMap::k##Name,            \
   ref::Name##Map::Value<double>, \
   {ref::Name##Map::GradA<double>, ref::Name##Map::GradB<double>}},
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY
};

TEST(Maps, SlopesAreThoseOfTheValues) {
  const double step = 1e-6;
  for (const Unary& u : kUnary) {
    for (double x = -6.05; x < 6.0; x += 0.1) {
      const double difference = (u.value(x + step) - u.value(x - step)) / (2 * step);
      const double slope = u.slope(u.of_x ? x : u.value(x));
      EXPECT_NEAR(slope, difference, 1e-7 * (1 + std::abs(difference))) << u.name << " at " << x;
    }
  }
}

TEST(Maps, UnaryAtEverySizeOffsetInPlaceAndAdding) {
  for (const Unary& u : kUnary) {
    for (size_t n : TestSizes()) {
      const std::vector<float> x = RandomFloats(n, 1, -9.0f, 9.0f), dy = RandomFloats(n, 2);
      std::vector<double> y(n), dx(n), sum(n);
      for (size_t i = 0; i < n; ++i) {
        y[i] = u.value(x[i]);
        dx[i] = dy[i] * u.slope(u.of_x ? x[i] : static_cast<double>(static_cast<float>(y[i])));
        sum[i] = dx[i] + static_cast<double>(dy[i]);
      }
      ForEachTable([&](const KernelTable& table) {
        SCOPED_TRACE(std::string(u.name) + " n " + std::to_string(n));
        const UnaryKernel& kernel = table.map.of(u.map);
        TestArray in(x, n % 3), out(n, n % 5), gradient(dy, n % 7), result(n, 1);
        kernel.forward(in.data(), out.data(), n);
        ExpectNear(out, y, 1e-6);
        const float* kept = u.of_x ? in.data() : out.data();
        kernel.backward(kept, gradient.data(), result.data(), false, n);
        ExpectNear(result, dx, 1e-5);
        TestArray added(dy, n % 4);
        kernel.backward(kept, gradient.data(), added.data(), true, n);
        ExpectNear(added, sum, 1e-5);
        kernel.backward(kept, gradient.data(), gradient.data(), false, n);
        ExpectSameBits(gradient, result);
        kernel.forward(in.data(), in.data(), n);
        ExpectSameBits(in, out);
      });
    }
  }
}

TEST(Maps, BinaryAtEverySizeOffsetInPlaceAndAdding) {
  for (const Binary& b : kBinary) {
    for (size_t n : TestSizes()) {
      const std::vector<float> left = RandomFloats(n, 1), right = RandomFloats(n, 2);
      const std::vector<float> dy = RandomFloats(n, 3);
      ForEachTable([&](const KernelTable& table) {
        SCOPED_TRACE(std::string(b.name) + " n " + std::to_string(n));
        const BinaryKernel& kernel = table.map.of(b.map);
        TestArray x(left, n % 3), y(right, n % 5), out(n, n % 7), gradient(dy, 1);
        std::vector<double> value(n), grad(n), sum(n);
        for (size_t i = 0; i < n; ++i) value[i] = b.value(left[i], right[i]);
        kernel.forward(x.data(), y.data(), out.data(), n);
        ExpectNear(out, value, 1e-6);
        for (size_t of : {0, 1}) {
          for (size_t i = 0; i < n; ++i) {
            grad[i] = b.grads[of](left[i], right[i], dy[i]);
            sum[i] = grad[i] + static_cast<double>(dy[i]);
          }
          TestArray result(n, 2), added(dy, n % 4);
          kernel.backward[of](x.data(), y.data(), gradient.data(), result.data(), false, n);
          ExpectNear(result, grad, 1e-6);
          kernel.backward[of](x.data(), y.data(), gradient.data(), added.data(), true, n);
          ExpectNear(added, sum, 1e-6);
        }
        kernel.forward(x.data(), y.data(), x.data(), n);
        ExpectSameBits(x, out);
      });
    }
  }
}

TEST(Maps, NanInIsNanOut) {
  const std::vector<float> x(21, std::numeric_limits<float>::quiet_NaN()), one(21, 1.0f);
  ForEachTable([&](const KernelTable& table) {
    for (const Unary& u : kUnary) {
      std::vector<float> y(21), dx(21);
      table.map.of(u.map).forward(x.data(), y.data(), 21);
      table.map.of(u.map).backward(one.data(), x.data(), dx.data(), false, 21);
      for (size_t i = 0; i < 21; ++i) {
        EXPECT_TRUE(std::isnan(y[i])) << u.name;
        EXPECT_TRUE(std::isnan(dx[i])) << u.name;
      }
    }
  });
}

// Of the size of x, as erf's rounding beside 1 allows: absolute errors of the factor.
TEST(Maps, GeluAndItsSlopeNearDouble) {
  std::vector<float> x = RandomFloats(20000, 1, -12.0f, 12.0f);
  x.insert(x.end(), {0.0f, -0.0f, 1e-30f, -1e-30f, 1e30f, -1e30f});
  const size_t n = x.size();
  const std::vector<float> dy(n, 1.0f);
  std::vector<double> y(n), dx(n);
  for (size_t i = 0; i < n; ++i) {
    y[i] = ref::GeluMap::Value<double>(x[i]);
    dx[i] = ref::GeluMap::Slope<double>(x[i]);
  }
  ForEachTable([&](const KernelTable& table) {
    std::vector<float> out(n), slope(n);
    const UnaryKernel& kernel = table.map.of(UnaryMap::kGelu);
    kernel.forward(x.data(), out.data(), n);
    kernel.backward(x.data(), dy.data(), slope.data(), false, n);
    for (size_t i = 0; i < n; ++i) {
      ASSERT_NEAR(out[i], y[i], 1.2e-7 * std::abs(x[i])) << x[i];
      ASSERT_NEAR(slope[i], dx[i], 3e-7) << x[i];
    }
  });
}

}  // namespace
}  // namespace nf
