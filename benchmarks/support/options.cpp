// SPDX-License-Identifier: BSD-3-Clause
#include "support/options.hpp"

#include "support/peers.hpp"
#include "support/program.hpp"
#include "support/view_memory.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace misfit::bench {

namespace {

/// A cache as a core sees it.
struct Cache {
  std::size_t bytes = 0;
  std::string cores{};  // which share it
};

/// The largest of a core; of no bytes where Linux tells of none.
Cache largest_cache_of(int core) {
  Cache largest;
  for (int index = 0; index < 8; ++index) {
    const std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(core) +
                               "/cache/index" + std::to_string(index) + "/";
    std::size_t kibibytes = 0;
    if (std::ifstream(folder + "size") >> kibibytes && kibibytes << 10 > largest.bytes) {
      largest.bytes = kibibytes << 10;
      std::ifstream(folder + "shared_cpu_list") >> largest.cores;
    }
  }
  return largest;
}

}  // namespace

std::size_t last_level_cache() {
  const std::size_t bytes = largest_cache_of(0).bytes;
  return bytes > 0 ? bytes : std::size_t{32} << 20;
}

std::size_t last_level_caches() {
  std::map<std::string, std::size_t> bytes_of;
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  for (int core = 0; core < cores; ++core) {
    const Cache cache = largest_cache_of(core);
    if (cache.bytes > 0) bytes_of[cache.cores] = cache.bytes;
  }
  std::size_t sum = 0;
  for (const auto& [name, bytes] : bytes_of) sum += bytes;
  return std::max(sum, last_level_cache());
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
