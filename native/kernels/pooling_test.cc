#include "kernels/pooling.h"

#include <string>

#include "kernels/ref/pooling.h"
#include "testing/kernel_inputs.h"

namespace nf {
namespace {

struct Shape {
  size_t rows, time, channels, kernel, outputs;

  size_t inputs() const { return rows * time * channels; }
  size_t pooled() const { return rows * outputs * channels; }
  std::string Name() const {
    return std::to_string(rows) + " x " + std::to_string(time) + " x " + std::to_string(channels) +
           " kernel " + std::to_string(kernel);
  }
};

std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  for (size_t time : {1, 2, 5, 16, 31, 48, 67}) {
    for (size_t channels : {1, 2, 7, 16, 33}) {
      for (size_t kernel : {1, 2, 3, 4, 8, 25, 80}) {
        shapes.push_back({3, time, channels, kernel, (time + kernel - 1) / kernel});
      }
    }
  }
  shapes.push_back({0, 4, 1, 2, 2});
  return shapes;
}

// Whole numbers of a small range, so that windows hold equal maxima.
std::vector<float> TiedFloats(size_t n) {
  std::vector<float> x = RandomFloats(n, 1, -3.0f, 3.0f);
  for (float& v : x) v = std::round(v);
  return x;
}

TEST(Pooling, ForwardMatchesTheTwin) {
  for (const Shape& s : Shapes()) {
    const std::vector<float> x = RandomFloats(s.inputs(), 1);
    std::vector<double> highest(s.pooled()), mean(s.pooled());
    ref::MaxForward(ToDouble(x).data(), s.rows, s.time, s.channels, s.kernel, highest.data());
    ref::AverageForward(ToDouble(x).data(), s.rows, s.time, s.channels, s.kernel, mean.data());
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(s.Name());
      const TestArray in(x, s.time % 5);
      TestArray y(s.pooled(), 3);
      table.pooling.max_forward(in.data(), s.rows, s.time, s.channels, s.kernel, y.data());
      ExpectNear(y, highest, 0.0);
      table.pooling.average_forward(in.data(), s.rows, s.time, s.channels, s.kernel, y.data());
      ExpectNear(y, mean, 1e-6);
    });
  }
}

TEST(Pooling, BackwardMatchesTheTwin) {
  for (const Shape& s : Shapes()) {
    const std::vector<float> x = TiedFloats(s.inputs()), dy = RandomFloats(s.pooled(), 2),
                             old = RandomFloats(s.inputs(), 3);
    std::vector<double> y(s.pooled());
    ref::MaxForward(ToDouble(x).data(), s.rows, s.time, s.channels, s.kernel, y.data());
    for (bool accumulate : {false, true}) {
      auto of_max = ToDouble(old), of_mean = ToDouble(old);
      ref::MaxBackward(ToDouble(x).data(), y.data(), ToDouble(dy).data(), s.rows, s.time,
                       s.channels, s.kernel, accumulate, of_max.data());
      ref::AverageBackward(ToDouble(dy).data(), s.rows, s.time, s.channels, s.kernel, accumulate,
                           of_mean.data());
      ForEachTable([&](const KernelTable& table) {
        SCOPED_TRACE(s.Name());
        const TestArray in(x, s.time % 5), out(std::vector<float>(y.begin(), y.end()), 1);
        const TestArray gradient(dy, 2);
        TestArray dx(old, 3);
        table.pooling.max_backward(in.data(), out.data(), gradient.data(), s.rows, s.time,
                                   s.channels, s.kernel, accumulate, dx.data());
        ExpectNear(dx, of_max, 2e-7);
        TestArray mean_dx(old, 4);
        table.pooling.average_backward(gradient.data(), s.rows, s.time, s.channels, s.kernel,
                                       accumulate, mean_dx.data());
        ExpectNear(mean_dx, of_mean, 2e-7);
      });
    }
  }
}

TEST(Pooling, MaxGivesTheGradientToTheFirstOfEqualMaxima) {
  const std::vector<float> x = {1, 2, 2, 0, 5, 5, 5}, y = {2, 5, 5}, dy = {10, 20, 30};
  ForEachTable([&](const KernelTable& table) {
    std::vector<float> dx(7, -1.0f);
    table.pooling.max_backward(x.data(), y.data(), dy.data(), 1, 7, 1, 3, false, dx.data());
    EXPECT_EQ(dx, (std::vector<float>{0, 10, 0, 0, 20, 0, 30}));
  });
}

TEST(Pooling, NanComesThrough) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (size_t channels : {1, 5}) {
    for (size_t at = 0; at < 4; ++at) {
      std::vector<float> x(4 * channels, 1.0f);
      x[at * channels] = nan;
      ForEachTable([&](const KernelTable& table) {
        std::vector<float> y(channels), dy(channels, 1.0f), dx(4 * channels);
        table.pooling.average_forward(x.data(), 1, 4, channels, 4, y.data());
        EXPECT_TRUE(std::isnan(y[0]));
        table.pooling.max_forward(x.data(), 1, 4, channels, 4, y.data());
        EXPECT_TRUE(std::isnan(y[0]));
        table.pooling.max_backward(x.data(), y.data(), dy.data(), 1, 4, channels, 4, false,
                                   dx.data());
        EXPECT_EQ(dx[at * channels], 1.0f);
      });
    }
  }
}

// What the definition says, term by term.
std::vector<double> PlainMovingAverage(const std::vector<double>& x, size_t time, size_t kernel) {
  std::vector<double> y(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const int64_t row = static_cast<int64_t>(i / time * time), t = static_cast<int64_t>(i % time);
    const int64_t half = static_cast<int64_t>(kernel / 2), last = static_cast<int64_t>(time) - 1;
    for (int64_t j = t - half; j <= t + half; ++j) {
      y[i] += x[static_cast<size_t>(row + std::clamp<int64_t>(j, 0, last))];
    }
    y[i] /= static_cast<double>(kernel);
  }
  return y;
}

struct MovingShape {
  size_t rows, time, kernel;
};

// Long rows and kernels pass over the chunks of the vector kernels and their fallback.
constexpr MovingShape kMovingShapes[] = {
    {3, 1, 1},     {3, 1, 25},    {2, 2, 3},       {4, 5, 25},   {5, 24, 25},   {3, 48, 25},
    {2, 336, 25},  {2, 97, 7},    {3, 33, 63},     {2, 2048, 3}, {1, 5000, 25}, {1, 5000, 1023},
    {1, 700, 999}, {1, 60, 2051}, {2, 3000, 1201}, {0, 48, 25}};

TEST(Pooling, MovingAverageMatchesItsDefinition) {
  for (const MovingShape& s : kMovingShapes) {
    const std::vector<float> x = RandomFloats(s.rows * s.time, 4, 900.0f, 1000.0f);
    const auto expected = PlainMovingAverage(ToDouble(x), s.time, s.kernel);
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(std::to_string(s.time) + " kernel " + std::to_string(s.kernel));
      const TestArray in(x, s.time % 7);
      TestArray y(x.size(), 1);
      table.pooling.moving_average_forward(in.data(), s.rows, s.time, s.kernel, y.data());
      ExpectNear(y, expected, 1e-6, 1000.0);
    });
  }
}

// The average is linear, so its gradient is its transpose: <A x, dy> = <x, A' dy> for unit x.
TEST(Pooling, MovingAverageBackwardIsTheTranspose) {
  for (const MovingShape& s : kMovingShapes) {
    if (s.rows * s.time > 800) continue;
    const size_t n = s.rows * s.time;
    const std::vector<float> dy = RandomFloats(n, 5), old = RandomFloats(n, 6);
    std::vector<double> expected(n);
    for (size_t i = 0; i < n; ++i) {
      std::vector<double> unit(n);
      unit[i] = 1.0;
      const auto y = PlainMovingAverage(unit, s.time, s.kernel);
      for (size_t t = 0; t < n; ++t) expected[i] += y[t] * dy[t];
    }
    auto with_old = expected;
    for (size_t i = 0; i < n; ++i) with_old[i] += old[i];
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(std::to_string(s.time) + " kernel " + std::to_string(s.kernel));
      const TestArray gradient(dy, s.time % 7);
      TestArray dx(old, 1);
      table.pooling.moving_average_backward(gradient.data(), s.rows, s.time, s.kernel, true,
                                            dx.data());
      ExpectNear(dx, with_old, 1e-6, 4.0);
      table.pooling.moving_average_backward(gradient.data(), s.rows, s.time, s.kernel, false,
                                            dx.data());
      ExpectNear(dx, expected, 1e-6, 4.0);
    });
  }
}

TEST(Pooling, LongMovingAverageBackwardMatchesTheTwin) {
  for (const MovingShape& s : kMovingShapes) {
    const std::vector<float> dy = RandomFloats(s.rows * s.time, 7);
    std::vector<double> expected(dy.size());
    ref::MovingAverageBackward(ToDouble(dy).data(), s.rows, s.time, s.kernel, false,
                               expected.data());
    double scale = 2.0;  // the edges gather many taps
    for (double v : expected) scale = std::max(scale, std::abs(v));
    ForEachTable([&](const KernelTable& table) {
      TestArray dx(dy.size(), 2);
      table.pooling.moving_average_backward(dy.data(), s.rows, s.time, s.kernel, false, dx.data());
      ExpectNear(dx, expected, 1e-6, scale);
    });
  }
}

// Central differences of the twins in double: max (no ties), average.
TEST(Pooling, TwinGradientsMatchDifferences) {
  const Shape s = {2, 11, 3, 4, 3};
  const auto x = ToDouble(RandomFloats(s.inputs(), 8));
  const auto dy = ToDouble(RandomFloats(s.pooled(), 9));
  const auto check = [&](auto&& forward, const std::vector<double>& dx) {
    for (size_t i = 0; i < x.size(); ++i) {
      std::vector<double> up = x, down = x, y_up(s.pooled()), y_down(s.pooled());
      up[i] += 1e-6;
      down[i] -= 1e-6;
      forward(up.data(), y_up.data());
      forward(down.data(), y_down.data());
      double difference = 0.0;
      for (size_t o = 0; o < dy.size(); ++o) difference += (y_up[o] - y_down[o]) / 2e-6 * dy[o];
      EXPECT_NEAR(dx[i], difference, 1e-8) << i;
    }
  };
  std::vector<double> y(s.pooled()), dx(s.inputs());
  const auto max = [&](const double* in, double* out) {
    ref::MaxForward(in, s.rows, s.time, s.channels, s.kernel, out);
  };
  max(x.data(), y.data());
  ref::MaxBackward(x.data(), y.data(), dy.data(), s.rows, s.time, s.channels, s.kernel, false,
                   dx.data());
  check(max, dx);
  ref::AverageBackward(dy.data(), s.rows, s.time, s.channels, s.kernel, false, dx.data());
  check([&](const double* in,
            double* out) { ref::AverageForward(in, s.rows, s.time, s.channels, s.kernel, out); },
        dx);
}

}  // namespace
}  // namespace nf
