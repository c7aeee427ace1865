#include "ops/packs.h"

#include <utility>
#include <vector>

#include "util/integers.h"

namespace nf {
namespace {

enum Form : int64_t { kGemm, kRecurrent, kPlain };

constexpr int64_t kFloat = sizeof(float);

PackRequest::Size GemmSize(const KernelTable& kernels, int64_t k, int64_t n) {
  return {kFloat * static_cast<int64_t>(kernels.gemm.packed_size(Size(k), Size(n))),
          static_cast<int64_t>(kernels.gemm.panel)};
}

int64_t Identity(const ConstMatrix& constant) {
  return static_cast<int64_t>(reinterpret_cast<intptr_t>(constant.identity()));
}

float* Floats(std::byte* to) { return reinterpret_cast<float*>(to); }

}  // namespace

PackRequest GemmPack(TensorId weight, const PackedMatrix& m) {
  PackRequest request;
  request.weight = weight;
  request.columns = m.n;
  request.key = {kGemm, weight, 0, static_cast<int64_t>(m.trans), m.k, m.n, m.ld, m.offset};
  request.size = [m](const KernelTable& kernels) { return GemmSize(kernels, m.k, m.n); };
  request.pack = [m](const KernelTable& kernels, const float* from, int64_t begin, int64_t end,
                     std::byte* to) {
    kernels.gemm.pack(m.trans, from + m.offset, Size(m.ld), Size(m.k), Size(m.n), Size(begin),
                      Size(end), Floats(to));
  };
  return request;
}

// By strips of columns, so that the matrix is never there twice. A panel of columns is k floats a
// column, one after the other.
PackRequest GemmPack(const ConstMatrix& constant, Trans trans) {
  const bool by_rows = trans == Trans::kYes;
  const int64_t k = by_rows ? constant.cols : constant.rows;
  PackRequest request;
  request.columns = by_rows ? constant.rows : constant.cols;
  request.key = {kGemm, kNoTensor, Identity(constant), static_cast<int64_t>(trans)};
  request.size = [k, n = request.columns](const KernelTable& kernels) {
    return GemmSize(kernels, k, n);
  };
  request.pack = [constant, trans, by_rows, k](const KernelTable& kernels, const float*,
                                               int64_t begin, int64_t end, std::byte* to) {
    const int64_t columns = end - begin;
    std::vector<float> strip(Size(k * columns));
    if (by_rows) {
      constant.Fill(begin, end, 0, k, strip.data());
    } else {
      constant.Fill(0, k, begin, end, strip.data());
    }
    kernels.gemm.pack(trans, strip.data(), Size(by_rows ? k : columns), Size(k), Size(columns), 0,
                      Size(columns), Floats(to) + begin * k);
  };
  return request;
}

PackRequest RecurrentPack(TensorId weight, int64_t gates, int64_t units, int64_t width) {
  PackRequest request;
  request.weight = weight;
  request.columns = units;
  request.key = {kRecurrent, weight, gates, units, width};
  request.size = [=](const KernelTable& kernels) -> PackRequest::Size {
    return {kFloat * static_cast<int64_t>(
                         kernels.recurrent.packed_size(Size(gates), Size(units), Size(width))),
            static_cast<int64_t>(kernels.gemm.panel)};
  };
  request.pack = [=](const KernelTable& kernels, const float* from, int64_t begin, int64_t end,
                     std::byte* to) {
    kernels.recurrent.pack(from, Size(gates), Size(units), Size(width), Size(begin), Size(end),
                           Floats(to));
  };
  return request;
}

PackRequest PlainPack(const ConstMatrix& constant) {
  PackRequest request;
  request.columns = constant.cols;
  request.key = {kPlain, kNoTensor, Identity(constant)};
  request.size = [values = constant.rows * constant.cols](const KernelTable&) -> PackRequest::Size {
    return {kFloat * values, 1};
  };
  request.pack = [constant](const KernelTable&, const float*, int64_t begin, int64_t end,
                            std::byte* to) {
    for (int64_t row = 0; row < constant.rows; ++row) {
      constant.Fill(row, row + 1, begin, end, Floats(to) + row * constant.cols + begin);
    }
  };
  return request;
}

PackRequest ForBackward(PackRequest request) {
  request.backward = true;
  return request;
}

}  // namespace nf
