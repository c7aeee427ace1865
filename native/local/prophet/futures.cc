#include "local/prophet/futures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "util/rng.h"

namespace nf {
namespace {

// Changes of a future that are kept: few histories are forecast so far that there are more. At most
// 4 MB in all.
constexpr size_t kMostKept = 16, kBudget = size_t{1} << 18;
// Changes of a future, on average, that one step passes one by one. Beyond the time kFarthest none
// is: where neighbouring numbers lie further apart than changes, time would not go on.
constexpr double kMostPassed = 32, kFarthest = 1e9;

// Uniform in (0, 1).
double Unit(uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }

// A pair of Box and Muller (1958).
std::array<double, 2> Normals(uint32_t a, uint32_t b) {
  const double radius = std::sqrt(-2.0 * std::log(Unit(a)));
  const double angle = 2.0 * std::numbers::pi * Unit(b);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace

ProphetDraws::ProphetDraws(uint64_t seed, size_t futures)
    : key_(StreamKey(seed, RngStream::kPaths)),
      kept_(std::min(kMostKept, kBudget / std::max<size_t>(futures, 1))),
      changes_(futures * kept_),
      noise_(futures) {
  for (size_t i = 0; i < futures; ++i) {
    const auto words = Words(i, 0);
    noise_[i] = Normals(words[0], words[1])[0];
    Change change;
    for (size_t e = 0; e < kept_; ++e) changes_[i * kept_ + e] = change = Make(i, e, change.time);
  }
}

// A kept change has the time that it has when every change before it was passed one by one.
ProphetDraws::Change ProphetDraws::At(size_t i, size_t e, double before) const {
  if (e >= kept_) return Make(i, e, before);
  const double kept = e == 0 ? 0.0 : changes_[i * kept_ + e - 1].time;
  return before == kept ? changes_[i * kept_ + e] : Make(i, e, before);
}

std::array<double, 2> ProphetDraws::NormalsAt(size_t i, size_t e) const {
  const auto words = Words(i, e + 1);
  return Normals(words[0], words[1]);
}

std::array<uint32_t, 4> ProphetDraws::Words(size_t i, size_t event) const {
  return Philox4x32({static_cast<uint32_t>(event), static_cast<uint32_t>(i), 0, 0}, key_);
}

ProphetDraws::Change ProphetDraws::Make(size_t i, size_t e, double before) const {
  const auto words = Words(i, e + 1);
  const double size = -std::log(Unit(words[1]));  // Laplace: an exponential of either sign
  return {before - std::log(Unit(words[0])), (words[2] & 1) != 0 ? size : -size};
}

ProphetFutures::ProphetFutures(const ProphetDraws& draws, size_t count, double rate, double size)
    : draws_(draws),
      rate_(rate),
      size_(size),
      next_(count, std::numeric_limits<double>::infinity()),
      slope_(count, 0.0),
      offset_(count, 0.0),
      coming_(count),
      drawn_(count, 0) {
  for (size_t i = 0; rate > 0 && i < count; ++i) Await(i, 0.0);
}

void ProphetFutures::Deviations(double t, std::span<double> out) {
  const bool far = rate_ > 0 && (rate_ * (t - last_) > kMostPassed || t > kFarthest);
  for (size_t i = 0; i < next_.size(); ++i) {
    if (far) {
      Jump(i, t);
    } else {
      while (next_[i] <= t) Pass(i);
    }
  }
  for (size_t i = 0; i < next_.size(); ++i) out[i] = slope_[i] * t + offset_[i];
  last_ = std::max(last_, t);
}

void ProphetFutures::Pass(size_t i) {
  const ProphetDraws::Change change = coming_[i];
  const double delta = change.size * size_;
  slope_[i] += delta;
  offset_[i] -= delta * next_[i];
  Await(i, change.time);
}

// All changes up to t at once. Of so many the sums are normal: that of their sizes, each of
// variance 2 size^2, and that of sizes by the time left since, which is uniform. None is known to
// come, as the process has no memory.
void ProphetFutures::Jump(size_t i, double t) {
  const double length = std::max(t - last_, 0.0);
  const auto [a, b] = draws_.NormalsAt(i, drawn_[i]++);
  const double spread = size_ * std::sqrt(2.0 * rate_ * length);
  const double rise = spread * a;
  const double gain = spread * length * (0.5 * a + b / std::sqrt(12.0));
  const double value = slope_[i] * t + offset_[i] + gain;
  slope_[i] += rise;
  offset_[i] = value - slope_[i] * t;
  Await(i, (t - 1.0) * rate_);
}

void ProphetFutures::Await(size_t i, double before) {
  coming_[i] = draws_.At(i, drawn_[i]++, before);
  next_[i] = 1.0 + coming_[i].time / rate_;
}

}  // namespace nf
