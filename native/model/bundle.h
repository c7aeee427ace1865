// Model files: models with their weights and the end of the data, as one safetensors file.
//
// Metadata: "format", "formatVersion", "header" (the caller's text), "models" (JSON, [{name,
// config, seed, prefix}]) and, with a panel, "panel" (JSON, {historic, future, static}: names; with
// timestamps dsStep).
// Tensors: "models.<i>.<parameter>", or of a local model "models.<i>.offsets" I64 [series + 1] and
// "models.<i>.parameters" F64; "panel.ds" F64, "panel.offsets" I64, "panel.y" F64, "panel.mask" U8,
// "panel.historic.<i>" and "panel.future.<i>" F64, "panel.statics" F32 [series, static].
// Nothing else: what is unknown or missing was damaged, or is of a version that this one cannot
// read. Where the header's "version" is "python", configurations may leave options out.
#ifndef NF_MODEL_BUNDLE_H_
#define NF_MODEL_BUNDLE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/panel.h"
#include "model/model.h"
#include "util/job_control.h"

namespace nf {

inline constexpr char kBundleFormat[] = "neural-forecaster";
inline constexpr char kBundleVersion[] = "1";

// panel may be null. A model whose weights change meanwhile is written as it was before or as it is
// after, never as a mix. Throws kNotFitted for a model without weights.
std::vector<uint8_t> EncodeBundle(const std::string& header, std::span<const Model* const> models,
                                  const Panel* panel);

struct Bundle {
  std::string header;
  std::vector<std::unique_ptr<Model>> models;  // fitted
  std::unique_ptr<Panel> panel;                // null when the file has none
};

// Trusts nothing in `bytes`: throws kCorruptModel, and kAborted between two models. The models are
// bound to the engine.
Bundle DecodeBundle(std::span<const uint8_t> bytes, Engine& engine, const JobControl& control = {});
std::string BundleHeader(std::span<const uint8_t> bytes);

}  // namespace nf

#endif  // NF_MODEL_BUNDLE_H_
