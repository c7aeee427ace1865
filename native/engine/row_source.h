// Where the rows of a batch come from: frames of a panel, or lookback windows that a caller gave.
#ifndef NF_ENGINE_ROW_SOURCE_H_
#define NF_ENGINE_ROW_SOURCE_H_

#include <cstdint>
#include <span>

#include "data/local_scaler.h"
#include "data/windows.h"
#include "engine/window_inputs.h"

namespace nf {

// Destinations of a run of rows, each at its first row; null: nobody asks. N: series of a row. The
// weight is 1 where observed, and in training times the horizon's.
struct BatchRows {
  InputPointers inputs{};
  WindowScale* scale = nullptr;  // [rows, N]: how each was scaled
  LocalScale* local = nullptr;   // [rows, N]: and before, of raw windows under a local scaler
};

class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual int64_t rows() const = 0;
  // Writes rows [first, first + count). Called for disjoint ranges at once, so `scratch` is the
  // caller's: WindowShape::ScratchDoubles of the model's windows.
  virtual void Fill(int64_t first, int64_t count, const BatchRows& to, double* scratch) const = 0;
};

// Frames of a panel.
class PanelRows final : public RowSource {
 public:
  // Frames are kept by reference.
  PanelRows(const Panel& panel, WindowShape shape, std::span<const Frame> frames = {});
  void Set(std::span<const Frame> frames) { frames_ = frames; }

  const Panel& panel() const { return panel_; }
  const WindowShape& shape() const { return shape_; }
  std::span<const Frame> frames() const { return frames_; }
  int64_t rows() const override { return static_cast<int64_t>(frames_.size()); }
  void Fill(int64_t first, int64_t count, const BatchRows& to, double* scratch) const override;

 private:
  const Panel& panel_;
  const WindowShape shape_;
  std::span<const Frame> frames_;
};

// Lookbacks alone, [rows, N, lookback], all observed; for models without exogenous inputs.
template <class T>
class RawRows final : public RowSource {
 public:
  RawRows(std::span<const T> windows, int64_t series, int64_t lookback, ScalerType scaler,
          LocalScalerType local);

  int64_t rows() const override {
    return static_cast<int64_t>(windows_.size()) / (series_ * lookback_);
  }
  // Throws kNonFinite naming the window of a value that is not finite, and what FitLocal throws.
  void Fill(int64_t first, int64_t count, const BatchRows& to, double* scratch) const override;

 private:
  void Read(int64_t window, double* x) const;

  const std::span<const T> windows_;
  const int64_t series_, lookback_;
  const ScalerType scaler_;
  const LocalScalerType local_;
};

}  // namespace nf

#endif  // NF_ENGINE_ROW_SOURCE_H_
