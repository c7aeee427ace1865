// A small JSON value: the header of a safetensors file, model configurations, golden files.
// Objects keep their order. Numbers are doubles (integers are exact to 2^53).
#ifndef NF_UTIL_JSON_H_
#define NF_UTIL_JSON_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace nf {

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;

  Json() : value_(nullptr) {}
  Json(std::nullptr_t) : value_(nullptr) {}            // NOLINT
  Json(bool v) : value_(v) {}                          // NOLINT
  Json(double v) : value_(v) {}                        // NOLINT
  Json(int v) : value_(static_cast<double>(v)) {}      // NOLINT
  Json(int64_t v) : value_(static_cast<double>(v)) {}  // NOLINT
  Json(const char* v) : value_(std::string(v)) {}      // NOLINT
  Json(std::string v) : value_(std::move(v)) {}        // NOLINT
  Json(Array v) : value_(std::move(v)) {}              // NOLINT
  Json(Object v) : value_(std::move(v)) {}             // NOLINT

  // Strict (RFC 8259, UTF-8 checked, no member twice, numbers within double's range). Throws
  // Error(kCorruptModel, "not valid JSON at byte N: ..."). Depth is limited to 64.
  // JavaScript's strings may hold lone surrogates, which JSON.stringify escapes: an error, or with
  // kReplaced U+FFFD.
  enum class LoneSurrogates { kRefused, kReplaced };
  static Json Parse(std::string_view text, LoneSurrogates lone = LoneSurrogates::kRefused);
  // Compact text that parses back to the same value: the shortest digits of each double, whole
  // numbers in full. Non-finite numbers become null, ill-formed UTF-8 becomes U+FFFD.
  std::string Dump() const;

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_number() const { return std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // Each throws Error(kCorruptModel) when the value is of another kind: files are the only
  // untyped source (options are parsed through config/fields.h, which gives its own errors).
  bool AsBool() const;
  double AsNumber() const;
  int64_t AsInt() const;
  const std::string& AsString() const;
  const Array& AsArray() const;
  const Object& AsObject() const;

  // Member of an object, or nullptr (also when this is not an object).
  const Json* Find(std::string_view key) const;
  // Member of an object; throws Error(kCorruptModel) naming the key when absent.
  const Json& At(std::string_view key) const;
  // Appends or replaces a member (a null value becomes an object first).
  Json& Set(std::string key, Json value);

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::nullptr_t, bool, double, std::string, Array, Object> value_;
};

}  // namespace nf

#endif  // NF_UTIL_JSON_H_
