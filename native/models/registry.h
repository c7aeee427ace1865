// The table of models. A model is one file that defines its entry, and one line in registry.inc;
// the factory, files, errors, types, tests, benches and documents come from here.
#ifndef NF_MODELS_REGISTRY_H_
#define NF_MODELS_REGISTRY_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/recorder.h"
#include "local/local_model.h"
#include "models/config.h"

namespace nf {

// What a model that feeds back carries from one step of a forecast to the next: all its states,
// side by side.
struct Carry {
  bool goes_on = false;  // they come in as Input::kState; else they begin as zeros
  Tensor states;         // where the model leaves those after its last step
};

// What a build function is given: the batch's tensors (empty handles where there are none) and
// sizes.
//
// A model that feeds back (ModelConfig::feeds_back) is recorded three times, with the same
// parameters: over a lookback and the targets shown behind it, all but the last, to be trained on
// the last h steps; over a lookback alone, for the first step of a forecast; and over one step, for
// each further one. Exogenous columns stand one step ahead of its y: future is [L, F].
struct ModelInputs {
  // In brackets: of multivariate models alone.
  Tensor insample_y;               // [L (, N)]
  Tensor insample_mask;            // [L (, N)]
  Tensor historic;                 // [L (, N), X]
  Tensor future;                   // [L + h (, N), F]
  Tensor statics;                  // [(N,) S]
  int64_t steps = 0, horizon = 0;  // L, h
  int64_t series = 1;              // N
  int64_t outputs = 1;             // Q: values per step that the loss asks for
  Carry* carry = nullptr;          // in the forecasts of a model that feeds back

  // [ y | historic | future | static ], flattened and side by side.
  Tensor Flat(Recorder& g, Tensor y, Tensor hist, Tensor futr) const;
  // The lookback as a sequence: [ y | historic | static | future ] at each step, [L, 1 + X + S +
  // F].
  Tensor Sequence(Recorder& g) const;
  // x [h, C] with the future columns of the horizon beside it: [h, C + F].
  Tensor WithFuture(Recorder& g, Tensor x) const;
};

struct ModelEntry {
  const char* name;
  std::vector<const char*> aliases = {};  // other names that it is found by
  const char* doc;                        // one sentence
  const char* paper;                      // author, year
  bool future_exog = false, historic_exog = false, static_exog = false;
  // Multivariate: forecasts N series together, and its config is a MultivariateConfig.
  bool multivariate = false, recurrent = false, probabilistic = false;
  // A forecast to compare with, such as the last value: few weights or none, so that the tests ask
  // it to forecast but not to learn.
  bool baseline = false;
  // Nobody else has it, so there is nothing to take golden cases from. Every other model has some.
  bool no_counterpart = false;
  // What tests and benches make of it, so that none of them names a model: options, as JSON texts.
  const char* tiny = "{}";     // small and quick
  const char* dropout = "{}";  // every dropout it has, turned on: the tests' own are without
  const char* bench = "{}";    // 128 units wide, two layers: as it is set beside other libraries
  // Of a neural model: its options with their defaults.
  std::unique_ptr<ModelConfig> (*make_config)() = nullptr;
  // Checks what ranges cannot say; throws kOutOfRange, path begins the message. May be null.
  void (*check)(const ModelConfig& config, const std::string& path) = nullptr;
  // Records the model; returns [h, Q], Q running fastest; of a multivariate one [h, N, Q].
  Tensor (*build)(Recorder& g, const ModelConfig& config, const ModelInputs& in) = nullptr;
  // Of a model that is fitted to each series by itself, instead of these three.
  std::unique_ptr<LocalModel> (*make_local)(uint64_t seed) = nullptr;
};

template <class Config>
std::unique_ptr<ModelConfig> MakeConfig() {
  return std::make_unique<Config>();
}

template <class Local>
std::unique_ptr<LocalModel> MakeLocal(uint64_t seed) {
  return std::make_unique<Local>(seed);
}

std::span<const ModelEntry* const> AllModels();
// By name or alias; throws kOutOfRange with the names there are.
const ModelEntry& FindModel(std::string_view name);

// The columns that a model's options name beside y.
struct ExogNames {
  const std::vector<std::string>&future, &historic, &statics;
};
// Throws kUnsupported for a kind that the model does not take, kOutOfRange for a name that stands
// twice; path begins the message.
void CheckExog(const ModelEntry& entry, const ExogNames& names, const std::string& path);
// What a model's columns are called: as its option says, or by the name that it was asked by, which
// becomes that option where it is not the model's own, so that it comes back from a file.
std::string SettleAlias(const ModelEntry& entry, std::string_view asked, std::string& option);

}  // namespace nf

#endif  // NF_MODELS_REGISTRY_H_
