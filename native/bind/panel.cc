#include "bind/panel.h"

#include <cmath>
#include <limits>

#include "bind/convert.h"
#include "bind/environment.h"
#include "bind/errors.h"
#include "bind/free_aside.h"
#include "bind/tags.h"

namespace nf::bind {
namespace {

std::vector<int64_t> ReadOffsets(Napi::Value value) {
  const auto source = ToSpan<double>(value, "offsets");
  if (source.empty()) Fail(ErrorCode::kOutOfRange, "offsets must not be empty");
  std::vector<int64_t> offsets;
  offsets.reserve(source.size());
  for (const double v : source) {
    const double previous = offsets.empty() ? 0.0 : static_cast<double>(offsets.back());
    if (!(v >= previous && v < 9007199254740992.0) || v != std::floor(v) ||
        (offsets.empty() && v != 0.0))
      Fail(ErrorCode::kOutOfRange, "offsets must begin with 0 and never fall");
    offsets.push_back(static_cast<int64_t>(v));
  }
  return offsets;
}

// Calls fn with the values as a span of double or of float.
template <class Fn>
auto WithFloats(Napi::Value value, const char* what, size_t length, Fn&& fn) {
  const ArrayView view = ToArrayView(value, what);
  if (view.type != napi_float64_array && view.type != napi_float32_array)
    FailType(what, "a Float64Array or a Float32Array");
  CheckLength(what, view.length, length);
  if (view.type == napi_float64_array)
    return fn(std::span<const double>(static_cast<const double*>(view.data), view.length));
  return fn(std::span<const float>(static_cast<const float*>(view.data), view.length));
}

Column ReadColumn(Napi::Value value, const char* what, size_t length, bool compact) {
  return WithFloats(value, what, length, [&](auto values) { return Column(values, compact); });
}

// Calls fn(values) for each member of data[key] and keeps its name.
template <class Fn>
void ReadExog(Napi::Object data, const char* key, std::vector<std::string>& names, Fn&& fn) {
  const Napi::Array array = ToArray(Get(data, key), key);
  for (uint32_t i = 0, n = array.Length(); i < n; ++i) {
    const Napi::Object column = ToObject(array.Get(i), key);
    names.push_back(GetString(column, "name"));
    fn(Get(column, "values"), names.back().c_str());
  }
}

nf::Panel ReadPanel(Napi::Value value) {
  const Napi::Object data = ToObject(value, "data");
  const bool compact = GetBool(data, "compact");
  nf::Panel panel;
  panel.offsets = ReadOffsets(Get(data, "offsets"));
  const auto rows = static_cast<size_t>(panel.num_rows());
  const auto series = static_cast<size_t>(panel.num_series());
  panel.y = ReadColumn(Get(data, "y"), "y", rows, compact);
  if (const Napi::Value mask = Get(data, "mask"); !mask.IsUndefined()) {
    const auto values = ToSpan<uint8_t>(mask, "mask");
    CheckLength("mask", values.size(), rows);
    panel.mask.assign(values.begin(), values.end());
  }
  if (const Napi::Value ds = Get(data, "ds"); !ds.IsUndefined()) {
    panel.ds = ReadColumn(ds, "ds", rows, /*compact=*/false);
    panel.ds_step = static_cast<double>(GetInteger(data, "dsStep", 0, int64_t{1} << 53));
  }
  ReadExog(data, "historicExog", panel.historic_names, [&](Napi::Value v, const char* what) {
    panel.historic.push_back(ReadColumn(v, what, rows, compact));
  });
  ReadExog(data, "futureExog", panel.future_names, [&](Napi::Value v, const char* what) {
    panel.future.push_back(ReadColumn(v, what, rows, compact));
  });
  std::vector<std::vector<float>> statics;
  ReadExog(data, "staticExog", panel.static_names, [&](Napi::Value v, const char* what) {
    statics.push_back(WithFloats(v, what, series, [](auto values) {
      return std::vector<float>(values.begin(), values.end());
    }));
  });
  panel.statics.reserve(series * statics.size());
  for (size_t s = 0; s < series; ++s)
    for (const auto& column : statics) panel.statics.push_back(column[s]);
  return panel;
}

}  // namespace

Napi::Function PanelWrap::Define(Napi::Env env) {
  return DefineClass(
      env, "Panel",
      {InstanceAccessor<&PanelWrap::SeriesCount>("seriesCount"),
       InstanceAccessor<&PanelWrap::RowCount>("rowCount"),
       InstanceAccessor<&PanelWrap::ByteLength>("byteLength"),
       InstanceMethod<&PanelWrap::Tail>("tail"), InstanceMethod<&PanelWrap::Dispose>("dispose")});
}

PanelWrap::PanelWrap(const Napi::CallbackInfo& info) : ObjectWrap(info), external_(info.Env()) {
  Guarded(info.Env(), [&] {
    panel_ = std::exchange(Environment::Of(info.Env()).new_panel, nullptr);
    if (panel_ == nullptr) panel_ = std::make_shared<const nf::Panel>(ReadPanel(info[0]));
    external_.Set(panel_->bytes());
    Value().TypeTag(&kPanelTag);
  });
}

Napi::Object PanelWrap::New(Napi::Env env, std::shared_ptr<const nf::Panel> panel) {
  Environment& environment = Environment::Of(env);
  environment.new_panel = std::move(panel);
  return environment.panel_class.New({});
}

std::shared_ptr<const nf::Panel> PanelWrap::From(Napi::Value value, const char* what) {
  const PanelWrap& wrap = bind::Unwrap<PanelWrap>(value, kPanelTag, what, "a Panel");
  wrap.Live();
  return wrap.panel_;
}

const nf::Panel& PanelWrap::Live() const {
  if (panel_ == nullptr) Fail(ErrorCode::kDisposed, "The panel was disposed of");
  return *panel_;
}

Napi::Value PanelWrap::SeriesCount(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(Live().num_series()));
  });
}

Napi::Value PanelWrap::RowCount(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(Live().num_rows()));
  });
}

Napi::Value PanelWrap::ByteLength(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(Live().bytes()));
  });
}

Napi::Value PanelWrap::Tail(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const nf::Panel& panel = Live();
    const int64_t length = ToInteger(info[0], "length", 0, std::numeric_limits<int64_t>::max());
    return New(info.Env(), std::make_shared<const nf::Panel>(panel.Tail(length)));
  });
}

void PanelWrap::Dispose(const Napi::CallbackInfo&) {
  FreeAside(std::exchange(panel_, nullptr), external_.bytes());
  external_.Set(0);
}

}  // namespace nf::bind
