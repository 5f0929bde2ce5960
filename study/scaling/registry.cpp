// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/scaling_problem.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace misfit::bench {
namespace {

const std::map<std::string, Family>& families() {
  constexpr Form replicated = Form::replicated, split = Form::split, slabs = Form::slabs,
                 members = Form::members;
  static const std::map<std::string, Family> all{
      {"mask", {masks, mask_sizes, {replicated, slabs, members}}},
      {"dense", {dense_matrices, dense_sizes, {replicated, split}}},
      {"sparse", {sparse_matrices, sparse_sizes, {replicated, split}}},
      {"blur", {blurs, blur_sizes, {replicated, split, slabs, members}}},
      {"downsampled_blur",
       {downsampled_blurs, downsampled_blur_sizes, {replicated, split, slabs, members}}},
#if defined(MISFIT_FOURIER)
      {"fourier", {coils, coil_sizes, {replicated}}},
      {"coil_volume", {coil_volumes, coil_volume_sizes, {replicated, split, slabs, members}}},
      {"ptychography", {ptychographies, ptychography_sizes, {replicated, split}}},
#endif
      {"blur_volume", {blur_volumes, blur_volume_sizes, {replicated, split, slabs, members}}},
      {"radon_volume", {radon_volumes, radon_volume_sizes, {replicated, split, slabs, members}}},
      {"radon", {radons, radon_sizes, {replicated, split}}}};
  return all;
}

}  // namespace

const Family* find_family(const std::string& name) {
  const auto found = families().find(name);
  return found == families().end() ? nullptr : &found->second;
}

const Family& family_of(const ScalingCase& c) {
  const Family* const family = find_family(c.family);
  if (family == nullptr) {
    std::string known;
    for (const auto& [there, of_it] : families()) known += " " + there;
    throw std::invalid_argument("there is no family \"" + c.family + "\"; there are:" + known);
  }
  if (std::find(family->forms.begin(), family->forms.end(), c.form) == family->forms.end())
    throw std::invalid_argument("--case=" + c.name + ": the family " + c.family +
                                " has no such form");
  return *family;
}

}  // namespace misfit::bench
