#include "store/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "util/error.h"

namespace nf {
namespace {

namespace fs = std::filesystem;

class FilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "nf_files_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  size_t FileCount() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  fs::path folder_;
};

template <class Fn>
std::string WhyIo(Fn fn) {
  try {
    fn();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::kIo);
    return e.what();
  }
  return "no error";
}

TEST_F(FilesTest, RoundTrip) {
  for (const size_t size : {0, 1, 4096, 100001}) {
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 7);
    WriteFileAtomic(Path("model"), bytes);
    EXPECT_EQ(ReadWholeFile(Path("model")), bytes);
    EXPECT_EQ(FileCount(), 1u);  // no temporary file is left
  }
}

TEST_F(FilesTest, ErrorsNamePathAndReason) {
  const std::vector<uint8_t> bytes = {1};
  const std::string folder = "': it is a folder, not a regular file";
  EXPECT_EQ(WhyIo([&] { ReadWholeFile(Path("none")); }),
            "Cannot read '" + Path("none") + "': ENOENT: No such file or directory");
  EXPECT_EQ(WhyIo([&] { ReadWholeFile(folder_.string()); }),
            "Cannot read '" + folder_.string() + folder);
  EXPECT_EQ(WhyIo([&] { WriteFileAtomic(Path("no/model"), bytes); }),
            "Cannot write '" + Path("no/model") + "': ENOENT: No such file or directory");
  EXPECT_EQ(WhyIo([&] { WriteFileAtomic("", bytes); }),
            "Cannot write '': ENOENT: No such file or directory");
  EXPECT_EQ(WhyIo([&] { WriteFileAtomic(folder_.string(), bytes); }),
            "Cannot write '" + folder_.string() + folder);
  EXPECT_EQ(FileCount(), 0u);
}

TEST_F(FilesTest, APathWithANulIsRefusedAndNotCutThere) {
  const std::string path = Path("model") + std::string(1, '\0') + "x";
  for (const auto& use : std::vector<std::function<void()>>{
           [&] { WriteFileAtomic(path, std::vector<uint8_t>{1}); }, [&] { ReadWholeFile(path); },
           [&] { ReadFileIfAny(path); }, [&] { CheckWritable(path); }}) {
    try {
      use();
      ADD_FAILURE();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kOutOfRange);
    }
  }
  EXPECT_EQ(FileCount(), 0u);
}

TEST_F(FilesTest, WhatIsNoRegularFileIsNeitherReadNorReplaced) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  Path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  const int socket_fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  close(socket_fd);
  fs::create_symlink("/dev/null", Path("link"));
  const std::pair<std::string, std::string> cases[] = {{Path("pipe"), "a pipe (FIFO)"},
                                                       {Path("socket"), "a socket"},
                                                       {Path("link"), "a character device"},
                                                       {"/dev/zero", "a character device"}};
  for (const auto& [path, kind] : cases) {
    const std::string why = " '" + path + "': it is " + kind + ", not a regular file";
    EXPECT_EQ(WhyIo([&] { ReadWholeFile(path); }), "Cannot read" + why);
    EXPECT_EQ(WhyIo([&] { ReadFileIfAny(path); }), "Cannot read" + why);
    EXPECT_EQ(WhyIo([&] { WriteFileAtomic(path, std::vector<uint8_t>{1}); }), "Cannot write" + why);
    EXPECT_EQ(WhyIo([&] { CheckWritable(path); }), "Cannot write" + why);
  }
  struct stat info;
  ASSERT_EQ(stat(Path("link").c_str(), &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
  EXPECT_EQ(FileCount(), 3u);
}

TEST_F(FilesTest, LinksStayAndWhatTheyLeadToIsReplaced) {
  fs::create_directory(Path("data"));
  WriteFileAtomic(Path("data/model"), std::vector<uint8_t>{1});
  fs::create_symlink("data/model", Path("relative"));
  fs::create_symlink(Path("relative"), Path("chain"));
  fs::create_symlink("data/new", Path("dangling"));
  WriteFileAtomic(Path("chain"), std::vector<uint8_t>{2});
  EXPECT_EQ(ReadWholeFile(Path("data/model")), std::vector<uint8_t>{2});
  WriteFileAtomic(Path("dangling"), std::vector<uint8_t>{3});  // as open(O_CREAT) does
  EXPECT_EQ(ReadWholeFile(Path("data/new")), std::vector<uint8_t>{3});
  for (const char* link : {"relative", "chain", "dangling"})
    EXPECT_TRUE(fs::is_symlink(Path(link))) << link;
  fs::create_symlink("round", Path("round"));
  EXPECT_EQ(WhyIo([&] { WriteFileAtomic(Path("round"), std::vector<uint8_t>{1}); }),
            "Cannot write '" + Path("round") + "': ELOOP: Too many levels of symbolic links");
  EXPECT_EQ(ReadFileIfAny(Path("none")), std::nullopt);
}

TEST_F(FilesTest, NamesOf255BytesAreWritten) {
  for (const size_t length : {200, 201, 250, 255}) {
    const std::string path = Path(std::string(length, 'n'));
    WriteFileAtomic(path, std::vector<uint8_t>{1});
    EXPECT_EQ(ReadWholeFile(path), std::vector<uint8_t>{1});
  }
  EXPECT_EQ(FileCount(), 4u);
}

TEST_F(FilesTest, WhatKilledProcessesLeftIsRemovedAndNothingElse) {
  const std::string names[] = {"model.4711-0.tmp", "model.12-345.tmp",  // stale
                               "model.1-2.tmp",                         // being written
                               "model.x-1.tmp",    "model.tmp",
                               "other.1-2.tmp",    "model.1-.tmp"};
  for (const auto& name : names) close(open(Path(name).c_str(), O_WRONLY | O_CREAT, 0600));
  const int writer = open(Path("model.1-2.tmp").c_str(), O_RDWR);
  ASSERT_EQ(flock(writer, LOCK_EX), 0);
  WriteFileAtomic(Path("model"), std::vector<uint8_t>{1});
  for (size_t i = 0; i < std::size(names); ++i)
    EXPECT_EQ(fs::exists(Path(names[i])), i >= 2) << names[i];
  close(writer);
  WriteFileAtomic(Path("model"), std::vector<uint8_t>{2});
  EXPECT_FALSE(fs::exists(Path("model.1-2.tmp")));
}

TEST_F(FilesTest, ACancelledJobReadsAndWritesNothing) {
  JobControl control;
  WriteFileAtomic(Path("model"), std::vector<uint8_t>{1}, control);
  control.cancelled = true;
  EXPECT_THROW(WriteFileAtomic(Path("model"), std::vector<uint8_t>{2}, control), Error);
  EXPECT_THROW(ReadWholeFile(Path("model"), control), Error);
  EXPECT_EQ(ReadWholeFile(Path("model")), std::vector<uint8_t>{1});
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(FilesTest, PermissionsAreThePlainOnesOrThoseReplaced) {
  const mode_t mask = umask(022);
  WriteFileAtomic(Path("model"), std::vector<uint8_t>{1});
  struct stat info;
  ASSERT_EQ(stat(Path("model").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0644u);
  ASSERT_EQ(chmod(Path("model").c_str(), 0600), 0);
  WriteFileAtomic(Path("model"), std::vector<uint8_t>{2});
  ASSERT_EQ(stat(Path("model").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  umask(mask);
}

TEST_F(FilesTest, TheOwnerStays) {
  if (geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  WriteFileAtomic(Path("model"), std::vector<uint8_t>{1});
  ASSERT_EQ(chown(Path("model").c_str(), 1234, 4321), 0);
  ASSERT_EQ(chmod(Path("model").c_str(), 0640), 0);
  WriteFileAtomic(Path("model"), std::vector<uint8_t>{2});
  struct stat info;
  ASSERT_EQ(stat(Path("model").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 1234u);
  EXPECT_EQ(info.st_gid, 4321u);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

// Readers see one whole version or the other, whoever writes.
TEST_F(FilesTest, WritersAtOnceNeverMix) {
  WriteFileAtomic(Path("model"), std::vector<uint8_t>(50000, 0));
  std::vector<std::thread> writers;
  for (uint8_t w = 1; w <= 2; ++w)
    writers.emplace_back([&, w] {
      for (int i = 0; i < 20; ++i) WriteFileAtomic(Path("model"), std::vector<uint8_t>(50000, w));
    });
  for (int i = 0; i < 200; ++i) {
    const auto bytes = ReadWholeFile(Path("model"));
    ASSERT_EQ(bytes, std::vector<uint8_t>(50000, bytes.at(0)));
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(FilesTest, ReadsFilesWithoutASize) {
  if (!fs::exists("/proc/self/status")) GTEST_SKIP() << "this system has no /proc";
  EXPECT_GT(ReadWholeFile("/proc/self/status").size(), 100u);
}

}  // namespace
}  // namespace nf
