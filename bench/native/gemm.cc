// Matrix products against oneDNN's sgemm, in one run: repetitions interleaved, medians.
//   gemm [--json] [--rounds N] [--only TEXT]
// Raw matrices in, C out: our packing is inside the timing. Rows that end in "packed B" are ours
// with B packed before, as a training step and a predictor have it (the peer is the same sgemm).
#include <dlfcn.h>
#include <dnnl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "kernels/kernel_table.h"
#include "parallel/executor.h"

namespace nf {
namespace {

struct Options {
  bool json = false;
  int rounds = 15;
  std::string only;
};

struct Shape {
  Trans ta, tb;
  size_t m, k, n;
};

std::string Name(const Shape& s) {
  const auto letter = [](Trans t) { return t == Trans::kNo ? "N" : "T"; };
  return std::string(letter(s.ta)) + letter(s.tb) + " " + std::to_string(s.m) + "x" +
         std::to_string(s.k) + "x" + std::to_string(s.n);
}

std::vector<Shape> Shapes() {
  constexpr size_t kSizes[][3] = {{32, 512, 512},   {128, 512, 512},   {1024, 512, 512},
                                  {1024, 120, 512}, {1024, 128, 512},  {32, 128, 512},
                                  {32, 64, 256},    {2048, 2048, 2048}};
  std::vector<Shape> shapes;
  for (const auto& [m, k, n] : kSizes) shapes.push_back({Trans::kNo, Trans::kNo, m, k, n});
  for (size_t i = 0; i < 5; ++i) {
    const auto [m, k, n] = kSizes[i];
    shapes.push_back({Trans::kNo, Trans::kYes, m, k, n});
    shapes.push_back({Trans::kYes, Trans::kNo, m, k, n});
  }
  return shapes;
}

class Floats {
 public:
  explicit Floats(size_t count)
      : size_(count),
        data_(static_cast<float*>(operator new ((count + 16) * sizeof(float),
                                                std::align_val_t{64}))) {
    std::fill_n(data_, count, 0.0f);
  }
  ~Floats() { operator delete (data_, std::align_val_t{64}); }
  Floats(const Floats&) = delete;
  Floats& operator=(const Floats&) = delete;
  float* data() const { return data_; }
  size_t size() const { return size_; }
  void Randomize(uint32_t state) {
    for (size_t i = 0; i < size_; ++i) {
      state = state * 1664525u + 1013904223u;
      data_[i] = static_cast<float>(state >> 8) * 0x1p-23f - 1.0f;
    }
  }

 private:
  size_t size_;
  float* data_;
};

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of all threads of the process. A running thread's time is counted at the scheduler's ticks, some
// milliseconds apart.
double CpuSeconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// OpenMP's and oneTBB's threads spin for some milliseconds after a loop, on the core that the other
// library's thread needs. Returns when all are asleep.
void AwaitSleep() {
  for (int tries = 0; tries < 20; ++tries) {
    const double before = CpuSeconds();
    std::this_thread::sleep_for(std::chrono::milliseconds(6));
    if (CpuSeconds() - before < 1e-3) return;
  }
}

double Median(std::vector<double> x) {
  std::nth_element(x.begin(), x.begin() + x.size() / 2, x.end());
  return x[x.size() / 2];
}

// oneDNN's sgemm runs on OpenMP, which libdnnl brings along; this program does not link it itself.
void SetOmpThreads(int threads) {
  const auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (set == nullptr) {
    std::fputs("gemm: this libdnnl does not use OpenMP, its threads cannot be set\n", stderr);
    std::exit(1);
  }
  set(threads);
}

// One product, ours and oneDNN's on the same matrices.
class Problem {
 public:
  Problem(const Shape& s, Executor& executor)
      : s_(s),
        kernels_(BestKernels().gemm),
        executor_(executor),
        lda_(s.ta == Trans::kNo ? s.k : s.m),
        ldb_(s.tb == Trans::kNo ? s.n : s.k),
        a_(s.m * s.k),
        b_(s.k * s.n),
        c_(s.m * s.n),
        peer_c_(s.m * s.n),
        packed_(kernels_.packed_size(s.k, s.n)) {
    a_.Randomize(1);
    b_.Randomize(2);
    kernels_.pack(s.tb, b_.data(), ldb_, s.k, s.n, 0, s.n, packed_.data());
    // A slice of C's columns a thread: no slice packs what another packs.
    const size_t threads = static_cast<size_t>(executor.num_threads());
    const size_t panels = (s.n + kernels_.panel - 1) / kernels_.panel;
    slice_ = (panels + threads - 1) / threads * kernels_.panel;
    slices_ = static_cast<int64_t>((s.n + slice_ - 1) / slice_);
    scratch_floats_ = kernels_.scratch_size(s.ta, s.tb, s.m, slice_, s.k) + 16;
    scratch_floats_ -= scratch_floats_ % 16;
    scratch_ = std::make_unique<Floats>(scratch_floats_ * threads);
  }

  double flops() const {
    return 2.0 * static_cast<double>(s_.m) * static_cast<double>(s_.k) * static_cast<double>(s_.n);
  }

  void Raw() {
    executor_.ParallelFor(slices_, [this](int64_t index, int slot) {
      const size_t j = static_cast<size_t>(index) * slice_;
      const float* b = b_.data() + (s_.tb == Trans::kNo ? j : j * ldb_);
      float* scratch = scratch_->data() + static_cast<size_t>(slot) * scratch_floats_;
      kernels_.gemm(s_.ta, s_.tb, s_.m, std::min(slice_, s_.n - j), s_.k, a_.data(), lda_, b, ldb_,
                    c_.data() + j, s_.n, {}, scratch);
    });
  }

  // Shards of 64 rows, as a training step has them; slices of columns where that is one shard.
  void Packed() {
    constexpr static size_t kShard = 64;
    if (s_.m <= kShard) {
      executor_.ParallelFor(slices_, [this](int64_t index, int) {
        const size_t j = static_cast<size_t>(index) * slice_;
        kernels_.packed(s_.m, std::min(slice_, s_.n - j), s_.k, a_.data(), lda_,
                        packed_.data() + j * s_.k, c_.data() + j, s_.n, {});
      });
      return;
    }
    executor_.ParallelFor(
        static_cast<int64_t>((s_.m + kShard - 1) / kShard), [this](int64_t index, int) {
          const size_t i = static_cast<size_t>(index) * kShard;
          kernels_.packed(std::min(kShard, s_.m - i), s_.n, s_.k, a_.data() + i * lda_, lda_,
                          packed_.data(), c_.data() + i * s_.n, s_.n, {});
        });
  }

  void Peer() {
    const auto letter = [](Trans t) { return t == Trans::kNo ? 'N' : 'T'; };
    const auto dim = [](size_t x) { return static_cast<dnnl_dim_t>(x); };
    const dnnl_status_t status =
        dnnl_sgemm(letter(s_.ta), letter(s_.tb), dim(s_.m), dim(s_.n), dim(s_.k), 1.0f, a_.data(),
                   dim(lda_), b_.data(), dim(ldb_), 0.0f, peer_c_.data(), dim(s_.n));
    if (status != dnnl_success) {
      std::fputs("gemm: dnnl_sgemm failed\n", stderr);
      std::exit(1);
    }
  }

  void CheckAgreement() const {
    for (size_t i = 0; i < c_.size(); ++i) {
      if (std::abs(c_.data()[i] - peer_c_.data()[i]) < 1e-5f * static_cast<float>(s_.k)) continue;
      std::fprintf(stderr, "gemm: %s: %g at %zu, oneDNN has %g\n", Name(s_).c_str(), c_.data()[i],
                   i, peer_c_.data()[i]);
      std::exit(1);
    }
  }

 private:
  const Shape s_;
  const GemmKernels& kernels_;
  Executor& executor_;
  const size_t lda_, ldb_;
  Floats a_, b_, c_, peer_c_, packed_;
  size_t slice_, scratch_floats_;
  int64_t slices_;
  std::unique_ptr<Floats> scratch_;
};

// Speed of `call` in its unit of work a second: the best of a few bursts of about half a
// millisecond, so that one interrupted by another process does not count.
double Speed(double work, const std::function<void()>& call) {
  AwaitSleep();
  call();  // wakes the threads
  double start = Seconds();
  call();
  const int calls = std::clamp(static_cast<int>(5e-4 / (Seconds() - start)), 1, 400);
  double best = 0.0;
  for (int burst = 0; burst < (calls == 1 ? 2 : 8); ++burst) {
    start = Seconds();
    for (int i = 0; i < calls; ++i) call();
    best = std::max(best, work * calls / (Seconds() - start));
  }
  return best;
}

// Cores that `call` keeps busy: shows that oneDNN runs as many threads as it was asked to.
double CoresUsed(const std::function<void()>& call) {
  AwaitSleep();
  const double cpu = CpuSeconds(), start = Seconds();
  while (Seconds() - start < 0.04) call();
  return (CpuSeconds() - cpu) / (Seconds() - start);
}

double PeakSpeed(Executor& executor) {
  const auto probe = BestKernels().gemm.fma_probe;
  constexpr size_t kIterations = 10000;
  const int threads = executor.num_threads();
  return Speed(probe(1) * kIterations * threads,
               [&] { executor.ParallelFor(threads, [&](int64_t, int) { probe(kIterations); }); });
}

void PrintRow(const Options& options, const std::string& name, int threads, double value,
              double peer, double peak, double peer_cores) {
  value *= 1e-9;
  peer *= 1e-9;
  peak *= 1e-9;
  if (options.json) {
    std::printf(
        "{\"bench\":\"gemm\",\"case\":\"%s\",\"threads\":%d,\"value\":%.2f,\"unit\":\"GFLOP/s\","
        "\"peer\":\"oneDNN %d.%d\",\"ratio\":%.3f,\"peakShare\":%.3f}\n",
        name.c_str(), threads, value, dnnl_version()->major, dnnl_version()->minor, value / peer,
        value / peak);
  } else {
    std::printf("%-28s %7d %10.1f %10.1f %7.3f %9.1f %9.3f %12.2f\n", name.c_str(), threads, value,
                peer, value / peer, peak, value / peak, peer_cores);
  }
  std::fflush(stdout);
}

void BenchShape(const Options& options, const Shape& shape, Executor& executor) {
  Problem problem(shape, executor);
  const bool packs = shape.ta == Trans::kNo && shape.m <= 1024;  // shapes of the engine
  const int rounds = shape.m == 2048 ? std::max(1, options.rounds / 3) : options.rounds;
  std::vector<double> raw, packed, peer, peak;
  for (int round = 0; round < rounds; ++round) {
    peak.push_back(PeakSpeed(executor));
    raw.push_back(Speed(problem.flops(), [&] { problem.Raw(); }));
    peer.push_back(Speed(problem.flops(), [&] { problem.Peer(); }));
    if (round == 0) problem.CheckAgreement();
    if (packs) packed.push_back(Speed(problem.flops(), [&] { problem.Packed(); }));
    if (round == 0) problem.CheckAgreement();
  }
  const std::string name = Name(shape);
  const int threads = executor.num_threads();
  const double peer_speed = Median(peer), peak_speed = Median(peak);
  const double peer_cores = options.json ? 0.0 : CoresUsed([&] { problem.Peer(); });
  PrintRow(options, name, threads, Median(raw), peer_speed, peak_speed, peer_cores);
  if (packs) {
    PrintRow(options, name + " packed B", threads, Median(packed), peer_speed, peak_speed,
             peer_cores);
  }
}

int Main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--json") {
      options.json = true;
    } else if (argument == "--rounds" && i + 1 < argc) {
      options.rounds = std::max(1, std::atoi(argv[++i]));
    } else if (argument == "--only" && i + 1 < argc) {
      options.only = argv[++i];
    } else {
      std::fputs("gemm [--json] [--rounds N] [--only TEXT in the case's name]\n", stderr);
      return 2;
    }
  }
  if (!options.json) {
    std::printf("%s kernels; GFLOP/s; ratio: ours / oneDNN; peak: FMA probe\n",
                BestKernels().target);
    std::printf("%-28s %7s %10s %10s %7s %9s %9s %12s\n", "case", "threads", "ours", "oneDNN",
                "ratio", "peak", "of peak", "peer cores");
  }
  for (const int threads : {1, 2}) {
    Executor executor(threads);
    SetOmpThreads(threads);
    for (const Shape& shape : Shapes()) {
      if (Name(shape).find(options.only) != std::string::npos) {
        BenchShape(options, shape, executor);
      }
    }
  }
  return 0;
}

}  // namespace
}  // namespace nf

int main(int argc, char** argv) { return nf::Main(argc, argv); }
