// SPDX-License-Identifier: BSD-3-Clause
#include "problem/report.hpp"

#include "problem/text.hpp"

#include <misfit/version.hpp>

#include <algorithm>

namespace misfit::study {
namespace {

constexpr double least_core_share = 0.9;

/// An operator in words, with its size in place of N.
std::string operators_text(const Options& options) {
  std::string text = options.problem.operators;
  const std::string side = std::to_string(options.size);
  for (std::size_t at = 0; (at = text.find('N', at)) != std::string::npos;)
    text.replace(at, 1, side);
  return text;
}

double held_bytes(const Result& result) {
  double most = 0;
  for (const CallResult& call : result.calls)
    most = std::max(most, call.figures.at("held_bytes") + call.figures.at("operator_bytes"));
  return most;
}

/// Of the rank that got least; 1 where that is not seen.
double core_share(const CallResult& call) {
  const auto found = call.figures.find("core_share");
  return found == call.figures.end() ? 1 : found->second;
}

std::string heading_of(const Result& result) {
  const Options& options = result.options;
  return options.problem.name + ", " + options.form + ": " +
         counted(options.operators, "operator") + " (" + operators_text(options) + ")\non " +
         counted(result.ranks, "rank") + " of " + counted(result.nodes.count, "node") + ", " +
         counted(result.threads, "thread") + " each; " + formatted("%.0f", result.unknowns) +
         " unknowns; " + counted(options.rounds, "round") + "\n";
}

std::string line_of(const CallResult& call, char unit) {
  const auto figure = [&](const char* format, const char* name) {
    return formatted(format, call.figures.at(name));
  };
  return "  " + call.call + std::string(12 - call.call.size(), ' ') + figure("%11.4g", "ms") +
         figure("%10.4g", "ms_low") + " to" + figure("%9.4g", "ms_high") +
         figure("%11.4g", "compute_ms_mean") + figure("%9.3g", "wait_ms_mean") +
         figure("%15.3g", "communicate_ms_mean") +
         formatted("%9.3g", 1e-6 * call.work / call.figures.at("ms")) +
         (unit == 'B' ? " GB/s" : " Gflop/s") + "\n";
}

JsonObject json_of(const CallResult& call, char unit) {
  JsonObject object;
  object.add("call", call.call);
  for (const char* name : {"ms", "ms_low", "ms_high"}) object.add(name, call.figures.at(name));
  for (const char* name : {"compute_ms", "wait_ms", "communicate_ms"})
    object.add(name, call.figures.at(std::string(name) + "_mean"));
  object.add(unit == 'B' ? "bytes_per_second" : "flops_per_second",
             1e3 * call.work / call.figures.at("ms"));
  for (const char* name : {"reduced_bytes", "exchanged_bytes"})
    object.add(name, call.figures.at(name));
  if (call.figures.count("core_share") > 0) object.add("core_share", core_share(call));
  return object;
}

}  // namespace

std::string table_of(const Result& result) {
  const Options& options = result.options;
  std::string text = heading_of(result);
  // Fewer rounds cannot give 95 %: then the interval is from the least to the greatest.
  text += "\n  call        median [ms]  " +
          std::string(options.rounds < 6 ? "least to greatest" : "    95 % interval") +
          "    computing  waiting  communicating  all ranks\n";
  for (const CallResult& call : result.calls) text += line_of(call, options.problem.unit);
  text += "\nmemory of a rank: " + bytes_text(result.memory.forecast) + " forecast, " +
          bytes_text(held_bytes(result)) + " seen" +
          (result.memory.there > 0 ? ", " + bytes_text(result.memory.there) + " there" : "") + "\n";
  if (result.value_of_a_number > 0)
    text += "f(x) = " + formatted("%.4f", result.value_of_a_number) +
            " for each measured number; 0.5 is expected of data with the noise that f assumes\n";
  double share = 1;
  for (const CallResult& call : result.calls) share = std::min(share, core_share(call));
  if (share < least_core_share)
    text += "a rank got " + formatted("%.0f", 100 * share) +
            " % of a core: other work disturbs these times\n";
  return text;
}

std::string json_of(const Result& result) {
  const Options& options = result.options;
  JsonObject object;
  object.add("problem", options.problem.name)
      .add("form", options.form)
      .add("size", options.size)
      .add("operators", options.operators);
  if (options.image.empty())
    object.add_null("image");
  else
    object.add("image", options.image);
  object.add("unknowns", result.unknowns)
      .add("ranks", result.ranks)
      .add("nodes", result.nodes.count)
      .add("threads", result.threads)
      .add("rounds", options.rounds);
  JsonObject memory;
  memory.add("forecast", result.memory.forecast).add("seen", held_bytes(result));
  if (result.memory.there > 0)
    memory.add("there", result.memory.there);
  else
    memory.add_null("there");
  object.add("memory_bytes", memory);
  if (result.value_of_a_number > 0)
    object.add("value_of_a_number", result.value_of_a_number);
  else
    object.add_null("value_of_a_number");
  std::vector<JsonObject> calls;
  for (const CallResult& call : result.calls) calls.push_back(json_of(call, options.problem.unit));
  object.add("calls", calls);

  const BuildInfo info = build_info();
  JsonObject versions;
  versions.add("misfit", info.version)
      .add("kokkos", info.kokkos)
      .add("backend", info.backends.front())
      .add("mpi", info.mpi)
      .add("compiler", info.compiler);
  return object.add("versions", versions).text() + "\n";
}

}  // namespace misfit::study
