// Incremental spline quantile function (Park et al., 2022): a quantile function that is piecewise
// linear between the quantiles of the loss, with exponential tails. Trained by its CRPS.
//
// Raw outputs: [K, S] widths and [K, S] heights of the pieces, the rates of the two tails, the
// first quantile and the K steps to the next ones; K intervals between quantiles, S pieces in each.
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "heads/distribution.h"
#include "heads/loss.h"
#include "heads/special.h"

namespace nf {
namespace {

constexpr double kTolerance = 1e-4;  // of widths, heights, rates and steps: none is 0

// Both coordinates of the knots of one step, and what led to them.
struct Knots {
  std::vector<double> x, y;              // [K S + 1]
  std::vector<double> x_share, y_share;  // [K S]: of each piece in its interval
  std::vector<double> quantile;          // [K + 1]: the knots that intervals begin and end at
  double left, right;                    // rates of the tails
};

// Of the weight 2 (1{a > threshold} - a) over a piece from x0 to x1: its integrals times the share
// of the piece's end (1 - t) and (t), t running from 0 to 1.
struct HatIntegrals {
  double start, end;
  HatIntegrals(double x0, double x1, double threshold) {
    const double width = x1 - x0, c = std::clamp(threshold, x0, x1), t = (c - x0) / width;
    // Of 1{a > c}: (1 - t)^2 / 2 and (1 - t^2) / 2; of a: x0 / 2 + width (1/6, 1/3).
    start = width * ((1 - t) * (1 - t) - x0 - width / 3);
    end = width * ((1 - t * t) - x0 - 2 * width / 3);
  }
};

class Isqf final : public Distribution {
 public:
  Isqf(std::vector<double> quantiles, int64_t pieces)
      : levels_(std::move(quantiles)),
        intervals_(std::ssize(levels_) - 1),
        pieces_(pieces),
        size_(intervals_ * pieces_) {
    std::sort(levels_.begin(), levels_.end());
  }
  int64_t width() const override { return 2 * size_ + 2 + intervals_ + 1; }

  double Loss(const double* raw, double y, Anchor a, double* grad) const override {
    thread_local Knots k;
    Place(raw, k);
    const double z = (y - a.loc) / a.scale;
    thread_local std::vector<double> by_x, by_y;
    by_x.assign(k.x.size(), 0), by_y.assign(k.y.size(), 0);
    double by_left, by_right;
    const double crps = Crps(k, z, by_x, by_y, &by_left, &by_right);
    Spread(raw, k, by_x, by_y, grad);
    grad[2 * size_] = by_left * Logistic(raw[2 * size_]);
    grad[2 * size_ + 1] = by_right * Logistic(raw[2 * size_ + 1]);
    const double slope = Logistic(crps);
    for (int64_t i = 0; i < width(); ++i) grad[i] *= slope;
    return SoftPlus(crps) + std::log(a.scale);
  }

  double Mean(const double* raw, Anchor a) const override {
    Knots k;
    Place(raw, k);
    const double below = k.x.front(), above = 1 - k.x.back();
    double sum = below * (k.y.front() - 1 / k.left) + above * (k.y.back() + 1 / k.right);
    for (size_t i = 0; i + 1 < k.x.size(); ++i)
      sum += 0.5 * (k.x[i + 1] - k.x[i]) * (k.y[i] + k.y[i + 1]);
    return a.loc + a.scale * sum;
  }
  double Quantile(const double* raw, Anchor a, double u) const override {
    Knots k;
    Place(raw, k);
    return a.loc + a.scale * At(k, u);
  }
  double Cdf(const double* raw, Anchor a, double y) const override {
    Knots k;
    Place(raw, k);
    return LevelOf(k, (y - a.loc) / a.scale);
  }

 private:
  // softmax of a row of logits, moved away from 0.
  void Shares(const double* logits, double* share) const {
    const double most = *std::max_element(logits, logits + pieces_);
    double sum = 0;
    for (int64_t s = 0; s < pieces_; ++s) sum += share[s] = std::exp(logits[s] - most);
    for (int64_t s = 0; s < pieces_; ++s) share[s] = Moved(share[s] / sum);
  }
  double Moved(double share) const {
    return (share + kTolerance) / (1 + static_cast<double>(pieces_) * kTolerance);
  }
  double SoftMax(double moved) const {
    return moved * (1 + static_cast<double>(pieces_) * kTolerance) - kTolerance;
  }

  void Place(const double* raw, Knots& k) const {
    const auto n = static_cast<size_t>(size_);
    k.x.resize(n + 1), k.y.resize(n + 1), k.x_share.resize(n), k.y_share.resize(n);
    k.left = SoftPlus(raw[2 * size_]) + kTolerance;
    k.right = SoftPlus(raw[2 * size_ + 1]) + kTolerance;
    const double* steps = raw + 2 * size_ + 2;
    k.quantile.assign(1, steps[0]);
    for (int64_t i = 1; i <= intervals_; ++i)
      k.quantile.push_back(k.quantile.back() + SoftPlus(steps[i]) + kTolerance);
    for (int64_t i = 0; i < intervals_; ++i) {
      Shares(raw + i * pieces_, &k.x_share[static_cast<size_t>(i * pieces_)]);
      Shares(raw + size_ + i * pieces_, &k.y_share[static_cast<size_t>(i * pieces_)]);
    }
    Run(levels_, k.x_share, k.x);
    Run(k.quantile, k.y_share, k.y);
  }

  // Knots from the ends of the intervals and the shares of their pieces.
  void Run(std::span<const double> ends, std::span<const double> share,
           std::vector<double>& knots) const {
    for (int64_t i = 0, at = 0; i < intervals_; ++i) {
      const double from = ends[static_cast<size_t>(i)], to = ends[static_cast<size_t>(i) + 1];
      double sum = 0;
      for (int64_t s = 0; s < pieces_; ++s, ++at) {
        knots[static_cast<size_t>(at)] = from + sum * (to - from);
        sum += share[static_cast<size_t>(at)];
      }
    }
    knots.back() = ends.back();
  }

  static double At(const Knots& k, double level) {
    if (level < k.x.front()) return k.y.front() + std::log(level / k.x.front()) / k.left;
    if (level >= k.x.back()) return k.y.back() - std::log((1 - level) / (1 - k.x.back())) / k.right;
    const auto i =
        static_cast<size_t>(std::upper_bound(k.x.begin(), k.x.end(), level) - k.x.begin() - 1);
    return k.y[i] + (level - k.x[i]) / (k.x[i + 1] - k.x[i]) * (k.y[i + 1] - k.y[i]);
  }
  static double LevelOf(const Knots& k, double z) {
    if (z < k.y.front()) return k.x.front() * std::exp((z - k.y.front()) * k.left);
    if (z >= k.y.back()) return 1 - (1 - k.x.back()) * std::exp((k.y.back() - z) * k.right);
    const auto i =
        static_cast<size_t>(std::upper_bound(k.y.begin(), k.y.end(), z) - k.y.begin() - 1);
    return k.x[i] + (z - k.y[i]) / (k.y[i + 1] - k.y[i]) * (k.x[i + 1] - k.x[i]);
  }

  // CRPS = integral of 2 (1{a > level of z} - a) (q(a) - z) over all levels a, and its gradient.
  // The level of z moves with the knots, but there q(a) - z is 0.
  static double Crps(const Knots& k, double z, std::span<double> by_x, std::span<double> by_y,
                     double* by_left, double* by_right) {
    const double level = LevelOf(k, z);
    double sum = 0;
    {  // Left tail.
      const double x0 = k.x.front(), c = std::min(level, x0);
      const double weight = 2 * (x0 - c) - x0 * x0;
      const double log_weight = 2 * (c - x0 - (c > 0 ? c * std::log(c / x0) : 0)) + 0.5 * x0 * x0;
      sum += weight * (k.y.front() - z) + log_weight / k.left;
      by_y.front() += weight;
      *by_left = -log_weight / (k.left * k.left);
    }
    for (size_t i = 0; i + 1 < k.x.size(); ++i) {
      const HatIntegrals hat(k.x[i], k.x[i + 1], level);
      const double slope = (k.y[i + 1] - k.y[i]) / (k.x[i + 1] - k.x[i]);
      sum += hat.start * (k.y[i] - z) + hat.end * (k.y[i + 1] - z);
      by_y[i] += hat.start, by_y[i + 1] += hat.end;
      by_x[i] -= slope * hat.start, by_x[i + 1] -= slope * hat.end;
    }
    {  // Right tail, by the distance to 1.
      const double b = 1 - k.x.back(), c = std::min(1 - level, b);
      const double weight = 2 * c - 2 * b + b * b;
      const double log_weight = 2 * (c - (c > 0 ? c * std::log(c / b) : 0)) - 2 * b + 0.5 * b * b;
      sum += weight * (k.y.back() - z) + log_weight / k.right;
      by_y.back() += weight;
      *by_right = -log_weight / (k.right * k.right);
    }
    return sum;
  }

  // From the gradient of the knots to that of the raw outputs, but for the tails'.
  void Spread(const double* raw, const Knots& k, std::span<const double> by_x,
              std::span<const double> by_y, double* grad) const {
    double* const steps = grad + 2 * size_ + 2;
    std::fill_n(steps, intervals_ + 1, 0.0);
    steps[intervals_] = by_y.back();
    for (int64_t i = 0; i < intervals_; ++i) {
      const auto first = static_cast<size_t>(i * pieces_), n = static_cast<size_t>(i);
      SpreadShares(k.x_share, by_x, first, levels_[n + 1] - levels_[n], grad + i * pieces_);
      SpreadShares(k.y_share, by_y, first, k.quantile[n + 1] - k.quantile[n],
                   grad + size_ + i * pieces_);
      double sum = 0;
      for (size_t s = first; s < first + static_cast<size_t>(pieces_); ++s) {
        steps[i] += by_y[s] * (1 - sum);
        steps[i + 1] += by_y[s] * sum;
        sum += k.y_share[s];
      }
    }
    // Each quantile is the sum of the steps up to it.
    for (int64_t i = intervals_ - 1; i >= 0; --i) steps[i] += steps[i + 1];
    for (int64_t i = 1; i <= intervals_; ++i) steps[i] *= Logistic(raw[2 * size_ + 2 + i]);
  }

  // A knot within an interval of this length stands at the sum of the shares before it.
  void SpreadShares(std::span<const double> share, std::span<const double> by_knot, size_t first,
                    double length, double* grad) const {
    double behind = 0, mean = 0;
    const double factor = length / (1 + static_cast<double>(pieces_) * kTolerance);
    for (int64_t s = pieces_ - 1; s >= 0; --s) {
      const size_t at = first + static_cast<size_t>(s);
      grad[s] = behind * factor;
      mean += SoftMax(share[at]) * grad[s];
      behind += by_knot[at];
    }
    for (int64_t s = 0; s < pieces_; ++s)
      grad[s] = SoftMax(share[first + static_cast<size_t>(s)]) * (grad[s] - mean);
  }

  std::vector<double> levels_;  // of the quantiles, ascending
  const int64_t intervals_, pieces_, size_;
};

}  // namespace

std::unique_ptr<const Distribution> MakeISQF(const LossConfig& config) {
  return std::make_unique<Isqf>(config.OutputQuantiles(), config.num_pieces);
}

}  // namespace nf
