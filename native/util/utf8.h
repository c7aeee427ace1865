// The two things JSON needs to know of UTF-8 (RFC 3629).
#ifndef NF_UTIL_UTF8_H_
#define NF_UTIL_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nf {

// Bytes of the code point that begins `text`; 0 when it is empty or ill-formed (a stray or missing
// continuation byte, an overlong form, a surrogate, beyond U+10FFFF).
size_t Utf8Length(std::string_view text);

// code_point: a scalar value (no surrogate).
void AppendUtf8(uint32_t code_point, std::string& out);

}  // namespace nf

#endif  // NF_UTIL_UTF8_H_
