// SPDX-License-Identifier: BSD-3-Clause
#include "problem/named_problems.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace misfit::study {

const std::vector<NamedProblem>& problems() {
  // Sizes with which all numbers of entries fit into an int where a family counts by it.
  static const std::vector<NamedProblem> there = [] {
    const std::vector<NamedProblem> all{
        {"mask", "mask", "mask of N x N pixels, double", 2048, 16, 46340, true, true, 'B'},
        {"dense", "dense", "matrix of N x N entries, double", 2048, 8, 46340, false, false, 'B'},
        {"sparse", "sparse", "matrix of N x N, 32 entries a row, double", 65536, 8, 1 << 25, false,
         false, 'B'},
        {"blur", "blur", "5 x 5 blur of N x N RGB pixels, float", 1024, 8, 16384, false, true, 'F'},
        {"blur_volume", "blur_volume", "5 x 5 x 5 blur of N x N x N voxels, every 2nd kept, float",
         128, 8, 1024, false, true, 'F'},
        {"mri", "coil_volume", "coil of N x N x N voxels, complex float", 64, 8, 1024, false, true,
         'F'},
        {"tomography", "radon_volume", "64 projections of N x N x N voxels, float", 64, 8, 1024,
         false, true, 'F'},
        {"ptychography", "ptychography", "64 patterns of an object of N x N, complex float", 512, 8,
         16384, false, true, 'F'},
        {"numpex", "downsampled_blur", "5 x 5 blur of N x N RGB pixels, every 2nd kept, float",
         2048, 8, 16384, false, true, 'F'}};
    std::vector<NamedProblem> built;
    std::copy_if(all.begin(), all.end(), std::back_inserter(built),
                 [](const NamedProblem& p) { return bench::find_family(p.family) != nullptr; });
    return built;
  }();
  return there;
}

const NamedProblem& problem_called(const std::string& name) {
  std::string known;
  for (const NamedProblem& problem : problems()) {
    if (problem.name == name) return problem;
    known += " " + problem.name;
  }
  throw std::invalid_argument("there is no problem \"" + name +
                              "\" in this build; there are:" + known + " (see --help)");
}

std::vector<std::string> forms_of(const NamedProblem& problem) {
  std::vector<std::string> names;
  for (const bench::Form form : bench::find_family(problem.family)->forms)
    if (form != bench::Form::members) names.emplace_back(name_of(form));
  return names;
}

}  // namespace misfit::study
