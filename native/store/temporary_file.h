// The file that a new version is written to, beside the one that it will replace: rename works
// within one file system only. It is locked while it is being written, and a lock ends with its
// process, so that what a killed one left can be told from what another one is writing.
#ifndef NF_STORE_TEMPORARY_FILE_H_
#define NF_STORE_TEMPORARY_FILE_H_

#include <unistd.h>

#include <string>
#include <utility>

namespace nf {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&& other) {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int fd() const { return fd_; }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

class TemporaryFile {
 public:
  // fd() is -1 where none can be made; errno says why. `mode` as in open().
  TemporaryFile(const std::string& target, unsigned mode);
  ~TemporaryFile();  // removes it, unless RenameTo() made it the real one

  int fd() const { return file_.fd(); }
  // False: errno says why.
  bool RenameTo(const std::string& target);

 private:
  bool Create(unsigned mode);
  Descriptor file_{-1};
  std::string name_;
};

// Those of `target` that nobody is writing.
void RemoveStaleTemporaries(const std::string& target);

std::string FolderOf(const std::string& path);

}  // namespace nf

#endif  // NF_STORE_TEMPORARY_FILE_H_
