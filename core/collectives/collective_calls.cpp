// SPDX-License-Identifier: BSD-3-Clause
#include "agreed_sum.hpp"
#include "arrival.hpp"
#include "duplicate.hpp"
#include "mpi.hpp"

#include <misfit/detail/collectives/collective_calls.hpp>

#include <mpi.h>
#if defined(OPEN_MPI)
#include <mpi-ext.h>
#endif

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>

namespace misfit::detail {

namespace {

/// An object of which this thread is in a call, and, linked, those whose calls it is in besides.
class InCall {
 public:
  explicit InCall(const CollectiveCalls& calls) : calls_(&calls), outer_(innermost) {
    for (const InCall* one = outer_; one != nullptr; one = one->outer_)
      if (one->calls_ == calls_)
        throw ArgumentError(
            "a collective call is made within another one of the same object: in a factory, an "
            "operator or a distance");
    innermost = this;
  }
  InCall(const InCall&) = delete;
  InCall& operator=(const InCall&) = delete;
  ~InCall() { innermost = outer_; }

 private:
  static thread_local const InCall* innermost;

  const CollectiveCalls* calls_;
  const InCall* outer_;
};

thread_local const InCall* InCall::innermost = nullptr;

}  // namespace

CollectiveCalls::CollectiveCalls(MPI_Comm parent) {
  int initialized = 0, finalized = 0;
  MPI_Initialized(&initialized);
  MPI_Finalized(&finalized);
  if (initialized == 0 || finalized != 0)
    throw ArgumentError(
        "Communicator: MPI is not running; make a misfit::Session or call MPI_Init");
  if (parent == MPI_COMM_NULL) throw ArgumentError("Communicator: parent is MPI_COMM_NULL");
  int inter = 0;
  check_mpi(MPI_Comm_test_inter(parent, &inter), "MPI_Comm_test_inter");
  if (inter != 0) throw ArgumentError("Communicator: parent is an intercommunicator");
  check_mpi(MPI_Comm_rank(parent, &rank_), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(parent, &size_), "MPI_Comm_size");
  Duplicate made = duplicate(parent, rank_, size_);
  comm_ = made.comm;
  agreed_sum_ = std::move(made.agreed_sum);
}

CollectiveCalls::CollectiveCalls(CollectiveCalls&& other) noexcept
    : comm_(std::exchange(other.comm_, MPI_COMM_NULL)),
      rank_(other.rank_),
      size_(other.size_),
      agreed_sum_(std::move(other.agreed_sum_)),
      staging_(std::move(other.staging_)),
      scratch_(std::move(other.scratch_)) {}

// What this had before ends here: one that was moved from has nothing.
CollectiveCalls& CollectiveCalls::operator=(CollectiveCalls&& other) noexcept {
  CollectiveCalls taken(std::move(other));
  swap(taken);
  return *this;
}

void CollectiveCalls::swap(CollectiveCalls& other) noexcept {
  std::swap(comm_, other.comm_);
  std::swap(rank_, other.rank_);
  std::swap(size_, other.size_);
  std::swap(agreed_sum_, other.agreed_sum_);
  std::swap(staging_, other.staging_);
  std::swap(scratch_, other.scratch_);
}

CollectiveCalls::~CollectiveCalls() {
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (agreed_sum_ && agreed_sum_->given_up())
    keep_for_ever(agreed_sum_.release());
  else if (comm_ != MPI_COMM_NULL && finalized == 0)
    MPI_Comm_free(&comm_);
}

void CollectiveCalls::clear_caches() const {
  staging_ = {};
  scratch_ = {};
}

void CollectiveCalls::require_owner() const {
  if (comm_ == MPI_COMM_NULL)
    throw ArgumentError("Communicator: it has no communicator, for it was moved from");
}

void CollectiveCalls::sum_together(const Call& call, Work work,
                                   const std::span<double>& values) const {
  require_owner();
  if (size_ == 1) return alone(call, work);
  agree_and_sum(call, work, values, {});
}

bool CollectiveCalls::sums_in_pairs() const {
  together({"sums_in_pairs", {}}, [](ErrorContext&) {});
  return size_ == 1 || agreed_sum_->sums_in_pairs();
}

void CollectiveCalls::agree_and_sum(const Call& call, Work work, const std::span<double>& values,
                                    const ReductionBuffer& buffer) const {
  // Before ranks whose outer calls these are wait for each other.
  const InCall in_call(*this);
  ErrorContext context;
  std::exception_ptr thrown;
  try {
    work(context);
  } catch (...) {
    thrown = std::current_exception();
  }
  agreed_sum_->run(call, thrown, context, values, buffer);
}

void CollectiveCalls::alone(const Call& call, Work work) const {
  ErrorContext context;
  try {
    work(context);
  } catch (...) {
    rethrow(describe(call, std::current_exception(), rank_, context));
  }
}

template <typename T>
void CollectiveCalls::sum_numbers(T* values, std::size_t count) const {
  require_owner();
  if (size_ == 1) return;
  ReductionBuffer buffer;
  agree_and_sum(
      {"sum", {}},
      [&](ErrorContext&) {
        buffer = reduction_buffer_in<Kokkos::HostSpace>(Kokkos::DefaultHostExecutionSpace(), values,
                                                        count);
      },
      {}, buffer);
}

void CollectiveCalls::sum(float* values, std::size_t count) const { sum_numbers(values, count); }

void CollectiveCalls::sum(double* values, std::size_t count) const { sum_numbers(values, count); }

// Integers have one sum, in whatever order MPI takes it.
void CollectiveCalls::sum(std::int64_t* values, std::size_t count) const {
  together({"sum", {{"the number of sums", static_cast<std::int64_t>(count)}}},
           [](ErrorContext&) {});
  const auto piece = [&](std::size_t first, int n) {
    return MPI_Allreduce(MPI_IN_PLACE, values + first, n, MPI_INT64_T, MPI_SUM, comm_);
  };
  check_mpi(in_pieces(count, piece), "MPI_Allreduce");
}

double CollectiveCalls::largest(double value) const {
  together({"largest", {}}, [](ErrorContext&) {});
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_MAX, comm_), "MPI_Allreduce");
  return value;
}

void CollectiveCalls::broadcast_bytes(void* data, std::size_t count, int root) const {
  const auto piece = [&](std::size_t first, int n) {
    return MPI_Bcast(static_cast<char*>(data) + first, n, MPI_BYTE, root, comm_);
  };
  check_mpi(in_pieces(count, piece), "MPI_Bcast");
}

bool gpu_aware_mpi() {
  static const bool aware = [] {
    if (const char* said = std::getenv("MISFIT_GPU_AWARE_MPI")) return std::string(said) == "1";
#if defined(MPIX_CUDA_AWARE_SUPPORT)
    return MPIX_Query_cuda_support() == 1;
#else
    return false;
#endif
  }();
  return aware;
}

}  // namespace misfit::detail
