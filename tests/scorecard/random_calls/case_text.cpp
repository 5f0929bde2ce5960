// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/case.hpp"

#include <array>
#include <cctype>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace misfit::test::random_calls {

namespace {

using Names = std::vector<std::string_view>;

const Names paths{"erased", "separable", "typed", "with_l2", "members"};
const Names types{"float", "double", "complex_float", "complex_double"};
const Names forms{"whole", "split", "slabs"};
const Names kinds{"mixed",   "matrix",       "squared",  "mask",    "dense",  "sparse",   "blur",
                  "fourier", "fourier_blur", "composed", "stacked", "scaled", "intensity"};
const Names distances{"mixed",        "l2",          "weighted",  "l1",   "huber",    "poisson",
                      "poisson_view", "log_poisson", "amplitude", "zero", "indicator"};
const Names layouts{"vector", "gaps", "right", "left", "strided"};
const Names shares{"blocks", "round_robin", "balanced", "owners"};
const Names calls{
    "fn",      "grad",    "both",           "local",         "some_fn",   "some_grad", "some_both",
    "at",      "move_to", "gradient_there", "gauss_newton",  "hessian",   "diagonal",  "forward",
    "adjoint", "vjp",     "normal",         "least_squares", "prox",      "norm",      "bound",
    "make",    "measure", "distances",      "reduce",        "broadcast", "add",       "agree",
    "plan"};
const Names faults{"none",       "in_apply",      "in_adjoint",   "in_value",     "in_gradient",
                   "in_factory", "domain_size",   "wrong_size",   "not_finite",   "too_many",
                   "x_size",     "output_size",   "shared",       "x_not_finite", "bad_option",
                   "in_work",    "no_such_index", "index_twice",  "other_call",   "other_reduction",
                   "other_sum",  "other_number",  "other_option", "other_subset"};
const Names no_yes{"no", "yes"};

template <typename E>
std::string name(const Names& names, E value) {
  return std::string(names.at(static_cast<std::size_t>(value)));
}

template <typename E>
void read(const Names& names, const std::string& word, E& value) {
  for (std::size_t k = 0; k < names.size(); ++k)
    if (names[k] == word) {
      value = static_cast<E>(k);
      return;
    }
  throw std::invalid_argument("no such name: " + word);
}

std::vector<std::string> pieces(const std::string& line, char at) {
  std::vector<std::string> all;
  std::istringstream in(line);
  for (std::string piece; std::getline(in, piece, at);) all.push_back(piece);
  return all;
}

// fault@ranks#choice
Plant plant_of(const std::string& word) {
  const auto at = word.find('@'), sharp = word.find('#');
  if (at == std::string::npos || sharp == std::string::npos)
    throw std::invalid_argument("no fault@ranks#choice: " + word);
  Plant plant;
  read(faults, word.substr(0, at), plant.fault);
  for (const auto& rank : pieces(word.substr(at + 1, sharp - at - 1), '+'))
    plant.ranks |= 1U << std::stoi(rank);
  plant.choice = std::stoi(word.substr(sharp + 1));
  return plant;
}

// name:point.fault.fault
CallSpec call_of(const std::string& word) {
  const auto parts = pieces(word, '.');
  const auto colon = parts.at(0).find(':');
  CallSpec call;
  read(calls, parts[0].substr(0, colon), call.name);
  call.point = colon == std::string::npos ? 0 : std::stoi(parts[0].substr(colon + 1));
  for (std::size_t k = 1; k < parts.size(); ++k) call.plants.push_back(plant_of(parts[k]));
  return call;
}

}  // namespace

std::string text(const CallSpec& call) {
  std::string line = name(calls, call.name) + ":" + std::to_string(call.point);
  for (const Plant& plant : call.plants) {
    line += "." + name(faults, plant.fault) + "@";
    for (int rank = 0, some = 0; rank < 32; ++rank)
      if (plant.has(rank)) line += (some++ > 0 ? "+" : "") + std::to_string(rank);
    line += "#" + std::to_string(plant.choice);
  }
  return line;
}

std::string text(const Case& c) {
  std::ostringstream out;
  out << "ranks=" << c.ranks << " path=" << name(paths, c.path) << " type=" << name(types, c.type)
      << " form=" << name(forms, c.form) << " kind=" << name(kinds, c.kind)
      << " distance=" << name(distances, c.distance) << " own=" << name(no_yes, c.own)
      << " height=" << c.height << " width=" << c.width << " rows=" << c.rows
      << " operators=" << c.operators << " batch=" << c.batch
      << " layout=" << name(layouts, c.layout) << " share=" << name(shares, c.share)
      << " reproducible=" << name(no_yes, c.reproducible) << " mean=" << name(no_yes, c.mean)
      << " data=" << c.data << " calls=";
  for (std::size_t k = 0; k < c.calls.size(); ++k) out << (k > 0 ? "," : "") << text(c.calls[k]);
  return out.str();
}

Case parse(const std::string& line) {
  Case c;
  for (const auto& word : pieces(line, ' ')) {
    const auto equal = word.find('=');
    if (equal == std::string::npos) throw std::invalid_argument("no key=value: " + word);
    const std::string key = word.substr(0, equal), value = word.substr(equal + 1);
    if (key == "path")
      read(paths, value, c.path);
    else if (key == "type")
      read(types, value, c.type);
    else if (key == "form")
      read(forms, value, c.form);
    else if (key == "kind")
      read(kinds, value, c.kind);
    else if (key == "distance")
      read(distances, value, c.distance);
    else if (key == "own")
      read(no_yes, value, c.own);
    else if (key == "layout")
      read(layouts, value, c.layout);
    else if (key == "share")
      read(shares, value, c.share);
    else if (key == "reproducible")
      read(no_yes, value, c.reproducible);
    else if (key == "mean")
      read(no_yes, value, c.mean);
    else if (key == "ranks")
      c.ranks = std::stoi(value);
    else if (key == "height")
      c.height = std::stoi(value);
    else if (key == "width")
      c.width = std::stoi(value);
    else if (key == "rows")
      c.rows = std::stoi(value);
    else if (key == "operators")
      c.operators = std::stoi(value);
    else if (key == "batch")
      c.batch = std::stoi(value);
    else if (key == "data")
      c.data = std::stoull(value);
    else if (key == "calls")
      for (const auto& call : pieces(value, ',')) c.calls.push_back(call_of(call));
    else
      throw std::invalid_argument("no such key: " + key);
  }
  if (!is_valid(c)) throw std::invalid_argument("parts of the case do not fit each other");
  return c;
}

}  // namespace misfit::test::random_calls
