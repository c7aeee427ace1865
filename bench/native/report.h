// What the native benches share: a clock, a median, and rows as text or as one JSON object a line.
#ifndef NF_BENCH_NATIVE_REPORT_H_
#define NF_BENCH_NATIVE_REPORT_H_

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

namespace nf {

constexpr double kNoFigure = std::numeric_limits<double>::quiet_NaN();

inline double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double Median(std::vector<double> x) {
  std::nth_element(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2), x.end());
  return x[x.size() / 2];
}

// [--json] [--rounds N] [--only TEXT]: as rows, interleaved repetitions, cases that hold a text.
struct BenchOptions {
  bool json = false;
  int rounds = 0;
  std::string only;
};

// Ends the process with the usage when the arguments are others.
inline BenchOptions ParseOptions(const char* bench, int rounds, int argc, char** argv) {
  BenchOptions options;
  options.rounds = rounds;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--json") {
      options.json = true;
    } else if (arg == "--rounds" && i + 1 < argc) {
      options.rounds = std::max(1, std::atoi(argv[++i]));
    } else if (arg == "--only" && i + 1 < argc) {
      options.only = argv[++i];
    } else {
      std::fprintf(stderr, "%s [--json] [--rounds N] [--only TEXT]\n", bench);
      std::exit(2);
    }
  }
  return options;
}

// ratio > 1: ours is faster than the peer. peak_share: share of the FMA peak of the same run.
struct Row {
  std::string bench, name;
  int threads = 1;
  double value = 0;
  std::string unit, peer;
  double ratio = kNoFigure, peak_share = kNoFigure;
};

inline void PrintJson(const Row& row) {
  auto number = [](double x) {
    if (!std::isfinite(x)) return std::string("null");
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", x);
    return std::string(text);
  };
  std::printf(
      "{\"bench\":\"%s\",\"case\":\"%s\",\"threads\":%d,\"value\":%s,\"unit\":\"%s\","
      "\"peer\":%s,\"ratio\":%s,\"peakShare\":%s}\n",
      row.bench.c_str(), row.name.c_str(), row.threads, number(row.value).c_str(), row.unit.c_str(),
      row.peer.empty() ? "null" : ("\"" + row.peer + "\"").c_str(), number(row.ratio).c_str(),
      number(row.peak_share).c_str());
  std::fflush(stdout);
}

}  // namespace nf

#endif  // NF_BENCH_NATIVE_REPORT_H_
