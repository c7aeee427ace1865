#include "models/registry.h"

#include "util/error.h"

namespace nf {

#define NF_MODEL(Name) extern const ModelEntry k##Name##Model;
#include "models/registry.inc"
#undef NF_MODEL

namespace {

const ModelEntry* const kModels[] = {
#define NF_MODEL(Name) &k##Name##Model,
#include "models/registry.inc"
#undef NF_MODEL
};

}  // namespace

std::span<const ModelEntry* const> AllModels() { return kModels; }

const ModelEntry& FindModel(std::string_view name) {
  std::string names;
  for (const ModelEntry* entry : kModels) {
    if (name == entry->name) return *entry;
    names += std::string(names.empty() ? "" : ", ") + entry->name;
  }
  Fail(ErrorCode::kOutOfRange, "there is no model '" + std::string(name) + "'; there are " + names);
}

Tensor ModelInputs::Flat(Builder& b, Tensor y, Tensor hist, Tensor futr) const {
  std::vector<Tensor> parts = {y};
  for (Tensor t : {hist, futr, statics}) {
    if (t.id != kNoTensor) parts.push_back(t);
  }
  return b.Concat(parts);
}

}  // namespace nf
