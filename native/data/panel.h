// Many series in one structure of arrays: offsets per series, one column per variable. Ids stay in
// JavaScript, and timestamps too where no model reads them: windows are positions.
#ifndef NF_DATA_PANEL_H_
#define NF_DATA_PANEL_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "memory/pool.h"

namespace nf {

// A numeric column, 64-byte aligned, kept as f64, or as f32 when asked to be compact and every
// value is exactly an f32 (so that it is never a different number).
class Column {
 public:
  Column() = default;
  Column(std::span<const double> values, bool compact);
  Column(std::span<const float> values, bool compact);

  int64_t size() const { return size_; }
  double operator[](int64_t i) const { return f32_ ? static_cast<double>(f32_[i]) : f64_[i]; }
  // Copies [begin, begin + out.size()).
  void Read(int64_t begin, std::span<double> out) const;
  void Write(int64_t i, double value);  // widens the column to f64 when the value needs it
  size_t bytes() const;
  bool compact() const { return f32_ != nullptr; }
  // Series by series, the last to[s + 1] - to[s] rows of rows [from[s], from[s + 1]).
  Column Tails(std::span<const int64_t> from, std::span<const int64_t> to) const;

 private:
  struct AlignedDelete {
    void operator()(void* p) const;
  };
  std::unique_ptr<double[], AlignedDelete> f64_;
  std::unique_ptr<float[], AlignedDelete> f32_;
  int64_t size_ = 0;
};

struct Panel {
  std::vector<int64_t> offsets;  // num_series + 1; rows of series s are [offsets[s], offsets[s+1])
  Column y;                      // [rows]
  std::vector<uint8_t> mask;     // [rows], 1 = observed; empty: all observed
  std::vector<std::string> historic_names, future_names, static_names;
  std::vector<Column> historic;  // each [rows]
  std::vector<Column> future;    // each [rows]: the known-ahead columns over the history
  std::vector<float> statics;    // [num_series, static_names.size()]
  Column ds;                     // [rows] timestamps, or empty: rows are counted from 0
  double ds_step = 1.0;          // 0: ds is epoch milliseconds; else integers, that far apart

  int64_t num_series() const { return static_cast<int64_t>(offsets.size()) - 1; }
  int64_t num_rows() const { return offsets.back(); }
  int64_t length(int64_t series) const { return offsets[series + 1] - offsets[series]; }
  bool observed(int64_t row) const { return mask.empty() || mask[row] != 0; }
  size_t bytes() const;

  // The last `length` rows of every series (all of a shorter one): what predict() needs. A long
  // enough length copies the panel.
  Panel Tail(int64_t length) const;
};

// "series 'BTC'" by its id where ids are given, else "series 3" by its position: a forecast carries
// no ids, and lib/errors.ts (nameSeries) puts them in for those.
std::string SeriesName(std::span<const std::string> ids, int64_t series);

// What frames of several series ask of a panel: all have the same rows. Throws kSeriesTooShort
// naming the first series with fewer rows than the longest, kIrregularTimestamp naming the first
// with other timestamps, where there are any. `what` begins the message; ids may be empty.
void CheckAligned(const Panel& panel, std::span<const std::string> ids, const std::string& what);

}  // namespace nf

#endif  // NF_DATA_PANEL_H_
