// The kinds of models behind model/model.h.
#ifndef NF_MODEL_KINDS_H_
#define NF_MODEL_KINDS_H_

#include "model/model.h"
#include "models/registry.h"

namespace nf {

// Of an entry that has make_local; as Model::Create.
std::unique_ptr<Model> CreateLocal(Engine& engine, const ModelEntry& entry, std::string_view name,
                                   const Json& config, uint64_t seed, const std::string& path,
                                   const SavedModel* saved);

}  // namespace nf

#endif  // NF_MODEL_KINDS_H_
