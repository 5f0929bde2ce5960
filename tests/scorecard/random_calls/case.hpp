// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Random sequences of calls, and what they must give.
namespace misfit::test::random_calls {

/// Which types a case is made of: operators and distances whose types are erased; erased operators
/// with a separable distance of a user; operators of one type with that distance, and with L2;
/// operators that the ranks of a member share.
enum class Path { erased, separable, typed, with_l2, members };
enum class Type { f, d, cf, cd };
enum class Form { whole, split, slabs };
enum class Kind {
  mixed,
  matrix,
  squared,
  mask,
  dense,
  sparse,
  blur,
  fourier,
  fourier_blur,
  composed,
  stacked,
  scaled,
  intensity
};
enum class Distance {
  mixed,
  l2,
  weighted,
  l1,
  huber,
  poisson,
  poisson_view,
  log_poisson,
  amplitude,
  zero,
  indicator
};
/// How x lies in memory: the last three in a batch, but for a vector with gaps.
enum class Layout { vector, gaps, right, left, strided };
enum class Share { blocks, round_robin, balanced, owners };

enum class Name {
  fn,
  grad,
  both,
  local,
  // Over a Subset, that of the point.
  some_fn,
  some_grad,
  some_both,
  // What at() gives: made anew, or moved to the point where it is not there yet.
  at,
  move_to,
  gradient_there,
  gauss_newton,
  hessian,
  diagonal,
  forward,
  adjoint,
  vjp,
  normal,
  least_squares,
  prox,
  norm,
  bound,
  make,
  measure,
  distances,
  reduce,
  broadcast,
  add,
  agree,
  plan
};

/// What goes wrong on some ranks. The first five are thrown by a user's operator, distance or
/// factory for one operator of the rank.
enum class Fault {
  none,
  in_apply,
  in_adjoint,
  in_value,
  in_gradient,
  in_factory,
  domain_size,
  wrong_size,
  not_finite,
  too_many,
  x_size,
  output_size,
  shared,
  x_not_finite,
  bad_option,
  in_work,
  no_such_index,
  index_twice,
  // Those that are no fault of one rank, but a difference between ranks.
  other_call,
  other_reduction,
  other_sum,
  other_number,
  other_option,
  other_subset
};
inline bool is_difference(Fault fault) { return fault >= Fault::other_call; }

inline bool is_evaluation(Name name) { return name <= Name::diagonal; }
inline bool is_over_some(Name name) { return name >= Name::some_fn && name <= Name::some_both; }
inline bool is_at_point(Name name) { return name >= Name::at && name <= Name::diagonal; }
/// Whether it needs second derivatives, which take a vector: that of point_of_vector().
inline bool is_product(Name name) { return name == Name::gauss_newton || name == Name::hessian; }
inline int point_of_vector(int point) { return (point + 1) % 3; }

/// A fault, the ranks that have it (a bit each), and a number that chooses the operator and what is
/// thrown.
struct Plant {
  Fault fault = Fault::none;
  std::uint32_t ranks = 0;
  int choice = 0;
  bool has(int rank) const { return (ranks >> rank & 1U) != 0; }
};

/// A call at one of the points of a problem, of which the last may be outside a domain.
struct CallSpec {
  Name name = Name::fn;
  int point = 0;
  std::vector<Plant> plants;
};

/// A problem, and calls in their order. As a line of text it can be run again.
struct Case {
  int ranks = 1;
  Path path = Path::erased;
  Type type = Type::d;
  Form form = Form::whole;
  Kind kind = Kind::matrix;
  Distance distance = Distance::l2;
  bool own = false;  ///< a distance for each operator
  int height = 1, width = 1, rows = 1, operators = 1;
  int batch = 0;  ///< signals of x, or 0 for a View of rank 1
  Layout layout = Layout::vector;
  Share share = Share::blocks;
  bool reproducible = false, mean = false;
  std::uint64_t data = 1;
  std::vector<CallSpec> calls;

  int unknowns() const { return height * width; }
  int signals() const { return batch == 0 ? 1 : batch; }
  /// Whether ranks have pieces of x.
  bool is_cut() const { return form == Form::slabs || path == Path::members; }
  bool is_complex() const { return type == Type::cf || type == Type::cd; }
};

std::string text(const Case& c);
std::string text(const CallSpec& call);
/// The case that text() said. Throws std::invalid_argument.
Case parse(const std::string& line);

/// Numbers of a seed, the same on all ranks and machines.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  int below(int n) { return static_cast<int>((next() >> 11) % static_cast<std::uint64_t>(n)); }
  int between(int least, int most) { return least + below(most - least + 1); }
  bool one_in(int n) { return below(n) == 0; }
  template <typename C>
  auto of(const C& all) {
    return all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
  }

 private:
  std::uint64_t state_;
};

/// The `index`-th case of a seed on so many ranks.
Case random_case(std::uint64_t seed, std::uint64_t index, int ranks);

/// Cases that are simpler than this one, each in one respect, the boldest first.
std::vector<Case> simpler(const Case& c);

/// Whether the case can be run: the parts of it fit each other.
bool is_valid(const Case& c);

/// The kind of operator i, and of its distance.
Kind kind_of(const Case& c, int i);
Distance distance_of(const Case& c, int i);
bool is_linear(const Case& c);
/// Whether distances have a domain, so that all numbers are positive.
bool is_positive(const Case& c);
bool is_quadratic(const Case& c);
/// Whether f has these.
bool has_gauss_newton(const Case& c);
bool has_hessian(const Case& c);
bool has_diagonal(const Case& c);
bool has_prox(const Case& c);

/// The operators of a call over a Subset, and what their sum is multiplied by.
struct Some {
  std::vector<int> indices;
  bool unbiased = false;

  bool has(int i) const;
  bool is_refused() const { return unbiased && indices.empty(); }
};
Some some_at(const Case& c, int point);

}  // namespace misfit::test::random_calls
