#include <deque>

#include "model/bundle.h"
#include "model/file_parts.h"
#include "store/safetensors.h"
#include "util/error.h"
#include "util/json.h"

namespace nf {
namespace {

// A file's tensors with the memory that only they need.
struct Draft {
  SafetensorsFile file;
  std::vector<std::shared_ptr<const void>> learned;
  std::deque<std::vector<double>> columns;

  void AddColumn(const std::string& name, const Column& column) {
    std::vector<double>& values = columns.emplace_back(static_cast<size_t>(column.size()));
    column.Read(0, values);
    file.tensors.push_back(
        {name, DType::kF64, {column.size()}, AsBytes(std::span<const double>(values))});
  }
};

Json Names(const std::vector<std::string>& names) {
  return Json(Json::Array(names.begin(), names.end()));
}

void AddPanel(const Panel& panel, Draft& draft) {
  auto& tensors = draft.file.tensors;
  Json names = Json(Json::Object{{"historic", Names(panel.historic_names)},
                                 {"future", Names(panel.future_names)},
                                 {"static", Names(panel.static_names)}});
  // Without a row of history too: it says what the timestamps ahead mean.
  if (panel.ds.size() != 0 || panel.ds_step != 1.0) names.Set("dsStep", panel.ds_step);
  draft.file.metadata.emplace_back("panel", names.Dump());
  tensors.push_back({"panel.offsets",
                     DType::kI64,
                     {static_cast<int64_t>(panel.offsets.size())},
                     AsBytes(std::span<const int64_t>(panel.offsets))});
  draft.AddColumn("panel.y", panel.y);
  if (panel.ds.size() != 0) draft.AddColumn("panel.ds", panel.ds);
  if (!panel.mask.empty())
    tensors.push_back({"panel.mask",
                       DType::kU8,
                       {panel.num_rows()},
                       AsBytes(std::span<const uint8_t>(panel.mask))});
  for (size_t i = 0; i < panel.historic.size(); ++i)
    draft.AddColumn("panel.historic." + std::to_string(i), panel.historic[i]);
  for (size_t i = 0; i < panel.future.size(); ++i)
    draft.AddColumn("panel.future." + std::to_string(i), panel.future[i]);
  if (!panel.statics.empty())
    tensors.push_back({"panel.statics",
                       DType::kF32,
                       {panel.num_series(), static_cast<int64_t>(panel.static_names.size())},
                       AsBytes(std::span<const float>(panel.statics))});
}

}  // namespace

std::vector<uint8_t> EncodeBundle(const std::string& header, std::span<const Model* const> models,
                                  const Panel* panel) {
  Draft draft;
  Json::Array entries;
  for (size_t i = 0; i < models.size(); ++i) {
    const std::string prefix = "models." + std::to_string(i) + ".";
    const ModelFacts& facts = models[i]->facts();
    if (!models[i]->fitted())
      Fail(ErrorCode::kNotFitted,
           facts.alias + " has no weights to save yet: call fit() or load() first");
    draft.learned.push_back(models[i]->Write(prefix, draft.file.tensors));
    entries.push_back(Json(Json::Object{{"name", facts.name},
                                        {"config", models[i]->ConfigJson()},
                                        {"seed", static_cast<int64_t>(facts.seed)},
                                        {"prefix", prefix}}));
  }
  auto& metadata = draft.file.metadata;
  metadata.emplace_back("format", kBundleFormat);
  metadata.emplace_back("formatVersion", kBundleVersion);
  metadata.emplace_back("header", header);
  metadata.emplace_back("models", Json(std::move(entries)).Dump());
  if (panel != nullptr) AddPanel(*panel, draft);
  return WriteSafetensors(draft.file);
}

}  // namespace nf
