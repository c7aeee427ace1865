// Every model against the real NeuralForecast, with its weights and inputs: forecast, loss and
// gradients, at every kernel table.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "engine/forecast_rows.h"
#include "graph/program.h"
#include "heads/head.h"
#include "kernels/kernel_table.h"
#include "testing/golden_batch.h"

namespace nf {
namespace {

constexpr double kForecastTolerance = 1e-5, kGradientTolerance = 1e-4;
constexpr int64_t kShardRows = 4;  // the seven rows of a golden batch make a whole and a part

struct alignas(64) Line {
  float values[16];
};
class Slab {
 public:
  explicit Slab(int64_t floats) : lines_(static_cast<size_t>(floats / 16 + 1)) {}
  float* data() { return lines_.data()->values; }

 private:
  std::vector<Line> lines_;
};

// One model on one batch at one kernel table: the three phases of graph/program.h, shard by shard.
class Step {
 public:
  Step(const NeuralModel& model, const GoldenBatch& batch, const KernelTable& kernels)
      : head_(model.head()),
        graph_(model.graph()),
        batch_(batch),
        program_(graph_, kernels, Mode::kTrain),
        packed_(program_.packed_bytes() / 4),
        shard_rows_(program_.num_passes() > 1 ? program_.SumRows() : kShardRows),
        arena_(program_.arena_floats(shard_rows_)),
        shared_(program_.shared_floats()),
        sums_(static_cast<size_t>(program_.sum_doubles(batch.rows))),
        rows_(batch.rows * program_.batch_floats_per_row()),
        scratch_(program_.weight_scratch_floats(batch.rows)),
        gradients_(graph_.slab_size),
        data_(graph_.tensors.size()),
        grad_(graph_.tensors.size()) {
    program_.PackConstants(packed());
    forecast_.resize(static_cast<size_t>(batch.rows * batch.targets * batch.outputs));
  }

  void Run(float* parameters) {
    OpContext c;
    c.kernels = &program_.kernels();
    c.data = data_.data();
    c.grad = grad_.data();
    c.packed = packed();
    // Every row by itself.
    std::vector<double> sums(static_cast<size_t>(2 * batch_.rows));
    const LossSums loss = {.sums = sums.data(),
                           .benchmarks = sums.data() + batch_.rows,
                           .grad_scale = static_cast<float>(1.0 / batch_.weights)};
    c.loss = &loss;
    memory_ = {arena_.data(), shard_rows_,       rows_.data(),  batch_.rows,
               parameters,    gradients_.data(), shared_.data()};
    c.scratch = program_.Scratch(memory_);
    for (int64_t i = 0; i < program_.num_pack_tasks(); ++i) {
      program_.Pack(i, parameters, packed());
    }
    for (int64_t pass = 0; pass < program_.num_passes(); ++pass) {
      for (c.first_row = 0; c.first_row < batch_.rows; c.first_row += shard_rows_) {
        c.rows = std::min(shard_rows_, batch_.rows - c.first_row);
        program_.Bind(memory_, c.first_row, data_.data(), grad_.data());
        if (pass == 0) CopyInputs(c);
        program_.Pass(pass, c, sums_.data(), [&](const OpContext& at) { CopyForecast(at); });
      }
      if (pass + 1 < program_.num_passes()) program_.Join(pass, c, batch_.rows, sums_.data());
    }
    const auto half = sums.begin() + batch_.rows;
    const Head::Result result = head_.Of(std::accumulate(sums.begin(), half, 0.0),
                                         std::accumulate(half, sums.end(), 0.0), batch_.weights);
    loss_ = result.loss;
    c.first_row = 0, c.rows = batch_.rows;
    program_.Bind(memory_, 0, data_.data(), grad_.data());
    for (int64_t i = 0; i < program_.num_weight_tasks(); ++i) {
      program_.WeightGrad(i, c, result.grad_scale, true, scratch_.data());
    }
  }

  const std::vector<float>& forecast() const { return forecast_; }
  double loss() const { return loss_; }
  const float* gradients() { return gradients_.data(); }

 private:
  std::byte* packed() { return reinterpret_cast<std::byte*>(packed_.data()); }

  void CopyInputs(const OpContext& c) {
    for (size_t i = 0; i < batch_.inputs.size(); ++i) {
      const TensorId id = graph_.inputs[i];
      if (id == kNoTensor || data_[static_cast<size_t>(id)] == nullptr) continue;
      const int64_t size = graph_.tensor(id).size;
      EXPECT_EQ(static_cast<int64_t>(batch_.inputs[i].size()), batch_.rows * size);
      std::copy_n(batch_.inputs[i].data() + c.first_row * size, c.rows * size,
                  data_[static_cast<size_t>(id)]);
    }
  }

  void CopyForecast(const OpContext& c) {
    const int64_t width = batch_.targets * batch_.outputs;
    const float* output = data_[static_cast<size_t>(graph_.output)];
    std::copy_n(output, c.rows * width, forecast_.data() + c.first_row * width);
  }

  const Head& head_;
  const Graph& graph_;
  const GoldenBatch& batch_;
  Program program_;
  Program::Memory memory_;
  Slab packed_;
  const int64_t shard_rows_;
  Slab arena_, shared_;
  std::vector<double> sums_;
  Slab rows_, scratch_, gradients_;
  std::vector<float*> data_, grad_;
  std::vector<float> forecast_;
  double loss_ = 0;
};

class GoldenModel : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenModel, SameParameters) {
  const GoldenFile file(GetParam());
  const auto model = CreateModel(file);
  std::vector<std::string> expected, got;
  for (const TensorView& t : file.file().tensors) {
    if (t.name.rfind("weights/", 0) == 0) expected.push_back(t.name.substr(8));
  }
  for (TensorId id : model->graph().stored) got.push_back(model->graph().tensor(id).name);
  std::sort(expected.begin(), expected.end());
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, expected);
}

TEST_P(GoldenModel, ForecastLossAndGradients) {
  const GoldenFile file(GetParam());
  const auto model = CreateModel(file);
  const GoldenBatch batch = ReadBatch(file, model->config().loss);
  std::vector<float> weights = model->ReadTensors("weights/", file.file());
  for (const KernelTable* table : AllKernels()) {
    SCOPED_TRACE(table->target);
    Step step(*model, batch, *table);
    step.Run(weights.data());
    EXPECT_TRUE(Close(file.Floats("forecast"), step.forecast(), kForecastTolerance));
    EXPECT_NEAR(step.loss(), file.Scalar("loss"), kForecastTolerance * file.Scalar("loss"));
    ExpectGradients(file, model->graph(), step.gradients(), kGradientTolerance);
  }
}

// The rows of a case's "predict/...".
class FedBackRows final : public RowSource {
 public:
  explicit FedBackRows(const GoldenFile& file) : rows_(file.Shape("predict/forecast")[0]) {
    constexpr std::pair<Input, const char*> kNames[] = {{Input::kInsampleY, "predict/insample_y"},
                                                        {Input::kHistoric, "predict/hist_exog"},
                                                        {Input::kFuture, "predict/futr_exog"},
                                                        {Input::kStatic, "stat_exog"}};
    for (const auto& [input, name] : kNames) {
      if (file.Has(name)) values_[static_cast<size_t>(input)] = file.Floats(name);
    }
    steps_ = std::ssize(values_[Input::kInsampleY]) / rows_;
    if (file.Has("predict/loc")) loc_ = file.Floats("predict/loc");
    if (file.Has("predict/scale")) scale_ = file.Floats("predict/scale");
    historic_ = file.Has("predict/hist_exog") ? file.Shape("predict/hist_exog")[2] : 0;
  }
  int64_t rows() const override { return rows_; }
  void Fill(int64_t first, int64_t count, const BatchRows& to, double*) const override {
    for (size_t i = 0; i < values_.size(); ++i) {
      if (to.inputs[i] == nullptr || values_[i].empty()) continue;
      const int64_t stride = std::ssize(values_[i]) / rows_;
      // Historic columns end where the lookback does; what is not used is behind.
      const int64_t size = i == static_cast<size_t>(Input::kHistoric) ? steps_ * historic_ : stride;
      for (int64_t r = 0; r < count; ++r)
        std::copy_n(values_[i].data() + (first + r) * stride, size, to.inputs[i] + r * size);
    }
    for (int64_t r = 0; r < count; ++r) {
      const auto row = static_cast<size_t>(first + r);
      to.scale[r] = loc_.empty() ? WindowScale{}
                                 : WindowScale{static_cast<double>(loc_[row]),
                                               static_cast<double>(scale_[row])};
    }
  }

 private:
  const int64_t rows_;
  int64_t steps_ = 0, historic_ = 0;
  ByInput<std::vector<float>> values_;
  std::vector<float> loc_, scale_;
};

class GoldenFedBack : public ::testing::TestWithParam<std::string> {};

// The raw outputs of the whole horizon, along the path that the point or the mean makes.
TEST_P(GoldenFedBack, Forecast) {
  const GoldenFile file(GetParam());
  const auto model = CreateModel(file);
  const std::vector<float> weights = model->ReadTensors("weights/", file.file());
  const FedBackRows source(file);
  const std::vector<float> expected = file.Floats("predict/forecast");
  for (const KernelTable* table : AllKernels()) {
    SCOPED_TRACE(table->target);
    Pool pool;
    ForecastPlan plan(*model, *table, pool);
    plan.Pack(weights.data());
    ForecastSlot slot(plan, model->config(), model->head(), pool, source.rows());
    const float* out = slot.Run(plan, source, file.Shape("predict/forecast")[1], 0, source.rows());
    EXPECT_TRUE(Close(expected, std::vector<float>(out, out + expected.size()), 1e-5));
  }
}

std::vector<std::string> FedBackStems() {
  std::vector<std::string> stems = ModelStems();
  std::erase_if(stems,
                [](const std::string& stem) { return !GoldenFile(stem).Has("predict/forecast"); });
  return stems;
}

INSTANTIATE_TEST_SUITE_P(Golden, GoldenFedBack, ::testing::ValuesIn(FedBackStems()),
                         [](const auto& info) { return info.param; });

INSTANTIATE_TEST_SUITE_P(Golden, GoldenModel, ::testing::ValuesIn(ModelStems()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace nf
