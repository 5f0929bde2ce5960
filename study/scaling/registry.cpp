// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/scaling_problem.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace misfit::bench {
namespace {

struct Family {
  MakeProblem make;
  std::vector<Form> forms;  ///< beside replicated
};

const std::map<std::string, Family>& families() {
  static const std::map<std::string, Family> all{
      {"mask", {masks, {Form::slabs, Form::members}}},
      {"dense", {dense_matrices, {Form::split}}},
      {"sparse", {sparse_matrices, {Form::split}}},
      {"blur", {blurs, {Form::split, Form::slabs, Form::members}}},
      {"downsampled_blur", {downsampled_blurs, {Form::split, Form::slabs, Form::members}}},
#if defined(MISFIT_FOURIER)
      {"fourier", {coils, {}}},
#endif
      {"radon", {radons, {Form::split}}}};
  return all;
}

}  // namespace

MakeProblem maker_of(const ScalingCase& c) {
  const auto found = families().find(c.family);
  if (found == families().end()) {
    std::string known;
    for (const auto& [there, family] : families()) known += " " + there;
    throw std::invalid_argument("there is no family \"" + c.family + "\"; there are:" + known);
  }
  const auto& forms = found->second.forms;
  if (c.form != Form::replicated && std::find(forms.begin(), forms.end(), c.form) == forms.end())
    throw std::invalid_argument("--case=" + c.name + ": the family " + c.family +
                                " has no such form");
  return found->second.make;
}

}  // namespace misfit::bench
