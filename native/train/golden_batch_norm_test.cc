// BatchNorm against torch's BatchNorm1d: batch after batch in training, and at inference by the
// statistics that these left.
#include <string>
#include <vector>

#include "ops/batch_norm.h"
#include "ops/linear.h"
#include "testing/golden_data.h"
#include "testing/graph_run.h"

namespace nf {
namespace {

// One case: x as a weight [time * channels, rows], whose product with one-hot rows is x, so that
// its gradient is that of x.
class NormCase {
 public:
  NormCase(const GoldenFile& file, std::string key, const Json& options)
      : file_(file), key_(std::move(key)), shape_(file.Shape(key_ + "/x")) {
    Recorder g;
    const int64_t rows = shape_[1], time = shape_[2], n = shape_[3];
    const Weight x = g.Parameter("x", {time * n, rows}, 0.0);
    const Tensor row = Linear(g, g.Input(Input::kInsampleY, {rows}), x, {}, Activation::kNone);
    const Weight weight = g.Parameter("weight", {n}, 0.0), bias = g.Parameter("bias", {n}, 0.0);
    const State mean = g.State("mean", {n}, 0.0), variance = g.State("variance", {n}, 1.0);
    graph_ =
        g.Finish(BatchNorm(g, g.Reshape(row, {time, n}), weight, bias, mean, variance,
                           options.At("momentum").AsNumber(), options.At("epsilon").AsNumber()));
    batch_.rows = rows;
    batch_.training = true;
    batch_.inputs[0].assign(static_cast<size_t>(rows * rows), 0.0f);
    for (int64_t r = 0; r < rows; ++r) batch_.inputs[0][static_cast<size_t>(r * rows + r)] = 1.0f;
  }

  void Run(const KernelTable& table) {
    std::vector<float> slab = graph_->InitialParameters(1);
    Put(slab, "weight", file_.Floats(key_ + "/weight"));
    Put(slab, "bias", file_.Floats(key_ + "/bias"));
    const Program train(*graph_, table, Mode::kTrain), infer(*graph_, table, Mode::kInfer);
    for (int64_t step = 0; step < shape_[0]; ++step) {
      SCOPED_TRACE(std::string(table.target) + " " + key_ + ", batch " + std::to_string(step));
      Put(slab, "x", Turned(Of("x", step)));
      batch_.grad_output = Of("dy", step);
      const GraphResult got = RunGraph(train, batch_, slab, 8);
      EXPECT_TRUE(Close(Of("y", step), got.output, 1e-5));
      EXPECT_TRUE(Close(Turned(Of("dx", step)), Part(got.gradients, "x"), 1e-5));
      EXPECT_TRUE(Close(Of("dweight", step), Part(got.gradients, "weight"), 1e-5));
      EXPECT_TRUE(Close(Of("dbias", step), Part(got.gradients, "bias"), 1e-5));
      EXPECT_TRUE(Close(Of("mean", step), Part(got.stored, "mean"), 1e-6));
      EXPECT_TRUE(Close(Of("variance", step), Part(got.stored, "variance"), 1e-6));
      slab = got.stored;
    }
    Put(slab, "x", Turned(Of("x", 0)));
    EXPECT_TRUE(
        Close(file_.Floats(key_ + "/inferred"), RunGraph(infer, batch_, slab, 8).output, 1e-5));
  }

 private:
  // What the file has for one of its batches.
  std::vector<float> Of(const std::string& name, int64_t step) const {
    const std::vector<float> all = file_.Floats(key_ + "/" + name);
    const auto size = static_cast<int64_t>(all.size()) / shape_[0];
    return {all.begin() + step * size, all.begin() + (step + 1) * size};
  }
  // [rows, size] as [size, rows].
  std::vector<float> Turned(const std::vector<float>& rows) const {
    std::vector<float> turned(rows.size());
    const size_t count = static_cast<size_t>(shape_[1]), size = rows.size() / count;
    for (size_t i = 0; i < rows.size(); ++i) turned[i % size * count + i / size] = rows[i];
    return turned;
  }
  const TensorInfo& Info(const std::string& name) const {
    for (TensorId id : graph_->stored) {
      if (graph_->tensor(id).name == name) return graph_->tensor(id);
    }
    throw std::out_of_range(name);
  }
  void Put(std::vector<float>& slab, const std::string& name,
           const std::vector<float>& values) const {
    std::copy(values.begin(), values.end(), slab.begin() + Info(name).offset);
  }
  std::vector<float> Part(const std::vector<float>& slab, const std::string& name) const {
    const auto begin = slab.begin() + Info(name).offset;
    return {begin, begin + Info(name).size};
  }

  const GoldenFile& file_;
  const std::string key_;
  const std::vector<int64_t> shape_;  // of x: batches, rows, time, channels
  std::unique_ptr<Graph> graph_;
  GraphBatch batch_;
};

TEST(GoldenBatchNorm, TrainingAndInferenceAtEveryTarget) {
  const GoldenFile file("batch_norms");
  ASSERT_GE(file.Cases().size(), 4u);
  for (const auto& [key, options] : file.Cases()) {
    NormCase norm(file, key, options);
    for (const KernelTable* table : AllKernels()) norm.Run(*table);
  }
}

}  // namespace
}  // namespace nf
