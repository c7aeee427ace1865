// Whole files. What is no regular file is neither read nor replaced, and every wait has an end.
//
// All throw Error(kIo) that names the path and the reason, Error(kOutOfRange) for a path that holds
// a NUL, and Error(kAborted) between two pieces of a file once `control` is cancelled.
#ifndef NF_STORE_FILES_H_
#define NF_STORE_FILES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "util/job_control.h"

namespace nf {

// Replaces the file at `path` whole or not at all: a temporary file beside it, fsync, rename, fsync
// of the folder. Symbolic links are followed as open() follows them: the link stays, and what it
// leads to is replaced, or made where it does not exist. Permissions and owner of what is replaced
// stay; where this process may not give a file away, the new one is its own, with the permissions.
// What killed processes left beside the same file is removed, what others are writing is not.
void WriteFileAtomic(const std::string& path, std::span<const uint8_t> bytes,
                     const JobControl& control = {});
// Throws what WriteFileAtomic would throw of `path` alone, before there is anything to write.
void CheckWritable(const std::string& path);

std::vector<uint8_t> ReadWholeFile(const std::string& path, const JobControl& control = {});
// Nothing when there is no such file.
std::optional<std::vector<uint8_t>> ReadFileIfAny(const std::string& path,
                                                  const JobControl& control = {});

}  // namespace nf

#endif  // NF_STORE_FILES_H_
