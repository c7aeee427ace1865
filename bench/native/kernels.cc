// Every kernel but the matrix products: elements a second of the best table against the scalar
// twins in one run, repetitions interleaved, medians.
//   kernels [--json] [--rounds N] [--only TEXT] [--target NAME]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "report.h"

namespace nf {
namespace {

struct Options {
  bool json = false;
  int rounds = 21;
  std::string only, target;
};

// Runs the kernel of one table once, over `elements` elements.
struct Case {
  std::string name;
  size_t elements;
  std::function<void(const KernelTable&)> run;
};

// Buffers that all cases share; inputs in [-1, 1), `positive` in [1, 2).
struct Buffers {
  static constexpr size_t kSize = size_t{1} << 21;
  std::vector<float> a, b, c, positive, out, moment1, moment2;

  Buffers()
      : a(Random(1)),
        b(Random(2)),
        c(Random(3)),
        positive(Random(4)),
        out(kSize),
        moment1(kSize),
        moment2(kSize) {
    for (float& v : positive) v = 0.5f * v + 1.5f;
  }

  static std::vector<float> Random(uint32_t state) {
    std::vector<float> values(kSize);
    for (float& v : values) {
      state = state * 1664525u + 1013904223u;
      v = static_cast<float>(state >> 8) * 0x1p-23f - 1.0f;
    }
    return values;
  }
};

constexpr size_t kShort = 4096;  // stays in the first-level cache

void AddActivations(Buffers& x, std::vector<Case>& cases) {
  const std::pair<Activation, const char*> kinds[] = {
      {Activation::kRelu, "relu"},       {Activation::kTanh, "tanh"},
      {Activation::kSigmoid, "sigmoid"}, {Activation::kSoftplus, "softplus"},
      {Activation::kSelu, "selu"},       {Activation::kLeakyRelu, "leaky relu"},
      {Activation::kElu, "elu"},
  };
  for (const auto& [kind, name] : kinds) {
    const Activation act = kind;
    cases.push_back({std::string(name) + " forward", kShort, [&x, act](const KernelTable& t) {
                       t.activation.forward(act, x.a.data(), x.out.data(), kShort);
                     }});
    cases.push_back({std::string(name) + " backward", kShort, [&x, act](const KernelTable& t) {
                       t.activation.backward(act, x.a.data(), x.b.data(), x.out.data(), kShort);
                     }});
  }
}

// Every function of kernels/maps.inc.
void AddMaps(Buffers& x, std::vector<Case>& cases) {
  const auto add = [&](const char* name, auto run) {
    cases.push_back({name, kShort, [&x, run](const KernelTable& t) { run(t.map, x); }});
  };
#define NF_UNARY(Name, ...)                                                                    \
  add(#Name, [](const MapKernels& k, Buffers& b) {                                             \
    k.unary[static_cast<size_t>(UnaryMap::k##Name)].forward(b.a.data(), b.out.data(), kShort); \
  });
#define NF_BINARY(Name, ...)                                                          \
  add(#Name, [](const MapKernels& k, Buffers& b) {                                    \
    k.binary[static_cast<size_t>(BinaryMap::k##Name)].forward(b.a.data(), b.b.data(), \
                                                              b.out.data(), kShort);  \
  });
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY
}

void AddElementwise(Buffers& x, std::vector<Case>& cases) {
  const auto add = [&](const char* name, size_t n, auto run) {
    cases.push_back({name, n, [&x, run](const KernelTable& t) { run(t.elementwise, x); }});
  };
  using K = ElementwiseKernels;
  add("sub_mul", kShort, [](const K& k, Buffers& b) {
    k.sub_mul(b.a.data(), b.b.data(), b.c.data(), b.out.data(), kShort);
  });
  add("axpy", kShort,
      [](const K& k, Buffers& b) { k.axpy(1e-3f, b.a.data(), b.out.data(), kShort); });
  add("scale", kShort,
      [](const K& k, Buffers& b) { k.scale(0.5f, b.a.data(), b.out.data(), kShort); });
  add("reverse", kShort,
      [](const K& k, Buffers& b) { k.reverse(b.a.data(), b.out.data(), kShort); });
  add("column_sums 1024x512", 1024 * 512, [](const K& k, Buffers& b) {
    k.column_sums(b.a.data(), 1024, 512, 512, 1.0f, false, b.out.data());
  });
  add("column_sums 1024x24", 1024 * 24, [](const K& k, Buffers& b) {
    k.column_sums(b.a.data(), 1024, 24, 24, 1.0f, false, b.out.data());
  });
  add("sum_squares 2M", Buffers::kSize, [](const K& k, Buffers& b) {
    b.out[0] = static_cast<float>(k.sum_squares(b.a.data(), Buffers::kSize));
  });
  add("dropout", kShort, [](const K& k, Buffers& b) {
    k.dropout(b.a.data(), b.out.data(), kShort, 0.1f, 1, 2, 3, 4);
  });
}

void AddLosses(Buffers& x, std::vector<Case>& cases) {
  static const float quantiles[] = {0.5f, 0.05f, 0.1f, 0.9f, 0.95f};
  const std::tuple<LossKind, const char*, size_t> kinds[] = {
      {LossKind::kMae, "mae", 1},
      {LossKind::kMse, "mse", 1},
      {LossKind::kHuber, "huber", 1},
      {LossKind::kMape, "mape", 1},
      {LossKind::kSmape, "smape", 1},
      {LossKind::kQuantile, "quantile", 1},
      {LossKind::kQuantile, "quantile Q=5", 5},
      {LossKind::kHuberQuantile, "huber quantile Q=5", 5},
  };
  for (const auto& [kind, name, outputs] : kinds) {
    LossArgs args;
    args.kind = kind;
    args.quantiles = quantiles;
    args.rows = 128;
    args.horizon = 24;
    args.outputs = outputs;
    args.y_hat = x.a.data();
    args.y = x.b.data();
    args.weight = x.positive.data();
    args.grad = x.out.data();
    cases.push_back({std::string("loss ") + name, args.rows * args.horizon * outputs,
                     [&x, args](const KernelTable& t) {
                       x.moment1[0] = static_cast<float>(t.loss.loss(args));
                     }});
  }
}

// The whole slab: what a training step does, mostly waiting for memory.
void AddOptimisers(Buffers& x, std::vector<Case>& cases) {
  const std::tuple<decltype(OptimKernels::adam) OptimKernels::*, const char*, double> kinds[] = {
      {&OptimKernels::adam, "adam", 0.0},
      {&OptimKernels::adamw, "adamw", 0.0},
      {&OptimKernels::sgd, "sgd", 0.9},
      {&OptimKernels::rmsprop, "rmsprop", 0.0},
  };
  for (const auto& [kernel, name, momentum] : kinds) {
    OptimArgs args;
    args.momentum = momentum;
    for (const size_t n : {kShort, Buffers::kSize}) {
      const auto step = kernel;
      cases.push_back({std::string(name) + (n == kShort ? "" : " 2M"), n,
                       [&x, args, step, n](const KernelTable& t) {
                         (t.optim.*step)(args, x.out.data(), x.a.data(), x.moment1.data(),
                                         x.moment2.data(), n);
                       }});
    }
  }
}

void AddPooling(Buffers& x, std::vector<Case>& cases) {
  constexpr size_t kRows = 64, kTime = 48;
  for (const size_t kernel : {2, 8, 5}) {
    const std::string of = " pool 64x48 k" + std::to_string(kernel);
    cases.push_back({"max" + of, kRows * kTime, [&x, kernel](const KernelTable& t) {
                       t.pooling.max_forward(x.a.data(), kRows, kTime, 1, kernel, x.out.data());
                     }});
    cases.push_back({"max" + of + " backward", kRows * kTime, [&x, kernel](const KernelTable& t) {
                       t.pooling.max_backward(x.a.data(), x.b.data(), x.c.data(), kRows, kTime, 1,
                                              kernel, false, x.out.data());
                     }});
    cases.push_back({"average" + of, kRows * kTime, [&x, kernel](const KernelTable& t) {
                       t.pooling.average_forward(x.a.data(), kRows, kTime, 1, kernel, x.out.data());
                     }});
    cases.push_back(
        {"average" + of + " backward", kRows * kTime, [&x, kernel](const KernelTable& t) {
           t.pooling.average_backward(x.c.data(), kRows, kTime, 1, kernel, false, x.out.data());
         }});
  }
  for (const size_t time : {48, 336}) {
    const std::string of = "moving average 64x" + std::to_string(time) + " k25";
    cases.push_back({of, kRows * time, [&x, time](const KernelTable& t) {
                       t.pooling.moving_average_forward(x.a.data(), kRows, time, 25, x.out.data());
                     }});
    cases.push_back({of + " backward", kRows * time, [&x, time](const KernelTable& t) {
                       t.pooling.moving_average_backward(x.a.data(), kRows, time, 25, false,
                                                         x.out.data());
                     }});
  }
}

// Median seconds of one call for each table, measured turn by turn. A turn repeats the call until
// it has lasted about 200 us.
std::pair<double, double> Measure(const Case& c, const KernelTable& vectors, int rounds) {
  const KernelTable* tables[] = {&vectors, &ScalarKernels()};
  size_t repeats[2];
  for (int i = 0; i < 2; ++i) {
    c.run(*tables[i]);
    const double start = Seconds();
    c.run(*tables[i]);
    repeats[i] = std::max<size_t>(1, static_cast<size_t>(2e-4 / (Seconds() - start + 1e-9)));
  }
  std::vector<double> times[2];
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 2; ++i) {
      const double start = Seconds();
      for (size_t r = 0; r < repeats[i]; ++r) c.run(*tables[i]);
      times[i].push_back((Seconds() - start) / static_cast<double>(repeats[i]));
    }
  }
  return {Median(times[0]), Median(times[1])};
}

void Report(const Case& c, const Options& options, const KernelTable& vectors) {
  const auto [ours, scalar] = Measure(c, vectors, options.rounds);
  const double rate = static_cast<double>(c.elements) / ours, ratio = scalar / ours;
  if (options.json) {
    PrintJson({"kernels", c.name, 1, rate, "elements/s", "scalar", ratio});
  } else {
    std::printf("%-34s %10.3f Gelements/s   %6.2f x scalar\n", c.name.c_str(), rate * 1e-9, ratio);
  }
  std::fflush(stdout);
}

const KernelTable& Choose(const std::string& target) {
  for (const KernelTable* table : AllKernels()) {
    if (target.empty() || target == table->target) return *table;
  }
  std::fprintf(stderr, "kernels: this CPU has no table %s\n", target.c_str());
  std::exit(1);
}

int Main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--json") {
      options.json = true;
    } else if (arg == "--rounds" && i + 1 < argc) {
      options.rounds = std::max(1, std::atoi(argv[++i]));
    } else if (arg == "--only" && i + 1 < argc) {
      options.only = argv[++i];
    } else if (arg == "--target" && i + 1 < argc) {
      options.target = argv[++i];
    } else {
      std::fputs("kernels [--json] [--rounds N] [--only TEXT] [--target NAME]\n", stderr);
      return 2;
    }
  }
  const KernelTable& vectors = Choose(options.target);
  if (!options.json) std::printf("%s against the scalar twins\n", vectors.target);
  Buffers buffers;
  std::vector<Case> cases;
  AddActivations(buffers, cases);
  AddMaps(buffers, cases);
  AddElementwise(buffers, cases);
  AddLosses(buffers, cases);
  AddOptimisers(buffers, cases);
  AddPooling(buffers, cases);
  for (const Case& c : cases) {
    if (c.name.find(options.only) != std::string::npos) Report(c, options, vectors);
  }
  return 0;
}

}  // namespace
}  // namespace nf

int main(int argc, char** argv) { return nf::Main(argc, argv); }
