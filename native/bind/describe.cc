#include "bind/describe.h"

#include <span>
#include <string_view>

#include "data/local_scaler.h"
#include "data/scaler.h"
#include "kernels/kernel_table.h"
#include "model/describe.h"
#include "models/config.h"
#include "util/error.h"
#include "util/json.h"

namespace nf::bind {
namespace {

Json Names(std::span<const std::string_view> names) {
  Json::Array array;
  for (const std::string_view name : names) array.push_back(std::string(name));
  return array;
}

Json ErrorCodes() {
  return Json::Array{
#define NF_ERROR(name, code, when) Json::Object{{"name", #name}, {"code", code}, {"when", when}},
#include "util/error_codes.inc"
#undef NF_ERROR
  };
}

Json Targets() {
  Json::Array array;
  for (const KernelTable* table : AllKernels()) array.push_back(table->target);
  return array;
}

}  // namespace

std::string Describe() {
  TrainConfig train;
  ModelConfig model;
  return Json(Json::Object{{"models", DescribeModels()},
                           {"losses", DescribeLosses()},
                           {"scalers", Names(ScalerNames())},
                           {"localScalers", Names(LocalScalerNames())},
                           {"trainFields", DescribeFields(train)},
                           {"modelFields", DescribeFields(model)},
                           {"errorCodes", ErrorCodes()},
                           {"testing", DescribeTesting()},
                           {"version", NF_VERSION},
                           {"targets", Targets()}})
      .Dump();
}

}  // namespace nf::bind
