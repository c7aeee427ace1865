#include "infer/bundle.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "io/safetensors.h"
#include "util/error.h"
#include "util/json.h"

namespace nf {
namespace {

constexpr char kFormat[] = "neural-forecaster";
constexpr char kVersion[] = "1";

[[noreturn]] void Corrupt(const std::string& message) {
  Fail(ErrorCode::kCorruptModel, "The model file is damaged: " + message);
}

template <class T>
std::span<const uint8_t> AsBytes(std::span<const T> values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()};
}

// Writing.

// A file's tensors with the memory that only they need.
struct Draft {
  SafetensorsFile file;
  std::vector<std::shared_ptr<const std::vector<float>>> weights;
  std::vector<std::shared_ptr<const LocalParameters>> local;
  std::deque<std::vector<double>> columns;

  void AddColumn(const std::string& name, const Column& column) {
    std::vector<double>& values = columns.emplace_back(static_cast<size_t>(column.size()));
    column.Read(0, values);
    file.tensors.push_back(
        {name, DType::kF64, {column.size()}, AsBytes(std::span<const double>(values))});
  }
};

void AddLocal(std::shared_ptr<const LocalParameters> local, const std::string& prefix,
              Draft& draft) {
  draft.file.tensors.push_back({prefix + "offsets",
                                DType::kI64,
                                {static_cast<int64_t>(local->offsets.size())},
                                AsBytes(std::span<const int64_t>(local->offsets))});
  draft.file.tensors.push_back({prefix + "parameters",
                                DType::kF64,
                                {static_cast<int64_t>(local->values.size())},
                                AsBytes(std::span<const double>(local->values))});
  draft.local.push_back(std::move(local));
}

void AddWeights(const Model& model, const std::string& prefix, Draft& draft) {
  auto weights = model.weights();
  auto local = model.local_parameters();
  if (weights == nullptr && local == nullptr)
    Fail(ErrorCode::kNotFitted,
         model.alias() + " has no weights to save yet: call fit() or load() first");
  if (local != nullptr) return AddLocal(std::move(local), prefix, draft);
  model.AppendTensors(prefix, *weights, draft.file.tensors);
  draft.weights.push_back(std::move(weights));
}

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

// Reading.

SafetensorsFile ReadChecked(std::span<const uint8_t> bytes) {
  SafetensorsFile file = ReadSafetensors(bytes);
  const std::string* format = file.FindMetadata("format");
  if (format == nullptr || *format != kFormat)
    Fail(ErrorCode::kCorruptModel, "This is not a model file of neural-forecaster");
  const std::string* version = file.FindMetadata("formatVersion");
  if (version == nullptr || *version != kVersion)
    Fail(ErrorCode::kCorruptModel,
         "The model file has format version " + (version ? *version : "none") +
             " and this neural-forecaster reads " + kVersion + ": use the release that wrote it");
  return file;
}

const std::string& Metadata(const SafetensorsFile& file, const std::string& key) {
  const std::string* text = file.FindMetadata(key);
  if (text == nullptr) Corrupt("it has no '" + key + "'");
  return *text;
}

Json JsonMetadata(const SafetensorsFile& file, const std::string& key) {
  try {
    return Json::Parse(Metadata(file, key));
  } catch (const Error& error) {
    Corrupt("'" + key + "': " + error.what());
  }
}

const TensorView& Shaped(const SafetensorsFile& file, const std::string& name,
                         const std::vector<int64_t>& shape) {
  const TensorView& tensor = file.At(name);
  if (tensor.shape != shape) Corrupt("tensor '" + name + "' has a shape that does not fit");
  return tensor;
}

std::vector<int64_t> ReadOffsets(const SafetensorsFile& file, const std::string& name) {
  const TensorView& tensor = file.At(name);
  if (tensor.shape.size() != 1 || tensor.shape[0] < 1) Corrupt("the offsets are empty");
  std::vector<int64_t> offsets(static_cast<size_t>(tensor.NumElements()));
  tensor.CopyTo(std::span<int64_t>(offsets));
  // Their upper bound is the length of panel.y, checked by its shape.
  if (offsets.front() != 0 || !std::is_sorted(offsets.begin(), offsets.end()))
    Corrupt("the offsets do not rise from 0");
  return offsets;
}

LocalParameters ReadLocal(const Model& model, const std::string& prefix,
                          const SafetensorsFile& file) {
  LocalParameters local;
  local.offsets = ReadOffsets(file, prefix + "offsets");
  const TensorView& values = Shaped(file, prefix + "parameters", {local.offsets.back()});
  local.values.resize(static_cast<size_t>(values.NumElements()));
  values.CopyTo(std::span<double>(local.values));
  for (int64_t s = 0; s < local.num_series(); ++s)
    if (!model.local_method()->valid(model.config(), local.of(s)))
      Corrupt("the parameters of " + model.alias() + " for series " + std::to_string(s) +
              " are none");
  return local;
}

std::unique_ptr<Model> ReadModel(const Json& entry, const SafetensorsFile& file) {
  std::unique_ptr<Model> model;
  const int64_t seed = entry.At("seed").AsInt();
  if (seed < 0) Corrupt("a seed is negative");
  try {
    // Wrong options in a file are the file's fault, not the caller's.
    const std::string& name = entry.At("name").AsString();
    model = Model::Create(name, entry.At("config"), static_cast<uint64_t>(seed), name);
  } catch (const Error& error) {
    Corrupt(error.what());
  }
  if (model->local()) {
    model->SetLocalParameters(ReadLocal(*model, entry.At("prefix").AsString(), file));
    return model;
  }
  std::vector<float> weights = model->ReadTensors(entry.At("prefix").AsString(), file);
  if (!std::all_of(weights.begin(), weights.end(), [](float w) { return std::isfinite(w); }))
    Corrupt("a weight of " + model->alias() + " is not finite");
  model->SetWeights(std::move(weights));
  return model;
}

Column ReadColumn(const SafetensorsFile& file, const std::string& name, int64_t rows) {
  const TensorView& tensor = Shaped(file, name, {rows});
  std::vector<double> values(static_cast<size_t>(rows));
  tensor.CopyTo(std::span<double>(values));
  return Column(std::span<const double>(values), /*compact=*/false);
}

std::vector<std::string> ReadNames(const Json& names, const char* key) {
  std::vector<std::string> result;
  for (const Json& name : names.At(key).AsArray()) result.push_back(name.AsString());
  return result;
}

std::unique_ptr<Panel> ReadPanel(const SafetensorsFile& file) {
  if (file.FindMetadata("panel") == nullptr) return nullptr;
  const Json names = JsonMetadata(file, "panel");
  auto panel = std::make_unique<Panel>();
  panel->offsets = ReadOffsets(file, "panel.offsets");
  const int64_t rows = panel->num_rows(), series = panel->num_series();
  panel->y = ReadColumn(file, "panel.y", rows);
  if (file.Find("panel.mask") != nullptr) {
    const TensorView& mask = Shaped(file, "panel.mask", {rows});
    if (mask.dtype != DType::kU8) Corrupt("the mask is not of bytes");
    panel->mask.assign(mask.bytes.begin(), mask.bytes.end());
  }
  for (int64_t row = 0; row < rows; ++row)
    if (panel->observed(row) && !std::isfinite(panel->y[row]))
      Corrupt("row " + std::to_string(row) + " of y is not finite");
  if (const Json* step = names.Find("dsStep"); step != nullptr) {
    panel->ds_step = step->AsNumber();
    if (!(panel->ds_step >= 0)) Corrupt("dsStep is negative");
    if (file.Find("panel.ds") != nullptr) panel->ds = ReadColumn(file, "panel.ds", rows);
  }
  panel->historic_names = ReadNames(names, "historic");
  for (size_t i = 0; i < panel->historic_names.size(); ++i)
    panel->historic.push_back(ReadColumn(file, "panel.historic." + std::to_string(i), rows));
  panel->future_names = ReadNames(names, "future");
  for (size_t i = 0; i < panel->future_names.size(); ++i)
    panel->future.push_back(ReadColumn(file, "panel.future." + std::to_string(i), rows));
  panel->static_names = ReadNames(names, "static");
  const auto width = static_cast<int64_t>(panel->static_names.size());
  if (width > 0 && series > 0) {
    const TensorView& statics = Shaped(file, "panel.statics", {series, width});
    panel->statics.resize(static_cast<size_t>(statics.NumElements()));
    statics.CopyTo(std::span<float>(panel->statics));
  }
  return panel;
}

}  // namespace

std::vector<uint8_t> EncodeBundle(const std::string& header, std::span<const Model* const> models,
                                  const Panel* panel) {
  Draft draft;
  Json::Array entries;
  for (size_t i = 0; i < models.size(); ++i) {
    const std::string prefix = "models." + std::to_string(i) + ".";
    AddWeights(*models[i], prefix, draft);
    entries.push_back(Json(Json::Object{{"name", models[i]->name()},
                                        {"config", models[i]->ConfigJson()},
                                        {"seed", static_cast<int64_t>(models[i]->seed())},
                                        {"prefix", prefix}}));
  }
  auto& metadata = draft.file.metadata;
  metadata.emplace_back("format", kFormat);
  metadata.emplace_back("formatVersion", kVersion);
  metadata.emplace_back("header", header);
  metadata.emplace_back("models", Json(std::move(entries)).Dump());
  if (panel != nullptr) AddPanel(*panel, draft);
  return WriteSafetensors(draft.file);
}

Bundle DecodeBundle(std::span<const uint8_t> bytes) {
  const SafetensorsFile file = ReadChecked(bytes);
  Bundle bundle;
  bundle.header = Metadata(file, "header");
  const Json models = JsonMetadata(file, "models");
  for (const Json& entry : models.AsArray()) bundle.models.push_back(ReadModel(entry, file));
  bundle.panel = ReadPanel(file);
  for (const auto& model : bundle.models) {
    const auto local = model->local_parameters();
    if (local != nullptr && bundle.panel != nullptr &&
        local->num_series() != bundle.panel->num_series())
      Corrupt(model->alias() + " is fitted to another number of series");
  }
  return bundle;
}

std::string BundleHeader(std::span<const uint8_t> bytes) {
  return Metadata(ReadChecked(bytes), "header");
}

}  // namespace nf
