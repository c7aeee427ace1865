// Prophet: trend with changepoints, seasonalities as Fourier series, holidays and regressors
// (Taylor and Letham, 2018). Fitted to each series by itself, at the mode of the library's
// posterior.
#ifndef NF_LOCAL_PROPHET_PROPHET_H_
#define NF_LOCAL_PROPHET_PROPHET_H_

#include <memory>
#include <mutex>

#include "local/prophet/config.h"
#include "local/prophet/futures.h"

namespace nf {

class Prophet final : public LocalModel {
 public:
  // The seed is that of the simulated futures.
  explicit Prophet(uint64_t seed) : seed_(seed) {}

  ProphetConfig& config() override { return config_; }
  const ProphetConfig& config() const override { return config_; }
  void Check(const std::string& path) const override { config_.Check(path); }
  std::vector<double> Levels() const override { return config_.Levels(); }
  LocalFit Fit(const LocalRows& rows, std::span<const double> y,
               const JobControl& control) const override;
  bool Valid(std::span<const double> parameters) const override;
  void Forecast(std::span<const double> parameters, const LocalRows& rows,
                const LocalForecast& forecast) const override;

 private:
  const ProphetDraws& Draws() const;

  const uint64_t seed_;
  ProphetConfig config_;
  // What the forecasts of all series share: made at the first that simulates.
  mutable std::once_flag drawn_;
  mutable std::unique_ptr<const ProphetDraws> draws_;
};

}  // namespace nf

#endif  // NF_LOCAL_PROPHET_PROPHET_H_
