// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/error.hpp>

#include <string>

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
  failure.call = call.name;
  try {
    std::rethrow_exception(thrown);
  } catch (const ArgumentError& error) {
    failure.kind = Failure::Kind::argument;
    failure.what = error.what();
  } catch (const DomainError& error) {
    failure.kind = Failure::Kind::domain;
    failure.what = error.what();
  } catch (const FileError& error) {
    failure.kind = Failure::Kind::file;
    failure.what = error.what();
  } catch (const CallbackError& error) {
    failure.kind = Failure::Kind::callback;
    failure.what = error.what();
  } catch (const MpiError& error) {
    failure.kind = Failure::Kind::mpi;
    failure.code = error.code();
    failure.what = error.what();
  } catch (const TimeoutError& error) {
    failure.kind = Failure::Kind::timeout;
    failure.what = error.what();
  } catch (const Error& error) {
    failure.what = error.what();
  } catch (const std::exception& error) {
    failure.kind = Failure::Kind::other;
    failure.what = error.what();
  } catch (...) {
    failure.kind = Failure::Kind::callback;
    failure.what = "threw something that is no std::exception";
  }
  return failure;
}

void rethrow(const Failure& failure) {
  using Kind = Failure::Kind;
  std::string text = std::string(failure.call) + ": rank " + std::to_string(failure.rank);
  if (failure.operator_index >= 0) text += ", operator " + std::to_string(failure.operator_index);
  text += failure.kind == Kind::other ? ": threw: " : ": ";
  text += failure.what;
  switch (failure.kind) {
    case Kind::argument:
      throw_with_origin(ArgumentError(text), failure);
    case Kind::domain:
      throw_with_origin(DomainError(text), failure);
    case Kind::file:
      throw_with_origin(FileError(text), failure);
    case Kind::callback:
    case Kind::other:
      throw_with_origin(CallbackError(text), failure);
    case Kind::mpi:
      throw_with_origin(MpiError(failure.code, text), failure);
    case Kind::timeout:
      throw_with_origin(TimeoutError(text), failure);
    case Kind::error:
      break;
  }
  throw_with_origin(Error(text), failure);
}

// FNV-1a.
std::int64_t fingerprint(const void* data, std::size_t size) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (std::size_t i = 0; i < size; ++i)
    hash = (hash ^ static_cast<const unsigned char*>(data)[i]) * 1099511628211ULL;
  return static_cast<std::int64_t>(hash >> 2);
}

}  // namespace misfit::detail
