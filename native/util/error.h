// The one exception type of the native code: a code from error_codes.inc and a message that names
// the argument, series or option and the way out. bind/ turns it into a JS error with that code.
#ifndef NF_UTIL_ERROR_H_
#define NF_UTIL_ERROR_H_

#include <stdexcept>
#include <string>

namespace nf {

enum class ErrorCode {
#define NF_ERROR(name, code, when) name,
#include "util/error_codes.inc"
#undef NF_ERROR
};

// "ERR_OUT_OF_RANGE" and so on.
inline const char* CodeName(ErrorCode code) {
  switch (code) {
#define NF_ERROR(name, text, when) \
  case ErrorCode::name:            \
    return text;
#include "util/error_codes.inc"
#undef NF_ERROR
  }
  return "ERR_INTERNAL";
}

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

[[noreturn]] inline void Fail(ErrorCode code, const std::string& message) {
  throw Error(code, message);
}

}  // namespace nf

// An invariant of the code itself (never user input): a failure is a bug and says where.
#define NF_CHECK(condition)                                                                 \
  do {                                                                                      \
    if (!(condition))                                                                       \
      ::nf::Fail(::nf::ErrorCode::kInternal,                                                \
                 std::string(__FILE__ ":") + std::to_string(__LINE__) + ": " + #condition); \
  } while (0)

#endif  // NF_UTIL_ERROR_H_
