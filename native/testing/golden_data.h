// For the golden tests: the files of test/golden/data (see the README there) and how close is close
// enough.
#ifndef NF_TESTING_GOLDEN_DATA_H_
#define NF_TESTING_GOLDEN_DATA_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "store/files.h"
#include "store/safetensors.h"
#include "util/json.h"

namespace nf {

class GoldenFile {
 public:
  explicit GoldenFile(const std::string& stem)
      : bytes_(ReadWholeFile((Folder() / (stem + ".safetensors")).string())),
        file_(ReadSafetensors(bytes_)) {}

  static std::filesystem::path Folder() {
    return std::filesystem::path(__FILE__).parent_path() / "../../test/golden/data";
  }

  // Stems of the files that begin with `prefix`, sorted.
  static std::vector<std::string> Stems(const std::string& prefix) {
    std::vector<std::string> stems;
    for (const auto& entry : std::filesystem::directory_iterator(Folder())) {
      const std::string stem = entry.path().stem().string();
      if (entry.path().extension() == ".safetensors" && stem.rfind(prefix, 0) == 0)
        stems.push_back(stem);
    }
    std::sort(stems.begin(), stems.end());
    return stems;
  }

  const SafetensorsFile& file() const { return file_; }
  bool Has(const std::string& name) const { return file_.Find(name) != nullptr; }
  const std::vector<int64_t>& Shape(const std::string& name) const { return file_.At(name).shape; }
  std::vector<float> Floats(const std::string& name) const { return Values<float>(name); }
  std::vector<double> Doubles(const std::string& name) const { return Values<double>(name); }
  double Scalar(const std::string& name) const { return Doubles(name).at(0); }
  const std::string& Metadata(const std::string& key) const {
    const std::string* text = file_.FindMetadata(key);
    if (text == nullptr) throw std::out_of_range("golden metadata " + key);
    return *text;
  }

  // Metadata "00", "01", ...: the cases of a file that holds several, as JSON.
  std::vector<std::pair<std::string, Json>> Cases() const {
    std::vector<std::pair<std::string, Json>> cases;
    for (const auto& [key, text] : file_.metadata)
      if (key != "kind") cases.emplace_back(key, Json::Parse(text));
    return cases;
  }

 private:
  template <typename T>
  std::vector<T> Values(const std::string& name) const {
    const TensorView& view = file_.At(name);
    std::vector<T> values(static_cast<size_t>(view.NumElements()));
    view.CopyTo(std::span<T>(values));
    return values;
  }

  std::vector<uint8_t> bytes_;
  SafetensorsFile file_;
};

// Fails unless every element is within tolerance * max |expected|. A NaN on our side fails.
template <typename T, typename U>
::testing::AssertionResult Close(std::span<const T> expected, std::span<const U> got,
                                 double tolerance) {
  if (expected.size() != got.size())
    return ::testing::AssertionFailure() << expected.size() << " values, got " << got.size();
  double scale = 0;
  for (T e : expected) scale = std::max(scale, std::abs(static_cast<double>(e)));
  double worst = -1;
  size_t at = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double error = std::abs(static_cast<double>(expected[i]) - static_cast<double>(got[i]));
    if (!(error <= worst)) worst = error, at = i;
    if (std::isnan(error)) break;
  }
  if (worst <= tolerance * scale) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "[" << at << "] of " << expected.size() << ": " << got[at] << ", expected "
         << expected[at] << "; off by " << worst / scale << " of the largest magnitude";
}

template <typename T, typename U>
::testing::AssertionResult Close(const std::vector<T>& expected, const std::vector<U>& got,
                                 double tolerance) {
  return Close(std::span<const T>(expected), std::span<const U>(got), tolerance);
}

}  // namespace nf

#endif  // NF_TESTING_GOLDEN_DATA_H_
