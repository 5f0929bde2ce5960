// SPDX-License-Identifier: BSD-3-Clause

// Views that do not fit, and lists of them, in every call that takes them.

#include "scorecard/bad_input/case.hpp"
#include "scorecard/bad_input/problem.hpp"

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace misfit::test {

namespace {

/// A View that does not fit where `right` does, and what is said of it.
struct BadView {
  const char* name;
  std::string words;
  Signal (*make)(const Signal& right);
};

std::vector<BadView> bad_views() {
  return {
      {"is too long", "entries", [](const Signal& v) { return signal(1, v.extent(0) + 1); }},
      {"is too short", "entries", [](const Signal& v) { return signal(1, v.extent(0) - 1); }},
      {"has no entries", "has 0 entries", [](const Signal&) { return Signal(); }},
      {"is null", "has no memory", [](const Signal& v) { return Signal(nullptr, v.extent(0)); }},
  };
}

void add(Cases& cases, const std::shared_ptr<Problem>& problem, const Entry& entry,
         const std::string& fault, const std::string& words,
         const std::function<void(Arguments&)>& spoil) {
  Case one;
  one.name = entry.name + " of " + problem->name + ": " + fault;
  one.words = words;
  one.call = [problem, call = entry.call, spoil](bool bad) {
    Arguments arguments = problem->arguments;
    if (bad) spoil(arguments);
    call(*problem, arguments);
  };
  one.untouched = [problem](bool bad) { return problem->untouched(bad); };
  one.right = [problem] { return problem->right(); };
  cases.push_back(std::move(one));
}

void add_signals(Cases& cases, const std::shared_ptr<Problem>& problem, const Entry& entry) {
  for (const auto& view : bad_views()) {
    const auto make = view.make;
    if (entry.x != nullptr)
      add(cases, problem, entry, std::string(entry.x) + " " + view.name,
          std::string(entry.x) + ": " + (view.words == "entries" ? "has " : view.words),
          [make](Arguments& a) { a.x = make(a.x); });
    if (entry.out != nullptr && entry.name != "forward")
      add(cases, problem, entry, std::string(entry.out) + " " + view.name,
          std::string(entry.out) + ": " + (view.words == "entries" ? "has " : view.words),
          [make](Arguments& a) { a.out = make(a.out); });
    for (const bool last : {false, true}) {
      const auto change = [make, last](std::vector<Signal>& list) {
        Signal& one = last ? list.back() : list.front();
        one = make(one);
      };
      const std::string which = last ? " (the last one) " : " (the first one) ";
      if (entry.y != nullptr)
        add(cases, problem, entry, std::string(entry.y) + which + view.name,
            std::string(entry.y) + ": " + (view.words == "entries" ? "has " : view.words),
            [change](Arguments& a) { change(a.y); });
      if (entry.name == "forward")
        add(cases, problem, entry, "y" + which + view.name,
            view.words == "entries" ? "y: has " : "y: " + view.words,
            [change](Arguments& a) { change(a.all_y); });
    }
  }
}

void add_lists(Cases& cases, const std::shared_ptr<Problem>& problem, const Entry& entry) {
  const auto n = static_cast<std::size_t>(problem->operators->size());
  if (entry.y == nullptr) return;
  add(cases, problem, entry, "a measurement is missing", "measurements",
      [](Arguments& a) { a.y.pop_back(); });
  add(cases, problem, entry, "there is a measurement too many", "measurements",
      [n](Arguments& a) { a.y.resize(n + 1, a.y.front()); });
}

/// Two Views that have the last entry of the first in common.
std::pair<Signal, Signal> overlapping(std::size_t n, std::size_t m) {
  const Signal block("block", n + m - 1);
  return {Kokkos::subview(block, std::pair<std::size_t, std::size_t>(0, n)),
          Kokkos::subview(block, std::pair<std::size_t, std::size_t>(n - 1, n + m - 1))};
}

void add_overlaps(Cases& cases, const std::shared_ptr<Problem>& problem, const Entry& entry) {
  if (entry.out == nullptr || entry.name == "forward") return;
  const std::string shares = std::string(entry.out) + ": shares memory with ";
  if (entry.x != nullptr && entry.name != "prox")  // of which the result may be v
    add(cases, problem, entry, "the output is the input", shares + entry.x,
        [](Arguments& a) { a.out = a.x; });
  if (entry.x != nullptr)
    add(cases, problem, entry, "the output overlaps the input", shares + entry.x,
        [](Arguments& a) { std::tie(a.x, a.out) = overlapping(a.x.extent(0), a.x.extent(0)); });
  if (entry.y != nullptr)
    for (const bool last : {false, true})
      add(cases, problem, entry,
          std::string("the output overlaps the ") + (last ? "last" : "first") + " measurement",
          shares + entry.y, [last](Arguments& a) {
            Signal& y = last ? a.y.back() : a.y.front();
            std::tie(a.out, y) = overlapping(a.x.extent(0), y.extent(0));
          });
}

void add_outputs_that_overlap(Cases& cases, const std::shared_ptr<Problem>& problem,
                              const Entry& forward) {
  add(cases, problem, forward, "an output overlaps x", "y: shares memory with x", [](Arguments& a) {
    std::tie(a.x, a.all_y.back()) = overlapping(a.x.extent(0), a.all_y.back().extent(0));
  });
  // Of parts a rank may have one alone.
  const bool two_at_least = problem->operators->owner(0) >= 0 || problem->slabs.has_value();
  if (two_at_least)
    add(cases, problem, forward, "two outputs overlap", "two of its Views share memory",
        [](Arguments& a) {
          std::tie(a.all_y.front(), a.all_y.back()) =
              overlapping(a.all_y.front().extent(0), a.all_y.back().extent(0));
        });
  add(cases, problem, forward, "an output is missing", "measurements",
      [](Arguments& a) { a.all_y.pop_back(); });
  add(cases, problem, forward, "there is an output too many", "measurements",
      [n = static_cast<std::size_t>(problem->operators->size())](Arguments& a) {
        a.all_y.resize(n + 1, signal(1, 3));
      });
}

}  // namespace

void add_arguments(Cases& cases) {
  for (const auto& problem : problems())
    for (const auto& entry : entries()) {
      add_signals(cases, problem, entry);
      add_lists(cases, problem, entry);
      add_overlaps(cases, problem, entry);
      if (entry.name == "forward") add_outputs_that_overlap(cases, problem, entry);
      if (entry.name == "measurements")
        for (const double number : {NAN, INFINITY, -INFINITY})
          add(cases, problem, entry, "an entry of y is " + std::to_string(number),
              "y: has entries that are not finite", [number](Arguments& a) {
                a.y.back() = signal(1, a.y.back().extent(0));
                a.y.back()(0) = number;
              });
    }
}

}  // namespace misfit::test
