// Values as vectors, in double.
#include "ops/embed_values.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseEmbedValues() {
  std::vector<GraphCase> cases;
  struct Shape {
    int64_t time, n, channels;
  };
  for (const Shape& s : {Shape{1, 1, 1}, {4, 1, 9}, {1, 3, 16}, {5, 4, 7}}) {
    GraphCase c;
    c.label = Label("time, n", s.time, s.n) + Label(" channels", s.channels);
    c.record = [=](Leaves& l) {
      return EmbedValues(l.recorder(), l.Gradient("x", {s.time, s.n}),
                         l.Weight("vectors", {s.n, s.channels}),
                         l.Weight("bias", {s.n, s.channels}));
    };
    c.reference = [=](const Values& v) {
      const Doubles &vectors = v.at("vectors"), &bias = v.at("bias");
      Doubles y;
      for (size_t i = 0; i < v.at("x").size(); ++i) {
        const size_t row = i % static_cast<size_t>(s.n) * static_cast<size_t>(s.channels);
        for (size_t j = row; j < row + static_cast<size_t>(s.channels); ++j) {
          y.push_back(v.at("x")[i] * vectors[j] + bias[j]);
        }
      }
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace nf
