// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace misfit {

namespace detail {

/// What a number is kept as.
using KeptNumber = std::variant<std::int64_t, double>;

/// The types of variables that are kept as one.
template <typename T>
concept KeepsNumber =
    std::same_as<T, double> || std::same_as<T, float> ||
    (std::integral<T> && !std::same_as<T, bool> && sizeof(T) >= sizeof(std::int32_t));

/// A View as a checkpoint sees it: its entries in flat order, by way of the host.
class KeptVector {
 public:
  struct Facts {
    bool is_complex, is_double, is_batch;
    std::size_t batch, size;  ///< signals, and entries of each
  };

  explicit KeptVector(const Facts& facts) : facts_(facts) {}
  KeptVector(const KeptVector&) = delete;
  KeptVector& operator=(const KeptVector&) = delete;
  virtual ~KeptVector() = default;

  const Facts& facts() const noexcept { return facts_; }

  /// Before get().
  virtual void start_getting() = 0;
  virtual void get(std::size_t first, std::size_t count, void* to) const = 0;
  /// Before set(), and behind the last one.
  virtual void start_setting() = 0;
  virtual void set(std::size_t first, std::size_t count, const void* from) const = 0;
  virtual void finish_setting() const = 0;

 private:
  Facts facts_;
};

/// The KeptVector of a View, on the execution space of its memory.
template <typename V>
class KeptView : public KeptVector {
  using Exec = typename V::execution_space;
  using Space = typename V::memory_space;
  using T = typename V::non_const_value_type;
  static constexpr bool writable = Writable<V>;

 public:
  explicit KeptView(const V& view)
      : KeptVector({is_complex<T>, std::is_same_v<Real<T>, double>, is_batch<V>, batch_size(view),
                    signal_size(view)}),
        view_(view) {}

  void start_getting() override {
    const Exec exec;
    input_ = pack(exec, view_, memory_);
    fence(exec, "misfit::io::Checkpoint: a View is packed");
  }
  void get(std::size_t first, std::size_t count, void* to) const override {
    Kokkos::deep_copy(Vector<T, Kokkos::HostSpace>(static_cast<T*>(to), count),
                      Vector<const T, Space>(input_.data() + first, count));
  }
  void start_setting() override {
    if constexpr (writable) output_.take(view_, memory_);
  }
  void set([[maybe_unused]] std::size_t first, [[maybe_unused]] std::size_t count,
           [[maybe_unused]] const void* from) const override {
    if constexpr (writable)
      Kokkos::deep_copy(Vector<T, Space>(output_.entries.data() + first, count),
                        Vector<const T, Kokkos::HostSpace>(static_cast<const T*>(from), count));
  }
  void finish_setting() const override {
    if constexpr (writable) output_.give_back(Exec(), view_);
  }

 private:
  V view_;
  Workspace memory_;
  Packed<typename V::const_type> input_;
  OutputOf<writable, V> output_;
};

/// What a StateEntry owns.
struct StateEntryInternals {
  std::string name;
  bool is_const = false, is_integer = false;
  std::shared_ptr<KeptVector> vector{};  ///< none where it is a number
  void* number = nullptr;
  // Returns false where the file cannot hold the number.
  bool (*get)(const void* number, KeptNumber& kept) = nullptr;
  // Whether the variable can hold it.
  bool (*fits)(const KeptNumber& kept) = nullptr;
  void (*set)(void* number, const KeptNumber& kept) = nullptr;
};

template <typename T>
bool get_number(const void* number, KeptNumber& kept) {
  const T value = *static_cast<const T*>(number);
  if constexpr (std::integral<T>) {
    if (!std::in_range<std::int64_t>(value)) return false;
    kept = static_cast<std::int64_t>(value);
  } else {
    kept = static_cast<double>(value);
  }
  return true;
}

template <typename T>
bool number_fits(const KeptNumber& kept) {
  if constexpr (std::integral<T>) {
    return std::in_range<T>(std::get<std::int64_t>(kept));
  } else {
    const double number = std::get<double>(kept);
    return !std::isfinite(number) || std::abs(number) <= std::numeric_limits<T>::max();
  }
}

template <typename T>
void set_number(void* number, const KeptNumber& kept) {
  *static_cast<T*>(number) = std::visit([](auto n) { return static_cast<T>(n); }, kept);
}

}  // namespace detail

namespace io {

/// A variable of a solver, under the name by which a Checkpoint keeps it.
///
/// A number is borrowed, and must live as long as this object; a View is shared. What is const can
/// be written to a file, not read from it.
class StateEntry {
 public:
  /// A variable of type float, double, or an integer of 32 bits or more.
  template <typename T>
    requires detail::KeepsNumber<std::remove_const_t<T>>
  StateEntry(std::string name, T& number)
      : internals_{std::move(name),
                   std::is_const_v<T>,
                   std::integral<T>,
                   {},
                   const_cast<std::remove_const_t<T>*>(&number),
                   &detail::get_number<std::remove_const_t<T>>,
                   &detail::number_fits<std::remove_const_t<T>>,
                   &detail::set_number<std::remove_const_t<T>>} {}

  /// A signal of shape (n), or a batch of shape (B, n), in any layout and any memory.
  template <KokkosView V>
    requires detail::HasRank<V, 1, 2> && detail::HoldsScalars<V>
  StateEntry(std::string name, const V& view)
      : internals_{std::move(name), !detail::Writable<V>, false,
                   std::make_shared<detail::KeptView<V>>(view)} {}

 private:
  friend struct detail::Internals;

  detail::StateEntryInternals internals_;
};

/// What a solver needs to go on: its vectors and its few numbers.
using SolverState = std::vector<StateEntry>;

}  // namespace io

}  // namespace misfit
