// The recurrent op in double, and the shapes at which it is checked.
#include "kernels/ref/recurrent.h"

#include <algorithm>

#include "ops/recurrent.h"
#include "testing/op_case.h"

namespace nf {
namespace {

struct Layer {
  Cell cell;
  int64_t time, in, units;
  int64_t width = 0;  // 0: units
  bool bias = true, state = false, reverse = false, cell_out = false;

  int64_t out() const { return width == 0 ? units : width; }
  int64_t rows() const { return static_cast<int64_t>(NumGates(cell)) * units; }
  bool lstm() const { return cell == Cell::kLstm; }
};

std::string Label(const Layer& l) {
  std::string label = "cell " + std::to_string(static_cast<int>(l.cell)) + ", " +
                      std::to_string(l.time) + " steps, " + std::to_string(l.in) + " to " +
                      std::to_string(l.units);
  if (l.width > 0) label += " to " + std::to_string(l.width);
  if (!l.bias) label += ", no bias";
  if (l.state) label += ", state given";
  if (l.reverse) label += ", reverse";
  if (l.cell_out) label += ", cell out";
  return label;
}

Tensor Record(Leaves& leaves, const Layer& l) {
  RecurrentWeights w;
  w.w_ih = leaves.Weight("w_ih", {l.rows(), l.in});
  w.w_hh = leaves.Weight("w_hh", {l.rows(), l.out()});
  if (l.bias)
    w.b_ih = leaves.Weight("b_ih", {l.rows()}), w.b_hh = leaves.Weight("b_hh", {l.rows()});
  if (l.width > 0) w.w_hr = leaves.Weight("w_hr", {l.width, l.units});
  RecurrentOptions o;
  o.reverse = l.reverse, o.cell_out = l.cell_out;
  const Tensor x = leaves.Gradient("x", {l.time, l.in});
  if (l.state) o.h0 = leaves.Gradient("h0", {l.out()});
  if (l.state && l.lstm()) o.c0 = leaves.Gradient("c0", {l.units});
  return Recurrent(leaves.recorder(), l.cell, x, w, o);
}

// W . x (+ b).
Doubles Product(const Doubles& w, const double* x, int64_t in, const Doubles* b) {
  Doubles y = b == nullptr ? Doubles(w.size() / static_cast<size_t>(in), 0.0) : *b;
  for (size_t i = 0; i < w.size(); ++i) {
    y[i / static_cast<size_t>(in)] += w[i] * x[i % static_cast<size_t>(in)];
  }
  return y;
}

Doubles Reference(const Values& v, const Layer& l) {
  const auto units = static_cast<size_t>(l.units), width = static_cast<size_t>(l.out());
  const size_t gates = NumGates(l.cell);
  Doubles packed(v.at("w_hh").size());
  ref::PackRecurrent(v.at("w_hh").data(), gates, units, width, 0, units, packed.data());
  Doubles h = l.state ? v.at("h0") : Doubles(width, 0.0), out(units), after(units);
  Doubles c = l.state && l.lstm() ? v.at("c0") : Doubles(units, 0.0);
  Doubles y(static_cast<size_t>(l.time) * width);
  for (int64_t i = 0; i < l.time; ++i) {
    const int64_t t = l.reverse ? l.time - 1 - i : i;
    Doubles kept =
        Product(v.at("w_ih"), v.at("x").data() + t * l.in, l.in, l.bias ? &v.at("b_ih") : nullptr);
    kept.resize(NumKept(l.cell) * units);
    RecurrentForwardOf<double> step;
    step.cell = l.cell;
    step.rows = 1, step.units = units, step.width = width;
    step.hidden = h.data();
    step.weights = packed.data();
    step.bias = l.bias ? v.at("b_hh").data() : nullptr;
    step.kept = kept.data();
    step.cell_before = c.data();
    step.cell_after = after.data();
    step.out = out.data();
    ref::RecurrentStep(step);
    h = l.width > 0 ? Product(v.at("w_hr"), out.data(), l.units, nullptr) : out;
    c = after;
    std::copy(h.begin(), h.end(), y.begin() + t * l.out());
  }
  if (l.cell_out) y.insert(y.end(), c.begin(), c.end());
  return y;
}

}  // namespace

std::vector<GraphCase> CaseRecurrent() {
  std::vector<Layer> layers;
  for (Cell cell : {Cell::kLstm, Cell::kGru, Cell::kRnnTanh, Cell::kRnnRelu}) {
    layers.push_back({cell, 3, 2, 5});
    layers.push_back({cell, 1, 1, 1});
    layers.push_back({.cell = cell, .time = 2, .in = 3, .units = 17, .bias = false});
    layers.push_back({.cell = cell, .time = 3, .in = 2, .units = 4, .state = true});
    layers.push_back({.cell = cell, .time = 3, .in = 1, .units = 3, .reverse = true});
    layers.push_back(
        {.cell = cell, .time = 2, .in = 2, .units = 3, .state = true, .reverse = true});
  }
  // Two tiles of weights.
  layers.push_back({.cell = Cell::kLstm, .time = 1, .in = 1, .units = 66, .width = 1});
  layers.push_back({.cell = Cell::kLstm, .time = 3, .in = 2, .units = 5, .width = 1});
  layers.push_back({.cell = Cell::kLstm,
                    .time = 3,
                    .in = 2,
                    .units = 5,
                    .width = 2,
                    .bias = false,
                    .state = true,
                    .reverse = true});
  layers.push_back({.cell = Cell::kLstm, .time = 3, .in = 1, .units = 4, .cell_out = true});
  layers.push_back({.cell = Cell::kLstm,
                    .time = 2,
                    .in = 1,
                    .units = 4,
                    .width = 3,
                    .state = true,
                    .cell_out = true});
  std::vector<GraphCase> cases;
  for (const Layer& l : layers) {
    GraphCase c;
    c.label = Label(l);
    c.record = [=](Leaves& leaves) { return Record(leaves, l); };
    c.reference = [=](const Values& v) { return Reference(v, l); };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace nf
