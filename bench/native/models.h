// The models that a bench measures: those of the registry that are trained by steps, at their
// defaults.
#ifndef NF_BENCH_NATIVE_MODELS_H_
#define NF_BENCH_NATIVE_MODELS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/neural_model.h"
#include "graph/program.h"
#include "kernels/kernel_table.h"
#include "models/registry.h"
#include "util/json.h"

namespace nf {

constexpr int64_t kInput = 48, kHorizon = 24;
constexpr int64_t kTogether = 8;  // nSeries of multivariate models: divides the series of WavePanel

// Those whose name, with a blank behind it, holds `only`: 'LSTM ' is one model, 'LSTM' two.
inline std::vector<std::unique_ptr<NeuralModel>> BenchedModels(const std::string& only) {
  std::vector<std::unique_ptr<NeuralModel>> models;
  for (const ModelEntry* entry : AllModels()) {
    const std::string name = entry->name;
    if (entry->build == nullptr || (name + " ").find(only) == std::string::npos) continue;
    Json config(Json::Object{{"horizon", kHorizon}, {"inputSize", kInput}});
    if (entry->multivariate) config.Set("nSeries", kTogether);
    models.push_back(NeuralModel::Create(name, config, 1, name));
  }
  return models;
}

// Useful floating-point operations of one row.
inline int64_t FlopsOf(const NeuralModel& model, Mode mode) {
  return Program(model.graph(), BestKernels(), mode).Flops();
}

}  // namespace nf

#endif  // NF_BENCH_NATIVE_MODELS_H_
