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
    for (const char* alias : entry->aliases) {
      if (name == alias) return *entry;
    }
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

Tensor ModelInputs::Sequence(Builder& b) const {
  std::vector<Tensor> parts = {b.Slice(insample_y, 0, input_size, {input_size, 1})};
  if (historic.id != kNoTensor) parts.push_back(historic);
  if (statics.id != kNoTensor) parts.push_back(b.RepeatRows(statics, input_size));
  if (future.id != kNoTensor) parts.push_back(b.SliceTime(future, 0, input_size));
  return parts.size() == 1 ? parts[0] : b.ConcatLast(parts, input_size);
}

Tensor ModelInputs::WithFuture(Builder& b, Tensor x) const {
  if (future.id == kNoTensor) return x;
  return b.ConcatLast({x, b.SliceTime(future, input_size, input_size + horizon)}, horizon);
}

}  // namespace nf
