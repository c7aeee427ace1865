// Simulated futures of a trend: what changes after the end of the history add to it.
#ifndef NF_LOCAL_PROPHET_FUTURES_H_
#define NF_LOCAL_PROPHET_FUTURES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nf {

// What the futures of every series are made from: standard normal noise, and the changes to come as
// a Poisson process of rate 1 with Laplace sizes of scale 1.
class ProphetDraws {
 public:
  struct Change {
    double time = 0;  // after the begin of the process
    double size = 0;
  };

  ProphetDraws(uint64_t seed, size_t futures);

  size_t futures() const { return noise_.size(); }
  std::span<const double> noise() const { return noise_; }

  // Draw e of future i as a change; `before` is the time of the one before it.
  Change At(size_t i, size_t e, double before) const;
  // The same draw as two independent standard normals.
  std::array<double, 2> NormalsAt(size_t i, size_t e) const;

 private:
  std::array<uint32_t, 4> Words(size_t i, size_t event) const;
  Change Make(size_t i, size_t e, double before) const;

  const std::array<uint32_t, 2> key_;
  const size_t kept_;
  std::vector<Change> changes_;  // [futures, kept]
  std::vector<double> noise_;
};

// Many futures of the growth curve, moved on step by step: memory does not depend on the horizon,
// nor the time of a step on how far it goes.
class ProphetFutures {
 public:
  // Changes come at `rate` after time 1, and are of this mean size.
  ProphetFutures(const ProphetDraws& draws, size_t count, double rate, double size);

  // What changes after the history add to the growth of every future at time t, which never falls
  // from call to call.
  void Deviations(double t, std::span<double> out);

 private:
  void Pass(size_t i);
  void Jump(size_t i, double t);
  void Await(size_t i, double before);

  const ProphetDraws& draws_;
  const double rate_, size_;
  double last_ = 1.0;                   // time of the last call
  std::vector<double> next_;            // time of the change to come
  std::vector<double> slope_, offset_;  // deviation(t) = slope * t + offset
  std::vector<ProphetDraws::Change> coming_;
  std::vector<uint32_t> drawn_;
};

}  // namespace nf

#endif  // NF_LOCAL_PROPHET_FUTURES_H_
