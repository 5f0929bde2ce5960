// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/scaling_case.hpp"

#include "support/program.hpp"

#include <algorithm>
#include <stdexcept>

namespace misfit::bench {
namespace {

constexpr std::string_view members_of = "members_of_";

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool take(const std::string& text, Series& series) {
  if (text == "strong")
    series = Series::strong;
  else if (text == "weak")
    series = Series::weak;
  else if (text == "throughput")
    series = Series::throughput;
  else
    return false;
  return true;
}

bool take(const std::string& text, Call& found) {
  for (const Call call : {Call::fn, Call::grad, Call::fn_and_grad}) {
    if (text != name_of(call)) continue;
    found = call;
    return true;
  }
  return false;
}

bool take(const std::string& text, Form& form, int& ranks_per_member) {
  for (const Form known : {Form::replicated, Form::split, Form::slabs}) {
    if (text != name_of(known)) continue;
    form = known;
    return true;
  }
  form = Form::members;
  return text.starts_with(members_of) && parse(text, members_of, ranks_per_member);
}

}  // namespace

const char* name_of(Form form) {
  switch (form) {
    case Form::replicated:
      return "replicated";
    case Form::split:
      return "split";
    case Form::slabs:
      return "slabs";
    default:
      return "members";
  }
}

ScalingCase parse_case(std::string_view text) {
  const auto bad = [&](const char* why) {
    return std::invalid_argument("--case=" + std::string(text) + ": " + why +
                                 "; it is FAMILY/SERIES/OPERATORS/SIZE/CALL/FORM");
  };
  const std::vector<std::string> parts = parts_of(text);
  if (parts.size() != 6) throw bad("not six parts");

  ScalingCase c;
  c.name = text;
  c.family = parts[0];
  if (!take(parts[1], c.series)) throw bad("the series is none of strong, weak, throughput");
  if (!parse(parts[2], "", c.operators)) throw bad("no number of operators");
  if (!parse(parts[3], "", c.size)) throw bad("no size");
  if (!take(parts[4], c.call)) throw bad("the call is none of fn, grad, fn_and_grad");
  if (!take(parts[5], c.form, c.ranks_per_member))
    throw bad("the form is none of replicated, split, slabs, members_of_N");
  if (c.series == Series::throughput && c.form != Form::replicated)
    throw bad("in a series throughput every rank has a problem of its own: replicated");
  return c;
}

int ScalingCase::operators_of_all(int ranks) const {
  if (series != Series::weak) return operators;
  if (form == Form::replicated) return operators * ranks;
  if (form == Form::members) return operators * (ranks / ranks_per_member);
  return operators;
}

int ScalingCase::growth(int ranks) const {
  if (series != Series::weak || form == Form::replicated) return 1;
  return form == Form::members ? ranks_per_member : ranks;
}

bool ScalingCase::is_placed_by(const Placement& placement, int ranks) const {
  const auto there = in_slabs()            ? Placement::Form::slabs
                     : form == Form::split ? Placement::Form::split
                                           : Placement::Form::replicated;
  const int members = form == Form::members ? ranks / ranks_per_member : 1;
  return placement.form == there && placement.members == members;
}

}  // namespace misfit::bench
