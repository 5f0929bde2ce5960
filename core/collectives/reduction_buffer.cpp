// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/collectives/reduction_buffer.hpp>

#include <cstddef>

namespace misfit::detail {

namespace {

template <typename T>
void add(void* sum, const void* other, std::size_t count) {
  auto* __restrict a = static_cast<T*>(sum);
  const auto* __restrict b = static_cast<const T*>(other);
  for (std::size_t j = 0; j < count; ++j) a[j] += b[j];
}

}  // namespace

void ReductionBuffer::add_to(void* sum, const void* other, std::size_t n) const {
  if (add_on_device != nullptr)
    add_on_device(exec, sum, other, n);
  else if (number == sizeof(float))
    add<float>(sum, other, n);
  else
    add<double>(sum, other, n);
}

}  // namespace misfit::detail
