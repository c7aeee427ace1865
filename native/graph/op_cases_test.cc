// Every op of ops.inc in double, and the shapes at which it is checked.
#include <algorithm>

#include "kernels/ref/activations.h"
#include "kernels/ref/pooling.h"
#include "testing/op_case.h"

namespace nf {
namespace {

using Doubles = std::vector<double>;

std::string Label(const std::string& name, int64_t a, int64_t b = -1) {
  return name + " " + std::to_string(a) + (b < 0 ? "" : " " + std::to_string(b));
}

// x [factor, in] times W^T [in, out].
Doubles LinearReference(const Values& v, int64_t in, int64_t out, Activation act) {
  const Doubles &x = v.at("x"), &w = v.at("weight");
  Doubles y;
  for (size_t row = 0; row < x.size(); row += static_cast<size_t>(in)) {
    for (int64_t o = 0; o < out; ++o) {
      double sum = v.contains("bias") ? v.at("bias")[static_cast<size_t>(o)] : 0.0;
      for (int64_t i = 0; i < in; ++i) {
        sum += x[row + static_cast<size_t>(i)] * w[static_cast<size_t>(o * in + i)];
      }
      y.push_back(ref::Activate(act, sum));
    }
  }
  return y;
}

GraphCase Linear(int64_t in, int64_t out, std::vector<int64_t> x_dims, bool bias, Activation act) {
  GraphCase c;
  c.label = Label("linear", in, out) + " factor " + std::to_string(x_dims[0]) + " activation " +
            std::to_string(static_cast<int>(act)) + (bias ? " bias" : "");
  c.record = [=](Leaves& l) {
    const Tensor w = l.Weight("weight", {out, in});
    const Tensor b = bias ? l.Weight("bias", {out}) : Tensor{};
    return l.builder().Linear(l.Gradient("x", x_dims), w, b, act);
  };
  c.reference = [=](const Values& v) { return LinearReference(v, in, out, act); };
  return c;
}

using Binary = std::function<Tensor(Builder&, Tensor, Tensor)>;

// Two inputs, and the same one twice.
std::vector<GraphCase> BinaryCases(const Binary& record, double (*f)(double, double)) {
  std::vector<GraphCase> cases;
  for (const char* second : {"b", "a"}) {
    for (int64_t n : {1, 7, 40}) {
      GraphCase c;
      c.label = Label(second, n);
      c.record = [=](Leaves& l) {
        return record(l.builder(), l.Gradient("a", {n}), l.Gradient(second, {n}));
      };
      c.reference = [=](const Values& v) {
        Doubles y;
        for (size_t i = 0; i < v.at("a").size(); ++i) y.push_back(f(v.at("a")[i], v.at(second)[i]));
        return y;
      };
      cases.push_back(c);
    }
  }
  return cases;
}

struct PoolCase {
  std::vector<int64_t> dims;
  int64_t kernel;
};
// Whole and short last windows, one wider than the input, channels.
const PoolCase kPools[] = {{{12}, 3}, {{13}, 4}, {{5}, 9}, {{7, 3}, 2}, {{40}, 2}};

template <class Record, class Forward>
std::vector<GraphCase> PoolCases(const Record& record, const Forward& forward) {
  std::vector<GraphCase> cases;
  for (const auto& [dims, kernel] : kPools) {
    const auto time = static_cast<size_t>(dims[0]), k = static_cast<size_t>(kernel);
    const size_t channels = dims.size() > 1 ? static_cast<size_t>(dims[1]) : 1;
    cases.push_back(Unary(
        Label("time", dims[0], kernel), dims,
        [=, kernel = kernel](Builder& b, Tensor x) { return record(b, x, kernel); },
        [=](const Doubles& x) {
          Doubles y((time + k - 1) / k * channels);
          forward(x.data(), 1, time, channels, k, y.data());
          return y;
        }));
  }
  return cases;
}

}  // namespace

namespace {

// Rows [begin, 7) and then [0, begin) of one weight and bias [7, 4].
GraphCase LinearRowsCase(int64_t begin) {
  GraphCase c;
  c.label = Label("rows from", begin);
  c.record = [=](Leaves& l) {
    const Tensor x = l.Gradient("x", {3, 4}), w = l.Weight("weight", {7, 4}),
                 bias = l.Weight("bias", {7});
    Builder& b = l.builder();
    const Tensor last = b.LinearRows(x, w, bias, begin, 7, Activation::kTanh);
    return b.ConcatLast({b.LinearRows(x, w, bias, 0, begin, Activation::kTanh), last}, 3);
  };
  c.reference = [](const Values& v) { return LinearReference(v, 4, 7, Activation::kTanh); };
  return c;
}

}  // namespace

std::vector<GraphCase> CaseLinear() {
  std::vector<GraphCase> cases;
  for (Activation act :
       {Activation::kNone, Activation::kRelu, Activation::kTanh, Activation::kSigmoid,
        Activation::kSoftplus, Activation::kSelu, Activation::kLeakyRelu, Activation::kElu}) {
    cases.push_back(Linear(9, 6, {9}, true, act));
  }
  cases.push_back(Linear(1, 1, {1}, false, Activation::kNone));
  cases.push_back(Linear(37, 35, {37}, false, Activation::kTanh));
  cases.push_back(Linear(4, 300, {4}, true, Activation::kNone));  // two tiles of weight gradient
  cases.push_back(LinearRowsCase(2));
  cases.push_back(LinearRowsCase(6));
  cases.push_back(Linear(4, 3, {6, 4}, true, Activation::kTanh));  // six rows of x a row of batch
  return cases;
}

std::vector<GraphCase> CaseTimeLinear() {
  std::vector<GraphCase> cases;
  struct Shape {
    int64_t time, channels, steps;
  };
  for (const auto& [time, channels, steps] : {Shape{1, 1, 1}, {7, 3, 5}, {5, 18, 2}}) {
    GraphCase c;
    c.label = Label("time", time, channels) + " to " + std::to_string(steps);
    c.record = [=](Leaves& l) {
      const Tensor w = l.Weight("weight", {steps, time}), b = l.Weight("bias", {steps});
      return l.builder().TimeLinear(l.Gradient("x", {time, channels}), w, b);
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

std::vector<GraphCase> CaseConstLinear() {
  std::vector<GraphCase> cases;
  struct Shape {
    std::vector<int64_t> dims;
    int64_t in, out;
  };
  // The last is three rows of x a row of the batch; [7, 1] is a row of 7.
  for (const auto& [dims, in, out] :
       {Shape{{1}, 1, 1}, {{5}, 5, 12}, {{33}, 33, 7}, {{7, 1}, 7, 3}, {{3, 5}, 5, 4}}) {
    const ConstMatrix m = Constant(in, out, [out = out](int64_t r, int64_t c) {
      return static_cast<double>((r * out + c) * 7 % 11 - 5) / 4;
    });
    cases.push_back(Unary(
        Label("constant", in, out), dims, [=](Builder& b, Tensor x) { return b.ConstLinear(x, m); },
        [=](const Doubles& x) {
          const std::vector<float> values = m.Values();
          const auto k = static_cast<size_t>(m.rows), n = static_cast<size_t>(m.cols);
          Doubles y(x.size() / k * n, 0.0);
          for (size_t i = 0; i < x.size(); ++i) {
            for (size_t o = 0; o < n; ++o) y[i / k * n + o] += x[i] * values[i % k * n + o];
          }
          return y;
        }));
  }
  return cases;
}

namespace {

// Leaves [time, channels] side by side.
GraphCase ConcatLast(std::vector<std::pair<std::string, int64_t>> leaves, int64_t time) {
  GraphCase c;
  c.label = Label("channels side by side, time", time);
  c.record = [=](Leaves& l) {
    std::vector<Tensor> xs;
    for (const auto& [name, channels] : leaves) xs.push_back(l.Gradient(name, {time, channels}));
    return l.builder().ConcatLast(xs, time);
  };
  c.reference = [=](const Values& v) {
    Doubles y;
    for (int64_t t = 0; t < time; ++t) {
      for (const auto& [name, channels] : leaves) {
        const auto from = v.at(name).begin() + t * channels;
        y.insert(y.end(), from, from + channels);
      }
    }
    return y;
  };
  return c;
}

}  // namespace

std::vector<GraphCase> CaseConcat() {
  std::vector<GraphCase> cases;
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"a", "b"}, {"a", "b", "c"}, {"a", "a", "b", "a"}}) {
    GraphCase c;
    for (const std::string& name : names) c.label += name;
    c.record = [=](Leaves& l) {
      std::vector<Tensor> xs;
      for (const std::string& name : names) xs.push_back(l.Gradient(name, {name[0] - 'a' + 3}));
      return l.builder().Concat(xs);
    };
    c.reference = [=](const Values& v) {
      Doubles y;
      for (const std::string& name : names) {
        y.insert(y.end(), v.at(name).begin(), v.at(name).end());
      }
      return y;
    };
    cases.push_back(c);
  }
  cases.push_back(ConcatLast({{"a", 2}, {"b", 3}, {"a", 2}}, 4));
  cases.push_back(ConcatLast({{"a", 3}, {"b", 1}}, 1));
  return cases;
}

std::vector<GraphCase> CaseSlice() {
  std::vector<GraphCase> cases;
  for (const auto& [begin, end] : {std::pair<int64_t, int64_t>{0, 9}, {0, 4}, {3, 7}, {8, 9}}) {
    cases.push_back(Unary(
        Label("columns", begin, end), {9},
        [=, begin = begin, end = end](Builder& b, Tensor x) { return b.Slice(x, begin, end); },
        [=, begin = begin, end = end](const Doubles& x) {
          return Doubles(x.begin() + begin, x.begin() + end);
        }));
  }
  cases.push_back(Unary(
      "from 3, then zeros", {9},
      [](Builder& b, Tensor x) {
        return b.SliceThenZeros(x, 3, 2, {4, 2});
      },
      [](const Doubles& x) {
        Doubles y(x.begin() + 3, x.end());
        y.resize(8, 0.0);
        return y;
      }));
  return cases;
}

std::vector<GraphCase> CaseReverse() {
  std::vector<GraphCase> cases;
  for (int64_t n : {1, 2, 17, 40}) {
    cases.push_back(Unary(
        Label("size", n), {n}, [](Builder& b, Tensor x) { return b.Reverse(x); },
        [](const Doubles& x) { return Doubles(x.rbegin(), x.rend()); }));
  }
  return cases;
}

std::vector<GraphCase> CaseRepeatLast() {
  std::vector<GraphCase> cases;
  for (const auto& [n, times] : {std::pair<int64_t, int64_t>{1, 1}, {6, 1}, {6, 19}}) {
    cases.push_back(Unary(
        Label("times", n, times), {n},
        [times = times](Builder& b, Tensor x) { return b.RepeatLast(x, times); },
        [times = times](const Doubles& x) {
          return Doubles(static_cast<size_t>(times), x.back());
        }));
  }
  return cases;
}

std::vector<GraphCase> CaseSubLast() {
  std::vector<GraphCase> cases;
  for (int64_t n : {1, 2, 23}) {
    cases.push_back(Unary(
        Label("size", n), {n}, [](Builder& b, Tensor x) { return b.SubLast(x); },
        [](const Doubles& x) {
          Doubles y = x;
          for (double& value : y) value -= x.back();
          return y;
        }));
  }
  return cases;
}

std::vector<GraphCase> CaseAdd() {
  return BinaryCases([](Builder& b, Tensor x, Tensor y) { return b.Add(x, y); },
                     [](double x, double y) { return x + y; });
}

std::vector<GraphCase> CaseSub() {
  return BinaryCases([](Builder& b, Tensor x, Tensor y) { return b.Sub(x, y); },
                     [](double x, double y) { return x - y; });
}

std::vector<GraphCase> CaseSubMul() {
  std::vector<GraphCase> cases;
  for (const char* second : {"b", "a"}) {
    GraphCase c;
    c.label = second;
    c.record = [=](Leaves& l) {
      return l.builder().SubMul(l.Gradient("a", {19}), l.Gradient(second, {19}), l.Mask(19));
    };
    c.reference = [=](const Values& v) {
      Doubles y;
      for (size_t i = 0; i < 19; ++i) {
        y.push_back((v.at("a")[i] - v.at(second)[i]) * v.at("mask")[i]);
      }
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

namespace {

// w is drawn from [-1, 1] like every leaf; none of the seeds comes near 0.
std::vector<GraphCase> AffineCases(bool inverse) {
  std::vector<GraphCase> cases;
  for (int64_t n : {1, 17}) {
    GraphCase c;
    c.label = Label("size", n);
    c.record = [=](Leaves& l) {
      return l.builder().Affine(l.Gradient("x", {n}), l.Weight("w", {1}), l.Weight("b", {1}),
                                inverse);
    };
    c.reference = [=](const Values& v) {
      const double w = v.at("w")[0], b = v.at("b")[0];
      Doubles y;
      for (double x : v.at("x")) y.push_back(inverse ? (x - b) / w : x * w + b);
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace

std::vector<GraphCase> CaseAffine() { return AffineCases(false); }

std::vector<GraphCase> CaseAffineInverse() { return AffineCases(true); }

std::vector<GraphCase> CaseMaxPool() {
  return PoolCases([](Builder& b, Tensor x, int64_t k) { return b.MaxPool(x, k); },
                   [](auto... args) { ref::MaxForward<double>(args...); });
}

std::vector<GraphCase> CaseAveragePool() {
  return PoolCases([](Builder& b, Tensor x, int64_t k) { return b.AveragePool(x, k); },
                   [](auto... args) { ref::AverageForward<double>(args...); });
}

std::vector<GraphCase> CaseMovingAverage() {
  std::vector<GraphCase> cases;
  for (const auto& [n, kernel] : {std::pair<int64_t, int64_t>{1, 3}, {12, 1}, {12, 5}, {9, 25}}) {
    cases.push_back(Unary(
        Label("time", n, kernel), {n},
        [kernel = kernel](Builder& b, Tensor x) { return b.MovingAverage(x, kernel); },
        [kernel = kernel](const Doubles& x) {
          const auto last = static_cast<int64_t>(x.size()) - 1;
          Doubles y;
          for (int64_t t = 0; t <= last; ++t) {
            double sum = 0;
            for (int64_t k = t - kernel / 2; k <= t + kernel / 2; ++k) {
              sum += x[static_cast<size_t>(std::clamp<int64_t>(k, 0, last))];
            }
            y.push_back(sum / static_cast<double>(kernel));
          }
          return y;
        }));
  }
  return cases;
}

// At inference, where it is the identity; dropout_test.cc has the rest.
std::vector<GraphCase> CaseDropout() {
  return {Unary(
      "inference", {21}, [](Builder& b, Tensor x) { return b.Dropout(x, 0.4); },
      [](const Doubles& x) { return x; })};
}

}  // namespace nf
