#include "config/option_hint.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace nf {
namespace {

// A name of the Python libraries that is not ours in snake_case.
struct PythonName {
  const char* python;
  const char* ours;   // "": there is none
  const char* owner;  // whose option ours is; without one, what to do instead
};

constexpr PythonName kPythonNames[] = {
    {"h", "horizon", "a model"},
    {"periods", "horizon", "a model"},
    {"futr_exog_list", "futureExog", "a model"},
    {"hist_exog_list", "historicExog", "a model"},
    {"stat_exog_list", "staticExog", "a model"},
    {"start_padding_enabled", "startPadding", "a model"},
    {"max_epochs", "epochs", "a model"},
    {"gradient_clip_val", "gradientClipNorm", "a model"},
    {"accumulate_grad_batches", "accumulateSteps", "a model"},
    {"holiday", "name", "a holiday"},
    {"seasonality_name", "name", "a seasonality"},
    {"random_seed", "seed", "the forecaster"},
    {"freq", "frequency", "the forecaster"},
    {"local_scaler_type", "localScalerType", "the forecaster"},
    {"val_size", "validationSize", "fit()"},
    {"val_df", "validationData", "fit()"},
    {"futr_df", "futureExog", "predict()"},
    {"num_samples", "samples", "predict()"},
    {"df", "data", "predict(), and the first argument of fit()"},
    {"static_df", "", "static columns are part of the data: static: { uniqueId, <column> }"},
    {"n_series", "", "leave it out: the data says how many series there are"},
    {"id_col", "", "call the column of the data uniqueId"},
    {"time_col", "", "call the column of the data ds"},
    {"target_col", "", "call the column of the data y"},
};

// "input_size" -> "inputSize".
std::string CamelCase(const std::string& name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool joint = name[i] == '_' && !out.empty() && i + 1 < name.size();
    if (!joint) {
      out += name[i];
      continue;
    }
    ++i;
    out += static_cast<char>(std::toupper(static_cast<unsigned char>(name[i])));
  }
  return out;
}

// Levenshtein's distance between a and b, blind to case.
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = std::tolower(static_cast<unsigned char>(a[i - 1])) ==
                        std::tolower(static_cast<unsigned char>(b[j - 1]));
      const size_t best = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (same ? 0 : 1)});
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[b.size()];
}

std::string Nearest(const std::string& name, const std::vector<std::string>& known) {
  std::string nearest;
  size_t least = 2 + name.size() / 4;  // more edits would make another word of it
  for (const std::string& candidate : known) {
    const size_t distance = Distance(name, candidate);
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

std::string DidYouMean(const std::string& name, const std::string& owner = "") {
  return "did you mean '" + name + "'" + (owner.empty() ? "?" : ", an option of " + owner + "?");
}

}  // namespace

std::string OptionHint(const std::string& name, const std::vector<std::string>& known) {
  constexpr size_t kLongest = 64;  // names beyond this are no misspelling, and cost time to compare
  if (name.size() > kLongest) return "";
  const auto is_known = [&](const std::string& ours) {
    return std::find(known.begin(), known.end(), ours) != known.end();
  };
  const std::string camel = CamelCase(name);
  if (is_known(camel)) return DidYouMean(camel);
  for (const auto& [python, ours, owner] : kPythonNames) {
    if (camel != CamelCase(python)) continue;
    if (is_known(ours)) return DidYouMean(ours);
    return *ours == '\0' ? owner : DidYouMean(ours, owner);
  }
  const std::string nearest = Nearest(name, known);
  return nearest.empty() ? "" : DidYouMean(nearest);
}

}  // namespace nf
