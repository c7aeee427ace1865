#include "util/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "util/error.h"
#include "util/utf8.h"

namespace nf {
namespace {

constexpr int kMaxDepth = 64;
constexpr double kMaxInteger = 9007199254740992.0;  // 2^53

// Recursive descent over the text; every failure carries the byte where it was seen.
class Parser {
 public:
  Parser(std::string_view text, Json::LoneSurrogates lone) : text_(text), lone_(lone) {}

  Json Document() {
    SkipSpace();
    Json value = Value(0);
    SkipSpace();
    if (pos_ != text_.size()) Bad("text after the end of the value");
    return value;
  }

 private:
  [[noreturn]] void Bad(const char* why) const {
    Fail(ErrorCode::kCorruptModel,
         "not valid JSON at byte " + std::to_string(pos_) + ": " +
             (pos_ >= text_.size() ? std::string("the text ends too early") : std::string(why)));
  }

  char Peek() const { return pos_ < text_.size() ? text_[pos_] : '\0'; }
  bool PeekDigit() const { return Peek() >= '0' && Peek() <= '9'; }

  bool Take(char c) {
    if (pos_ >= text_.size() || text_[pos_] != c) return false;
    ++pos_;
    return true;
  }

  void SkipSpace() {
    while (pos_ < text_.size() && (text_[pos_] == ' ' || text_[pos_] == '\t' ||
                                   text_[pos_] == '\n' || text_[pos_] == '\r'))
      ++pos_;
  }

  Json Value(int depth) {
    if (depth > kMaxDepth) Bad("nested more than 64 deep");
    switch (Peek()) {
      case '{':
        return ObjectValue(depth);
      case '[':
        return ArrayValue(depth);
      case '"':
        return StringValue();
      case 't':
        return Word("true", Json(true));
      case 'f':
        return Word("false", Json(false));
      case 'n':
        return Word("null", Json());
      default:
        return NumberValue();
    }
  }

  Json Word(std::string_view word, Json value) {
    if (text_.substr(pos_, word.size()) != word) Bad("expected a value");
    pos_ += word.size();
    return value;
  }

  Json NumberValue() {
    const size_t start = pos_;
    Take('-');
    if (!PeekDigit()) Bad("expected a value");
    if (!Take('0')) SkipDigits();
    if (Take('.')) SkipDigits();
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      SkipDigits();
    }
    double value = 0;
    const auto result = std::from_chars(text_.data() + start, text_.data() + pos_, value);
    if (result.ec != std::errc()) {
      pos_ = start;
      Bad("the number does not fit in a double");
    }
    return Json(value);
  }

  void SkipDigits() {
    if (!PeekDigit()) Bad("expected a digit");
    while (PeekDigit()) ++pos_;
  }

  uint32_t HexEscape() {
    uint32_t unit = 0;
    for (int i = 0; i < 4; ++i, ++pos_) {
      const char c = Peek();
      if (c >= '0' && c <= '9')
        unit = unit * 16 + (c - '0');
      else if (c >= 'a' && c <= 'f')
        unit = unit * 16 + (c - 'a' + 10);
      else if (c >= 'A' && c <= 'F')
        unit = unit * 16 + (c - 'A' + 10);
      else
        Bad("expected four hexadecimal digits");
    }
    return unit;
  }

  // Behind "\u": one code point, from one escape or a surrogate pair.
  uint32_t EscapedCodePoint() {
    const uint32_t unit = HexEscape();
    if (unit < 0xD800 || unit > 0xDFFF) return unit;
    const size_t behind = pos_;
    const bool paired = unit <= 0xDBFF && Take('\\') && Take('u');
    const uint32_t low = paired ? HexEscape() : 0;
    if (low < 0xDC00 || low > 0xDFFF) {
      if (lone_ == Json::LoneSurrogates::kRefused) Bad("a lone surrogate");
      pos_ = behind;
      return 0xFFFD;
    }
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  }

  void Escape(std::string& out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt", kMeaning = "\"\\/\b\f\n\r\t";
    if (Take('u')) {
      AppendUtf8(EscapedCodePoint(), out);
      return;
    }
    const size_t which = pos_ < text_.size() ? kLetters.find(text_[pos_]) : kLetters.npos;
    if (which == kLetters.npos) Bad("unknown escape");
    out += kMeaning[which];
    ++pos_;
  }

  std::string StringValue() {
    if (!Take('"')) Bad("expected a string");
    std::string out;
    for (;;) {
      size_t end = pos_;
      while (end < text_.size() && IsPlain(text_[end])) ++end;
      out.append(text_.substr(pos_, end - pos_));
      pos_ = end;
      if (Take('"')) return out;
      if (Take('\\')) {
        Escape(out);
        continue;
      }
      if (static_cast<unsigned char>(Peek()) < 0x20) Bad("a control character in a string");
      const size_t length = Utf8Length(text_.substr(pos_));
      if (length == 0) Bad("not UTF-8");
      out.append(text_.substr(pos_, length));
      pos_ += length;
    }
  }

  static bool IsPlain(char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 0x20 && u < 0x80 && c != '"' && c != '\\';
  }

  Json ArrayValue(int depth) {
    Json::Array items;
    Take('[');
    SkipSpace();
    if (Take(']')) return Json(std::move(items));
    do {
      SkipSpace();
      items.push_back(Value(depth + 1));
      SkipSpace();
    } while (Take(','));
    if (!Take(']')) Bad("expected ',' or ']'");
    return Json(std::move(items));
  }

  Json ObjectValue(int depth) {
    Json::Object members;
    Take('{');
    SkipSpace();
    if (Take('}')) return Json(std::move(members));
    do {
      SkipSpace();
      std::string key = StringValue();
      SkipSpace();
      if (!Take(':')) Bad("expected ':'");
      SkipSpace();
      members.emplace_back(std::move(key), Value(depth + 1));
      SkipSpace();
    } while (Take(','));
    RejectTwins(members);
    if (!Take('}')) Bad("expected ',' or '}'");
    return Json(std::move(members));
  }

  // Two members of one name mean different things to different readers.
  void RejectTwins(const Json::Object& members) const {
    std::vector<std::string_view> keys;
    keys.reserve(members.size());
    for (const auto& [key, value] : members) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    const auto twin = std::adjacent_find(keys.begin(), keys.end());
    if (twin != keys.end()) Bad(("the key '" + std::string(*twin) + "' stands twice").c_str());
  }

  std::string_view text_;
  const Json::LoneSurrogates lone_;
  size_t pos_ = 0;
};

void DumpString(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
      ++i;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[(c >> 4) & 15];
      out += kHex[c & 15];
      ++i;
    } else if (const size_t length = Utf8Length(text.substr(i)); length > 0) {
      out.append(text.substr(i, length));
      i += length;
    } else {
      out += "\xEF\xBF\xBD";  // U+FFFD: what is written always parses
      ++i;
    }
  }
  out += '"';
}

void DumpNumber(double v, std::string& out) {
  if (!std::isfinite(v)) {
    out += "null";
    return;
  }
  char digits[32];
  // Whole numbers in full ("100000", not "1e+05"), but -0 keeps its sign.
  const bool whole =
      std::fabs(v) <= kMaxInteger && v == std::trunc(v) && !(v == 0 && std::signbit(v));
  const auto result = whole ? std::to_chars(digits, digits + 32, static_cast<int64_t>(v))
                            : std::to_chars(digits, digits + 32, v);
  out.append(digits, result.ptr);
}

void DumpValue(const Json& v, std::string& out) {
  if (v.is_null()) {
    out += "null";
  } else if (v.is_bool()) {
    out += v.AsBool() ? "true" : "false";
  } else if (v.is_number()) {
    DumpNumber(v.AsNumber(), out);
  } else if (v.is_string()) {
    DumpString(v.AsString(), out);
  } else if (v.is_array()) {
    const char* before = "";
    out += '[';
    for (const Json& item : v.AsArray()) {
      out += before;
      DumpValue(item, out);
      before = ",";
    }
    out += ']';
  } else {
    const char* before = "";
    out += '{';
    for (const auto& [key, value] : v.AsObject()) {
      out += before;
      DumpString(key, out);
      out += ':';
      DumpValue(value, out);
      before = ",";
    }
    out += '}';
  }
}

// The alternative T of a value, or an error that says what stands there instead.
template <class T, class Variant>
const T& Get(const Variant& value, const char* wanted) {
  static constexpr const char* kKinds[] = {"null",     "a boolean", "a number",
                                           "a string", "an array",  "an object"};
  if (const T* held = std::get_if<T>(&value)) return *held;
  Fail(ErrorCode::kCorruptModel,
       std::string("expected ") + wanted + " and found " + kKinds[value.index()]);
}

}  // namespace

Json Json::Parse(std::string_view text, LoneSurrogates lone) {
  return Parser(text, lone).Document();
}

std::string Json::Dump() const {
  std::string out;
  DumpValue(*this, out);
  return out;
}

bool Json::AsBool() const { return Get<bool>(value_, "a boolean"); }
double Json::AsNumber() const { return Get<double>(value_, "a number"); }

int64_t Json::AsInt() const {
  const double v = Get<double>(value_, "an integer");
  if (std::fabs(v) > kMaxInteger || v != std::trunc(v))
    Fail(ErrorCode::kCorruptModel, "expected an integer within 2^53 and found " + Dump());
  return static_cast<int64_t>(v);
}

const std::string& Json::AsString() const { return Get<std::string>(value_, "a string"); }
const Json::Array& Json::AsArray() const { return Get<Array>(value_, "an array"); }
const Json::Object& Json::AsObject() const { return Get<Object>(value_, "an object"); }

const Json* Json::Find(std::string_view key) const {
  if (const auto* members = std::get_if<Object>(&value_))
    for (const auto& [name, value] : *members)
      if (name == key) return &value;
  return nullptr;
}

const Json& Json::At(std::string_view key) const {
  if (const Json* found = Find(key)) return *found;
  if (!is_object()) AsObject();
  Fail(ErrorCode::kCorruptModel, "the member '" + std::string(key) + "' is missing");
}

Json& Json::Set(std::string key, Json value) {
  if (is_null()) value_ = Object();
  NF_CHECK(is_object());
  auto& members = std::get<Object>(value_);
  for (auto& [name, old] : members) {
    if (name != key) continue;
    old = std::move(value);
    return *this;
  }
  members.emplace_back(std::move(key), std::move(value));
  return *this;
}

}  // namespace nf
