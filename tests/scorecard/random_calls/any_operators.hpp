// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scorecard/random_calls/operators.hpp"

namespace misfit::test::random_calls {

template <typename T>
AnyOperator<T> make_any(const Case& c, int i, std::size_t n) {
  constexpr bool is_double = sizeof(detail::Real<T>) == 8;
  const Kind kind = kind_of(c, i);
  const auto dense = [&] { return Make<Dense<Entries<T>>>::of(c, i, n); };
  const auto inner = [&] { return Mask(vector_of<T>(c, Object::inner, i, n)); };
  switch (kind) {
    case Kind::squared:
      return UserSquared<T>{{entries_of<T>(c, i, n)}};
    case Kind::mask:
      return Make<Mask<Kokkos::View<T*>>>::of(c, i, n);
    case Kind::dense:
      return dense();
    case Kind::sparse:
      return make_sparse<T>(c, i, n);
    case Kind::blur:
      return Make<Blur<T>>::of(c, i, n);
    case Kind::scaled:
      return scale(scale_of_scaled, dense());
    default:
      break;
  }
  if constexpr (is_double) {
    if (kind == Kind::fourier_blur) return Make<FourierBlur<T>>::of(c, i, n);
    if (kind == Kind::composed) return compose(dense(), inner());
    if (kind == Kind::stacked) return stack(dense(), inner());
  }
  if constexpr (is_double && detail::is_complex<T>)
    if (kind == Kind::fourier) return Make<FourierOf<T>>::of(c, i, n);
  if constexpr (is_double && !detail::is_complex<T>)
    if (kind == Kind::intensity) return PhaseRetrieval(dense());
  return UserMatrix<T>{entries_of<T>(c, i, n)};
}

}  // namespace misfit::test::random_calls
