// describe() of types/native.d.ts.
#ifndef NF_BIND_DESCRIBE_H_
#define NF_BIND_DESCRIBE_H_

#include <string>

namespace nf::bind {

// JSON text: what this build can do, from the tables that do it.
std::string Describe();

}  // namespace nf::bind

#endif  // NF_BIND_DESCRIBE_H_
