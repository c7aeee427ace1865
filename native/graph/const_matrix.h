// Matrices that are fixed when a model is recorded: bases, positions.
#ifndef NF_GRAPH_CONST_MATRIX_H_
#define NF_GRAPH_CONST_MATRIX_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace nf {

// [rows][cols], dense. Its values are computed when a program packs them, so that recording costs
// the same whatever the size. Copies are the same matrix: a program packs them once.
class ConstMatrix {
 public:
  // Writes columns [begin, end) of a row to `out`.
  using Row = std::function<void(int64_t row, int64_t begin, int64_t end, float* out)>;
  ConstMatrix(int64_t rows, int64_t cols, Row row)
      : rows(rows), cols(cols), row_(std::make_shared<const Row>(std::move(row))) {}

  // Rows [row, row_end) and columns [col, col_end), row-major without gaps.
  void Fill(int64_t row, int64_t row_end, int64_t col, int64_t col_end, float* out) const {
    for (; row < row_end; ++row, out += col_end - col) (*row_)(row, col, col_end, out);
  }
  std::vector<float> Values() const {
    std::vector<float> values(static_cast<size_t>(rows * cols));
    Fill(0, rows, 0, cols, values.data());
    return values;
  }
  const void* identity() const { return row_.get(); }

  int64_t rows, cols;

 private:
  std::shared_ptr<const Row> row_;
};

}  // namespace nf

#endif  // NF_GRAPH_CONST_MATRIX_H_
