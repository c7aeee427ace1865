// WriteFileAtomic and ReadWholeFile of io/safetensors.h.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "io/safetensors.h"
#include "util/error.h"

namespace nf {
namespace {

[[noreturn]] void FailIo(const char* verb, const std::string& path, int error) {
  Fail(ErrorCode::kIo, std::string("Cannot ") + verb + " '" + path +
                           "': " + std::generic_category().message(error));
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  // Some file systems report a failed write only here.
  int Close() { return close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

// Removes the temporary file unless it has become the real one.
struct Temporary {
  ~Temporary() {
    if (!path.empty()) unlink(path.c_str());
  }
  std::string path;
};

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

void WriteAll(int fd, std::span<const uint8_t> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) FailIo("write", path, errno);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

// A rename lasts through a power cut only when its folder is synced. Some file systems refuse
// fsync on a folder (EINVAL): the file itself is whole either way.
void SyncFolder(const std::string& path) {
  const std::string folder = FolderOf(path);
  File file(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.fd() < 0) return;
  if (fsync(file.fd()) != 0 && errno != EINVAL) FailIo("write", path, errno);
}

// Creates a file beside `path` (rename works within one file system only) and names it.
int CreateBeside(const std::string& path, std::string& name) {
  static std::atomic<uint64_t> count{0};
  for (;;) {
    name = path + "." + std::to_string(getpid()) + "-" + std::to_string(count++) + ".tmp";
    const int fd = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
}

// What is replaced keeps its permissions.
bool KeepMode(int fd, const std::string& path) {
  struct stat old;
  return stat(path.c_str(), &old) != 0 || fchmod(fd, old.st_mode & 07777) == 0;
}

}  // namespace

void WriteFileAtomic(const std::string& path, std::span<const uint8_t> bytes) {
  Temporary temporary;
  std::string name;
  File file(CreateBeside(path, name));
  if (file.fd() < 0) FailIo("write", path, errno);
  temporary.path = name;
  WriteAll(file.fd(), bytes, path);
  if (!KeepMode(file.fd(), path) || fsync(file.fd()) != 0 || file.Close() != 0)
    FailIo("write", path, errno);
  if (rename(name.c_str(), path.c_str()) != 0) FailIo("write", path, errno);
  temporary.path.clear();
  SyncFolder(path);
}

std::vector<uint8_t> ReadWholeFile(const std::string& path) {
  File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info;
  if (file.fd() < 0 || fstat(file.fd(), &info) != 0) FailIo("read", path, errno);
  if (S_ISDIR(info.st_mode)) FailIo("read", path, EISDIR);
  std::vector<uint8_t> bytes(static_cast<size_t>(info.st_size));
  size_t have = 0;
  for (;;) {  // until the end is seen: the size is 0 for /proc and wrong while the file grows
    if (have == bytes.size()) bytes.resize(have + 4096);
    const ssize_t got = read(file.fd(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) FailIo("read", path, errno);
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace nf
