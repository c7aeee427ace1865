#include "store/safetensors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "util/error.h"
#include "util/json.h"
#include "util/rng.h"

namespace nf {
namespace {

template <class T>
std::span<const uint8_t> BytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T)};
}

const std::vector<float> kFloats = {1.5f, -0.0f, NAN, 3e38f, 1e-45f, 7};
const std::vector<double> kDoubles = {1e300, -2};
const std::vector<int64_t> kInts = {INT64_MIN, -1, INT64_MAX};
const std::vector<uint8_t> kBytes = {0, 128, 255, 7, 9};

SafetensorsFile Example() {
  SafetensorsFile file;
  file.metadata = {{"format", "pt"}, {"config", R"({"name":"é\"😀"})"}};
  file.tensors = {{"bytes", DType::kU8, {5}, BytesOf(kBytes)},  // unaligns what follows
                  {"layer.weight", DType::kF32, {2, 3}, BytesOf(kFloats)},
                  {"empty", DType::kF32, {4, 0}, {}},
                  {"scale", DType::kF64, {2, 1}, BytesOf(kDoubles)},
                  {"ids", DType::kI64, {3}, BytesOf(kInts)},
                  {"scalar", DType::kU8, {}, BytesOf(kBytes).first(1)}};
  return file;
}

// A file from a header's text and a count of data bytes.
std::vector<uint8_t> Raw(const std::string& header, size_t data_bytes) {
  std::vector<uint8_t> file(8 + header.size() + data_bytes, 1);
  const uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  return file;
}

std::string WhyCorrupt(std::span<const uint8_t> bytes) {
  try {
    ReadSafetensors(bytes);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::kCorruptModel);
    return e.what();
  }
  return "accepted";
}

TEST(Safetensors, RoundTrip) {
  const SafetensorsFile written = Example();
  const std::vector<uint8_t> bytes = WriteSafetensors(written);
  const SafetensorsFile read = ReadSafetensors(bytes);
  EXPECT_EQ(read.metadata, written.metadata);
  ASSERT_EQ(read.tensors.size(), written.tensors.size());
  for (size_t i = 0; i < read.tensors.size(); ++i) {
    const TensorView &a = read.tensors[i], &b = written.tensors[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.dtype, b.dtype);
    EXPECT_EQ(a.shape, b.shape);
    EXPECT_TRUE(std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end()));
  }
  EXPECT_EQ(WriteSafetensors(read), bytes);
}

// Outside the eight bytes that give the header's length, too: nothing may read on with a damaged
// one.
TEST(Safetensors, NoFlippedBitGoesUnseen) {
  std::vector<uint8_t> bytes = WriteSafetensors(Example());
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    // A damaged name of the checksum leaves a member that no reader of ours knows.
    bool seen = false;
    try {
      const SafetensorsFile file = ReadSafetensors(bytes);
      seen = file.metadata.size() != Example().metadata.size();
    } catch (const Error& e) {
      seen = e.code() == ErrorCode::kCorruptModel;
    }
    EXPECT_TRUE(seen) << "bit " << bit;
    bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
  EXPECT_EQ(ReadSafetensors(bytes).tensors.size(), Example().tensors.size());
}

TEST(Safetensors, CopiesOutUnalignedTensors) {
  const std::vector<uint8_t> bytes = WriteSafetensors(Example());
  const SafetensorsFile file = ReadSafetensors(bytes);
  std::vector<float> floats(6);
  file.At("layer.weight").CopyTo(floats);
  EXPECT_EQ(std::memcmp(floats.data(), kFloats.data(), 24), 0);
  std::vector<double> doubles(2);
  file.At("scale").CopyTo(doubles);
  EXPECT_EQ(doubles, kDoubles);
  std::vector<int64_t> ints(3);
  file.At("ids").CopyTo(ints);
  EXPECT_EQ(ints, kInts);
  file.At("empty").CopyTo(std::span<float>());
  EXPECT_EQ(file.At("empty").NumElements(), 0);
  EXPECT_EQ(file.At("scalar").NumElements(), 1);
  EXPECT_EQ(file.At("layer.weight").NumElements(), 6);
}

TEST(Safetensors, LooksUpByName) {
  const SafetensorsFile file = Example();
  EXPECT_EQ(*file.FindMetadata("format"), "pt");
  EXPECT_EQ(file.FindMetadata("none"), nullptr);
  EXPECT_EQ(file.Find("none"), nullptr);
  const auto why = [](auto fn) -> std::string {
    try {
      fn();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kCorruptModel);
      return e.what();
    }
    return "no error";
  };
  std::vector<float> six(6), five(5);
  EXPECT_EQ(why([&] { file.At("none"); }), "The model file is damaged: tensor 'none' is missing");
  EXPECT_EQ(why([&] { file.At("ids").CopyTo(six); }),
            "The model file is damaged: tensor 'ids' is of type I64, not F32");
  EXPECT_EQ(why([&] { file.At("layer.weight").CopyTo(five); }),
            "The model file is damaged: tensor 'layer.weight' has 6 elements, not 5");
}

TEST(Safetensors, DataBeginsAligned) {
  for (size_t name = 1; name < 20; ++name) {
    SafetensorsFile file;
    file.tensors = {{std::string(name, 'x'), DType::kU8, {5}, BytesOf(kBytes)}};
    EXPECT_EQ((WriteSafetensors(file).size() - 5) % 8, 0u);
  }
}

TEST(Safetensors, NoTensorsAtAll) {
  const std::vector<uint8_t> bytes = WriteSafetensors({});
  EXPECT_TRUE(ReadSafetensors(bytes).tensors.empty());
}

TEST(Safetensors, WritingChecksItsInput) {
  SafetensorsFile twice = Example();
  twice.tensors.push_back(twice.tensors[0]);
  EXPECT_THROW(WriteSafetensors(twice), Error);
  SafetensorsFile wrong = Example();
  wrong.tensors[0].shape = {6};
  EXPECT_THROW(WriteSafetensors(wrong), Error);
}

TEST(Safetensors, ReadsTensorsInOffsetOrder) {
  const auto bytes = Raw(R"({"b":{"shape":[1],"dtype":"F32","data_offsets":[4,8]},)"
                         R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                         8);
  const SafetensorsFile file = ReadSafetensors(bytes);
  EXPECT_EQ(file.tensors[0].name, "a");
  EXPECT_EQ(file.tensors[1].name, "b");
}

TEST(Safetensors, EveryFaultIsNamed) {
  struct Case {
    const char* header;
    size_t data_bytes;
    const char* why;
  };
  const std::vector<Case> cases = {
      {"[]", 0, "its header is not a JSON object"},
      {"", 0, "its header is not a JSON object"},
      {" {}", 0, "its header is not a JSON object"},
      {"{", 0, "its header: not valid JSON at byte 1: the text ends too early"},
      {"{} x", 0, "its header: not valid JSON at byte 3: text after the end of the value"},
      {"{}", 3, "bytes follow its last tensor"},
      {R"({"__metadata__":{"a":1}})", 0, "__metadata__: expected a string and found a number"},
      {R"({"a":3})", 0, "tensor 'a': expected an object and found a number"},
      {R"({"a":{"shape":[],"data_offsets":[0,4]}})", 4,
       "tensor 'a': the member 'dtype' is missing"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", 4,
       "tensor 'a' has the unknown type 'F16'"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4,
       "tensor 'a' has other than two data_offsets"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", 4,
       "tensor 'a' lies outside the file"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4,
       "tensor 'a' lies outside the file"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})", 4,
       "tensor 'a' lies outside the file"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4.5]}})", 4,
       "tensor 'a': expected an integer within 2^53 and found 4.5"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4,
       "tensor 'a' has a shape that does not match its bytes"},
      {R"({"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}})", 4,
       "tensor 'a' has a shape that does not match its bytes"},
      // 2^32 * 2^32 elements: 0 bytes modulo 2^64.
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
       "tensor 'a' has a shape that does not match its bytes"},
      {R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
       R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
       6, "tensor 'b' overlaps another or leaves a hole"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
       R"("b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}})",
       6, "tensor 'b' overlaps another or leaves a hole"},
      {R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
       R"("b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
       4, "tensor 'b' overlaps another or leaves a hole"},
      {R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 5,
       "bytes follow its last tensor"},
      {R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{}})", 0,
       "its header: not valid JSON at byte 59: the key 'a' stands twice"}};
  for (const auto& c : cases)
    EXPECT_EQ(WhyCorrupt(Raw(c.header, c.data_bytes)),
              std::string("The model file is damaged: ") + c.why)
        << c.header;

  std::vector<uint8_t> huge(8, 0xFF);
  EXPECT_EQ(WhyCorrupt(huge), "The model file is damaged: its header is longer than 100 MB");
  huge = {9, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
  EXPECT_EQ(WhyCorrupt(huge), "The model file is damaged: its header is longer than the file");
}

TEST(Safetensors, TruncationAtEveryByteIsAnError) {
  const std::vector<uint8_t> bytes = WriteSafetensors(Example());
  for (size_t n = 0; n < bytes.size(); ++n) {
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + n);  // exact, for the sanitizer
    EXPECT_NE(WhyCorrupt(cut), "accepted") << n;
  }
}

// Damaged files either read, with every view inside the file, or throw the one error.
TEST(Safetensors, SurvivesMutations) {
  std::vector<uint8_t> original = WriteSafetensors(Example());
  // Without the checksum, which would hide everything else from the test.
  const std::string member = "\"crc32\":\"";
  const auto at = std::search(original.begin(), original.end(), member.begin(), member.end());
  ASSERT_NE(at, original.end());
  std::fill_n(at, member.size() + 10, uint8_t{' '});
  const size_t header_end = original.size() - 72 + 8;  // favour the header: data may hold anything
  Philox rng(5, RngStream::kInit, 0, 0);
  int read = 0, rejected = 0;
  for (int i = 0; i < 10000; ++i) {
    std::vector<uint8_t> bytes = original;
    for (uint64_t edits = 1 + rng.NextBelow(3); edits > 0; --edits) {
      const size_t at = rng.NextBelow(std::min(header_end, bytes.size()));
      switch (rng.NextBelow(5)) {
        case 0:
          bytes[at] ^= 1 << rng.NextBelow(8);
          break;
        case 1:
          bytes[at] = static_cast<uint8_t>(rng.NextU32());
          break;
        case 2:
          bytes[at] = "0123456789-.[]{},:\""[rng.NextBelow(19)];
          break;
        case 3:
          bytes.erase(bytes.begin() + at);
          break;
        default:
          bytes.insert(bytes.begin() + at, bytes[rng.NextBelow(bytes.size())]);
      }
    }
    try {
      const SafetensorsFile file = ReadSafetensors(bytes);
      uint64_t sum = 0;
      for (const auto& t : file.tensors)
        for (const uint8_t b : t.bytes) sum += b;  // the sanitizer watches the reads
      ASSERT_LE(sum, 255 * bytes.size());
      ++read;
    } catch (const Error& e) {
      ASSERT_EQ(e.code(), ErrorCode::kCorruptModel);
      ++rejected;
    }
  }
  EXPECT_GT(read, 200);
  EXPECT_GT(rejected, 5000);
}

}  // namespace
}  // namespace nf
