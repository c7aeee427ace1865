#include "model/model.h"

#include "model/kinds.h"
#include "util/error.h"

namespace nf {

std::unique_ptr<Model> Model::Create(Engine& engine, std::string_view name, const Json& config,
                                     uint64_t seed, const std::string& path,
                                     const SavedModel* saved) {
  const ModelEntry& entry = FindModel(name);
  if (entry.make_local != nullptr)
    return CreateLocal(engine, entry, name, config, seed, path, saved);
  return MakeNeural(engine, NeuralModel::Create(name, config, seed, path, saved));
}

void Model::CheckFitted() const {
  if (!fitted())
    Fail(ErrorCode::kNotFitted, alias() + " has no weights yet: call fit() or load() first");
}

void Model::CheckScaler(LocalScalerType scaler) const {
  if (scaler == LocalScalerType::kNone || !facts_.own_unit) return;
  Fail(ErrorCode::kUnsupported,
       alias() +
           ": its distribution is of counts or amounts as they are, which localScalerType would "
           "make other numbers of: leave it out; scalerType anchors the distribution");
}

}  // namespace nf
