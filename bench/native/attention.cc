// Attention as one op against its plain form: the whole matrix of scores, the library's own matrix
// kernels on it, the same exponential. One head of width 64, one thread; forward, and forward with
// backward; repetitions interleaved, medians. Speeds count the products of the plain form once: 4
// for forward and 8 for backward per score and channel; scores computed again are no work. Memory:
// what a call takes beyond q, k, v, the output and their gradients, as the process's peak shows it.
//   attention [--json] [--rounds N] [--only TEXT]
#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "../bench/native/attention.cc"  // from native/, an include path
#include "hwy/foreach_target.h"                            // IWYU pragma: keep
#include "simd/loop-inl.h"
#include "simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

// Rows of [n, n] scores to probabilities.
void SoftmaxRows(float* scores, size_t n, float scale) {
  const FloatTag d;
  for (size_t i = 0; i < n; ++i, scores += n) {
    FloatVec most = hn::Set(d, scores[0]), sum = hn::Zero(d);
    ForLanes(n - n % kLanes,
             [&](size_t j, auto lanes) HWY_ATTR { most = hn::Max(most, lanes.Load(scores + j)); });
    const FloatVec from = hn::Set(d, scale * hn::ReduceMax(d, most)), by = hn::Set(d, scale);
    ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR {
      const FloatVec p = ExpNegative(d, hn::MulSub(by, lanes.Load(scores + j), from));
      sum = hn::Add(sum, lanes.Keep(p));
      lanes.Store(p, scores + j);
    });
    const FloatVec share = hn::Set(d, 1.0f / hn::ReduceSum(d, sum));
    ForLanes(n, [&](size_t j, auto lanes)
                    HWY_ATTR { lanes.Store(hn::Mul(share, lanes.Load(scores + j)), scores + j); });
  }
}

// The gradients of probabilities to those of q . k, in place; mean[i]: dO . O of query i.
void SoftmaxRowsBackward(const float* p, const float* mean, size_t n, float scale, float* dp) {
  const FloatTag d;
  for (size_t i = 0; i < n; ++i, p += n, dp += n) {
    const FloatVec from = hn::Set(d, mean[i]), by = hn::Set(d, scale);
    ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR {
      const FloatVec part = hn::Mul(lanes.Load(p + j), hn::Sub(lanes.Load(dp + j), from));
      lanes.Store(hn::Mul(part, by), dp + j);
    });
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <new>

#include "kernels/kernel_table.h"
#include "parallel/executor.h"
#include "probes.h"
#include "report.h"

namespace nf {
HWY_EXPORT(SoftmaxRows);
HWY_EXPORT(SoftmaxRowsBackward);
namespace {

constexpr size_t kWidth = 64;
constexpr float kScale = 0.125f;

struct FreeFloats {
  void operator()(float* p) const { ::operator delete(p, std::align_val_t(64)); }
};
using Floats = std::unique_ptr<float, FreeFloats>;

Floats Allocate(size_t n) {
  return Floats(static_cast<float*>(::operator new(n * sizeof(float), std::align_val_t(64))));
}

Floats Random(size_t n, uint32_t state) {
  Floats x = Allocate(n);
  for (size_t i = 0; i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    x.get()[i] = static_cast<float>(state >> 8) * 0x1p-23f - 1.0f;
  }
  return x;
}

// One head over `n` queries and keys, both ways. The working memory of each is taken at its first
// call and kept, so that later calls are timed without page faults.
class Problem {
 public:
  explicit Problem(size_t n)
      : n_(n),
        q_(Random(n * kWidth, 1)),
        k_(Random(n * kWidth, 2)),
        v_(Random(n * kWidth, 3)),
        d_out_(Random(n * kWidth, 4)),
        out_(Random(n * kWidth, 0)),
        dq_(Random(n * kWidth, 0)),
        dk_(Random(n * kWidth, 0)),
        dv_(Random(n * kWidth, 0)) {}

  double flops(bool backward) const {
    return (backward ? 12.0 : 4.0) * static_cast<double>(n_) * static_cast<double>(n_) * kWidth;
  }

  void Tiled(bool backward) {
    const AttentionKernels& kernels = BestKernels().attention;
    Need(statistics_, n_);
    Need(scratch_, kernels.scratch_size(n_, n_, kWidth));
    AttentionArgs a;
    a.queries = a.keys = n_;
    a.width = a.v_width = a.q_stride = a.k_stride = a.v_stride = a.out_stride = kWidth;
    a.q = q_.get(), a.k = k_.get(), a.v = v_.get(), a.out = out_.get();
    a.scale = kScale;
    a.statistics = statistics_.get();
    kernels.forward(a, 0, n_, scratch_.get());
    if (!backward) return;
    a.d_out = d_out_.get();
    a.dq = dq_.get(), a.dk = dk_.get(), a.dv = dv_.get();
    for (float* gradient : {a.dq, a.dk, a.dv}) {
      std::memset(gradient, 0, n_ * kWidth * sizeof(float));
    }
    kernels.backward(a, scratch_.get());
  }

  void Plain(bool backward) {
    const GemmKernels& gemm = BestKernels().gemm;
    Need(p_, n_ * n_);
    Need(gemm_scratch_, std::max(gemm.scratch_size(Trans::kYes, Trans::kNo, n_, kWidth, n_),
                                 gemm.scratch_size(Trans::kNo, Trans::kYes, n_, n_, n_)));
    Multiply(Trans::kNo, Trans::kYes, n_, n_, kWidth, q_.get(), k_.get(), p_.get());
    HWY_DYNAMIC_DISPATCH(SoftmaxRows)(p_.get(), n_, kScale);
    Multiply(Trans::kNo, Trans::kNo, n_, kWidth, n_, p_.get(), v_.get(), out_.get());
    if (!backward) return;
    Need(dp_, n_ * n_);
    Need(mean_, n_);
    for (size_t i = 0; i < n_; ++i) {
      mean_.get()[i] = 0;
      for (size_t c = i * kWidth; c < (i + 1) * kWidth; ++c) {
        mean_.get()[i] += out_.get()[c] * d_out_.get()[c];
      }
    }
    Multiply(Trans::kNo, Trans::kYes, n_, n_, kWidth, d_out_.get(), v_.get(), dp_.get());
    Multiply(Trans::kYes, Trans::kNo, n_, kWidth, n_, p_.get(), d_out_.get(), dv_.get());
    HWY_DYNAMIC_DISPATCH(SoftmaxRowsBackward)(p_.get(), mean_.get(), n_, kScale, dp_.get());
    Multiply(Trans::kYes, Trans::kNo, n_, kWidth, n_, dp_.get(), q_.get(), dk_.get());
    Multiply(Trans::kNo, Trans::kNo, n_, kWidth, n_, dp_.get(), k_.get(), dq_.get());
  }

  // Sums of squares of what a call wrote.
  double Sum(bool backward) const {
    const auto sum = BestKernels().elementwise.sum_squares;
    double total = sum(out_.get(), n_ * kWidth);
    for (const Floats* g : {&dq_, &dk_, &dv_}) total += backward ? sum(g->get(), n_ * kWidth) : 0;
    return total;
  }

 private:
  static void Need(Floats& memory, size_t n) {
    if (memory == nullptr) memory = Allocate(n);
  }
  // C [m, n] = op(A) . op(B), stored without gaps.
  void Multiply(Trans ta, Trans tb, size_t m, size_t n, size_t k, const float* a, const float* b,
                float* c) {
    BestKernels().gemm.gemm(ta, tb, m, n, k, a, ta == Trans::kNo ? k : m, b,
                            tb == Trans::kNo ? n : k, c, n, {}, gemm_scratch_.get());
  }

  const size_t n_;
  const Floats q_, k_, v_, d_out_, out_, dq_, dk_, dv_;
  Floats statistics_, scratch_;          // of Tiled
  Floats p_, dp_, mean_, gemm_scratch_;  // of Plain
};

// A line of /proc/self/status in bytes; 0 where there is none.
double StatusBytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    double kilobytes = 0;
    if (word == field && status >> kilobytes) return 1024 * kilobytes;
  }
  return 0;
}

// How far the process's resident memory rises in a call; kNoFigure where the system does not tell.
double PeakBytes(const std::function<void()>& call) {
#ifdef __GLIBC__
  malloc_trim(0);  // what was freed before goes back to the system
#endif
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  const double before = StatusBytes("VmRSS:");
  call();
  const double peak = StatusBytes("VmHWM:");
  return peak > 0 ? peak - before : kNoFigure;
}

void Print(const Row& row, bool json) {
  if (json) return PrintJson(row);
  std::printf("%-34s %10.3f %-8s %8.2f x plain %10.3f\n", row.name.c_str(), row.value,
              row.unit.c_str(), row.ratio, row.peak_share);
  std::fflush(stdout);
}

// Both forms agree, and what each takes at its first call.
void CheckAndReportMemory(Problem& problem, bool backward, const std::string& name, bool json) {
  const double bytes = PeakBytes([&] { problem.Tiled(backward); });
  const double sum = problem.Sum(backward);
  const double plain_bytes = PeakBytes([&] { problem.Plain(backward); });
  if (!(std::abs(problem.Sum(backward) - sum) < 1e-4 * sum)) {
    std::fprintf(stderr, "attention: %s: the two forms differ\n", name.c_str());
    std::exit(1);
  }
  Print({"attention", name + ", memory", 1, bytes * 1e-6, "MB", "plain", plain_bytes / bytes},
        json);
}

void BenchLength(size_t n, bool backward, const BenchOptions& options) {
  const std::string name = std::to_string(n) + (backward ? " forward and backward" : " forward");
  if (name.find(options.only) == std::string::npos) return;
  Problem problem(n);
  CheckAndReportMemory(problem, backward, name, options.json);
  const std::function<void()> calls[2] = {[&] { problem.Tiled(backward); },
                                          [&] { problem.Plain(backward); }};
  const int repeats = std::max(1, static_cast<int>(3e9 / problem.flops(backward)));  // some 20 ms
  const int rounds = n >= 8192 ? std::min(options.rounds, 3) : options.rounds;
  Executor executor(1);
  std::vector<double> times[2], peaks;
  for (int round = 0; round < rounds; ++round) {
    peaks.push_back(FmaPeak(executor, 2'000'000));
    for (int form = 0; form < 2; ++form) {
      const double start = Seconds();
      for (int i = 0; i < repeats; ++i) calls[form]();
      times[form].push_back((Seconds() - start) / repeats);
    }
  }
  const double ours = Median(times[0]), speed = problem.flops(backward) / ours;
  Print({"attention", name, 1, speed * 1e-9, "GFLOP/s", "plain", Median(times[1]) / ours,
         speed / Median(peaks)},
        options.json);
}

int Main(int argc, char** argv) {
  const BenchOptions options = ParseOptions("attention", 9, argc, argv);
  if (!options.json) {
    std::printf("%s kernels, width %zu\n%-34s %10s %-8s %16s %10s\n", BestKernels().target, kWidth,
                "length", "", "", "ratio", "of peak");
  }
  for (size_t n = 128; n <= 16384; n *= 2) {
    for (bool backward : {false, true}) BenchLength(n, backward, options);
  }
  return 0;
}

}  // namespace
}  // namespace nf

int main(int argc, char** argv) { return nf::Main(argc, argv); }
#endif  // HWY_ONCE
