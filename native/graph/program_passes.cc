// Phase 2 of a program: its segments, and the barriers between them.
#include "graph/program.h"
#include "util/job_control.h"

namespace nf {

void Program::PlanSegments() {
  for (size_t i = 0; i < live_.size(); ++i) {
    const Op& op = *graph_.ops[live_[i]];
    if (op.coupled_sums == 0) continue;
    segments_.push_back(i);
    most_sums_ = std::max(most_sums_, op.coupled_sums);
  }
}

void Program::Forward(int64_t segment, OpContext& c) const {
  const auto s = static_cast<size_t>(segment);
  const size_t end = s + 1 < segments_.size() ? segments_[s + 1] : live_.size();
  for (size_t i = segments_[s]; i < end; ++i) {
    ThrowIfStopped();
    c.packs = pack_offset_[live_[i]].data();
    graph_.ops[live_[i]]->Forward(c);
  }
}

void Program::Backward(int64_t segment, OpContext& c) const {
  const auto s = static_cast<size_t>(segment);
  const size_t begin = s == 0 ? 0 : segments_[s] + 1;
  const size_t end = s + 1 < segments_.size() ? segments_[s + 1] + 1 : live_.size();
  for (size_t i = end; i-- > begin;) {
    const Op& op = *graph_.ops[live_[i]];
    if (!RunsBackward(op)) continue;
    ThrowIfStopped();
    c.packs = pack_offset_[live_[i]].data();
    c.accumulate = accumulate_[live_[i]].data();
    op.Backward(c);
  }
}

Program::Barrier Program::After(int64_t pass) const {
  const int64_t last = std::ssize(segments_) - 1;
  const bool forward = pass < last;
  const auto segment = static_cast<size_t>(forward ? pass + 1 : 2 * last - pass);
  return {*graph_.ops[live_[segments_[segment]]],
          forward ? Direction::kForward : Direction::kBackward};
}

void Program::Sum(int64_t pass, const OpContext& c, double* sums) const {
  const auto [op, direction] = After(pass);
  if (direction == Direction::kBackward && !RunsBackward(op)) return;
  const int64_t block = SumRows();
  for (int64_t begin = 0; begin < c.rows; begin += block) {
    op.PartialSums(c, direction, begin, std::min(begin + block, c.rows),
                   sums + (c.first_row + begin) / block * op.coupled_sums);
  }
}

void Program::Join(int64_t pass, const OpContext& c, int64_t rows, double* sums) const {
  const auto [op, direction] = After(pass);
  if (direction == Direction::kBackward && !RunsBackward(op)) return;
  const int64_t blocks = (rows + SumRows() - 1) / SumRows();
  for (int64_t block = 1; block < blocks; ++block) {
    for (int64_t i = 0; i < op.coupled_sums; ++i) sums[i] += sums[block * op.coupled_sums + i];
  }
  op.Join(c, direction, rows, sums);
}

void Program::UpdateStates(const OpContext& c) const {
  for (size_t s = 1; s < segments_.size(); ++s) graph_.ops[live_[segments_[s]]]->UpdateStates(c);
}

}  // namespace nf
