// SPDX-License-Identifier: BSD-3-Clause
#include "support/options.hpp"

#include "support/peers.hpp"
#include "support/program.hpp"
#include "support/view_memory.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

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

namespace {

/// With what the context of the results tells of them.
std::shared_ptr<Peers> join_peers(const std::string& folder) {
  auto peers = std::make_shared<Peers>(folder);
  for (const std::string& line : peers->versions()) {
    const std::size_t colon = line.find(": ");
    benchmark::AddCustomContext("peer_" + line.substr(0, colon), line.substr(colon + 2));
  }
  return peers;
}

}  // namespace

int run_family(int argc, char* argv[], void (*register_cases)(const Options& options)) {
  Options options;
  std::string peers;
  options.cache_bytes = last_level_cache();
  return run_program(
      argc, argv,
      {.usage = "  --quick          fewer cases\n"
                "  --rounds=N       timed rounds of a case; default: 21\n"
                "  --cache_bytes=N  the last-level cache that sizes are multiples of; default: "
                "this machine's\n"
                "  --peers=FOLDER   beside the programs of the server in FOLDER, which\n"
                "                   scripts/benchmark --peer starts\n",
       .take =
           [&](std::string_view argument) {
             constexpr std::string_view folder = "--peers=";
             if (argument == "--quick") return options.quick = true;
             if (argument.starts_with(folder))
               return !(peers = argument.substr(folder.size())).empty();
             return parse(argument, "--rounds=", options.rounds) ||
                    parse(argument, "--cache_bytes=", options.cache_bytes);
           },
       .register_cases =
           [&](int ranks) {
             options.ranks = ranks;
             benchmark::AddCustomContext("last_level_cache_bytes",
                                         std::to_string(options.cache_bytes));
             if (!peers.empty()) options.peers = join_peers(peers);
             ViewMemory::watch();
             register_cases(options);
           }});
}

}  // namespace misfit::bench
