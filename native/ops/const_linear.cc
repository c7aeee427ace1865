#include "ops/const_linear.h"

#include <algorithm>
#include <utility>

#include "kernels/sum_blocks.h"
#include "ops/op_names.h"
#include "ops/packs.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// Tiles of a large constant. Rows in blocks as the matrix kernel sums them: the same bits.
constexpr int64_t kTileRows = SumBlockRows(), kTileColumns = 128;

// y = x . C: x [rows * factor, in], y [rows * factor, out].
class ConstLinearOp final : public Op {
 public:
  ConstLinearOp(TensorId x, TensorId out_id, const ConstMatrix& c, int64_t factor,
                bool input_needs_grad)
      : Op(op_name::kConstLinear, {x}, out_id), matrix_(c), factor_(factor) {
    least_rows = (8 + factor_ - 1) / factor_;
    flops_forward = flops_input = 2 * factor_ * c.rows * c.cols;
    if (large()) return;
    packs.push_back(GemmPack(matrix_, Trans::kNo));
    if (input_needs_grad) packs.push_back(ForBackward(GemmPack(matrix_, Trans::kYes)));
  }

  void Forward(const OpContext& c) const override {
    Product(c, 0, Trans::kNo, In(c, 0), Out(c), false);
  }
  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    Product(c, 1, Trans::kYes, GradOut(c), GradIn(c, 0), c.accumulate[0]);
  }

  // A tile of C as it lies, and packed.
  int64_t ScratchFloats(const KernelTable& k) const override {
    return large() ? kTileRows * kTileColumns +
                         static_cast<int64_t>(k.gemm.packed_size(kTileRows, kTileColumns))
                   : 0;
  }

 private:
  bool large() const {
    constexpr int64_t kMostPacked = int64_t{1} << 22;  // floats: 16 MB
    return matrix_.rows * matrix_.cols > kMostPacked;
  }
  // y (+)= x . op(C), k x n, by the op's pack or by tiles.
  void Product(const OpContext& c, size_t pack, Trans trans, const float* x, float* y,
               bool accumulate) const;

  const ConstMatrix matrix_;
  const int64_t factor_;
};

void ConstLinearOp::Product(const OpContext& c, size_t pack, Trans trans, const float* x, float* y,
                            bool accumulate) const {
  const bool by_rows = trans == Trans::kYes;
  const int64_t k = by_rows ? matrix_.cols : matrix_.rows;
  const int64_t n = by_rows ? matrix_.rows : matrix_.cols;
  const auto& gemm = c.kernels->gemm;
  GemmEpilogue epilogue;
  epilogue.accumulate = accumulate;
  if (!large()) {
    gemm.packed(Size(c.rows * factor_), Size(n), Size(k), x, Size(k), c.Pack(pack), y, Size(n),
                epilogue);
    return;
  }
  float *tile = c.scratch, *packed = tile + kTileRows * kTileColumns;
  for (int64_t j = 0; j < n; j += kTileColumns) {
    const int64_t columns = std::min(kTileColumns, n - j);
    for (int64_t p = 0; p < k; p += kTileRows) {
      const int64_t rows = std::min(kTileRows, k - p);
      if (by_rows) {
        matrix_.Fill(j, j + columns, p, p + rows, tile);
      } else {
        matrix_.Fill(p, p + rows, j, j + columns, tile);
      }
      gemm.pack(trans, tile, Size(by_rows ? rows : columns), Size(rows), Size(columns), 0,
                Size(columns), packed);
      epilogue.accumulate = accumulate || p > 0;
      gemm.packed(Size(c.rows * factor_), Size(columns), Size(rows), x + p, Size(k), packed, y + j,
                  Size(n), epilogue);
    }
  }
}

}  // namespace

Tensor ConstLinear(Recorder& g, Tensor x, const ConstMatrix& c, std::vector<int64_t> shape) {
  NF_CHECK(g.dims(x).back() == c.rows || g.size(x) == c.rows);
  const int64_t factor = g.size(x) / c.rows;
  if (shape.empty() && factor == 1) shape = {c.cols};
  if (shape.empty()) shape = g.dims(x), shape.back() = c.cols;
  const Tensor y = g.Activation(std::move(shape), g.needs_grad(x));
  NF_CHECK(g.size(y) == factor * c.cols);
  return g.Record(std::make_unique<ConstLinearOp>(x.id, y.id, c, factor, g.needs_grad(x)), y);
}

}  // namespace nf
