#include "local/prophet/advice.h"

#include <algorithm>
#include <cmath>

namespace nf {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr size_t kMostPairs = 5;
// Of the square of a column: what it has beside others is nothing but rounding.
constexpr double kNothing = 1e-12;
// Two sets of columns are alike where the product of the squared sines of the angles between them
// is less. Ten harmonics of a year are that like a straight line up to 320 days, three up to 230.
constexpr double kAlike = 1e-6;

// Of each column in turn, the share of its square that those before it do not explain; 0 where that
// is rounding, and such a column explains nothing. By a Cholesky factorisation that leaves them
// out.
std::vector<double> Unexplained(const MatrixXd& gram, const std::vector<Index>& columns) {
  const auto n = static_cast<Index>(columns.size());
  std::vector<double> shares(columns.size(), 0.0);
  MatrixXd L = MatrixXd::Zero(n, n);
  const auto at = [&](Index a, Index b) {
    const Index i = columns[static_cast<size_t>(a)], j = columns[static_cast<size_t>(b)];
    return gram(std::max(i, j), std::min(i, j));  // the lower triangle
  };
  for (Index j = 0; j < n; ++j) {
    const double own = at(j, j);
    const double left = own - L.row(j).head(j).squaredNorm();
    if (!(left > kNothing * own)) continue;
    shares[static_cast<size_t>(j)] = left / own;
    L(j, j) = std::sqrt(left);
    for (Index i = j + 1; i < n; ++i)
      L(i, j) = (at(i, j) - L.row(i).head(j).dot(L.row(j).head(j))) / L(j, j);
  }
  return shares;
}

class Likeness {
 public:
  // The level is column 1, the growth 0; the columns of the blocks come after the changes.
  Likeness(const MatrixXd& gram, Index changes) : gram_(gram), first_(2 + changes) {}

  // The columns of a block that say something that the level and the block's others do not: a level
  // that a block could have too is the trend's.
  std::vector<Index> Columns(const ProphetBlock& block) const {
    std::vector<Index> all = {1}, kept;
    for (int64_t j = 0; j < block.count; ++j) all.push_back(first_ + block.first + j);
    const std::vector<double> own = Unexplained(gram_, all);
    for (size_t i = 1; i < all.size(); ++i)
      if (own[i] > 0) kept.push_back(all[i]);
    return kept;
  }

  // Whether the rows cannot tell `block` from the trend and `others`.
  bool Alike(const std::vector<Index>& others, const std::vector<Index>& block) const {
    std::vector<Index> alone = {1}, all = {1, 0};
    alone.insert(alone.end(), block.begin(), block.end());
    all.insert(all.end(), others.begin(), others.end());
    const size_t begin = all.size();
    all.insert(all.end(), block.begin(), block.end());
    const std::vector<double> own = Unexplained(gram_, alone), rest = Unexplained(gram_, all);
    double product = 1.0;
    for (size_t i = 0; i < block.size(); ++i) product *= rest[begin + i] / own[1 + i];
    return product < kAlike;
  }

 private:
  const MatrixXd& gram_;
  const Index first_;
};

}  // namespace

std::vector<std::string> ProphetAdvice(const std::vector<ProphetBlock>& blocks,
                                       const ProphetProblem& problem,
                                       const ProphetSolution& solution, const std::string& name) {
  std::vector<std::string> advice;
  for (const ProphetBlock& block : blocks) {
    if (!problem.X.middleCols(block.first, block.count).isZero(0)) continue;
    const bool holiday = block.kind == ProphetBlock::Kind::kHoliday;
    advice.push_back(name + ": " + block.name +
                     (holiday ? " is on in every row or in none" : " is the same in every row") +
                     ", so that its effect cannot be learned; it is taken to be 0");
  }
  if (solution.gram.size() == 0) return advice;
  const Likeness likeness(solution.gram, problem.changes.size());
  std::vector<std::vector<Index>> columns;
  std::vector<Index> before;
  size_t pairs = 0;
  for (size_t b = 0; b < blocks.size() && pairs < kMostPairs; ++b) {
    columns.push_back(likeness.Columns(blocks[b]));
    if (likeness.Alike(before, columns[b])) {
      std::string from = "the columns before it together";
      for (size_t a = b; a-- > 0;)
        if (likeness.Alike(columns[a], columns[b])) from = blocks[a].name;
      if (likeness.Alike({}, columns[b])) from = "the trend";
      advice.push_back(name + ": its rows cannot tell " + blocks[b].name + " from " + from +
                       ", so that the priors alone share out what they have in common; forecasts "
                       "depend on that where the two part");
      ++pairs;
    }
    before.insert(before.end(), columns[b].begin(), columns[b].end());
  }
  return advice;
}

}  // namespace nf
