#include <algorithm>
#include <cmath>
#include <set>

#include "model/bundle.h"
#include "model/file_parts.h"
#include "store/safetensors.h"
#include "util/error.h"
#include "util/json.h"

namespace nf {
namespace {

// Times are epoch milliseconds or integers, both exact in a double.
constexpr double kMostTime = 9007199254740992.0;

// What is unknown was a known member before its name was damaged, or is of a newer version.
void CheckMembers(const Json& object, const std::string& what,
                  const std::set<std::string>& required,
                  const std::set<std::string>& optional = {}) {
  for (const auto& [key, value] : object.AsObject())
    if (!required.contains(key) && !optional.contains(key))
      Corrupt(what + " has the unknown member '" + key + "'");
  for (const auto& key : required)
    if (object.Find(key) == nullptr) Corrupt(what + " has no '" + key + "'");
}

SafetensorsFile ReadChecked(std::span<const uint8_t> bytes) {
  SafetensorsFile file = ReadSafetensors(bytes);
  const std::string* format = file.FindMetadata("format");
  if (format != nullptr && *format == std::string(kBundleFormat) + "-checkpoint")
    Fail(ErrorCode::kCorruptModel,
         "This is a checkpoint of a training, not a model file: go on from it with fit(data, { "
         "checkpointPath, resume: true })");
  if (format == nullptr || *format != kBundleFormat)
    Fail(ErrorCode::kCorruptModel, "This is not a model file of neural-forecaster");
  const std::string* version = file.FindMetadata("formatVersion");
  if (version == nullptr || *version != kBundleVersion)
    Fail(ErrorCode::kCorruptModel, "The model file has format version " +
                                       (version ? *version : "none") +
                                       " and this neural-forecaster reads " + kBundleVersion +
                                       ": use the release that wrote it");
  static const std::set<std::string> known = {"format", "formatVersion", "header", "models",
                                              "panel"};
  for (const auto& [key, value] : file.metadata)
    if (!known.contains(key)) Corrupt("its metadata has the unknown member '" + key + "'");
  return file;
}

const std::string& Metadata(const SafetensorsFile& file, const std::string& key) {
  const std::string* text = file.FindMetadata(key);
  if (text == nullptr) Corrupt("it has no '" + key + "'");
  return *text;
}

Json JsonMetadata(const SafetensorsFile& file, const std::string& key,
                  Json::LoneSurrogates lone = Json::LoneSurrogates::kRefused) {
  try {
    return Json::Parse(Metadata(file, key), lone);
  } catch (const Error& error) {
    Corrupt("'" + key + "': " + error.what());
  }
}

// The header is its caller's, but JSON.parse would not notice a member that stands twice. Ids may
// hold lone surrogates.
Json ReadHeader(const SafetensorsFile& file) {
  return JsonMetadata(file, "header", Json::LoneSurrogates::kReplaced);
}

// tools/export_neuralforecast.py leaves out the options that Python does not have.
bool SaysEveryOption(const Json& header) {
  const Json* version = header.Find("version");
  return version == nullptr || !version->is_string() || version->AsString() != "python";
}

// Adds the model and what it has learned; counts the tensors that were read.
void ReadModel(const Json& entry, const SafetensorsFile& file, bool complete, Engine& engine,
               Bundle& bundle, size_t& read) {
  const std::string index = std::to_string(bundle.models.size());
  const std::string what = "models[" + index + "]", prefix = "models." + index + ".";
  CheckMembers(entry, what, {"name", "config", "seed", "prefix"});
  if (entry.At("prefix").AsString() != prefix) Corrupt(what + " has another prefix than " + prefix);
  const int64_t seed = entry.At("seed").AsInt();
  if (seed < 0) Corrupt("a seed is negative");
  const SavedModel saved{file, prefix, complete};
  try {
    // Wrong options in a file are the file's fault, not the caller's.
    const std::string& name = entry.At("name").AsString();
    bundle.models.push_back(
        Model::Create(engine, name, entry.At("config"), static_cast<uint64_t>(seed), name, &saved));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCorruptModel) throw;
    Corrupt(error.what());
  }
  read += bundle.models.back()->Read(prefix, file);
}

Column ReadColumn(const SafetensorsFile& file, const std::string& name, int64_t rows) {
  const TensorView& tensor = Shaped(file, name, {rows});
  std::vector<double> values(static_cast<size_t>(rows));
  tensor.CopyTo(std::span<double>(values));
  return Column(std::span<const double>(values), /*compact=*/false);
}

// A column of the panel; rows that are not observed may hold anything.
Column ReadObserved(const SafetensorsFile& file, const std::string& name, const Panel& panel) {
  Column column = ReadColumn(file, name, panel.num_rows());
  for (int64_t row = 0; row < panel.num_rows(); ++row)
    if (panel.observed(row) && !std::isfinite(column[row]))
      Corrupt("row " + std::to_string(row) + " of '" + name + "' is not finite");
  return column;
}

std::vector<std::string> ReadNames(const Json& names, const char* key) {
  std::vector<std::string> result;
  std::set<std::string> seen;
  for (const Json& name : names.At(key).AsArray()) {
    result.push_back(name.AsString());
    if (!seen.insert(result.back()).second) Corrupt("it has a column twice: " + result.back());
  }
  return result;
}

std::vector<Column> ReadColumns(const SafetensorsFile& file, const std::string& prefix,
                                const Panel& panel, size_t count) {
  std::vector<Column> columns;
  for (size_t i = 0; i < count; ++i)
    columns.push_back(ReadObserved(file, prefix + std::to_string(i), panel));
  return columns;
}

void ReadMask(const SafetensorsFile& file, Panel& panel) {
  if (file.Find("panel.mask") == nullptr) return;
  const TensorView& mask = Shaped(file, "panel.mask", {panel.num_rows()});
  if (mask.dtype != DType::kU8) Corrupt("the mask is not of bytes");
  panel.mask.assign(mask.bytes.begin(), mask.bytes.end());
  if (std::any_of(panel.mask.begin(), panel.mask.end(), [](uint8_t m) { return m > 1; }))
    Corrupt("the mask holds other bytes than 0 and 1");
}

void ReadTimes(const SafetensorsFile& file, const Json* step, Panel& panel) {
  if (step != nullptr) {
    panel.ds_step = step->AsNumber();
    if (!(panel.ds_step >= 0 && panel.ds_step <= kMostTime) ||
        panel.ds_step != std::floor(panel.ds_step))
      Corrupt("dsStep must be an integer >= 0");
  }
  if (file.Find("panel.ds") == nullptr) return;
  if (step == nullptr) Corrupt("it has times and no dsStep");
  panel.ds = ReadColumn(file, "panel.ds", panel.num_rows());
  for (int64_t s = 0; s < panel.num_series(); ++s) {
    double previous = -kMostTime - 2;
    for (int64_t row = panel.offsets[s]; row < panel.offsets[s + 1]; ++row) {
      if (!(panel.ds[row] > previous && panel.ds[row] <= kMostTime))
        Corrupt("the times of series " + std::to_string(s) + " do not rise");
      previous = panel.ds[row];
    }
  }
}

std::unique_ptr<Panel> ReadPanel(const SafetensorsFile& file) {
  if (file.FindMetadata("panel") == nullptr) return nullptr;
  const Json names = JsonMetadata(file, "panel");
  CheckMembers(names, "'panel'", {"historic", "future", "static"}, {"dsStep"});
  auto panel = std::make_unique<Panel>();
  panel->offsets = ReadOffsets(file, "panel.offsets");
  Shaped(file, "panel.y", {panel->num_rows()});  // before anything is made of that many rows
  ReadMask(file, *panel);
  panel->y = ReadObserved(file, "panel.y", *panel);
  ReadTimes(file, names.Find("dsStep"), *panel);
  panel->historic_names = ReadNames(names, "historic");
  panel->historic = ReadColumns(file, "panel.historic.", *panel, panel->historic_names.size());
  panel->future_names = ReadNames(names, "future");
  panel->future = ReadColumns(file, "panel.future.", *panel, panel->future_names.size());
  panel->static_names = ReadNames(names, "static");
  const int64_t series = panel->num_series();
  const auto width = static_cast<int64_t>(panel->static_names.size());
  if (width > 0 && series > 0) {
    const TensorView& statics = Shaped(file, "panel.statics", {series, width});
    panel->statics.resize(static_cast<size_t>(statics.NumElements()));
    statics.CopyTo(std::span<float>(panel->statics));
    for (const float value : panel->statics)
      if (!std::isfinite(value)) Corrupt("a value of 'panel.statics' is not finite");
  }
  return panel;
}

// Names are unique and each of these was found: what is left over is read by nothing.
void CheckNoOthers(const SafetensorsFile& file, const Bundle& bundle, size_t read) {
  if (const Panel* panel = bundle.panel.get(); panel != nullptr) {
    read += 2 + panel->historic.size() + panel->future.size() + (panel->statics.empty() ? 0 : 1);
    for (const char* optional : {"panel.ds", "panel.mask"})
      read += file.Find(optional) != nullptr ? 1 : 0;
  }
  if (file.tensors.size() != read)
    Corrupt("it has " + std::to_string(file.tensors.size()) + " tensors, and its models and " +
            "series have " + std::to_string(read));
}

}  // namespace

Bundle DecodeBundle(std::span<const uint8_t> bytes, Engine& engine, const JobControl& control) {
  const SafetensorsFile file = ReadChecked(bytes);
  Bundle bundle;
  bundle.header = Metadata(file, "header");
  const Json models = JsonMetadata(file, "models");
  const bool complete = SaysEveryOption(ReadHeader(file));
  size_t read = 0;
  for (const Json& entry : models.AsArray()) {
    control.ThrowIfCancelled();
    ReadModel(entry, file, complete, engine, bundle, read);
  }
  control.ThrowIfCancelled();
  bundle.panel = ReadPanel(file);
  CheckNoOthers(file, bundle, read);
  if (bundle.panel != nullptr)
    for (const auto& model : bundle.models) model->CheckSeries(*bundle.panel);
  return bundle;
}

std::string BundleHeader(std::span<const uint8_t> bytes) {
  const SafetensorsFile file = ReadChecked(bytes);
  ReadHeader(file);
  return Metadata(file, "header");
}

}  // namespace nf
