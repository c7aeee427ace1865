#include "local/prophet/prophet.h"

#include "models/registry.h"

namespace nf {

extern const ModelEntry kProphetModel = {
    .name = "Prophet",
    .doc = "Trend with changepoints, seasonalities and holidays, fitted to each series by itself.",
    .paper = "Taylor and Letham, 2018",
    .future_exog = true,
    .probabilistic = true,
    .make_local = MakeLocal<Prophet>,
};

}  // namespace nf
