// SPDX-License-Identifier: BSD-3-Clause
#include "problem/options.hpp"

#include "support/program.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace misfit::study {
namespace {

constexpr std::array<std::string_view, 7> with_values{"--size",  "--operators", "--form",  "--call",
                                                      "--image", "--rounds",    "--memory"};
constexpr double gibibyte = 1 << 30;
constexpr int most_operators = 1 << 20;
constexpr int most_rounds = 1 << 20;

std::invalid_argument bad(const std::string& text) {
  return std::invalid_argument(text + " (see --help)");
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

template <typename T>
T number(const std::string& option, const std::string& value, T most) {
  T parsed{};
  if (!bench::parse(value, "", parsed) || !(parsed <= most))
    throw bad(option + ": \"" + value + "\" is no number above 0 and at most " +
              std::to_string(static_cast<long>(most)));
  return parsed;
}

std::string one_of(const std::string& option, const std::string& value,
                   const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), value) == words.end())
    throw bad(option + ": \"" + value + "\" is none of " + listed(words));
  return value;
}

std::string not_empty(const std::string& option, const std::string& value) {
  if (value.empty()) throw bad(option + " needs a value");
  return value;
}

/// One of those with values.
void take(Options& options, const std::string& option, const std::string& value) {
  if (option == "--size")
    options.size = number(option, value, options.problem.most_size);
  else if (option == "--operators")
    options.operators = number(option, value, most_operators);
  else if (option == "--form")
    options.form = one_of(option, value, {"replicated", "split", "slabs"});
  else if (option == "--call")
    options.calls = {one_of(option, value, {"fn", "grad", "fn_and_grad"})};
  else if (option == "--image")
    options.image = not_empty(option, value);
  else if (option == "--rounds")
    options.rounds = number(option, value, most_rounds);
  else
    options.memory = gibibyte * number(option, value, 1e9);
}

/// What goes together.
void check(const Options& options) {
  const std::vector<std::string> forms = forms_of(options.problem);
  if (std::find(forms.begin(), forms.end(), options.form) == forms.end())
    throw bad("--form " + options.form + ": " + options.problem.name + " has no such form, but " +
              listed(forms));
  if (!options.image.empty() && !options.problem.of_images)
    throw bad("--image: the x of " + options.problem.name + " is no image");
}

}  // namespace

Options parse_options(int argc, char* const argv[]) {
  if (argc < 2) throw bad("no PROBLEM is named");
  Options options;
  options.problem = problem_called(argv[1]);
  options.operators = options.problem.count;
  for (int k = 2; k < argc; ++k) {
    const std::string argument = argv[k];
    if (argument == "--json") {
      options.json = true;
      continue;
    }
    const std::size_t equals = argument.find('=');
    const std::string option = argument.substr(0, equals);
    if (std::find(with_values.begin(), with_values.end(), option) == with_values.end())
      throw bad("unknown option " + argument);
    if (equals == std::string::npos && k + 1 == argc) throw bad(option + " needs a value");
    take(options, option, equals == std::string::npos ? argv[++k] : argument.substr(equals + 1));
  }
  check(options);
  if (options.size == 0 && options.image.empty()) options.size = options.problem.size;
  return options;
}

bench::ScalingCase Options::case_of(const std::string& call) const {
  const int family_size = problem.square ? size * size : size;
  return bench::parse_case(problem.family + "/strong/" + std::to_string(operators) + "/" +
                           std::to_string(family_size) + "/" + call + "/" + form);
}

std::string usage() {
  std::string text =
      "usage: mpirun -n RANKS misfit-study PROBLEM [OPTION]...\n\n"
      "Times misfit on these ranks: the value of a data fidelity of K operators, and its "
      "gradient.\n"
      "\n"
      "PROBLEM        one operator                                          N    K  beside "
      "replicated\n";
  for (const NamedProblem& problem : problems()) {
    std::string forms;
    for (const std::string& form : forms_of(problem))
      if (form != "replicated") forms += " " + form;
    char line[160];
    std::snprintf(line, sizeof line, "  %-13s%-53s %6d %4d %s", problem.name.c_str(),
                  problem.operators.c_str(), problem.size, problem.count, forms.c_str());
    text += line;
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text +
         "\n"
         "  --size N          above: the default of each problem\n"
         "  --operators K     of all ranks together\n"
         "  --form FORM       replicated: an operator on one rank, x on every rank; the default\n"
         "                    split: operators cut into parts, x on every rank\n"
         "                    slabs: x cut into rows, and every operator with it\n"
         "  --call CALL       fn, grad or fn_and_grad; default: one after the other\n"
         "  --image FILE      x is the middle slice of a NIfTI file, scaled to N x N pixels\n"
         "  --rounds N        timed calls, of which the median counts; default: 21\n"
         "  --memory GIB      of a rank; default: what is free on its node, shared by its ranks\n"
         "  --json            one JSON object on stdout in place of the table\n"
         "\n"
         "What a forecast says does not fit into memory is refused before anything is made.\n"
         "Progress goes to stderr. Exit code 0; or 1 for bad input or a failure, told in one "
         "line.\n"
         "\n"
         "Of many cases at once, for scripts: misfit-study --case= --help\n";
}

}  // namespace misfit::study
