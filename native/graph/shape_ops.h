// Ops that move columns. All dims of a tensor count as one row of `size` columns.
#ifndef NF_GRAPH_SHAPE_OPS_H_
#define NF_GRAPH_SHAPE_OPS_H_

#include "graph/op.h"

namespace nf {

// y = [x0 | x1 | ...], at each of `time` times; sizes are of one time.
class ConcatOp final : public Op {
 public:
  ConcatOp(std::vector<TensorId> inputs, TensorId output, std::vector<int64_t> sizes, int64_t time);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const std::vector<int64_t> sizes_;
  const int64_t time_;
  int64_t total_ = 0;
};

// y = x[:, begin : begin + count], then `zeros` zeros.
class SliceOp final : public Op {
 public:
  SliceOp(TensorId x, TensorId output, int64_t size, int64_t begin, int64_t count, int64_t zeros);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const int64_t size_, begin_, count_, zeros_;
};

// y[:, i] = x[:, size - 1 - i].
class ReverseOp final : public Op {
 public:
  ReverseOp(TensorId x, TensorId output, int64_t size);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const int64_t size_;
};

// y[:, i] = x[:, size - 1] for i < times.
class RepeatLastOp final : public Op {
 public:
  RepeatLastOp(TensorId x, TensorId output, int64_t size, int64_t times);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const int64_t size_, times_;
};

// y = x - x[:, size - 1].
class SubLastOp final : public Op {
 public:
  SubLastOp(TensorId x, TensorId output, int64_t size);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const int64_t size_;
};

}  // namespace nf

#endif  // NF_GRAPH_SHAPE_OPS_H_
