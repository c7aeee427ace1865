#include "kernels/layout.h"

#include <string>

#include "kernels/ref/layout.h"
#include "testing/kernel_inputs.h"

namespace nf {
namespace {

std::vector<UnfoldShape> Shapes() {
  std::vector<UnfoldShape> shapes;
  for (size_t time : {1, 2, 7, 24}) {
    for (size_t channels : {1, 3, 8, 16, 33}) {
      for (size_t kernel : {1, 2, 3, 4, 6}) {
        for (size_t dilation : {1, 2, 16}) {
          shapes.push_back({time, channels, kernel, dilation, kernel - 1, false});
          shapes.push_back({time, channels, kernel, dilation, (kernel - 1) / 2, true});
        }
      }
    }
  }
  return shapes;
}

std::string Name(const UnfoldShape& s) {
  return std::to_string(s.time) + " x " + std::to_string(s.channels) + " kernel " +
         std::to_string(s.kernel) + " dilation " + std::to_string(s.dilation) +
         (s.circular ? " circular" : "");
}

TEST(Layout, UnfoldAndFoldMatchTheTwin) {
  for (const UnfoldShape& s : Shapes()) {
    const size_t n = s.time * s.channels;
    const std::vector<float> x = RandomFloats(n, 1), dy = RandomFloats(n * s.kernel, 2);
    std::vector<float> unfolded(n * s.kernel), folded[2] = {x, x};
    ref::Unfold(x.data(), s, unfolded.data());
    for (bool add : {false, true}) ref::Fold(dy.data(), s, add, folded[add].data());
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(Name(s));
      const TestArray in(x, 1), gradient(dy, 3);
      TestArray out(n * s.kernel, 2);
      table.layout.unfold(in.data(), s, out.data());
      EXPECT_EQ(out.values(), unfolded);
      for (bool add : {false, true}) {
        TestArray dx(x, 5);
        table.layout.fold(gradient.data(), s, add, dx.data());
        EXPECT_EQ(dx.values(), folded[add]);
      }
    });
  }
}

TEST(Layout, TransposeMatchesTheTwin) {
  for (size_t time : {1, 2, 7, 16, 33}) {
    for (size_t channels : {1, 3, 4, 8, 17}) {
      const std::vector<float> x = RandomFloats(time * channels, 1);
      std::vector<float> expected(x.size());
      ref::Transpose(x.data(), time, channels, expected.data());
      ForEachTable([&](const KernelTable& table) {
        SCOPED_TRACE(std::to_string(time) + " x " + std::to_string(channels));
        const TestArray in(x, 1);
        TestArray out(x.size(), 3);
        table.layout.transpose(in.data(), time, channels, out.data());
        EXPECT_EQ(out.values(), expected);
      });
    }
  }
}

TEST(Layout, CausalTapsReadTheirTimes) {
  const float x[] = {1, 2, 3, 4};
  ForEachTable([&](const KernelTable& table) {
    float y[8];
    table.layout.unfold(x, {4, 1, 2, 2, 1, false}, y);
    EXPECT_EQ(std::vector<float>(y, y + 8), (std::vector<float>{0, 1, 0, 2, 1, 3, 2, 4}));
    float z[12];
    table.layout.unfold(x, {4, 1, 3, 1, 1, true}, z);
    EXPECT_EQ(std::vector<float>(z, z + 12),
              (std::vector<float>{4, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 1}));
  });
}

}  // namespace
}  // namespace nf
