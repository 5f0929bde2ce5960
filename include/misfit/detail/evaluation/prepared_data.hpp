// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>

#include <Kokkos_Core.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <typeindex>
#include <typeinfo>
#include <vector>

namespace misfit::detail {

/// Whether two arrays of `count` entries have the same bits. On a CPU; blocks.
template <typename Exec, typename T>
bool same_bits(const Exec& exec, const T* a, const T* b, std::size_t count) {
  const Tiles tiles(count);
  std::array<bool, Tiles::most> differs;
  bool* const results = differs.data();
  for_indices(
      exec, "misfit::same_bits", static_cast<std::size_t>(tiles.count), [=](const std::int64_t t) {
        const std::int64_t begin = tiles.begin(t);
        const auto size = static_cast<std::size_t>(tiles.end(t) - begin);
        results[t] = std::memcmp(static_cast<const void*>(a + begin),
                                 static_cast<const void*>(b + begin), size * sizeof(T)) != 0;
      });
  fence(exec, "misfit: the data are compared");
  for (std::int64_t t = 0; t < tiles.count; ++t)
    if (results[t]) return false;
  return true;
}

/// What operators made of their data, for passes that want it in another form.
class PreparedData {
 public:
  /// What the passes of `op` are to be given for y: y itself, or what op.prepare() makes of it.
  /// `slot` numbers the operators and signals of a rank; valid until the next call with that
  /// `slot`, on a GPU with any.
  template <typename Exec, typename Op, typename U>
  Vector<const U, typename Exec::memory_space> of(
      const Exec& exec, const Op& op, const Vector<const U, typename Exec::memory_space>& y,
      std::size_t slot) {
    using Space = typename Exec::memory_space;
    if constexpr (!PreparingOperator<Op, U, Exec>) {
      return y;
    } else {
      constexpr const char* label = "misfit::DistributedOperator::prepared_data";
      // To compare there, the host would have to wait; and transforms cost less there.
      const std::size_t entry = in_cpu_form<Exec> ? slot : 0;
      if (kept_.size() <= entry) kept_.resize(entry + 1);
      Kept& kept = kept_[entry];
      const std::size_t m = y.extent(0);
      const std::type_index type = typeid(U);
      const bool known = kept.size == m && kept.type == type;
      if (!known) kept.size = none;  // what it holds is lost, also should what follows throw
      const auto prepared = kept.prepared.template get<U, Space>(op.prepared_size(), label);
      if constexpr (in_cpu_form<Exec>) {
        const auto copy = kept.data.template get<U, Space>(m, label);
        if (known && same_bits(exec, copy.data(), y.data(), m)) return prepared;
        kept.size = none;
        op.prepare(exec, y, prepared);
        detail::copy(exec, y, copy);
        kept.size = m;
        kept.type = type;
      } else {
        op.prepare(exec, y, prepared);
      }
      return prepared;
    }
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  struct Kept {
    Kept() = default;
    Kept(Kept&&) noexcept = default;
    Workspace data, prepared;
    std::size_t size = none;
    std::type_index type = typeid(void);
  };
  std::vector<Kept> kept_;
};

}  // namespace misfit::detail
