// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/case.hpp"

#include <algorithm>

namespace misfit::test::random_calls {

namespace {

using Cases = std::vector<Case>;

template <typename Change>
void add(Cases& all, const Case& c, Change&& change) {
  Case other = c;
  change(other);
  if (text(other) != text(c) && is_valid(other)) all.push_back(std::move(other));
}

/// Without one of `parts` equal parts of its calls.
void with_fewer_calls(Cases& all, const Case& c, std::size_t parts) {
  const std::size_t n = c.calls.size();
  for (std::size_t k = 0; k < parts && n >= parts; ++k)
    add(all, c, [&](Case& other) {
      const auto at = [&](std::size_t part) {
        return other.calls.begin() + static_cast<std::ptrdiff_t>(n * part / parts);
      };
      other.calls.erase(at(k), at(k + 1));
    });
}

void with_fewer_faults(Cases& all, const Case& c) {
  for (std::size_t k = 0; k < c.calls.size(); ++k) {
    for (std::size_t p = 0; p < c.calls[k].plants.size(); ++p) {
      add(all, c, [&](Case& o) {
        o.calls[k].plants.erase(o.calls[k].plants.begin() + static_cast<std::ptrdiff_t>(p));
      });
      const std::uint32_t ranks = c.calls[k].plants[p].ranks;
      for (int r = 0; r < c.ranks; ++r)
        if ((ranks >> r & 1U) != 0)
          add(all, c, [&](Case& o) { o.calls[k].plants[p].ranks = 1U << r; });
      add(all, c, [&](Case& o) { o.calls[k].plants[p].choice = 0; });
    }
    if (c.calls[k].point < 3) add(all, c, [&](Case& o) { o.calls[k].point = 0; });
  }
}

/// A number that is 0, half or one less.
template <typename Set>
void with_less(Cases& all, const Case& c, int now, int least, Set&& set) {
  for (const int value : {least, now / 2, now - 1})
    if (value >= least && value < now) add(all, c, [&](Case& o) { set(o, value); });
}

void with_smaller_sizes(Cases& all, const Case& c) {
  with_less(all, c, c.operators, 0, [](Case& o, int v) { o.operators = v; });
  with_less(all, c, c.batch, 0, [](Case& o, int v) {
    o.batch = v;
    if (v == 0) o.layout = Layout::vector;
  });
  with_less(all, c, c.height, 1, [](Case& o, int v) { o.height = v; });
  with_less(all, c, c.width, 1, [](Case& o, int v) { o.width = v; });
  with_less(all, c, c.rows, 1, [](Case& o, int v) { o.rows = v; });
}

void of_simpler_parts(Cases& all, const Case& c) {
  for (const Path path : {Path::erased, Path::separable})
    if (path != c.path && c.path != Path::erased)
      add(all, c, [&](Case& o) {
        o.path = path;
        if (path == Path::erased) o.form = Form::whole;
      });
  add(all, c, [](Case& o) { o.form = Form::whole; });
  add(all, c, [](Case& o) { o.type = Type::d; });
  // Names of one list, the simpler ones first.
  for (const Kind kind : {Kind::matrix, Kind::mask, Kind::dense})
    if (kind < c.kind || c.kind == Kind::mixed) add(all, c, [&](Case& o) { o.kind = kind; });
  if (c.distance != Distance::l2)
    add(all, c, [](Case& o) {
      o.distance = Distance::l2;
      o.own = false;
    });
  if (c.distance == Distance::mixed)
    for (const Distance d : {Distance::l1, Distance::huber, Distance::poisson,
                             Distance::log_poisson, Distance::amplitude})
      add(all, c, [&](Case& o) { o.distance = d; });
  add(all, c, [](Case& o) { o.own = false; });
  add(all, c, [](Case& o) { o.layout = o.batch == 0 ? Layout::vector : Layout::right; });
  add(all, c, [](Case& o) { o.share = Share::blocks; });
  add(all, c, [](Case& o) { o.reproducible = false; });
  add(all, c, [](Case& o) { o.mean = false; });
}

}  // namespace

std::vector<Case> simpler(const Case& c) {
  Cases all;
  for (const std::size_t parts : {std::size_t{2}, std::size_t{4}, c.calls.size()})
    with_fewer_calls(all, c, parts);
  with_smaller_sizes(all, c);
  of_simpler_parts(all, c);
  with_fewer_faults(all, c);
  return all;
}

}  // namespace misfit::test::random_calls
