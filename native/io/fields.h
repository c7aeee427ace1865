// Config structs state each field once, in VisitFields; parsing with named errors, defaults,
// ranges, save/load, equality and the generated TypeScript types all come from that list.
#ifndef NF_IO_FIELDS_H_
#define NF_IO_FIELDS_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "util/json.h"

namespace nf {

constexpr double kInf = std::numeric_limits<double>::infinity();

// What a field may hold. Ranges apply to each element of a list.
struct FieldSpec {
  const char* doc = "";                   // one sentence: meaning, unit, paper
  bool required = false;                  // no default
  double min = -kInf, max = kInf;         // inclusive
  bool min_exclusive = false;             // then (min, max]
  std::vector<std::string> choices = {};  // strings: the allowed values (empty: any)
  size_t min_items = 0;                   // lists: least length
};

class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;
  virtual void Visit(const char* name, bool& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, int64_t& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, double& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, std::string& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, std::vector<int64_t>& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, std::vector<double>& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, std::vector<std::string>& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, std::vector<std::vector<int64_t>>& value,
                     const FieldSpec& spec) = 0;
};

struct Fields {
  virtual ~Fields() = default;
  virtual void VisitFields(FieldVisitor& visitor) = 0;
};

// Overlays the members of `source` on `target`. `path` ("NHITS", "NHITS.loss") begins every
// message: "NHITS.inputSize must be an integer >= 1; got -3". Unknown members are an error that
// names the nearest known field. null or absent keeps the value already there; a required field
// that is absent throws kInvalidArgType. Wrong kind (a number where a list belongs, too):
// kInvalidArgType; outside range or choices, or 1.5 for an integer, or beyond 2^53: kOutOfRange.
// The strings "NaN", "Infinity" and "-Infinity" (how lib/ sends them) in a numeric field:
// kOutOfRange. Members named in `skip` are passed over (they belong to another struct). A null
// source is an empty one. After an error `target` is partly overlaid: drop it.
void ParseFields(const Json& source, Fields& target, const std::string& path,
                 const std::vector<std::string>& skip = {});

// {name: value, ...} in the order of VisitFields.
Json FieldsToJson(Fields& fields);

// [{name, type, default, required, min, max, minExclusive, choices, minItems, doc}, ...]; left out:
// default when required, infinite bounds, a false minExclusive, no choices, minItems 0. type:
// "boolean" "integer" "number" "string" "integer[]" "number[]" "string[]" "integer[][]".
Json DescribeFields(Fields& fields);

// The names, in order.
std::vector<std::string> FieldNames(Fields& fields);

}  // namespace nf

#endif  // NF_IO_FIELDS_H_
