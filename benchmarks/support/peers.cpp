// SPDX-License-Identifier: BSD-3-Clause
#include "support/peers.hpp"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace misfit::bench {
namespace {

/// As MPI_Bcast from rank 0; but who waits leaves its core to others.
void broadcast_asleep(void* data, int bytes) {
  MPI_Request request;
  MPI_Ibcast(data, bytes, MPI_BYTE, 0, MPI_COMM_WORLD, &request);
  for (int done = 0;;) {
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done != 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// The parts of `line` between tabulators.
std::vector<std::string> parts(const std::string& line) {
  std::vector<std::string> all;
  std::istringstream stream(line);
  for (std::string part; std::getline(stream, part, '\t');) all.push_back(part);
  return all;
}

}  // namespace

Peers::Peers(std::string folder) : folder_(std::move(folder)) {
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  if (rank_ != 0) return;
  requests_.open(folder_ + "/requests");
  answers_.open(folder_ + "/answers");
}

std::string Peers::ask(const std::string& request) {
  std::array<char, 4096> line{};
  if (rank_ == 0) {
    std::string answer;
    requests_ << request << std::endl;
    if (!std::getline(answers_, answer)) answer = "error\tthe server of the peers has ended";
    answer.copy(line.data(), line.size() - 1);
  }
  broadcast_asleep(line.data(), static_cast<int>(line.size()));
  const std::string answer = line.data();
  const std::size_t tab = std::min(answer.find('\t'), answer.size());
  const std::string rest = answer.substr(std::min(tab + 1, answer.size()));
  if (answer.substr(0, tab) != "ok") throw std::runtime_error("peers: " + rest);
  return rest;
}

std::vector<std::string> Peers::versions() { return parts(ask("versions")); }

void Peers::start_case() { ask("new"); }

std::vector<std::string> Peers::take(const PeerCase& described, const std::string& type,
                                     int operators, double inverse_variance) {
  int ranks = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (rank_ == 0) {
    std::ofstream file(folder_ + "/case/case");
    file << "family " << described.family << "\ntype " << type << "\noperators " << operators
         << "\nranks " << ranks << "\nstep " << described.step << "\ninverse_variance "
         << inverse_variance << "\nshape";
    for (const std::size_t n : described.shape) file << ' ' << n;
    file << '\n';
  }
  MPI_Barrier(MPI_COMM_WORLD);  // all arrays are written
  return parts(ask("take"));
}

double Peers::value_of(const std::string& peer) { return std::stod(ask("value\t" + peer)); }

double Peers::seconds_of(const std::string& peer) { return std::stod(ask("seconds\t" + peer)); }

void Peers::write_bytes(const std::string& name, const void* data, std::size_t size) const {
  std::ofstream file(folder_ + "/case/" + name, std::ios::binary);
  file.write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
  if (!file.flush())
    throw std::runtime_error("peers: " + folder_ + "/case/" + name + ": cannot be written");
}

void Peers::read_bytes(const std::string& name, void* data, std::size_t size) const {
  std::ifstream file(folder_ + "/case/" + name, std::ios::binary);
  // One that is too short leaves zeros, which agree with nothing.
  std::fill_n(static_cast<char*>(data), size, '\0');
  file.read(static_cast<char*>(data), static_cast<std::streamsize>(size));
}

}  // namespace misfit::bench
