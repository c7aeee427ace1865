#include "train/checkpoint.h"

#include <filesystem>

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
  std::vector<double> values(static_cast<size_t>(view.NumElements()));
  view.CopyTo(std::span(values));
  return values;
}

}  // namespace

void SaveCheckpoint(const std::string& path, const Model& model, const TrainState& s) {
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
  state.Set("model", model.name());
  state.Set("step", s.step);
  state.Set("checksWithoutGain", s.checks_without_gain);
  state.Set("plateauBadChecks", s.plateau_bad_checks);
  state.Set("hasBest", !s.best_parameters.empty());
  state.Set("validMeasure", s.valid_measure);
  file.metadata = {{"format", "neural-forecaster-checkpoint"}, {"state", state.Dump()}};
  WriteFileAtomic(path, WriteSafetensors(file));
}

std::optional<TrainState> LoadCheckpoint(const std::string& path, const Model& model) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const std::vector<uint8_t> bytes = ReadWholeFile(path);
  const SafetensorsFile file = ReadSafetensors(bytes);
  const std::string* format = file.FindMetadata("format");
  const std::string* text = file.FindMetadata("state");
  if (format == nullptr || *format != "neural-forecaster-checkpoint" || text == nullptr) {
    Fail(ErrorCode::kCorruptModel, path + " is not a training checkpoint");
  }
  const Json state = Json::Parse(*text);
  if (state.At("model").AsString() != model.name()) {
    Fail(ErrorCode::kOutOfRange, "checkpointPath: " + path + " holds a training of " +
                                     state.At("model").AsString() + ", not of " + model.name());
  }
  TrainState s;
  s.step = state.At("step").AsInt();
  s.checks_without_gain = state.At("checksWithoutGain").AsInt();
  s.plateau_bad_checks = state.At("plateauBadChecks").AsInt();
  s.valid_measure = state.At("validMeasure").AsString();
  s.parameters = model.ReadTensors("parameters/", file);
  s.moment1 = model.ReadTensors("moment1/", file);
  s.moment2 = model.ReadTensors("moment2/", file);
  s.good_parameters = model.ReadTensors("good/", file);
  if (state.At("hasBest").AsBool()) s.best_parameters = model.ReadTensors("best/", file);
  const std::vector<double> numbers = ReadDoubles(file, "numbers");
  s.train_loss = ReadDoubles(file, "trainLoss");
  const std::vector<double> steps = ReadDoubles(file, "validSteps");
  const std::vector<double> losses = ReadDoubles(file, "validLoss");
  if (numbers.size() != 3 || steps.size() != losses.size() || s.step < 0 ||
      s.train_loss.size() != static_cast<size_t>(s.step)) {
    Fail(ErrorCode::kCorruptModel, path + ": the histories do not fit together");
  }
  s.best_valid_loss = numbers[0];
  s.plateau_rate = numbers[1];
  s.plateau_best = numbers[2];
  for (size_t i = 0; i < steps.size(); ++i) {
    s.valid_loss.emplace_back(static_cast<int64_t>(steps[i]), losses[i]);
  }
  return s;
}

}  // namespace nf
