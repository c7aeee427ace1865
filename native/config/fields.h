// Config structs state each field once, in VisitFields; parsing with named errors, defaults,
// ranges, save/load, equality and the generated TypeScript types all come from that list.
#ifndef NF_CONFIG_FIELDS_H_
#define NF_CONFIG_FIELDS_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
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
  bool time = false;                      // list of numbers: timestamps in the data's own unit
  bool later = false;                     // younger than the first model files: they lack it
  const char* item = "";                  // list of objects: what the type of one is called
};

struct Fields;

// A count that may be left to the model: JSON 'auto', true (the model's own count), false (0) or an
// integer >= 0.
struct AutoCount {
  static constexpr int64_t kAuto = -1, kOn = -2;
  int64_t value = kAuto;
};

// A list of option objects, whatever their type.
class FieldsList {
 public:
  virtual ~FieldsList() = default;
  virtual size_t size() const = 0;
  virtual Fields& at(size_t i) = 0;
  virtual Fields& Add() = 0;
  virtual void Clear() = 0;
  virtual std::unique_ptr<Fields> Fresh() const = 0;  // one with its defaults
};

template <class T>
class ListOf : public FieldsList {
 public:
  size_t size() const override { return items.size(); }
  Fields& at(size_t i) override { return items[i]; }
  Fields& Add() override { return items.emplace_back(); }
  void Clear() override { items.clear(); }
  std::unique_ptr<Fields> Fresh() const override { return std::make_unique<T>(); }

  std::vector<T> items;
};

class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;
  virtual void Visit(const char* name, bool& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, int64_t& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, double& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, std::optional<double>& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, std::string& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, std::vector<int64_t>& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, std::vector<double>& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, std::vector<std::string>& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, std::vector<std::vector<int64_t>>& value,
                     const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, AutoCount& value, const FieldSpec& spec) = 0;
  virtual void Visit(const char* name, FieldsList& value, const FieldSpec& spec) = 0;
};

struct Fields {
  virtual ~Fields() = default;
  virtual void VisitFields(FieldVisitor& visitor) = 0;
};

// What a member that is not there, or null, means. Options leave out what they please. A model file
// says everything: what is missing was lost. Only an optional number can be null there, and
// only fields that are `later` may be absent.
enum class Absent { kDefault, kFault };

// Overlays the members of `source` on `target`. `path` ("NHITS", "NHITS.loss") begins every
// message: "NHITS.inputSize must be an integer >= 1; got -3". Unknown members are an error that
// names the nearest known field. null or absent keeps the value already there; a required field
// that is absent throws kInvalidArgType. Wrong kind (a number where a list belongs, too):
// kInvalidArgType; outside range or choices, or 1.5 for an integer, or beyond 2^53: kOutOfRange.
// The strings "NaN", "Infinity" and "-Infinity" (how lib/ sends them) in a numeric field:
// kOutOfRange. Members named in `skip` are passed over (they belong to another struct). A null
// source is an empty one. After an error `target` is partly overlaid: drop it.
void ParseFields(const Json& source, Fields& target, const std::string& path,
                 const std::vector<std::string>& skip = {}, Absent absent = Absent::kDefault);

// {name: value, ...} in the order of VisitFields. An optional number that is not given is null.
Json FieldsToJson(Fields& fields);

// [{name, type, default, required, min, max, minExclusive, choices, minItems, doc}, ...]; left out:
// default when required, infinite bounds, a false minExclusive, no choices, minItems 0. type:
// "boolean" "integer" "number" "string" "integer[]" "number[]" "string[]" "integer[][]" "time[]",
// "auto" ('auto', a boolean or an integer) and "object[]", which has members item, the name of an
// object's type, and fields, its description.
Json DescribeFields(Fields& fields);

// The names, in order.
std::vector<std::string> FieldNames(Fields& fields);

}  // namespace nf

#endif  // NF_CONFIG_FIELDS_H_
