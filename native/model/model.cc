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

}  // namespace nf
