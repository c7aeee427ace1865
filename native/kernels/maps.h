// Functions of single values (maps.inc), over arrays. n counts floats; pointers need no alignment.
#ifndef NF_KERNELS_MAPS_H_
#define NF_KERNELS_MAPS_H_

#include <cstddef>
#include <cstdint>

namespace nf {

enum class UnaryMap : uint8_t {
#define NF_UNARY(Name, ...) k##Name,
#define NF_BINARY(...)
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY
};

enum class BinaryMap : uint8_t {
#define NF_UNARY(...)
#define NF_BINARY(Name, ...) k##Name,
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY
};

struct UnaryKernel {
  bool of_x;  // the slope is a function of x, else of y
  // y[i] = f(x[i]); y may be x.
  void (*forward)(const float* x, float* y, size_t n);
  // dx[i] (+)= dy[i] * f'(.), from x or y. dx may be dy unless it accumulates.
  void (*backward)(const float* x_or_y, const float* dy, float* dx, bool accumulate, size_t n);
};

struct BinaryKernel {
  bool reads;  // backward reads a and b
  // y[i] = f(a[i], b[i]); y may be either.
  void (*forward)(const float* a, const float* b, float* y, size_t n);
  // The gradient of a, and that of b; a and b may be null unless they are read.
  void (*backward[2])(const float* a, const float* b, const float* dy, float* dx, bool accumulate,
                      size_t n);
};

constexpr size_t kNumUnaryMaps = 0
#define NF_UNARY(...) +1
#define NF_BINARY(...)
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY
    ;
constexpr size_t kNumBinaryMaps = 0
#define NF_UNARY(...)
#define NF_BINARY(...) +1
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY
    ;

struct MapKernels {
  UnaryKernel unary[kNumUnaryMaps];
  BinaryKernel binary[kNumBinaryMaps];

  const UnaryKernel& of(UnaryMap map) const { return unary[static_cast<size_t>(map)]; }
  const BinaryKernel& of(BinaryMap map) const { return binary[static_cast<size_t>(map)]; }
};

}  // namespace nf

#endif  // NF_KERNELS_MAPS_H_
