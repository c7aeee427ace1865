#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "io/safetensors.h"
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
  EXPECT_EQ(WhyIo([&] { ReadWholeFile(Path("none")); }),
            "Cannot read '" + Path("none") + "': No such file or directory");
  EXPECT_EQ(WhyIo([&] { ReadWholeFile(folder_.string()); }),
            "Cannot read '" + folder_.string() + "': Is a directory");
  EXPECT_EQ(WhyIo([&] { WriteFileAtomic(Path("no/model"), bytes); }),
            "Cannot write '" + Path("no/model") + "': No such file or directory");
  EXPECT_EQ(WhyIo([&] { WriteFileAtomic("", bytes); }),
            "Cannot write '': No such file or directory");
}

TEST_F(FilesTest, AFailedWriteKeepsWhatWasThere) {
  fs::create_directory(Path("model"));  // rename cannot replace a folder by a file
  EXPECT_EQ(WhyIo([&] { WriteFileAtomic(Path("model"), std::vector<uint8_t>{1}); }),
            "Cannot write '" + Path("model") + "': Is a directory");
  EXPECT_TRUE(fs::is_directory(Path("model")));
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
  if (!fs::exists("/proc/self/status")) GTEST_SKIP();
  EXPECT_GT(ReadWholeFile("/proc/self/status").size(), 100u);
}

}  // namespace
}  // namespace nf
