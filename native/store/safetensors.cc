#include "store/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>

#include "util/crc32.h"
#include "util/error.h"
#include "util/json.h"

namespace nf {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor bytes are little-endian");

constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMostHeaderBytes = 100'000'000;  // the format's own limit
constexpr char kMetadata[] = "__metadata__";
// The metadata's member that holds the checksum of the whole file, computed with kNoChecksum in its
// place. Files that tools/export_neuralforecast.py and older versions wrote may have none.
constexpr char kChecksum[] = "crc32";
constexpr char kNoChecksum[] = "00000000";
constexpr size_t kChecksumChars = sizeof(kNoChecksum) - 1;

struct DTypeInfo {
  DType dtype;
  const char* name;
  uint64_t bytes;
};
constexpr DTypeInfo kDTypes[] = {{DType::kF32, "F32", 4},
                                 {DType::kF64, "F64", 8},
                                 {DType::kI64, "I64", 8},
                                 {DType::kU8, "U8", 1}};

const DTypeInfo& InfoOf(DType dtype) { return kDTypes[static_cast<int>(dtype)]; }

[[noreturn]] void Corrupt(const std::string& what) {
  Fail(ErrorCode::kCorruptModel, "The model file is damaged: " + what);
}

[[noreturn]] void CorruptTensor(const std::string& name, const std::string& what) {
  Corrupt("tensor '" + name + "' " + what);
}

// Runs fn; what it says against the JSON becomes a message about `where`.
template <class Fn>
auto Reading(const std::string& where, const Fn& fn) {
  try {
    return fn();
  } catch (const Error& e) {
    Corrupt(where + ": " + e.what());
  }
}

// product of shape * bytes of an element, or false when that leaves 64 bits or a dimension is
// negative.
bool ByteSize(const std::vector<int64_t>& shape, DType dtype, uint64_t& size) {
  bool fits = true, empty = false;
  size = InfoOf(dtype).bytes;
  for (const int64_t dim : shape) {
    if (dim < 0) return false;
    empty |= dim == 0;
    if (dim > 0) {
      fits &= size <= ~uint64_t{0} / static_cast<uint64_t>(dim);
      size *= static_cast<uint64_t>(dim);
    }
  }
  if (empty) size = 0;
  return fits;
}

DType ParseDType(const std::string& name, const std::string& text) {
  for (const auto& info : kDTypes)
    if (text == info.name) return info.dtype;
  CorruptTensor(name, "has the unknown type '" + text + "'");
}

// One member of the header, as it stands there and unchecked:
// {"dtype": "F32", "shape": [...], "data_offsets": [begin, end]}.
struct Entry {
  std::string dtype;
  std::vector<int64_t> shape, offsets;
};

Entry ParseEntry(const Json& json) {
  Entry entry;
  entry.dtype = json.At("dtype").AsString();
  for (const Json& dim : json.At("shape").AsArray()) entry.shape.push_back(dim.AsInt());
  for (const Json& at : json.At("data_offsets").AsArray()) entry.offsets.push_back(at.AsInt());
  if (json.AsObject().size() != 3)
    Fail(ErrorCode::kCorruptModel, "has members besides dtype, shape and data_offsets");
  return entry;
}

struct Placed {
  TensorView tensor;
  uint64_t begin, end;
};

Placed CheckEntry(const std::string& name, Entry entry, uint64_t data_bytes) {
  const DType dtype = ParseDType(name, entry.dtype);
  if (entry.offsets.size() != 2) CorruptTensor(name, "has other than two data_offsets");
  const int64_t begin = entry.offsets[0], end = entry.offsets[1];
  if (begin < 0 || end < begin || static_cast<uint64_t>(end) > data_bytes)
    CorruptTensor(name, "lies outside the file");
  uint64_t size = 0;
  if (!ByteSize(entry.shape, dtype, size) || size != static_cast<uint64_t>(end - begin))
    CorruptTensor(name, "has a shape that does not match its bytes");
  return {{name, dtype, std::move(entry.shape), {}},
          static_cast<uint64_t>(begin),
          static_cast<uint64_t>(end)};
}

std::vector<std::pair<std::string, std::string>> ParseMetadata(const Json& entry) {
  std::vector<std::pair<std::string, std::string>> metadata;
  for (const auto& [key, value] : entry.AsObject()) metadata.emplace_back(key, value.AsString());
  return metadata;
}

// The text of the header, checked against the file's length.
std::string_view HeaderText(std::span<const uint8_t> bytes) {
  if (bytes.size() < kLengthBytes) Corrupt("it is shorter than its header length");
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kMostHeaderBytes) Corrupt("its header is longer than 100 MB");
  if (length > bytes.size() - kLengthBytes) Corrupt("its header is longer than the file");
  return {reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, static_cast<size_t>(length)};
}

// The tensors must cover the data exactly: no hole, no overlap, nothing behind the last.
void CheckCoverage(std::vector<Placed>& placed, uint64_t data_bytes) {
  std::stable_sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  uint64_t covered = 0;
  for (const auto& p : placed) {
    if (p.begin != covered) CorruptTensor(p.tensor.name, "overlaps another or leaves a hole");
    covered = p.end;
  }
  if (covered != data_bytes) Corrupt("bytes follow its last tensor");
}

template <class T>
void Copy(const TensorView& tensor, DType dtype, std::span<T> out) {
  if (tensor.dtype != dtype)
    CorruptTensor(tensor.name, std::string("is of type ") + InfoOf(tensor.dtype).name + ", not " +
                                   InfoOf(dtype).name);
  if (tensor.bytes.size() != out.size_bytes())
    CorruptTensor(tensor.name, "has " + std::to_string(tensor.bytes.size() / sizeof(T)) +
                                   " elements, not " + std::to_string(out.size()));
  if (!out.empty()) std::memcpy(out.data(), tensor.bytes.data(), out.size_bytes());
}

// Where in a header the eight digits of the checksum stand. A quotation mark inside a JSON text has
// a backslash before it, so the first match is the member.
size_t ChecksumAt(std::string_view header) {
  const std::string member = std::string("\"") + kChecksum + "\":\"";
  const size_t at = header.find(member);
  return at == std::string_view::npos ? at : at + member.size();
}

// Eight hexadecimal digits: of the bytes of a whole file whose own checksum begins at byte `at`.
std::string ChecksumOf(std::span<const uint8_t> bytes, size_t at) {
  const auto* none = reinterpret_cast<const uint8_t*>(kNoChecksum);
  const uint32_t sum = Crc32(bytes.subspan(at + kChecksumChars),
                             Crc32({none, kChecksumChars}, Crc32(bytes.first(at))));
  char digits[kChecksumChars + 1];
  std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(sum));
  return digits;
}

// Takes the checksum out of the metadata, where it is there.
void CheckChecksum(std::span<const uint8_t> bytes, std::string_view header, SafetensorsFile& file) {
  const auto found = std::find_if(file.metadata.begin(), file.metadata.end(),
                                  [](const auto& entry) { return entry.first == kChecksum; });
  if (found == file.metadata.end()) return;
  const size_t at = ChecksumAt(header);
  if (at == std::string_view::npos || found->second.size() != kChecksumChars ||
      found->second != ChecksumOf(bytes, kLengthBytes + at))
    Corrupt("its checksum does not match its bytes");
  file.metadata.erase(found);
}

// The padded header of `tensors` laid out in order.
std::string HeaderOf(const SafetensorsFile& file) {
  Json metadata{Json::Object()};
  metadata.Set(kChecksum, kNoChecksum);
  for (const auto& [key, value] : file.metadata) metadata.Set(key, value);
  Json header{Json::Object()};
  header.Set(kMetadata, std::move(metadata));
  uint64_t offset = 0;
  for (const auto& t : file.tensors) {
    uint64_t size = 0;
    NF_CHECK(ByteSize(t.shape, t.dtype, size) && size == t.bytes.size());
    NF_CHECK(t.name != kMetadata && !header.Find(t.name));
    Json::Array shape(t.shape.begin(), t.shape.end());
    Json::Array offsets{static_cast<int64_t>(offset), static_cast<int64_t>(offset + size)};
    Json entry;
    entry.Set("dtype", InfoOf(t.dtype).name)
        .Set("shape", std::move(shape))
        .Set("data_offsets", std::move(offsets));
    header.Set(t.name, std::move(entry));
    offset += size;
  }
  std::string text = header.Dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  NF_CHECK(text.size() <= kMostHeaderBytes);
  return text;
}

}  // namespace

int64_t TensorView::NumElements() const {
  int64_t n = 1;
  for (const int64_t dim : shape) n *= dim;
  return n;
}

void TensorView::CopyTo(std::span<float> out) const { Copy(*this, DType::kF32, out); }
void TensorView::CopyTo(std::span<double> out) const { Copy(*this, DType::kF64, out); }
void TensorView::CopyTo(std::span<int64_t> out) const { Copy(*this, DType::kI64, out); }

const std::string* SafetensorsFile::FindMetadata(const std::string& key) const {
  for (const auto& [name, value] : metadata)
    if (name == key) return &value;
  return nullptr;
}

const TensorView* SafetensorsFile::Find(const std::string& name) const {
  for (const auto& tensor : tensors)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

const TensorView& SafetensorsFile::At(const std::string& name) const {
  if (const TensorView* found = Find(name)) return *found;
  CorruptTensor(name, "is missing");
}

std::vector<uint8_t> WriteSafetensors(const SafetensorsFile& file) {
  const std::string header = HeaderOf(file);
  const uint64_t length = header.size();
  size_t total = kLengthBytes + header.size();
  for (const auto& t : file.tensors) total += t.bytes.size();
  std::vector<uint8_t> out(total);
  uint8_t* to = out.data();
  const auto append = [&to](const void* from, size_t size) {
    if (size > 0) std::memcpy(to, from, size);
    to += size;
  };
  append(&length, kLengthBytes);
  append(header.data(), header.size());
  for (const auto& t : file.tensors) append(t.bytes.data(), t.bytes.size());
  const size_t at = kLengthBytes + ChecksumAt(header);
  std::memcpy(out.data() + at, ChecksumOf(out, at).data(), kChecksumChars);
  return out;
}

SafetensorsFile ReadSafetensors(std::span<const uint8_t> bytes) {
  const std::string_view text = HeaderText(bytes);
  const std::span<const uint8_t> data = bytes.subspan(kLengthBytes + text.size());
  if (text.empty() || text[0] != '{') Corrupt("its header is not a JSON object");
  const Json header = Reading("its header", [&] { return Json::Parse(text); });
  SafetensorsFile file;
  std::vector<Placed> placed;
  for (const auto& [name, entry] : header.AsObject()) {
    if (name == kMetadata) {
      file.metadata = Reading(name, [&json = entry] { return ParseMetadata(json); });
      continue;
    }
    Entry parsed = Reading("tensor '" + name + "'", [&json = entry] { return ParseEntry(json); });
    placed.push_back(CheckEntry(name, std::move(parsed), data.size()));
  }
  CheckChecksum(bytes, text, file);
  CheckCoverage(placed, data.size());
  for (auto& p : placed) {
    p.tensor.bytes = data.subspan(p.begin, p.end - p.begin);
    file.tensors.push_back(std::move(p.tensor));
  }
  return file;
}

}  // namespace nf
