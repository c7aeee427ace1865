#include "store/temporary_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string_view>

namespace nf {
namespace {

constexpr std::string_view kEnding = ".tmp";

// How the name of every temporary file of `target` begins: its own name, or where that would leave
// no room for the rest (a name has at most 255 bytes), a hash of it.
std::string StemOf(const std::string& target) {
  constexpr size_t kLongest = 200;
  const std::string base = target.substr(target.rfind('/') + 1);  // npos + 1 is 0
  if (base.size() <= kLongest) return base + ".";
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : base) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  char hex[17];
  std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(hash));
  return std::string("neural-forecaster-") + hex + ".";
}

bool IsNumber(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "<stem><process>-<count>.tmp"
bool IsTemporary(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem) || !name.ends_with(kEnding)) return false;
  if (name.size() < stem.size() + kEnding.size()) return false;
  name = name.substr(stem.size(), name.size() - stem.size() - kEnding.size());
  const size_t dash = name.find('-');
  return dash != name.npos && IsNumber(name.substr(0, dash)) && IsNumber(name.substr(dash + 1));
}

// A file system without locks answers with an error: then nothing there counts as stale.
void RemoveIfStale(const std::string& name) {
  struct stat info;
  if (lstat(name.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  const Descriptor file(open(name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.fd() < 0 || flock(file.fd(), LOCK_EX | LOCK_NB) != 0) return;
  unlink(name.c_str());
}

}  // namespace

TemporaryFile::TemporaryFile(const std::string& target, unsigned mode) {
  static std::atomic<uint64_t> count{0};
  const std::string begin = FolderOf(target) + "/" + StemOf(target) + std::to_string(getpid());
  constexpr int kMostAttempts = 100;
  for (int i = 0; i < kMostAttempts; ++i) {
    name_ = begin + "-" + std::to_string(count++) + std::string(kEnding);
    if (Create(mode)) return;
    if (errno != EEXIST) break;
  }
  name_.clear();
}

// EEXIST: this name is none.
bool TemporaryFile::Create(unsigned mode) {
  file_ = Descriptor(
      open(name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (file_.fd() < 0) return false;
  // Another process may take it for a stale one before the lock is there.
  struct stat info;
  const bool taken = flock(file_.fd(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (!taken && fstat(file_.fd(), &info) == 0 && info.st_nlink > 0) return true;
  unlink(name_.c_str());
  file_.Close();
  errno = EEXIST;
  return false;
}

TemporaryFile::~TemporaryFile() {
  if (!name_.empty()) unlink(name_.c_str());
}

bool TemporaryFile::RenameTo(const std::string& target) {
  if (rename(name_.c_str(), target.c_str()) != 0) return false;
  name_.clear();
  return true;
}

void RemoveStaleTemporaries(const std::string& target) {
  const std::string folder = FolderOf(target), stem = StemOf(target);
  const std::unique_ptr<DIR, int (*)(DIR*)> open_folder(opendir(folder.c_str()), &closedir);
  if (open_folder == nullptr) return;
  while (const dirent* entry = readdir(open_folder.get()))
    if (IsTemporary(entry->d_name, stem)) RemoveIfStale(folder + "/" + entry->d_name);
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace nf
