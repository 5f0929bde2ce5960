// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/error.hpp>

namespace misfit::detail {

namespace {

template <typename E>
[[noreturn]] void throw_with_origin(E error, const Failure& failure) {
  error.set_origin(failure.rank, failure.operator_index);
  throw error;
}

}  // namespace

Failure describe(const Call& call, const std::exception_ptr& thrown, int rank,
                 const ErrorContext& context) {
  Failure failure;
  failure.rank = rank;
  failure.operator_index = context.operator_index;
  std::string what;
  try {
    std::rethrow_exception(thrown);
  } catch (const ArgumentError& error) {
    failure.kind = Failure::Kind::argument;
    what = error.what();
  } catch (const DomainError& error) {
    failure.kind = Failure::Kind::domain;
    what = error.what();
  } catch (const FileError& error) {
    failure.kind = Failure::Kind::file;
    what = error.what();
  } catch (const CallbackError& error) {
    failure.kind = Failure::Kind::callback;
    what = error.what();
  } catch (const MpiError& error) {
    failure.kind = Failure::Kind::mpi;
    failure.code = error.code();
    what = error.what();
  } catch (const Error& error) {
    what = error.what();
  } catch (const std::exception& error) {
    failure.kind = Failure::Kind::callback;
    what = std::string("threw: ") + error.what();
  } catch (...) {
    failure.kind = Failure::Kind::callback;
    what = "threw something that is no std::exception";
  }
  failure.text = std::string(call.name) + ": rank " + std::to_string(rank);
  if (context.operator_index >= 0)
    failure.text += ", operator " + std::to_string(context.operator_index);
  failure.text += ": " + what;
  return failure;
}

void rethrow(const Failure& failure) {
  switch (failure.kind) {
    case Failure::Kind::argument:
      throw_with_origin(ArgumentError(failure.text), failure);
    case Failure::Kind::domain:
      throw_with_origin(DomainError(failure.text), failure);
    case Failure::Kind::file:
      throw_with_origin(FileError(failure.text), failure);
    case Failure::Kind::callback:
      throw_with_origin(CallbackError(failure.text), failure);
    case Failure::Kind::mpi:
      throw_with_origin(MpiError(failure.code, failure.text), failure);
    case Failure::Kind::error:
      break;
  }
  throw_with_origin(Error(failure.text), failure);
}

// FNV-1a.
std::int64_t fingerprint(const void* data, std::size_t size) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (std::size_t i = 0; i < size; ++i)
    hash = (hash ^ static_cast<const unsigned char*>(data)[i]) * 1099511628211ULL;
  return static_cast<std::int64_t>(hash >> 2);
}

}  // namespace misfit::detail
