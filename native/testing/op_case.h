// For the test of ops: what an op's case says, and how its inputs are made.
#ifndef NF_TESTING_OP_CASE_H_
#define NF_TESTING_OP_CASE_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "graph/const_matrix.h"
#include "graph/recorder.h"
#include "ops/linear.h"

namespace nf {

// What one row of the op is computed from, by the names that the case gave.
using Doubles = std::vector<double>;
using Values = std::map<std::string, Doubles>;

inline std::string Label(const std::string& name, int64_t a, int64_t b = -1) {
  return name + " " + std::to_string(a) + (b < 0 ? "" : " " + std::to_string(b));
}

// A matrix by its elements: f(row, column).
template <class F>
ConstMatrix Constant(int64_t rows, int64_t cols, F f) {
  return {rows, cols, [f](int64_t row, int64_t begin, int64_t end, float* out) {
            for (int64_t c = begin; c < end; ++c) *out++ = static_cast<float>(f(row, c));
          }};
}

// Makes the inputs of an op under test; a name used before gives the same tensor again.
class Leaves {
 public:
  // The batch has kRows rows, and row r holds its own values of every leaf.
  static constexpr int64_t kRows = 5;

  explicit Leaves(Recorder& g) : g_(g) {}

  // An input whose gradient is checked. The batch's rows are one-hot, so row r of
  // onehot . W^T is column r of the parameter W [size, kRows]: a weight gradient is the gradient of
  // one row's input.
  Tensor Gradient(const std::string& name, std::vector<int64_t> dims) {
    if (const auto known = leaves_.find(name); known != leaves_.end()) return known->second;
    int64_t size = 1;
    for (int64_t d : dims) size *= d;
    const nf::Weight weight = g_.Parameter(name, {size, kRows}, 1.0);
    const Tensor x = Linear(g_, OneHot(), weight, {}, Activation::kNone);
    return leaves_[name] = g_.Reshape(x, std::move(dims));
  }
  // An input that takes no gradient; there is one.
  Tensor Mask(int64_t size) { return g_.Input(Input::kInsampleMask, {size}); }
  // A weight of the op itself, the same for all rows.
  nf::Weight Weight(const std::string& name, std::vector<int64_t> dims) {
    weights_.insert(name);
    return g_.Parameter(name, std::move(dims), 1.0);
  }

  Recorder& recorder() { return g_; }
  const std::map<std::string, Tensor>& leaves() const { return leaves_; }
  bool IsWeight(const std::string& name) const { return weights_.contains(name); }

 private:
  Tensor OneHot() { return g_.Input(Input::kInsampleY, {kRows}); }

  Recorder& g_;
  std::map<std::string, Tensor> leaves_;
  std::set<std::string> weights_;
};

struct GraphCase {
  std::string label;
  // Records the op once. Called again it records it again, on the same leaves.
  std::function<Tensor(Leaves&)> record;
  // The same in double, for one row. Values also holds "mask".
  std::function<std::vector<double>(const Values&)> reference;
  // Instead, of an op that couples rows: for all rows, one behind the other.
  std::function<std::vector<double>(const std::vector<Values>&)> of_batch = {};
};

// One input x, in and out as vectors of one row.
inline GraphCase Unary(std::string label, std::vector<int64_t> dims,
                       std::function<Tensor(Recorder&, Tensor)> record,
                       std::function<std::vector<double>(const std::vector<double>&)> reference) {
  GraphCase c;
  c.label = std::move(label);
  c.record = [=](Leaves& l) { return record(l.recorder(), l.Gradient("x", dims)); };
  c.reference = [=](const Values& v) { return reference(v.at("x")); };
  return c;
}

// The cases of every op: an op of ops.inc without one does not link.
#define NF_OP(name) std::vector<GraphCase> Case##name();
#include "ops/ops.inc"
#undef NF_OP

}  // namespace nf

#endif  // NF_TESTING_OP_CASE_H_
