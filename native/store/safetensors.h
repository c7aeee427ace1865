// Model files: the safetensors format (an 8-byte little-endian header length, a JSON header, the
// tensors' bytes), our own reader and writer. Reading trusts nothing: every length, offset, shape
// and type is checked against the bytes there are, and any fault is Error(kCorruptModel).
#ifndef NF_STORE_SAFETENSORS_H_
#define NF_STORE_SAFETENSORS_H_

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace nf {

enum class DType { kF32, kF64, kI64, kU8 };  // "F32" "F64" "I64" "U8"

struct TensorView {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  std::span<const uint8_t>
      bytes;  // points into the caller's memory (reading: into the file's bytes)

  int64_t NumElements() const;
  // Throws Error(kCorruptModel) when the dtype differs. Bytes may be unaligned in a file: copy out.
  void CopyTo(std::span<float> out) const;
  void CopyTo(std::span<double> out) const;
  void CopyTo(std::span<int64_t> out) const;
};

struct SafetensorsFile {
  std::vector<std::pair<std::string, std::string>> metadata;  // "__metadata__", strings only
  std::vector<TensorView> tensors;

  const std::string* FindMetadata(const std::string& key) const;
  const TensorView* Find(const std::string& name) const;
  // Throws Error(kCorruptModel) that names the tensor when it is absent.
  const TensorView& At(const std::string& name) const;
};

// With a checksum of every byte among the metadata, which reading checks and takes out again.
std::vector<uint8_t> WriteSafetensors(const SafetensorsFile& file);
// Views into `bytes`. Throws Error(kCorruptModel).
SafetensorsFile ReadSafetensors(std::span<const uint8_t> bytes);

}  // namespace nf

#endif  // NF_STORE_SAFETENSORS_H_
