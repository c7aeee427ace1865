#include "heads/distribution.h"

#include "heads/loss.h"
#include "heads/negative_binomial.h"
#include "heads/poisson.h"
#include "util/error.h"

namespace nf {
namespace {

struct Entry {
  const char* name;
  std::unique_ptr<const Distribution> (*make)(const LossConfig&);
};

constexpr Entry kDistributions[] = {
#define NF_DISTRIBUTION(Name) {#Name, Make##Name},
#include "heads/distributions.inc"
#undef NF_DISTRIBUTION
};

}  // namespace

std::vector<std::string> DistributionNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kDistributions) names.push_back(entry.name);
  return names;
}

std::unique_ptr<const Distribution> MakeDistribution(const LossConfig& config) {
  const auto mixture = [&](std::unique_ptr<const Distribution> component, int64_t usual) {
    const int64_t components = config.n_components > 0 ? config.n_components : usual;
    return MakeMixture(std::move(component), components, config.weighted);
  };
  if (config.name == "GMM") return mixture(MakeNormal(config), 1);
  if (config.name == "PMM") return mixture(MakePoisson(1e-3), 10);
  if (config.name == "NBMM") return mixture(MakeNegativeBinomial(MeanAnchor::kTimesLoc), 1);
  for (const Entry& entry : kDistributions) {
    if (config.distribution == entry.name) return entry.make(config);
  }
  Fail(ErrorCode::kInternal, "distribution '" + config.distribution + "' passed its field check");
}

}  // namespace nf
