// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/solvers/domain_vectors.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/error.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>
#include <ROL_Ptr.hpp>
#include <ROL_Vector.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace misfit {

/// A vector of ROL in the memory of a View: x whole on every rank, or a piece of it, of which norms
/// and inner products are those of the whole. A complex entry is two numbers.
template <ExecutionSpace Exec, KokkosView X>
class RolVector : public ROL::Vector<double> {
  using Base = ROL::Vector<double>;
  using T = typename X::non_const_value_type;
  static constexpr std::size_t reals = sizeof(T) / sizeof(double);

 public:
  /// Of the entries of `x`, which it shares; `domain` says of which whole they are a piece.
  RolVector(const Exec& exec, const X& x, const detail::DomainVectors& domain)
      : exec_(exec),
        x_(x),
        numbers_(reinterpret_cast<double*>(x.data()), reals * x.extent(0)),
        domain_(domain) {}

  /// The entries.
  const X& view() const noexcept { return x_; }
  /// Those of a vector that is one of these; throws ArgumentError if it is not.
  static const X& view_of(const Base& vector) {
    const auto* const found = dynamic_cast<const RolVector*>(&vector);
    if (found == nullptr) throw ArgumentError("a vector of ROL: is no misfit::RolVector of this x");
    return found->x_;
  }

  /// \cond
  void plus(const Base& x) override { axpy(1, x); }
  void axpy(double alpha, const Base& x) override {
    detail::axpby(exec_, alpha, view_of(x), 1, x_);
  }
  void scale(double alpha) override { detail::axpby(exec_, alpha, x_, 0, x_); }
  void zero() override { detail::fill(exec_, T{}, x_); }
  void set(const Base& x) override { Kokkos::deep_copy(exec_, x_, view_of(x)); }
  void setScalar(double c) override { detail::fill(exec_, c, numbers_); }
  double dot(const Base& x) const override { return domain_.dot(exec_, x_, view_of(x)); }
  double norm() const override { return domain_.length(exec_, x_); }

  ROL::Ptr<Base> clone() const override {
    const Owned memory(Kokkos::view_alloc(exec_, std::string("misfit::RolVector")), x_.extent(0));
    const auto copy = ROL::makePtr<RolVector>(exec_, X(memory), domain_);
    copy->memory_ = memory;
    return copy;
  }
  int dimension() const override { return static_cast<int>(reals * domain_.size()); }
  ROL::Ptr<Base> basis(int i) const override {
    const auto unit = clone();
    auto& numbers = static_cast<RolVector&>(*unit);
    numbers.for_each([&](std::int64_t k, double& number) { number = k == i ? 1 : 0; });
    return unit;
  }

  void applyUnary(const ROL::Elementwise::UnaryFunction<double>& f) override {
    for_each([&](std::int64_t, double& number) { number = f.apply(number); });
  }
  void applyBinary(const ROL::Elementwise::BinaryFunction<double>& f, const Base& x) override {
    const Numbers theirs(reinterpret_cast<double*>(view_of(x).data()), numbers_.extent(0));
    detail::fence(exec_, "misfit::RolVector: read by ROL");
    const auto other = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, theirs);
    std::size_t j = 0;
    for_each([&](std::int64_t, double& number) { number = f.apply(number, other(j++)); });
  }
  double reduce(const ROL::Elementwise::ReductionOp<double>& r) const override {
    detail::fence(exec_, "misfit::RolVector: read by ROL");
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, numbers_);
    double here = r.initialValue();
    for (std::size_t j = 0; j < host.extent(0); ++j) r.reduce(host(j), here);
    return over_pieces(r.reductionType(), here);
  }
  /// The numbers depend on their place in the whole vector and on how many were drawn before.
  void randomize(double low = 0, double high = 1) override {
    static std::uint64_t drawn = 0;
    const std::uint64_t seed = ++drawn;
    for_each([&](std::int64_t k, double& number) {
      const double in_unit = 0.5 + 0.5 * detail::random_number(seed, static_cast<std::uint64_t>(k));
      number = low + (high - low) * in_unit;
    });
  }
  /// \endcond

 private:
  using Owned = Kokkos::View<T*, typename X::memory_space>;
  using Numbers =
      Kokkos::View<double*, typename X::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

  // visit(k, number) on the host for all numbers of this rank, of which this is number k.
  template <typename Visit>
  void for_each(const Visit& visit) {
    detail::fence(exec_, "misfit::RolVector: read by ROL");
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, numbers_);
    for (std::size_t j = 0; j < host.extent(0); ++j) {
      const auto entry = domain_.index(static_cast<std::int64_t>(j / reals));
      visit(static_cast<std::int64_t>(reals) * entry + static_cast<std::int64_t>(j % reals),
            host(j));
    }
    Kokkos::deep_copy(exec_, numbers_, host);
  }
  // That of all ranks that have pieces.
  double over_pieces(ROL::Elementwise::EReductionType type, double here) const {
    switch (type) {
      case ROL::Elementwise::REDUCE_SUM:
        return domain_.sum_of_pieces(here);
      case ROL::Elementwise::REDUCE_MAX:
        return domain_.largest_of_pieces(here);
      case ROL::Elementwise::REDUCE_MIN:
      case ROL::Elementwise::REDUCE_AND:
        return -domain_.largest_of_pieces(-here);
      default:
        throw ArgumentError("a vector of ROL: reductions of bits are of integers");
    }
  }

  Exec exec_;
  X x_;
  Owned memory_;  // that of x_, where it is this vector's own
  Numbers numbers_;
  detail::DomainVectors domain_;
};

}  // namespace misfit
