#include "train/checkpoint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <span>

#include "store/files.h"
#include "util/crc32.h"
#include "util/error.h"

namespace nf {
namespace {

template <class T>
TensorView View(const std::string& name, DType dtype, const std::vector<T>& values) {
  TensorView view;
  view.name = name;
  view.dtype = dtype;
  view.shape = {static_cast<int64_t>(values.size())};
  view.bytes = {reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T)};
  return view;
}

std::vector<double> ReadDoubles(const SafetensorsFile& file, const std::string& name) {
  const TensorView& view = file.At(name);
  std::vector<double> values(view.bytes.size() / sizeof(double));
  view.CopyTo(std::span(values));
  return values;
}

// Everything that a training must have in common with the one that it goes on with.
Json IdentityOf(const NeuralModel& model, const TrainConfig& train, const std::string& data) {
  TrainConfig options = train;
  const std::vector<std::string> free = FieldNames(options);
  Json identity;
  identity.Set("model", model.name());
  const Json config = model.ConfigJson();
  for (const auto& [name, value] : config.AsObject())
    if (name != "alias" && std::find(free.begin(), free.end(), name) == free.end())
      identity.Set(name, value);
  identity.Set("seed", static_cast<int64_t>(model.seed()));
  identity.Set("optimizer", train.optimizer);  // it says what the moments mean
  identity.Set("data", data);
  return identity;
}

// What an older version left out of its identity is not compared.
void CheckIdentity(const std::string& path, const Json& saved, const Json& here) {
  std::string differences;
  for (const auto& [name, value] : here.AsObject()) {
    const Json* then = saved.Find(name);
    if (then == nullptr || *then == value) continue;
    differences += (differences.empty() ? "" : ", ") + name + " is " + then->Dump() +
                   " there and " + value.Dump() + " here";
  }
  if (differences.empty()) return;
  Fail(ErrorCode::kOutOfRange,
       "checkpointPath: " + path + " is of another training: " + differences +
           ". Train with what it was begun with, or begin anew: without resume, or in another file "
           "(to go on from a trained model with new data: warmStart)");
}

std::vector<float> ReadFinite(const std::string& path, const std::string& prefix,
                              const NeuralModel& model, const SafetensorsFile& file) {
  std::vector<float> values = model.ReadTensors(prefix, file);
  if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }))
    Fail(ErrorCode::kCorruptModel, path + " is damaged: a value of '" + prefix +
                                       "' is not finite. Remove it, or fit without resume");
  return values;
}

[[noreturn]] void FailHistories(const std::string& path) {
  Fail(ErrorCode::kCorruptModel, path + " is damaged: its histories do not fit together");
}

void ReadHistories(const std::string& path, const SafetensorsFile& file, TrainState& s) {
  const std::vector<double> numbers = ReadDoubles(file, "numbers");
  s.train_loss = ReadDoubles(file, "trainLoss");
  const std::vector<double> steps = ReadDoubles(file, "validSteps");
  const std::vector<double> losses = ReadDoubles(file, "validLoss");
  if (numbers.size() != 3 || steps.size() != losses.size() || s.step < 0 ||
      s.checks_without_gain < 0 || s.plateau_bad_checks < 0 ||
      s.train_loss.size() != static_cast<size_t>(s.step))
    FailHistories(path);
  s.best_valid_loss = numbers[0];
  s.plateau_rate = numbers[1];
  s.plateau_best = numbers[2];
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!(steps[i] >= 0 && steps[i] <= static_cast<double>(s.step))) FailHistories(path);
    s.valid_loss.emplace_back(static_cast<int64_t>(steps[i]), losses[i]);
  }
}

template <class T>
uint32_t Sum(std::span<const T> values, uint32_t before) {
  return Crc32({reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()}, before);
}

uint32_t Sum(const Column& column, uint32_t before) {
  std::array<double, 4096> block;
  for (int64_t begin = 0; begin < column.size(); begin += std::ssize(block)) {
    const auto count = std::min<int64_t>(std::ssize(block), column.size() - begin);
    const std::span<double> values = std::span(block).first(static_cast<size_t>(count));
    column.Read(begin, values);
    before = Sum(std::span<const double>(values), before);
  }
  return before;
}

}  // namespace

std::string MarkOf(const Panel& panel, int64_t holdout) {
  uint32_t sum = Sum(std::span(panel.offsets), 0);
  sum = Sum(panel.y, sum);
  sum = Sum(std::span(panel.mask), sum);
  for (const Column& column : panel.historic) sum = Sum(column, sum);
  for (const Column& column : panel.future) sum = Sum(column, sum);
  sum = Sum(std::span(panel.statics), sum);
  char text[120];
  std::snprintf(text, sizeof text, "%lld rows of %lld series (checksum %08x)",
                static_cast<long long>(panel.num_rows()),
                static_cast<long long>(panel.num_series()), static_cast<unsigned>(sum));
  return text + (holdout > 0 ? ", the last " + std::to_string(holdout) + " of each held out" : "");
}

void SaveCheckpoint(const std::string& path, const NeuralModel& model, const TrainConfig& train,
                    const TrainState& s, const JobControl& control) {
  SafetensorsFile file;
  model.AppendTensors("parameters/", s.parameters, file.tensors);
  model.AppendTensors("moment1/", s.moment1, file.tensors);
  model.AppendTensors("moment2/", s.moment2, file.tensors);
  model.AppendTensors("good/", s.good_parameters, file.tensors);
  if (!s.best_parameters.empty()) model.AppendTensors("best/", s.best_parameters, file.tensors);
  std::vector<double> steps, losses;
  for (const auto& [step, loss] : s.valid_loss) {
    steps.push_back(static_cast<double>(step));
    losses.push_back(loss);
  }
  // Doubles as tensors, not as JSON: they may be infinite, and they come back to the bit.
  const std::vector<double> numbers = {s.best_valid_loss, s.plateau_rate, s.plateau_best};
  file.tensors.push_back(View("numbers", DType::kF64, numbers));
  file.tensors.push_back(View("trainLoss", DType::kF64, s.train_loss));
  file.tensors.push_back(View("validSteps", DType::kF64, steps));
  file.tensors.push_back(View("validLoss", DType::kF64, losses));
  Json state;
  state.Set("step", s.step);
  state.Set("checksWithoutGain", s.checks_without_gain);
  state.Set("plateauBadChecks", s.plateau_bad_checks);
  state.Set("hasBest", !s.best_parameters.empty());
  state.Set("validMeasure", s.valid_measure);
  state.Set("identity", IdentityOf(model, train, s.data));
  file.metadata = {{"format", "neural-forecaster-checkpoint"}, {"state", state.Dump()}};
  WriteFileAtomic(path, WriteSafetensors(file), control);
}

std::optional<TrainState> LoadCheckpoint(const std::string& path, const NeuralModel& model,
                                         const TrainConfig& train, const std::string& data,
                                         const JobControl& control) {
  const auto bytes = ReadFileIfAny(path, control);
  if (!bytes) return std::nullopt;
  const SafetensorsFile file = ReadSafetensors(*bytes);
  const std::string* format = file.FindMetadata("format");
  const std::string* text = file.FindMetadata("state");
  if (format == nullptr || *format != "neural-forecaster-checkpoint" || text == nullptr ||
      file.metadata.size() != 2) {
    Fail(ErrorCode::kCorruptModel, path + " is not a training checkpoint");
  }
  const Json state = Json::Parse(*text);
  // The first checkpoints said the model alone, beside the rest of the state.
  const Json* identity = state.Find("identity");
  CheckIdentity(path, identity != nullptr ? *identity : state, IdentityOf(model, train, data));
  TrainState s;
  s.data = data;
  s.step = state.At("step").AsInt();
  s.checks_without_gain = state.At("checksWithoutGain").AsInt();
  s.plateau_bad_checks = state.At("plateauBadChecks").AsInt();
  if (const Json* measure = state.Find("validMeasure")) s.valid_measure = measure->AsString();
  s.parameters = ReadFinite(path, "parameters/", model, file);
  s.moment1 = ReadFinite(path, "moment1/", model, file);
  s.moment2 = ReadFinite(path, "moment2/", model, file);
  s.good_parameters = ReadFinite(path, "good/", model, file);
  if (state.At("hasBest").AsBool()) s.best_parameters = ReadFinite(path, "best/", model, file);
  ReadHistories(path, file, s);
  return s;
}

}  // namespace nf
