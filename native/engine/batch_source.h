// The rows of a training step, with what its loss divides by.
#ifndef NF_ENGINE_BATCH_SOURCE_H_
#define NF_ENGINE_BATCH_SOURCE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "engine/row_source.h"

namespace nf {

class BatchSource : public RowSource {
 public:
  // Sum of every row's loss weights: what the loss divides by.
  virtual double weight_sum() const = 0;
};

// Windows of a panel, their targets weighted as the loss weighs the steps of the horizon.
class WindowSource final : public BatchSource {
 public:
  WindowSource(const Panel& panel, WindowShape shape, const LossConfig& loss);
  const WindowShape& shape() const { return frames_.shape(); }
  // The windows of the next batch; kept by reference.
  void Set(std::span<const Frame> windows);

  int64_t rows() const override { return frames_.rows(); }
  double weight_sum() const override { return weight_sum_; }
  // Needs a target and a weight to write to.
  void Fill(int64_t first, int64_t count, const BatchRows& to, double* scratch) const override;

 private:
  double WeightOf(int64_t series, int64_t cut) const;

  PanelRows frames_;
  std::vector<float> horizon_weight_;    // [h, N]
  std::vector<double> weight_of_first_;  // [h + 1]: sum of the first i horizon weights
  double weight_sum_ = 0;
};

}  // namespace nf

#endif  // NF_ENGINE_BATCH_SOURCE_H_
