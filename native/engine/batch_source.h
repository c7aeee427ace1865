// Where the rows of a training step come from.
#ifndef NF_ENGINE_BATCH_SOURCE_H_
#define NF_ENGINE_BATCH_SOURCE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "data/windows.h"
#include "engine/window_inputs.h"

namespace nf {

// Destinations of a run of rows, each at its first row. A null input is one that the model drops.
struct BatchRows {
  InputPointers inputs{};
  float* target = nullptr;       // [rows, h]
  float* weight = nullptr;       // [rows, h]: observed times horizon weight
  WindowScale* scale = nullptr;  // [rows]: how each was scaled; may be null
};

class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual int64_t rows() const = 0;
  // Sum of every row's loss weights: what the loss divides by.
  virtual double weight_sum() const = 0;
  // Writes rows [first, first + count). Called for disjoint ranges at once. scratch: as
  // GatherWindow's, of the model's windows.
  virtual void Fill(int64_t first, int64_t count, const BatchRows& to, double* scratch) const = 0;
};

// Windows of a panel, by index.
class WindowSource final : public BatchSource {
 public:
  WindowSource(const Panel& panel, WindowShape shape, const LossConfig& loss);
  const WindowShape& shape() const { return shape_; }
  // The windows of the next batch; kept by reference.
  void Set(std::span<const Window> windows);

  int64_t rows() const override { return static_cast<int64_t>(windows_.size()); }
  double weight_sum() const override { return weight_sum_; }
  void Fill(int64_t first, int64_t count, const BatchRows& to, double* scratch) const override;

 private:
  double WeightOf(const Window& window) const;

  const Panel& panel_;
  const WindowShape shape_;
  std::vector<float> horizon_weight_;    // [h]
  std::vector<double> weight_of_first_;  // [h + 1]: sum of the first i horizon weights
  std::span<const Window> windows_;
  double weight_sum_ = 0;
};

}  // namespace nf

#endif  // NF_ENGINE_BATCH_SOURCE_H_
