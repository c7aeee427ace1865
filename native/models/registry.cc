#include "models/registry.h"

#include <set>

#include "ops/concat.h"
#include "ops/repeat_rows.h"
#include "ops/slice.h"
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

void CheckExog(const ModelEntry& entry, const ExogNames& exog, const std::string& path) {
  auto check = [&](bool supported, const std::vector<std::string>& names, const char* option) {
    if (!supported && !names.empty()) {
      Fail(ErrorCode::kUnsupported,
           path + "." + option + ": " + entry.name +
               " takes no such inputs; leave it out or choose another model");
    }
    std::set<std::string> seen;
    for (const std::string& name : names) {
      if (!seen.insert(name).second) {
        Fail(ErrorCode::kOutOfRange, path + "." + option + " names '" + name + "' twice");
      }
    }
  };
  check(entry.future_exog, exog.future, "futureExog");
  check(entry.historic_exog, exog.historic, "historicExog");
  check(entry.static_exog, exog.statics, "staticExog");
}

std::string SettleAlias(const ModelEntry& entry, std::string_view asked, std::string& option) {
  if (option.empty() && asked != entry.name) option = asked;
  return option.empty() ? entry.name : option;
}

Tensor ModelInputs::Flat(Recorder& g, Tensor y, Tensor hist, Tensor futr) const {
  std::vector<Tensor> parts = {y};
  for (Tensor t : {hist, futr, statics}) {
    if (!t.empty()) parts.push_back(g.Flatten(t));
  }
  return Concat(g, parts, Axis(0));
}

Tensor ModelInputs::Sequence(Recorder& g) const {
  std::vector<Tensor> parts = {g.Reshape(insample_y, {steps, 1})};
  if (!historic.empty()) parts.push_back(historic);
  if (!statics.empty()) parts.push_back(RepeatRows(g, statics, steps));
  if (!future.empty()) parts.push_back(SliceTime(g, future, 0, steps));
  return Concat(g, parts, Axis(1));
}

Tensor ModelInputs::WithFuture(Recorder& g, Tensor x) const {
  if (future.empty()) return x;
  return Concat(g, {x, SliceTime(g, future, steps, steps + horizon)}, Axis(1));
}

}  // namespace nf
