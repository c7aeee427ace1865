#include "kernels/attention.h"

#include <string>
#include <tuple>

#include "kernels/ref/attention.h"
#include "testing/kernel_inputs.h"

namespace nf {
namespace {

constexpr double kTolerance = 1e-5;

struct Shape {
  size_t queries, keys, width, heads = 1;
  bool causal = false, masked = false;
  float dropout = 0.0f;
  size_t values = 0;  // 0: as wide

  size_t VWidth() const { return values > 0 ? values : width; }
  std::string Name() const {
    return std::to_string(queries) + " queries, " + std::to_string(keys) + " keys, width " +
           std::to_string(width) + " and " + std::to_string(VWidth()) + ", heads " +
           std::to_string(heads) + (causal ? " causal" : "") + (masked ? " masked" : "") +
           (dropout > 0 ? " dropout" : "");
  }
};

std::vector<float> RandomMask(size_t keys) {
  std::vector<float> mask = RandomFloats(keys, 9, -1.0f, 1.0f);
  for (float& m : mask) m = m < 0 ? 0.0f : m;
  return mask;
}

AttentionArgs Options(const Shape& s) {
  AttentionArgs a;
  a.queries = s.queries;
  a.keys = s.keys;
  a.width = s.width;
  a.v_width = s.VWidth();
  a.q_stride = a.k_stride = s.heads * s.width;
  a.v_stride = a.out_stride = s.heads * s.VWidth();
  a.causal = s.causal;
  a.scale = 0.3f;
  a.dropout = s.dropout;
  a.seed = 0x123456789abcdef0u;
  a.step = 0x700000003u;
  a.op = 17;
  a.row = 1000000007u;
  return a;
}

// The inputs of a shape; expected results in double.
struct Problem {
  explicit Problem(const Shape& shape) : s(shape), args(Options(shape)) {
    const size_t queries = s.queries * s.heads * s.width, keys = s.keys * s.heads * s.width;
    const size_t outputs = s.queries * args.v_stride, values = s.keys * args.v_stride;
    q = RandomFloats(queries, 1);
    k = RandomFloats(keys, 2);
    v = RandomFloats(values, 3);
    d_out = RandomFloats(outputs, 4, -1.0f, 1.0f);
    held_q = RandomFloats(queries, 5, -1.0f, 1.0f);
    held_k = RandomFloats(keys, 6, -1.0f, 1.0f);
    held_v = RandomFloats(values, 7, -1.0f, 1.0f);
    mask = RandomMask(s.keys);
    Expect();
  }

  void Expect() {
    const auto dq_ = ToDouble(q), dk_ = ToDouble(k), dv_ = ToDouble(v), mask_ = ToDouble(mask),
               d_out_ = ToDouble(d_out);
    out.assign(d_out.size(), 0.0);
    statistics.assign(s.heads * s.queries, 0.0);
    dq = ToDouble(held_q), dk = ToDouble(held_k), dv = ToDouble(held_v);
    std::vector<double> scratch(s.keys);
    for (size_t h = 0; h < s.heads; ++h) {
      const size_t at = h * s.width, v_at = h * args.v_width;
      AttentionArgs a = args;
      a.head = static_cast<uint32_t>(h);
      const ref::Attention<double> t = {a,
                                        dq_.data() + at,
                                        dk_.data() + at,
                                        dv_.data() + v_at,
                                        s.masked ? mask_.data() : nullptr,
                                        out.data() + v_at,
                                        statistics.data() + h * s.queries,
                                        d_out_.data() + v_at,
                                        dq.data() + at,
                                        dk.data() + at,
                                        dv.data() + v_at};
      ref::AttentionForward(t, 0, s.queries, scratch.data());
      ref::AttentionBackward(t, scratch.data());
    }
  }

  const Shape s;
  const AttentionArgs args;
  std::vector<float> q, k, v, mask, d_out, held_q, held_k, held_v;
  std::vector<double> out, statistics, dq, dk, dv;
};

// The same through a table, in misaligned guarded arrays; scratch is NaN before every call.
struct HeadRun {
  HeadRun(const Problem& p, const KernelTable& t)
      : p(p),
        table(t),
        q(p.q, 1),
        k(p.k, 2),
        v(p.v, 3),
        mask(p.mask, 5),
        d_out(p.d_out, 7),
        out(p.d_out.size(), 1),
        statistics(p.s.heads * p.s.queries, 3),
        dq(p.held_q, 2),
        dk(p.held_k, 3),
        dv(p.held_v, 5),
        scratch(
            t.attention.scratch_size(p.s.queries, p.s.keys, std::max(p.s.width, p.s.VWidth()))) {}

  AttentionArgs Head(size_t h) {
    AttentionArgs a = p.args;
    const size_t at = h * p.s.width, v_at = h * a.v_width;
    a.head = static_cast<uint32_t>(h);
    a.q = q.data() + at, a.k = k.data() + at, a.v = v.data() + v_at;
    a.mask = p.s.masked ? mask.data() : nullptr;
    a.out = out.data() + v_at, a.statistics = statistics.data() + h * p.s.queries;
    a.d_out = d_out.data() + v_at;
    a.dq = dq.data() + at, a.dk = dk.data() + at, a.dv = dv.data() + v_at;
    return a;
  }
  float* Scratch() {
    std::fill_n(scratch.data(), scratch.size(), std::numeric_limits<float>::quiet_NaN());
    return scratch.data();
  }
  // In pieces of `step` queries.
  void Forward(size_t step) {
    for (size_t h = 0; h < p.s.heads; ++h) {
      for (size_t i = 0; i < p.s.queries; i += step) {
        table.attention.forward(Head(h), i, std::min(p.s.queries, i + step), Scratch());
      }
    }
  }
  void Backward() {
    for (size_t h = 0; h < p.s.heads; ++h) table.attention.backward(Head(h), Scratch());
  }

  const Problem& p;
  const KernelTable& table;
  TestArray q, k, v, mask, d_out, out, statistics, dq, dk, dv;
  TestArray scratch;
};

void ExpectStatistics(const TestArray& actual, const std::vector<double>& expected) {
  for (size_t i = 0; i < expected.size(); ++i) {
    if (std::isinf(expected[i])) {
      ASSERT_EQ(actual[i], std::numeric_limits<float>::infinity()) << i;
    } else {
      ASSERT_NEAR(actual[i], expected[i], kTolerance) << i;
    }
  }
}

void ExpectMatchesTheTwin(const Shape& s) {
  const Problem p(s);
  ForEachTable([&](const KernelTable& table) {
    SCOPED_TRACE(s.Name());
    HeadRun run(p, table);
    run.Forward(s.queries);
    ExpectNear(run.out, p.out, kTolerance);
    ExpectStatistics(run.statistics, p.statistics);
    run.Backward();
    ExpectNear(run.dq, p.dq, kTolerance, 4.0);
    ExpectNear(run.dk, p.dk, kTolerance, 4.0);
    ExpectNear(run.dv, p.dv, kTolerance, 4.0);
  });
}

TEST(Attention, MatchesTheTwinAtEverySize) {
  for (size_t n : TestSizes()) {
    if (n == 0 || n > 600) continue;
    ExpectMatchesTheTwin({n, n, 8});
    ExpectMatchesTheTwin({3, n, 5});
    ExpectMatchesTheTwin({n, 2, 5});
    if (n < 66) ExpectMatchesTheTwin({7, 9, n});
  }
}

TEST(Attention, MatchesTheTwinWithHeadsMasksAndDropout) {
  for (const auto& [queries, keys] : {std::pair<size_t, size_t>{1, 1},
                                      {1, 40},
                                      {40, 1},
                                      {24, 24},
                                      {96, 37},
                                      {37, 130},
                                      {300, 270}}) {
    for (size_t width : {8, 25, 32, 64}) {
      if (queries == 300 && width > 8) continue;
      for (int options = 0; options < 8; ++options) {
        ExpectMatchesTheTwin({queries, keys, width, 3, (options & 1) != 0, (options & 2) != 0,
                              (options & 4) != 0 ? 0.3f : 0.0f});
      }
    }
  }
}

TEST(Attention, MatchesTheTwinWhereValuesHaveAnotherWidth) {
  for (size_t width : {1, 8, 24, 33}) {
    for (size_t values : {1, 5, 16, 40}) {
      ExpectMatchesTheTwin({9, 9, width, 2, false, false, 0.0f, values});
      ExpectMatchesTheTwin({70, 150, width, 1, true, true, 0.3f, values});
    }
  }
}

TEST(Attention, AQuerysBitsDoNotDependOnTheRangeOfTheCall) {
  for (const Shape& s : {Shape{70, 70, 16, 2, true}, Shape{300, 150, 25, 1, false, true},
                         Shape{50, 90, 8, 1, true, true, 0.2f}}) {
    const Problem p(s);
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(s.Name());
      HeadRun whole(p, table);
      whole.Forward(s.queries);
      for (size_t step : {1, 7, 64}) {
        HeadRun pieces(p, table);
        pieces.Forward(step);
        ExpectSameBits(pieces.out, whole.out);
        ExpectSameBits(pieces.statistics, whole.statistics);
      }
    });
  }
}

// Scores far above what e^x can hold, and far apart.
TEST(Attention, LargeScoresAreNoOverflow) {
  Problem p({20, 150, 8});
  for (float& x : p.q) x *= 30.0f;
  for (float& x : p.k) x *= 10.0f;
  p.Expect();
  ForEachTable([&](const KernelTable& table) {
    HeadRun run(p, table);
    run.Forward(20);
    ExpectNear(run.out, p.out, 2e-3);  // scores of 1e3 are known to 1e-4
  });
}

// Causal with more queries than keys: the first see nothing. A mask of zeros: none sees anything.
TEST(Attention, AQueryThatSeesNothingIsZeroAndGivesNoGradient) {
  for (const Shape& s : {Shape{9, 4, 8, 1, true}, Shape{40, 200, 25, 1, false, true}}) {
    Problem p(s);
    if (s.masked) std::fill(p.mask.begin(), p.mask.end(), 0.0f);
    const size_t blind = s.masked ? s.queries : s.queries - s.keys;
    ForEachTable([&](const KernelTable& table) {
      HeadRun run(p, table);
      run.Forward(s.queries);
      run.Backward();
      for (size_t i = 0; i < blind * s.width; ++i) {
        ASSERT_EQ(run.out[i], 0.0f);
        ASSERT_EQ(run.dq[i], p.held_q[i]);
      }
      for (size_t i = 0; i < blind; ++i) ASSERT_TRUE(std::isinf(run.statistics[i]));
      for (size_t i = 0; i < p.k.size(); ++i) {
        ASSERT_TRUE(std::isfinite(run.dk[i]) && std::isfinite(run.dv[i]));
        if (!s.masked) continue;
        ASSERT_EQ(run.dk[i], p.held_k[i]);
        ASSERT_EQ(run.dv[i], p.held_v[i]);
      }
    });
  }
}

// With v the identity, out is the dropped probabilities themselves.
TEST(Attention, DropoutDropsItsShareAndScalesTheRest) {
  const size_t queries = 60, keys = 64;
  Problem p({queries, keys, keys, 1, false, false, 0.25f});
  std::fill(p.q.begin(), p.q.end(), 0.0f);  // every probability is 1 / keys
  std::fill(p.v.begin(), p.v.end(), 0.0f);
  for (size_t j = 0; j < keys; ++j) p.v[j * keys + j] = 1.0f;
  ForEachTable([&](const KernelTable& table) {
    HeadRun run(p, table);
    run.Forward(queries);
    size_t dropped = 0;
    for (size_t i = 0; i < queries * keys; ++i) {
      if (run.out[i] == 0.0f) {
        ++dropped;
      } else {
        ASSERT_NEAR(run.out[i], 1.0 / (0.75 * keys), 1e-7);
      }
    }
    EXPECT_NEAR(static_cast<double>(dropped) / (queries * keys), 0.25, 0.03);
  });
}

TEST(Attention, GradientsThatAreNotWantedAreLeftOut) {
  const Problem p({37, 45, 16});
  ForEachTable([&](const KernelTable& table) {
    HeadRun all(p, table);
    all.Forward(37);
    all.Backward();
    for (int left_out = 0; left_out < 3; ++left_out) {
      HeadRun run(p, table);
      run.Forward(37);
      AttentionArgs a = run.Head(0);
      (left_out == 0 ? a.dq : left_out == 1 ? a.dk : a.dv) = nullptr;
      table.attention.backward(a, run.Scratch());
      if (left_out != 0) ExpectSameBits(run.dq, all.dq);
      if (left_out != 1) ExpectSameBits(run.dk, all.dk);
      if (left_out != 2) ExpectSameBits(run.dv, all.dv);
    }
  });
}

// With causal, a head beside another one and queries that see nothing.
TEST(Attention, GradientsAreWrittenWhereTheyAreNotAddedTo) {
  for (const Shape& s : {Shape{150, 150, 25, 2, true}, Shape{140, 9, 8, 2, true},
                         Shape{20, 300, 16, 1, false, true}}) {
    const Problem p(s);
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(s.Name());
      HeadRun run(p, table);
      run.Forward(s.queries);
      for (TestArray* g : {&run.dq, &run.dk, &run.dv}) {
        std::fill_n(g->data(), g->size(), std::numeric_limits<float>::quiet_NaN());
      }
      for (size_t h = 0; h < s.heads; ++h) {
        AttentionArgs a = run.Head(h);
        a.add_q = a.add_k = a.add_v = false;
        table.attention.backward(a, run.Scratch());
      }
      for (const auto& [got, held, expected] : {std::tuple(&run.dq, &p.held_q, &p.dq),
                                                {&run.dk, &p.held_k, &p.dk},
                                                {&run.dv, &p.held_v, &p.dv}}) {
        std::vector<double> change = *expected;
        for (size_t i = 0; i < change.size(); ++i) change[i] -= (*held)[i];
        ExpectNear(*got, change, kTolerance, 4.0);
      }
    });
  }
}

// Scratch and statistics at length 16384: a thousandth of the scores, 16384^2 floats.
TEST(Attention, MemoryIsLinearInTheLength) {
  for (const KernelTable* table : AllKernels()) {
    const size_t n = 16384, scratch = table->attention.scratch_size(n, n, 64);
    EXPECT_LE(1000 * (scratch + n), n * n) << table->target;
  }
}

}  // namespace
}  // namespace nf
