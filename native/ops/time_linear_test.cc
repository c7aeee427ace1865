// Linear layers along time in double.
#include "ops/time_linear.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseTimeLinear() {
  std::vector<GraphCase> cases;
  struct Shape {
    int64_t time, channels, steps;
  };
  for (const auto& [time, channels, steps] : {Shape{1, 1, 1}, {7, 3, 5}, {5, 18, 2}}) {
    GraphCase c;
    c.label = Label("time", time, channels) + " to " + std::to_string(steps);
    c.record = [=](Leaves& l) {
      const Weight w = l.Weight("weight", {steps, time}), b = l.Weight("bias", {steps});
      return TimeLinear(l.recorder(), l.Gradient("x", {time, channels}), w, b);
    };
    c.reference = [=](const Values& v) {
      Doubles y;
      for (int64_t s = 0; s < steps; ++s) {
        for (int64_t ch = 0; ch < channels; ++ch) {
          double sum = v.at("bias")[static_cast<size_t>(s)];
          for (int64_t t = 0; t < time; ++t) {
            sum += v.at("weight")[static_cast<size_t>(s * time + t)] *
                   v.at("x")[static_cast<size_t>(t * channels + ch)];
          }
          y.push_back(sum);
        }
      }
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace nf
