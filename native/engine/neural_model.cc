#include "engine/neural_model.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <set>

#include "config/option_hint.h"
#include "graph/graph.h"
#include "heads/head.h"
#include "heads/loss_op.h"
#include "models/registry.h"
#include "ops/affine.h"
#include "ops/concat.h"
#include "ops/const_linear.h"
#include "util/error.h"

namespace nf {
namespace {

const std::vector<std::string> kNested = {"loss", "validLoss"};

// An option of another loss is an error too.
void CheckLossOptions(const Json& source, const std::string& path) {
  const Json* name = source.Find("name");
  const std::vector<std::string> losses = LossNames();
  if (name == nullptr || !name->is_string() ||
      std::find(losses.begin(), losses.end(), name->AsString()) == losses.end()) {
    return;  // the fields' own error
  }
  LossConfig loss;
  loss.name = name->AsString();
  const std::vector<std::string> options = loss.Options();
  for (const auto& [key, value] : source.AsObject()) {
    if (key == "name" || value.is_null()) continue;
    if (std::find(options.begin(), options.end(), key) != options.end()) continue;
    std::string known;
    for (const std::string& option : options) known += (known.empty() ? "'" : ", '") + option + "'";
    const std::string hint = OptionHint(key, options);
    Fail(ErrorCode::kInvalidArgType, path + ": " + loss.name + " has no option '" + key + "'; " +
                                         (hint.empty() ? "it has " + known : hint));
  }
}

// The name and the options that the loss takes.
Json LossJson(LossConfig& loss) {
  const Json all = FieldsToJson(loss);
  Json json;
  json.Set("name", loss.name);
  for (const std::string& option : loss.Options()) json.Set(option, all.At(option));
  return json;
}

// A file says each of them.
void CheckLossComplete(const Json* source, const LossConfig& loss, const std::string& path) {
  if (source == nullptr || source->Find("name") == nullptr)
    Fail(ErrorCode::kInvalidArgType, path + " is missing");
  for (const std::string& option : loss.Options()) {
    const Json* value = source->Find(option);
    if (value == nullptr || value->is_null())
      Fail(ErrorCode::kInvalidArgType, path + "." + option + " is missing");
  }
}

// "MQLoss" or {name: "MQLoss", level: [80]}.
void ParseLoss(const Json* source, LossConfig& target, const std::string& path) {
  if (source == nullptr || source->is_null()) return;
  if (source->is_string()) {
    ParseFields(Json(Json::Object{{"name", *source}}), target, path);
  } else {
    if (source->is_object()) CheckLossOptions(*source, path);
    ParseFields(*source, target, path);
  }
  if (!target.level.empty() && !target.quantiles.empty()) {
    Fail(ErrorCode::kOutOfRange, path + ": give level or quantiles, not both");
  }
}

// "0.1, 0.5, 0.9".
std::string Listed(const std::vector<double>& quantiles) {
  std::string list;
  for (double quantile : quantiles) {
    list += (list.empty() ? "" : ", ") + Json(quantile).Dump();
  }
  return list.empty() ? "none" : list;
}

void CheckSizes(const LossConfig& loss, int64_t lookback, int64_t horizon,
                const std::string& path) {
  if (loss.name == "MASE" && loss.seasonality >= lookback) {
    Fail(ErrorCode::kOutOfRange,
         path + ".seasonality must be below the lookback of " + std::to_string(lookback) +
             " steps, within which seasons are compared; got " + std::to_string(loss.seasonality));
  }
  const size_t given = loss.horizon_weight.size();
  if (given != 0 && given != static_cast<size_t>(horizon)) {
    Fail(ErrorCode::kOutOfRange, path + ".horizonWeight must have one value a horizon step (" +
                                     std::to_string(horizon) + "); got " + std::to_string(given));
  }
  if (given != 0 &&
      *std::max_element(loss.horizon_weight.begin(), loss.horizon_weight.end()) == 0) {
    Fail(ErrorCode::kOutOfRange, path + ".horizonWeight must not be all zero");
  }
}

void CheckDistributions(ModelConfig& c, const std::string& path) {
  if (c.loss.any_quantile() && !c.loss.is_distribution() && c.feeds_back()) {
    Fail(ErrorCode::kUnsupported,
         path + ".loss: " + c.loss.name +
             " has no value that a forecast step by step could feed back: choose a distribution, "
             "MQLoss, a point loss, or a model with a direct form");
  }
  if (c.valid_loss.is_distribution() && LossJson(c.valid_loss).Dump() != LossJson(c.loss).Dump()) {
    Fail(ErrorCode::kUnsupported,
         path + ".validLoss: the likelihood of " + c.valid_loss.name +
             " is that of a model trained by it: choose the same loss, or one of the forecast's "
             "columns such as MAE or MQLoss");
  }
  if (c.loss.any_quantile() && !c.loss.is_distribution() && c.scaler_type == "revin") {
    Fail(ErrorCode::kUnsupported,
         path + ".loss: " + c.loss.name +
             " has layers of its own behind those that scalerType "
             "'revin' scales back: choose scalerType 'standard', which has the same statistics");
  }
  const bool spline = c.loss.name == "DistributionLoss" && c.loss.distribution == "ISQF";
  if (!spline) return;
  std::vector<double> levels = c.loss.OutputQuantiles();
  std::sort(levels.begin(), levels.end());
  if (levels.size() >= 2 && std::adjacent_find(levels.begin(), levels.end()) == levels.end())
    return;
  Fail(ErrorCode::kOutOfRange,
       path + ".loss: ISQF needs two different quantiles or more, between which it is learned");
}

const TensorView& Fitting(const SafetensorsFile& file, const std::string& name,
                          const std::vector<int64_t>& shape) {
  const TensorView& tensor = file.At(name);
  if (tensor.shape == shape) return tensor;
  const auto shown = [](const std::vector<int64_t>& dims) {
    return Json(Json::Array(dims.begin(), dims.end())).Dump();
  };
  Fail(ErrorCode::kCorruptModel, "tensor '" + name + "' has the shape " + shown(tensor.shape) +
                                     ", and the model's configuration asks for " + shown(shape));
}

// Which of a model's graphs. All but those that feed back have the first alone.
enum class Part : uint8_t { kTraining, kFirstStep, kNextStep };

// The mean of the outputs of one step, which is fed back where they are values of y.
Tensor MeanOf(Recorder& g, Tensor outputs, int64_t count) {
  const ConstMatrix mean(count, 1, [count](int64_t, int64_t begin, int64_t end, float* out) {
    std::fill_n(out, end - begin, 1.0f / static_cast<float>(count));
  });
  return ConstLinear(g, outputs, mean, {1});
}

std::unique_ptr<Graph> Record(const ModelEntry& entry, const ModelConfig& config, const Head& head,
                              Part part, const SavedModel* saved = nullptr) {
  Recorder g;
  if (saved != nullptr)
    g.OnParameter([saved](const std::string& name, const std::vector<int64_t>& dims) {
      Fitting(saved->file, saved->prefix + name, dims);
    });
  Carry carry{.goes_on = part == Part::kNextStep, .states = {}};
  ModelInputs in;
  const bool training = part == Part::kTraining, feeds_back = config.feeds_back();
  if (!training) in.carry = &carry;
  in.horizon = training ? config.train_horizon() : 1;
  in.steps = (carry.goes_on ? 1 : config.lookback()) + (feeds_back ? in.horizon - 1 : 0);
  in.series = config.series();
  in.outputs = head.width();
  auto input = [&](Input kind, size_t count, std::vector<int64_t> dims) {
    return count > 0 ? g.Input(kind, std::move(dims)) : Tensor{};
  };
  const auto num = [](const std::vector<std::string>& names) {
    return static_cast<int64_t>(names.size());
  };
  // The series of a multivariate model stand side by side at every time.
  const auto dims = [&](std::vector<int64_t> time, std::vector<int64_t> columns) {
    if (entry.multivariate) time.push_back(in.series);
    time.insert(time.end(), columns.begin(), columns.end());
    return time;
  };
  const int64_t future_steps = in.steps + (feeds_back ? 0 : in.horizon);
  in.insample_y = g.Input(Input::kInsampleY, dims({in.steps}, {}));
  in.insample_mask = g.Input(Input::kInsampleMask, dims({in.steps}, {}));
  in.historic = input(Input::kHistoric, config.historic_exog.size(),
                      dims({in.steps}, {num(config.historic_exog)}));
  in.future = input(Input::kFuture, config.future_exog.size(),
                    dims({future_steps}, {num(config.future_exog)}));
  in.statics =
      input(Input::kStatic, config.static_exog.size(), dims({}, {num(config.static_exog)}));
  const Tensor y = in.insample_y;
  // RevIN (Kim et al., 2022): windows are standardised as they are gathered; the learnable scale
  // and shift go around the model. The loss is taken outside of them: inside, as the reference has
  // it, a scale of zero would make every loss zero. The parameters of a distribution are no values
  // of y; a point that is fed back stays inside.
  const bool revin = config.scaler_type == "revin", values = !head.distribution();
  Weight scale, shift;
  if (revin) {
    scale = g.Parameter("scaler.revin_weight", {1}, 0.0, 1.0);
    shift = g.Parameter("scaler.revin_bias", {1}, 0.0);
    if (!(carry.goes_on && values)) in.insample_y = Affine(g, y, scale, shift);
  }
  const Tensor inside = entry.build(g, config, in);
  const Tensor output = revin && values ? AffineInverse(g, inside, scale, shift) : inside;
  if (training) {
    return g.Finish(output,
                    RecordLoss(g, head, output, y, in.insample_mask, config.lookback(), in.series));
  }
  std::vector<Tensor> parts = {g.Flatten(output)};
  if (values) parts.push_back(MeanOf(g, inside, in.outputs));
  parts.push_back(carry.states);
  return g.Finish(Concat(g, parts, Axis(0)));
}

bool SameParameters(const Graph& a, const Graph& b) {
  return std::equal(a.stored.begin(), a.stored.end(), b.stored.begin(), b.stored.end(),
                    [&](TensorId x, TensorId y) {
                      const TensorInfo &p = a.tensor(x), &q = b.tensor(y);
                      return p.name == q.name && p.dims == q.dims && p.offset == q.offset;
                    });
}

}  // namespace

struct NeuralModel::Impl {
  const ModelEntry* entry = nullptr;
  std::unique_ptr<ModelConfig> config;
  std::unique_ptr<Head> head;  // before the graphs, whose losses refer to it
  std::unique_ptr<Graph> graph, first_step, next_step;  // the last two where the model feeds back
  uint64_t seed = 1;
  std::string alias;
  std::atomic<bool> start_padding = false;
  mutable std::mutex mutex;  // guards the pointer
  std::shared_ptr<const std::vector<float>> weights;

  // The loss, and what must fit together with it.
  void ReadLoss(const Json& source, const std::string& path, Absent absent);
};

void NeuralModel::Impl::ReadLoss(const Json& source, const std::string& path, Absent absent) {
  ModelConfig& c = *config;
  ParseLoss(source.Find("loss"), c.loss, path + ".loss");
  c.valid_loss = c.loss;
  if (const Json* valid = source.Find("validLoss"); valid != nullptr && !valid->is_null()) {
    c.valid_loss = LossConfig{};
    ParseLoss(valid, c.valid_loss, path + ".validLoss");
  }
  if (absent == Absent::kFault) {
    CheckLossComplete(source.Find("loss"), c.loss, path + ".loss");
    CheckLossComplete(source.Find("validLoss"), c.valid_loss, path + ".validLoss");
  }
  CheckSizes(c.loss, c.lookback(), c.horizon, path + ".loss");
  CheckSizes(c.valid_loss, c.lookback(), c.horizon, path + ".validLoss");
  CheckDistributions(c, path);
  if (c.valid_loss.is_distribution()) return;
  if (c.loss.OutputsFor(c.valid_loss).empty()) {
    Fail(ErrorCode::kUnsupported, path + ".validLoss: " + c.valid_loss.name +
                                      " needs the quantiles " +
                                      Listed(c.valid_loss.OutputQuantiles()) + ", and the loss " +
                                      c.loss.name + " gives " + Listed(c.loss.OutputQuantiles()) +
                                      ": choose among those, or a point loss such as MAE");
  }
}

NeuralModel::NeuralModel() : impl_(std::make_unique<Impl>()) {}
NeuralModel::~NeuralModel() = default;

std::unique_ptr<NeuralModel> NeuralModel::Create(std::string_view name, const Json& config,
                                                 uint64_t seed, const std::string& path,
                                                 const SavedModel* saved) {
  return Create(FindModel(name), name, config, seed, path, saved);
}

std::unique_ptr<NeuralModel> NeuralModel::Create(const ModelEntry& entry, std::string_view name,
                                                 const Json& config, uint64_t seed,
                                                 const std::string& path, const SavedModel* saved) {
  std::unique_ptr<NeuralModel> model(new NeuralModel);
  Impl& m = *model->impl_;
  m.entry = &entry;
  NF_CHECK(m.entry->build != nullptr);
  m.config = m.entry->make_config();
  m.seed = seed;
  ModelConfig& c = *m.config;
  const Absent absent = saved != nullptr && saved->complete ? Absent::kFault : Absent::kDefault;
  ParseFields(config, c, path, kNested, absent);
  m.ReadLoss(config, path, absent);
  CheckExog(*m.entry, {c.future_exog, c.historic_exog, c.static_exog}, path);
  if (m.entry->check != nullptr) m.entry->check(c, path);
  m.alias = SettleAlias(*m.entry, name, c.alias);
  m.start_padding = c.start_padding;
  m.head = MakeHead(c.loss);
  m.graph = Record(*m.entry, c, *m.head, Part::kTraining, saved);
  m.head->Attach(*m.graph);
  if (c.feeds_back()) {
    m.first_step = Record(*m.entry, c, *m.head, Part::kFirstStep);
    m.next_step = Record(*m.entry, c, *m.head, Part::kNextStep);
    NF_CHECK(SameParameters(*m.graph, *m.first_step) && SameParameters(*m.graph, *m.next_step));
  }
  return model;
}

const std::string& NeuralModel::alias() const { return impl_->alias; }
std::string NeuralModel::name() const { return impl_->entry->name; }
const ModelConfig& NeuralModel::config() const { return *impl_->config; }
const Head& NeuralModel::head() const { return *impl_->head; }
uint64_t NeuralModel::seed() const { return impl_->seed; }
const Graph& NeuralModel::graph() const { return *impl_->graph; }
const Graph& NeuralModel::forecast_graph() const {
  return impl_->first_step == nullptr ? graph() : *impl_->first_step;
}
const Graph* NeuralModel::step_graph() const { return impl_->next_step.get(); }
int64_t NeuralModel::num_parameters() const { return impl_->graph->num_parameters; }
int64_t NeuralModel::point_output() const { return impl_->config->loss.point_output(); }

Json NeuralModel::ConfigJson() const {
  Json json = FieldsToJson(*impl_->config);
  json.Set("startPadding", start_padding());
  json.Set("loss", LossJson(impl_->config->loss));
  json.Set("validLoss", LossJson(impl_->config->valid_loss));
  return json;
}

void NeuralModel::CheckPanel(const Panel& panel, std::span<const std::string> ids) const {
  if (!impl_->entry->multivariate) return;
  const int64_t series = config().series(), there = panel.num_series();
  if (there != series) {
    const std::string made = std::to_string(series), given = std::to_string(there);
    Fail(ErrorCode::kOutOfRange, alias() + " forecasts all series together and has nSeries " +
                                     made + ", but the data has " + given +
                                     " series: give it the " + made +
                                     ", or take a forecaster with nSeries: " + given +
                                     " (without nSeries, fit() takes as many as its data has)");
  }
  CheckAligned(panel, ids, alias());
}

std::vector<std::string> NeuralModel::OutputColumns() const {
  std::vector<std::string> columns = impl_->config->loss.OutputSuffixes();
  for (std::string& column : columns) column = impl_->alias + column;
  return columns;
}

std::shared_ptr<const std::vector<float>> NeuralModel::weights() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->weights;
}

void NeuralModel::SetWeights(std::vector<float> parameters) {
  NF_CHECK(static_cast<int64_t>(parameters.size()) == impl_->graph->slab_size);
  auto fresh = std::make_shared<const std::vector<float>>(std::move(parameters));
  std::lock_guard lock(impl_->mutex);
  impl_->weights = std::move(fresh);
}

bool NeuralModel::start_padding() const { return impl_->start_padding; }
void NeuralModel::SetStartPadding(bool padding) { impl_->start_padding = padding; }

std::vector<float> NeuralModel::InitialParameters() const {
  return impl_->graph->InitialParameters(impl_->seed);
}

void NeuralModel::AppendTensors(const std::string& prefix, const std::vector<float>& slab,
                                std::vector<TensorView>& out) const {
  for (TensorId id : impl_->graph->stored) {
    const TensorInfo& info = impl_->graph->tensor(id);
    TensorView view;
    view.name = prefix + info.name;
    view.shape = info.dims;
    view.bytes = {reinterpret_cast<const uint8_t*>(slab.data() + info.offset),
                  static_cast<size_t>(info.size) * sizeof(float)};
    out.push_back(std::move(view));
  }
}

std::vector<float> NeuralModel::ReadTensors(const std::string& prefix,
                                            const SafetensorsFile& file) const {
  // All shapes before any memory: what a file asks for may be more than there is.
  for (TensorId id : impl_->graph->stored) {
    const TensorInfo& info = impl_->graph->tensor(id);
    Fitting(file, prefix + info.name, info.dims);
  }
  std::vector<float> slab(static_cast<size_t>(impl_->graph->slab_size), 0.0f);
  for (TensorId id : impl_->graph->stored) {
    const TensorInfo& info = impl_->graph->tensor(id);
    const TensorView& view = file.At(prefix + info.name);
    view.CopyTo(
        std::span(slab).subspan(static_cast<size_t>(info.offset), static_cast<size_t>(info.size)));
  }
  return slab;
}

}  // namespace nf
