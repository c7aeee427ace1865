// A neural model: its configuration, its recorded graph and its weights.
#ifndef NF_ENGINE_NEURAL_MODEL_H_
#define NF_ENGINE_NEURAL_MODEL_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/panel.h"
#include "models/config.h"
#include "store/safetensors.h"
#include "util/json.h"

namespace nf {

class Graph;
class Head;
struct ModelEntry;

// What a file holds of a model beside its configuration. Its tensors are compared with what the
// configuration asks for as it is recorded, so that a damaged one costs no more than the file.
struct SavedModel {
  const SafetensorsFile& file;
  std::string prefix;    // of its tensors' names
  bool complete = true;  // the configuration says every option; the Python exporter's does not
};

class NeuralModel {
 public:
  // Parses and checks the config: unknown names, ranges, and whether the model supports what is
  // asked (exogenous kinds, the loss). Messages begin with `path` ("models[0]: NHITS").
  // With `saved` a missing member is an error too, and so are tensors that do not fit. The weights
  // are not read.
  static std::unique_ptr<NeuralModel> Create(std::string_view name, const Json& config,
                                             uint64_t seed, const std::string& path,
                                             const SavedModel* saved = nullptr);
  // Of an entry that need not be in the registry; `name` is what it was asked by.
  static std::unique_ptr<NeuralModel> Create(const ModelEntry& entry, std::string_view name,
                                             const Json& config, uint64_t seed,
                                             const std::string& path,
                                             const SavedModel* saved = nullptr);
  ~NeuralModel();

  std::string name() const;          // "NHITS"
  const std::string& alias() const;  // column name
  const ModelConfig& config() const;
  const Head& head() const;  // its loss, and what becomes of its outputs
  Json ConfigJson() const;   // resolved, every field, loss included
  uint64_t seed() const;
  // What is trained, and what forecasts: the same graph, unless the model feeds back. Then a
  // forecast is one graph for its first step and `step_graph` for each further one (null
  // otherwise); the output of both is laid out as engine/rollout.h says. Their parameters are laid
  // out alike.
  const Graph& graph() const;
  const Graph& forecast_graph() const;
  const Graph* step_graph() const;
  int64_t num_parameters() const;
  // Whether it can be trained on a panel's series and forecast them: a multivariate model takes
  // nSeries of them, aligned. Throws kOutOfRange with both counts, and what CheckAligned throws.
  void CheckPanel(const Panel& panel, std::span<const std::string> ids = {}) const;
  // "<alias>" + suffix, one per output, in output order; then which output is the point forecast.
  std::vector<std::string> OutputColumns() const;
  int64_t point_output() const;

  // The weights that predictions use. Swapped whole, so a prediction that runs while a fit ends
  // sees the old or the new ones, never a mix. Null before the first fit or load.
  std::shared_ptr<const std::vector<float>> weights() const;
  void SetWeights(std::vector<float> parameters);
  // Whether the weights were trained on lookbacks that begin before their series, so that forecasts
  // may be made from such ones. As configured, until a fit that was asked otherwise.
  bool start_padding() const;
  void SetStartPadding(bool padding);
  bool fitted() const { return weights() != nullptr; }

  // Freshly initialised parameters (torch's defaults), from the seed alone.
  std::vector<float> InitialParameters() const;

  // A slab as tensors named "<prefix><parameter or state>", shapes as in torch; views into `slab`.
  void AppendTensors(const std::string& prefix, const std::vector<float>& slab,
                     std::vector<TensorView>& out) const;
  // The slab from such tensors; throws kCorruptModel on a missing one or another shape.
  std::vector<float> ReadTensors(const std::string& prefix, const SafetensorsFile& file) const;

 private:
  NeuralModel();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nf

#endif  // NF_ENGINE_NEURAL_MODEL_H_
