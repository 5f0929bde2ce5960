// SPDX-License-Identifier: BSD-3-Clause

// Sparse and dense matrices in PETSc: the operators one below the other as one Mat, of which each
// rank has the rows of consecutive operators; MatMult, the distance, MatMultTranspose. x, residual
// and gradient are spread over the ranks. scripts/support/peers/worker.py says how a peer is asked.

#include <petscmat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

#define CHECK(call) \
  if ((call) != 0) throw std::runtime_error(#call)

struct Case {
  std::string folder, family, type;
  int operators = 0;
  PetscInt n = 0;
  double inverse_variance = 0;

  explicit Case(std::string in) : folder(std::move(in)) {
    std::ifstream file(folder + "/case");
    std::map<std::string, std::string> facts;
    for (std::string name, value; file >> name && std::getline(file >> std::ws, value);)
      facts[name] = value;
    family = facts["family"];
    type = facts["type"];
    operators = std::stoi(facts["operators"]);
    n = std::stoi(facts["shape"]);
    inverse_variance = std::stod(facts["inverse_variance"]);
  }

  template <typename T>
  std::vector<T> read(const std::string& name, int i) const {
    const std::string path = folder + "/" + name + (i < 0 ? "" : "." + std::to_string(i));
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) throw std::runtime_error(path + ": cannot be opened");
    std::vector<T> numbers(static_cast<std::size_t>(file.tellg()) / sizeof(T));
    file.seekg(0).read(reinterpret_cast<char*>(numbers.data()),
                       static_cast<std::streamsize>(numbers.size() * sizeof(T)));
    if (!file) throw std::runtime_error(path + ": cannot be read");
    return numbers;
  }
};

/// The operators of this rank below each other, which have any number of rows. Entries of one place
/// are added: PETSc keeps one.
Mat sparse(const Case& c, int first, int last) {
  std::vector<PetscInt> starts{0}, columns;
  std::vector<double> values;
  for (int i = first; i < last; ++i) {
    const auto row_map = c.read<int>("row_map", i), own_columns = c.read<int>("columns", i);
    const auto own_values = c.read<double>("values", i);
    for (std::size_t r = 0; r + 1 < row_map.size(); ++r) {
      for (int k = row_map[r]; k < row_map[r + 1]; ++k) {
        if (k > row_map[r] && own_columns[k] == own_columns[k - 1]) {
          values.back() += own_values[k];
          continue;
        }
        columns.push_back(own_columns[k]);
        values.push_back(own_values[k]);
      }
      starts.push_back(static_cast<PetscInt>(values.size()));
    }
  }
  Mat a;
  CHECK(MatCreate(PETSC_COMM_WORLD, &a));
  CHECK(
      MatSetSizes(a, static_cast<PetscInt>(starts.size()) - 1, PETSC_DECIDE, PETSC_DETERMINE, c.n));
  CHECK(MatSetType(a, MATAIJ));
  // On one rank the first has an effect, on several the second.
  CHECK(MatSeqAIJSetPreallocationCSR(a, starts.data(), columns.data(), values.data()));
  CHECK(MatMPIAIJSetPreallocationCSR(a, starts.data(), columns.data(), values.data()));
  return a;
}

Mat dense(const Case& c, int first, int last) {
  Mat a;
  CHECK(MatCreateDense(PETSC_COMM_WORLD, (last - first) * c.n, PETSC_DECIDE, PETSC_DETERMINE, c.n,
                       nullptr, &a));
  double* by_columns = nullptr;
  PetscInt stride = 0;
  CHECK(MatDenseGetLDA(a, &stride));
  CHECK(MatDenseGetArray(a, &by_columns));
  for (int i = first; i < last; ++i) {
    const auto own = c.read<double>("matrix", i);
    for (PetscInt r = 0; r < c.n; ++r)
      for (PetscInt k = 0; k < c.n; ++k)
        by_columns[k * stride + (i - first) * c.n + r] = own[r * c.n + k];
  }
  CHECK(MatDenseRestoreArray(a, &by_columns));
  CHECK(MatAssemblyBegin(a, MAT_FINAL_ASSEMBLY));
  CHECK(MatAssemblyEnd(a, MAT_FINAL_ASSEMBLY));
  return a;
}

class Program {
 public:
  Program(const Case& of, int rank, int ranks) : c_(of) {
    const int first = of.operators * rank / ranks, last = of.operators * (rank + 1) / ranks;
    a_ = of.family == "sparse" ? sparse(of, first, last) : dense(of, first, last);
    CHECK(MatCreateVecs(a_, &x_, &r_));
    CHECK(VecDuplicate(x_, &g_));
    CHECK(VecDuplicate(r_, &y_));
    const auto x = of.read<double>("x", -1);
    PetscInt begin = 0, end = 0;
    CHECK(VecGetOwnershipRange(x_, &begin, &end));
    fill(x_, {x.begin() + begin, x.begin() + end});
    std::vector<double> all;
    for (int i = first; i < last; ++i) {
      const auto y = of.read<double>("y", i);
      all.insert(all.end(), y.begin(), y.end());
    }
    fill(y_, all);
  }

  double compute() const {
    double norm = 0;
    CHECK(MatMult(a_, x_, r_));
    CHECK(VecAXPY(r_, -1, y_));
    CHECK(VecNorm(r_, NORM_2, &norm));
    CHECK(MatMultTranspose(a_, r_, g_));
    CHECK(VecScale(g_, c_.inverse_variance));
    return c_.inverse_variance / 2 * norm * norm;
  }

  void write_gradient(int rank) const {
    Vec all;
    VecScatter scatter;
    CHECK(VecScatterCreateToZero(g_, &scatter, &all));
    CHECK(VecScatterBegin(scatter, g_, all, INSERT_VALUES, SCATTER_FORWARD));
    CHECK(VecScatterEnd(scatter, g_, all, INSERT_VALUES, SCATTER_FORWARD));
    if (rank != 0) return;
    const double* numbers = nullptr;
    CHECK(VecGetArrayRead(all, &numbers));
    std::ofstream(c_.folder + "/gradient", std::ios::binary)
        .write(reinterpret_cast<const char*>(numbers),
               static_cast<std::streamsize>(sizeof(double) * c_.n));
  }

 private:
  static void fill(Vec v, const std::vector<double>& numbers) {
    double* entries = nullptr;
    CHECK(VecGetArray(v, &entries));
    std::copy(numbers.begin(), numbers.end(), entries);
    CHECK(VecRestoreArray(v, &entries));
  }

  Case c_;
  Mat a_;
  Vec x_, r_, g_, y_;
};

/// What rank 0 is asked: 'v' for the value, 's' for the seconds, 'e' at the end. The others sleep.
char next_request(int rank) {
  char request = 'e';
  if (std::string line; rank == 0 && std::getline(std::cin, line))
    request = line == "value" ? 'v' : 's';
  MPI_Request wait;
  MPI_Ibcast(&request, 1, MPI_CHAR, 0, PETSC_COMM_WORLD, &wait);
  for (int done = 0;;) {
    MPI_Test(&wait, &done, MPI_STATUS_IGNORE);
    if (done != 0) return request;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

double seconds_of(const Program& program) {
  MPI_Barrier(PETSC_COMM_WORLD);
  const double start = MPI_Wtime();
  program.compute();
  double seconds = MPI_Wtime() - start;
  MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD);
  return seconds;
}

void serve(const Case& c) {
  int rank = 0, ranks = 1;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  MPI_Comm_size(PETSC_COMM_WORLD, &ranks);
  const auto answer = [rank](const std::string& line) {
    if (rank == 0) std::cout << line << std::endl;
  };
  if ((c.family != "sparse" && c.family != "dense") || c.type != "double") return answer("no");
  const Program program(c, rank, ranks);
  answer("ready");
  for (char request = next_request(rank); request != 'e'; request = next_request(rank)) {
    char text[32];
    const double number = request == 'v' ? program.compute() : seconds_of(program);
    if (request == 'v') program.write_gradient(rank);
    std::snprintf(text, sizeof text, "%.17g", number);
    answer(text);
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 2) return 1;
  if (argv[1] == std::string("--version")) {
    std::printf("PETSc %d.%d.%d\n", PETSC_VERSION_MAJOR, PETSC_VERSION_MINOR,
                PETSC_VERSION_SUBMINOR);
    return 0;
  }
  const std::string folder = argv[1];
  argc = 1;
  if (PetscInitialize(&argc, &argv, nullptr, nullptr) != 0) return 1;
  try {
    serve(Case(folder));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "petsc: %s\n", error.what());
    MPI_Abort(PETSC_COMM_WORLD, 1);
  }
  return PetscFinalize() == 0 ? 0 : 1;
}
