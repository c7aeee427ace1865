#include "store/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "store/temporary_file.h"
#include "util/error.h"
#include "util/physical_memory.h"

namespace nf {
namespace {

constexpr size_t kPiece = size_t{1} << 22;       // bytes between two looks at the signal
constexpr size_t kMostGrowth = size_t{1} << 20;  // more than a file's size that is still read

// Beyond what strerror says, the name that Node's own errors have.
const char* ErrorName(int error) {
  switch (error) {
#define NF_ERRNO(name) \
  case name:           \
    return #name;
    NF_ERRNO(EACCES)
    NF_ERRNO(EAGAIN)
    NF_ERRNO(EDQUOT)
    NF_ERRNO(EFBIG)
    NF_ERRNO(EIO)
    NF_ERRNO(EISDIR)
    NF_ERRNO(ELOOP)
    NF_ERRNO(EMFILE)
    NF_ERRNO(ENAMETOOLONG)
    NF_ERRNO(ENOENT)
    NF_ERRNO(ENOSPC)
    NF_ERRNO(ENOTDIR)
    NF_ERRNO(EPERM)
    NF_ERRNO(EROFS)
#undef NF_ERRNO
    default:
      return nullptr;
  }
}

[[noreturn]] void FailIo(const char* verb, const std::string& path, const std::string& why) {
  Fail(ErrorCode::kIo, std::string("Cannot ") + verb + " '" + path + "': " + why);
}

[[noreturn]] void FailIo(const char* verb, const std::string& path, int error) {
  const char* name = ErrorName(error);
  FailIo(verb, path,
         (name ? std::string(name) + ": " : "") + std::generic_category().message(error));
}

// A C string would end at the NUL and name another file.
void CheckPath(const std::string& path) {
  if (path.find('\0') != std::string::npos)
    Fail(ErrorCode::kOutOfRange, "A path must not hold a NUL character");
}

// Devices and pipes have no end, and replacing one takes it from every other program.
void CheckRegular(const char* verb, const std::string& path, mode_t mode) {
  if (S_ISREG(mode)) return;
  const char* kind = S_ISDIR(mode)    ? "a folder"
                     : S_ISFIFO(mode) ? "a pipe (FIFO)"
                     : S_ISSOCK(mode) ? "a socket"
                     : S_ISCHR(mode)  ? "a character device"
                     : S_ISBLK(mode)  ? "a block device"
                                      : "something else";
  FailIo(verb, path, std::string("it is ") + kind + ", not a regular file");
}

// Where open() would arrive through symbolic links, whether there is a file or not.
std::string ResolveLinks(const std::string& path) {
  constexpr int kMostLinks = 40;  // the system's own limit
  std::string at = path;
  for (int i = 0; i < kMostLinks; ++i) {
    char target[4096];
    const ssize_t length = readlink(at.c_str(), target, sizeof target);
    if (length < 0) return at;  // no link
    if (length == sizeof target) FailIo("write", path, ENAMETOOLONG);
    const std::string to(target, static_cast<size_t>(length));
    at = to.starts_with('/') ? to : FolderOf(at) + "/" + to;
  }
  FailIo("write", path, ELOOP);
}

// What is to be replaced, if there is something.
struct Target {
  explicit Target(const std::string& path) {
    CheckPath(path);
    name = ResolveLinks(path);
    exists = stat(name.c_str(), &info) == 0;
    struct stat folder;
    if (exists) {
      CheckRegular("write", path, info.st_mode);
    } else if (errno != ENOENT || path.empty() || stat(FolderOf(name).c_str(), &folder) != 0) {
      FailIo("write", path, errno);
    }
  }
  std::string name;
  bool exists = false;
  struct stat info = {};
};

void WriteAll(int fd, std::span<const uint8_t> bytes, const std::string& path,
              const JobControl& control) {
  while (!bytes.empty()) {
    control.ThrowIfCancelled();
    const ssize_t written = write(fd, bytes.data(), std::min(bytes.size(), kPiece));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) FailIo("write", path, written < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

// Bits that let others act as the owner go where the owner could not stay. False: errno says why.
bool KeepOwnerAndMode(int fd, const struct stat& old) {
  struct stat own;
  if (fstat(fd, &own) != 0) return false;
  mode_t mode = old.st_mode & 07777;
  if ((own.st_uid != old.st_uid || own.st_gid != old.st_gid) &&
      fchown(fd, old.st_uid, old.st_gid) != 0) {
    mode &= 0777;
    if (fchown(fd, static_cast<uid_t>(-1), old.st_gid) != 0 && own.st_gid != old.st_gid)
      mode &= ~static_cast<mode_t>(070);  // it is another group
  }
  return fchmod(fd, mode) == 0;
}

// A rename lasts through a power cut only when its folder is synced. Some file systems refuse
// fsync on a folder (EINVAL): the file itself is whole either way.
void SyncFolder(const std::string& file, const std::string& path) {
  const Descriptor folder(open(FolderOf(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.fd() < 0) return;
  if (fsync(folder.fd()) != 0 && errno != EINVAL) FailIo("write", path, errno);
}

// Looked at before it is opened, because opening a device can have effects, and after, because it
// may be another file by then: without O_NONBLOCK, opening a FIFO would wait for a writer.
size_t OpenRegular(const std::string& path, Descriptor& file) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) FailIo("read", path, errno);
  CheckRegular("read", path, info.st_mode);
  file = Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.fd() < 0 || fstat(file.fd(), &info) != 0) FailIo("read", path, errno);
  CheckRegular("read", path, info.st_mode);
  const int64_t size = info.st_size, memory = PhysicalMemory();
  if (memory > 0 && size > memory)
    FailIo("read", path,
           "its " + std::to_string(size) + " bytes are more than the memory of this machine");
  return static_cast<size_t>(size);
}

}  // namespace

void CheckWritable(const std::string& path) { Target{path}; }

void WriteFileAtomic(const std::string& path, std::span<const uint8_t> bytes,
                     const JobControl& control) {
  const Target target(path);
  RemoveStaleTemporaries(target.name);
  // Nobody else reads it before it has the permissions of what it replaces.
  TemporaryFile file(target.name, target.exists ? 0600 : 0666);
  if (file.fd() < 0) FailIo("write", path, errno);
  WriteAll(file.fd(), bytes, path, control);
  if ((target.exists && !KeepOwnerAndMode(file.fd(), target.info)) || fsync(file.fd()) != 0)
    FailIo("write", path, errno);
  control.ThrowIfCancelled();
  if (!file.RenameTo(target.name)) FailIo("write", path, errno);
  SyncFolder(target.name, path);
}

std::vector<uint8_t> ReadWholeFile(const std::string& path, const JobControl& control) {
  CheckPath(path);
  Descriptor file(-1);
  const size_t size = OpenRegular(path, file);
  std::vector<uint8_t> bytes(size);
  size_t have = 0;
  for (;;) {  // until the end is seen: the size is 0 for /proc and wrong while the file grows
    control.ThrowIfCancelled();
    if (have == bytes.size()) bytes.resize(have + 4096);
    if (have > size + kMostGrowth) FailIo("read", path, "it grows while it is read");
    const ssize_t got = read(file.fd(), bytes.data() + have, std::min(bytes.size() - have, kPiece));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) FailIo("read", path, errno);
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

std::optional<std::vector<uint8_t>> ReadFileIfAny(const std::string& path,
                                                  const JobControl& control) {
  CheckPath(path);
  struct stat info;
  if (stat(path.c_str(), &info) != 0 && errno == ENOENT) return std::nullopt;
  return ReadWholeFile(path, control);
}

}  // namespace nf
