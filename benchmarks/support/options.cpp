// SPDX-License-Identifier: BSD-3-Clause
#include "support/options.hpp"

#include "support/program.hpp"
#include "support/view_memory.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace misfit::bench {

std::size_t last_level_cache() {
  std::size_t largest = 0;
  for (int index = 0; index < 8; ++index) {
    std::ifstream file("/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) +
                       "/size");
    std::size_t kibibytes = 0;
    if (file >> kibibytes) largest = std::max(largest, kibibytes << 10);
  }
  return largest > 0 ? largest : std::size_t{32} << 20;
}

int run_family(int argc, char* argv[], void (*register_cases)(const Options& options)) {
  Options options;
  options.cache_bytes = last_level_cache();
  return run_program(
      argc, argv,
      {.usage = "  --quick          fewer cases\n"
                "  --rounds=N       timed rounds of a case; default: 21\n"
                "  --cache_bytes=N  the last-level cache that sizes are multiples of; default: "
                "this machine's\n",
       .take =
           [&](std::string_view argument) {
             if (argument == "--quick") return options.quick = true;
             return parse(argument, "--rounds=", options.rounds) ||
                    parse(argument, "--cache_bytes=", options.cache_bytes);
           },
       .register_cases =
           [&](int ranks) {
             options.ranks = ranks;
             benchmark::AddCustomContext("last_level_cache_bytes",
                                         std::to_string(options.cache_bytes));
             ViewMemory::watch();
             register_cases(options);
           }});
}

}  // namespace misfit::bench
