#include "config/fields.h"

#include <algorithm>
#include <cmath>

#include "config/option_hint.h"
#include "util/error.h"

namespace nf {
namespace {

constexpr double kMaxInteger = 9007199254740992.0;  // 2^53

std::string Number(double v) { return Json(v).Dump(); }

std::string Quoted(const std::string& text) { return "'" + text + "'"; }

// A value as messages show it: strings in single quotes, long values cut.
std::string Shown(const Json& v) {
  constexpr size_t kMost = 60;
  std::string text = v.is_string() ? Quoted(v.AsString()) : v.Dump();
  if (text.size() > kMost) text = text.substr(0, kMost) + "...";
  return text;
}

std::string Joined(const std::vector<std::string>& names, const char* quote) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + (quote + name + quote);
  return out;
}

// "an integer" and spec's range: "an integer >= 1", "a number > 0 and <= 1", "a number from 0 to
// 1".
std::string Ranged(std::string what, const FieldSpec& spec) {
  const bool low = std::isfinite(spec.min), high = std::isfinite(spec.max);
  if (low && high && !spec.min_exclusive)
    return what + " from " + Number(spec.min) + " to " + Number(spec.max);
  if (low) what += (spec.min_exclusive ? " > " : " >= ") + Number(spec.min);
  if (high) what += std::string(low ? " and" : "") + " <= " + Number(spec.max);
  return what;
}

// One overload a kind: its name in DescribeFields, what a message asks for, conversion both ways.
struct Kinds {
  static const char* Name(bool) { return "boolean"; }
  static const char* Name(int64_t) { return "integer"; }
  static const char* Name(double) { return "number"; }
  static const char* Name(const std::optional<double>&) { return "number"; }
  static const char* Name(const std::string&) { return "string"; }
  static const char* Name(const AutoCount&) { return "auto"; }
  static const char* Name(const FieldsList&) { return "object[]"; }
  template <class T>
  static std::string Name(const std::vector<T>&) {
    return std::string(Name(T())) + "[]";
  }

  static std::string Wanted(bool, const FieldSpec&) { return "true or false"; }
  static std::string Wanted(int64_t, const FieldSpec& s) { return Ranged("an integer", s); }
  static std::string Wanted(double, const FieldSpec& s) { return Ranged("a number", s); }
  static std::string Wanted(const std::optional<double>&, const FieldSpec& s) {
    return Wanted(double(), s);
  }
  static std::string Wanted(const std::string&, const FieldSpec& s) {
    return s.choices.empty() ? "a string" : "one of " + Joined(s.choices, "'");
  }
  static std::string Wanted(const AutoCount&, const FieldSpec& s) {
    return "'auto', true, false or " + Ranged("an integer", s);
  }
  static std::string Wanted(const FieldsList&, const FieldSpec&) { return "a list of objects"; }
  template <class T>
  static std::string Wanted(const std::vector<T>&, const FieldSpec& s) {
    return "a list in which each item is " + Wanted(T(), s);
  }

  static Json ToJson(bool v) { return v; }
  static Json ToJson(int64_t v) { return v; }
  static Json ToJson(double v) { return v; }
  static Json ToJson(const std::optional<double>& v) { return v ? Json(*v) : Json(); }
  static Json ToJson(const std::string& v) { return v; }
  static Json ToJson(const AutoCount& v) {
    if (v.value == AutoCount::kAuto) return "auto";
    if (v.value == AutoCount::kOn) return true;
    return v.value == 0 ? Json(false) : Json(v.value);
  }
  static Json ToJson(FieldsList& list) {
    Json::Array items;
    for (size_t i = 0; i < list.size(); ++i) items.push_back(FieldsToJson(list.at(i)));
    return items;
  }
  template <class T>
  static Json ToJson(const std::vector<T>& v) {
    Json::Array items;
    items.reserve(v.size());
    for (const T& item : v) items.push_back(ToJson(item));
    return items;
  }
};

// Reads one value of `source` into a field. where: "NHITS.inputSize", "NHITS.nBlocks[1]".
class Reader {
 public:
  Reader(const FieldSpec& spec, const Json& source, std::string where, Absent absent)
      : spec_(spec), source_(source), where_(std::move(where)), absent_(absent) {}

  void Read(bool& value) const {
    if (!source_.is_bool()) Bad(ErrorCode::kInvalidArgType, value);
    value = source_.AsBool();
  }

  void Read(double& value) const { value = Ranged(value); }
  void Read(std::optional<double>& value) const { value = Ranged(value); }

  void Read(int64_t& value) const {
    const double v = Ranged(value);
    if (v != std::trunc(v) || std::fabs(v) > kMaxInteger) Bad(ErrorCode::kOutOfRange, value);
    value = static_cast<int64_t>(v);
  }

  void Read(std::string& value) const {
    if (!source_.is_string()) Bad(ErrorCode::kInvalidArgType, value);
    const std::string& text = source_.AsString();
    const auto& choices = spec_.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end())
      Bad(ErrorCode::kOutOfRange, value);
    value = text;
  }

  void Read(AutoCount& count) const {
    if (source_.is_bool()) {
      count.value = source_.AsBool() ? AutoCount::kOn : 0;
    } else if (source_.is_string() && source_.AsString() == "auto") {
      count.value = AutoCount::kAuto;
    } else if (source_.is_number()) {
      const double v = source_.AsNumber();
      if (!(v >= 0 && v <= spec_.max) || v != std::trunc(v)) Bad(ErrorCode::kOutOfRange, count);
      count.value = static_cast<int64_t>(v);
    } else {
      Bad(source_.is_string() ? ErrorCode::kOutOfRange : ErrorCode::kInvalidArgType, count);
    }
  }

  void Read(FieldsList& list) const {
    if (!source_.is_array()) Bad(ErrorCode::kInvalidArgType, list);
    list.Clear();
    const auto& items = source_.AsArray();
    for (size_t i = 0; i < items.size(); ++i)
      ParseFields(items[i], list.Add(), where_ + "[" + std::to_string(i) + "]", {}, absent_);
  }

  // min_items counts the outermost list.
  template <class T>
  void Read(std::vector<T>& value) const {
    if (!source_.is_array()) Bad(ErrorCode::kInvalidArgType, value);
    const auto& items = source_.AsArray();
    if (items.size() < spec_.min_items)
      Fail(ErrorCode::kOutOfRange, where_ + " must have at least " +
                                       std::to_string(spec_.min_items) + " items; got " +
                                       std::to_string(items.size()));
    FieldSpec inner = spec_;
    inner.min_items = 0;
    std::vector<T> read(items.size());
    for (size_t i = 0; i < items.size(); ++i)
      Reader(inner, items[i], where_ + "[" + std::to_string(i) + "]", absent_).Read(read[i]);
    value = std::move(read);
  }

 private:
  // The number that stands here, within the range. `value` only tells the field's kind.
  template <class T>
  double Ranged(const T& value) const {
    if (source_.is_string() && (source_.AsString() == "NaN" || source_.AsString() == "Infinity" ||
                                source_.AsString() == "-Infinity"))
      Fail(ErrorCode::kOutOfRange,
           where_ + " must be " + Kinds::Wanted(value, spec_) + "; got " + source_.AsString());
    if (!source_.is_number()) Bad(ErrorCode::kInvalidArgType, value);
    const double v = source_.AsNumber();
    const bool above = spec_.min_exclusive ? v > spec_.min : v >= spec_.min;
    if (!std::isfinite(v) || !above || v > spec_.max) Bad(ErrorCode::kOutOfRange, value);
    return v;
  }

  template <class T>
  [[noreturn]] void Bad(ErrorCode code, const T& value) const {
    Fail(code, where_ + " must be " + Kinds::Wanted(value, spec_) + "; got " + Shown(source_));
  }

  const FieldSpec& spec_;
  const Json& source_;
  const std::string where_;
  const Absent absent_;
};

// Spells the overloads of FieldVisitor as one template `Each` of the derived class.
template <class Derived>
class EachField : public FieldVisitor {
 public:
  void Visit(const char* n, bool& v, const FieldSpec& s) override { Call(n, v, s); }
  void Visit(const char* n, int64_t& v, const FieldSpec& s) override { Call(n, v, s); }
  void Visit(const char* n, double& v, const FieldSpec& s) override { Call(n, v, s); }
  void Visit(const char* n, std::optional<double>& v, const FieldSpec& s) override {
    Call(n, v, s);
  }
  void Visit(const char* n, std::string& v, const FieldSpec& s) override { Call(n, v, s); }
  void Visit(const char* n, std::vector<int64_t>& v, const FieldSpec& s) override { Call(n, v, s); }
  void Visit(const char* n, std::vector<double>& v, const FieldSpec& s) override { Call(n, v, s); }
  void Visit(const char* n, std::vector<std::string>& v, const FieldSpec& s) override {
    Call(n, v, s);
  }
  void Visit(const char* n, std::vector<std::vector<int64_t>>& v, const FieldSpec& s) override {
    Call(n, v, s);
  }
  void Visit(const char* n, AutoCount& v, const FieldSpec& s) override { Call(n, v, s); }
  void Visit(const char* n, FieldsList& v, const FieldSpec& s) override { Call(n, v, s); }

 private:
  template <class T>
  void Call(const char* name, T& value, const FieldSpec& spec) {
    static_cast<Derived*>(this)->Each(name, value, spec);
  }
};

struct Overlay : EachField<Overlay> {
  Overlay(const Json& from, const std::string& begin, Absent what_absent_means)
      : source(from), path(begin), absent(what_absent_means) {}

  template <class T>
  void Each(const char* name, T& value, const FieldSpec& spec) {
    const Json* given = source.Find(name);
    if (given && !given->is_null())
      Reader(spec, *given, path + "." + name, absent).Read(value);
    else if (spec.required)
      Fail(ErrorCode::kInvalidArgType, path + "." + name + " is required: " +
                                           Kinds::Wanted(value, spec) + " (" + spec.doc + ")");
    else if (absent == Absent::kFault && !(given ? Kinds::ToJson(value).is_null() : spec.later))
      Fail(ErrorCode::kInvalidArgType, path + "." + name + " is missing");
  }

  const Json& source;
  const std::string& path;
  const Absent absent;
};

struct NamesOf : EachField<NamesOf> {
  template <class T>
  void Each(const char* name, T&, const FieldSpec&) {
    names.push_back(name);
  }
  std::vector<std::string> names;
};

struct ValuesOf : EachField<ValuesOf> {
  template <class T>
  void Each(const char* name, T& value, const FieldSpec&) {
    members.emplace_back(name, Kinds::ToJson(value));
  }
  Json::Object members;
};

struct Descriptions : EachField<Descriptions> {
  template <class T>
  void Each(const char* name, T& value, const FieldSpec& spec) {
    Json field;
    const std::string type = spec.time ? "time[]" : std::string(Kinds::Name(value));
    field.Set("name", name).Set("type", type);
    if (!spec.required) field.Set("default", Kinds::ToJson(value));
    field.Set("required", spec.required);
    if (std::isfinite(spec.min)) field.Set("min", spec.min);
    if (std::isfinite(spec.max)) field.Set("max", spec.max);
    if (spec.min_exclusive) field.Set("minExclusive", true);
    if (!spec.choices.empty()) field.Set("choices", Kinds::ToJson(spec.choices));
    if (spec.min_items > 0) field.Set("minItems", static_cast<double>(spec.min_items));
    AddItem(field, value, spec);
    fields.push_back(std::move(field.Set("doc", spec.doc)));
  }
  template <class T>
  static void AddItem(Json& field, T& value, const FieldSpec& spec) {
    if constexpr (std::is_base_of_v<FieldsList, T>)
      field.Set("item", spec.item).Set("fields", DescribeFields(*value.Fresh()));
  }
  Json::Array fields;
};

[[noreturn]] void FailUnknown(const std::string& path, const std::string& key,
                              const std::vector<std::string>& known) {
  const std::string begin = path + " has no option " + Shown(Json(key));
  const std::string hint = OptionHint(key, known);
  Fail(ErrorCode::kInvalidArgType,
       begin + "; " + (hint.empty() ? "it knows " + Joined(known, "") : hint));
}

}  // namespace

void ParseFields(const Json& source, Fields& target, const std::string& path,
                 const std::vector<std::string>& skip, Absent absent) {
  if (!source.is_object() && !source.is_null())
    Fail(ErrorCode::kInvalidArgType, path + " must be an object of options; got " + Shown(source));
  if (source.is_object()) {
    std::vector<std::string> known = FieldNames(target);
    known.insert(known.end(), skip.begin(), skip.end());
    for (const auto& [key, value] : source.AsObject())
      if (std::find(known.begin(), known.end(), key) == known.end()) FailUnknown(path, key, known);
  }
  Overlay overlay(source, path, absent);
  target.VisitFields(overlay);
}

Json FieldsToJson(Fields& fields) {
  ValuesOf values;
  fields.VisitFields(values);
  return std::move(values.members);
}

Json DescribeFields(Fields& fields) {
  Descriptions descriptions;
  fields.VisitFields(descriptions);
  return std::move(descriptions.fields);
}

std::vector<std::string> FieldNames(Fields& fields) {
  NamesOf names;
  fields.VisitFields(names);
  return std::move(names.names);
}

}  // namespace nf
