// The names of ops, as ops.inc has them: an op takes its name from here, so that none is forgotten
// there, where its case is asked for.
#ifndef NF_OPS_OP_NAMES_H_
#define NF_OPS_OP_NAMES_H_

namespace nf::op_name {

#define NF_OP(name) inline constexpr char k##name[] = #name;
#include "ops/ops.inc"
#undef NF_OP

}  // namespace nf::op_name

#endif  // NF_OPS_OP_NAMES_H_
