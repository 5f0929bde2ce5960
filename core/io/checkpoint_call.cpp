// SPDX-License-Identifier: BSD-3-Clause
#include "checkpoint_call.hpp"

#include "file.hpp"

#include <misfit/detail/base/internals.hpp>
#include <misfit/error.hpp>

#include <algorithm>
#include <bit>
#include <utility>

namespace misfit::io {

namespace {

// What a rank holds of a vector beside its own part [bytes], and what is taken of all slabs before
// the next rows of each, where they are cut along another dimension than the first.
constexpr std::size_t piece_bytes = std::size_t{4} << 20, turn_bytes = std::size_t{16} << 20;

const detail::StateEntryInternals& variable_in(const StateEntry& entry) {
  return detail::Internals::of(entry);
}

/// A number that differs where names, types or sizes do.
std::int64_t tag_of(const SolverState& state, bool whole) {
  std::uint64_t tag = 0;
  const auto add = [&](std::uint64_t more) { tag = tag * 1000003 + more; };
  for (const auto& entry : state) {
    const auto& variable = variable_in(entry);
    add(static_cast<std::uint64_t>(
        detail::fingerprint(variable.name.data(), variable.name.size())));
    add(variable.vector ? 1 : variable.is_integer ? 2 : 3);
    if (!variable.vector) continue;
    const auto& facts = variable.vector->facts();
    add(facts.is_complex + 2U * facts.is_double + 4U * facts.is_batch);
    add(facts.batch);
    add(whole ? facts.size : 0);
  }
  return static_cast<std::int64_t>(tag);
}

}  // namespace

CheckpointCall::CheckpointCall(const Communicator& communicator,
                               const std::optional<detail::ImageCut>& cut, const std::string& path,
                               const SolverState& state)
    : communicator_(communicator),
      cut_(cut),
      path_(path),
      state_(state),
      messages_(communicator.native()) {}

template <typename Work>
void CheckpointCall::begin(const char* name, const Work& work) {
  detail::Internals::of(communicator_)
      .together({name, {{"the names, types or sizes of variables", tag_of(state_, !cut_)}}},
                [&](detail::ErrorContext&) {
                  check_names();
                  for (const auto& entry : state_) {
                    const auto& variable = variable_in(entry);
                    if (!variable.vector) continue;
                    stored_.push_back(stored(variable));
                    vectors_.push_back(variable.vector.get());
                    if (cut_) parts_.push_back(parts_of_slabs(stored_.back()));
                  }
                  take_memory();
                  work();
                });
}

template <typename Work>
void CheckpointCall::end(const char* name, const Work& work) {
  detail::Internals::of(communicator_).together({name, {}}, [&](detail::ErrorContext&) {
    if (failure_) std::rethrow_exception(failure_);
    work();
  });
}

void CheckpointCall::take_memory() {
  std::size_t most = 0;
  for (const auto& vector : stored_) most = std::max(most, vector.whole().size() * vector.entry());
  buffer_ = Bytes("misfit::io::Checkpoint::piece", std::min(most, piece_bytes));
  numbers_ = Integers("misfit::io::Checkpoint::numbers", state_.size());
  next_ = Integers("misfit::io::Checkpoint::next", 3);
  messages_.reserve(detail::Messages::pieces(piece_bytes));
}

void CheckpointCall::check_names() const {
  std::vector<std::string> names;
  for (const auto& entry : state_) names.push_back(variable_in(entry).name);
  std::sort(names.begin(), names.end());
  if (const auto same = std::adjacent_find(names.begin(), names.end()); same != names.end())
    throw ArgumentError("state: \"" + *same + "\" is there twice");
  for (const auto& name : names)
    if (name.empty() || name == "." || name == checkpoint_marker ||
        name.find_first_of(std::string("/\0", 2)) != std::string::npos)
      throw ArgumentError("state: \"" + name + "\" is no name for a variable");
}

StoredVector CheckpointCall::stored(const detail::StateEntryInternals& variable) const {
  const auto& facts = variable.vector->facts();
  StoredVector vector{variable.name, facts.is_complex, facts.is_double, {}, 0};
  if (facts.is_batch) vector.extents.push_back(facts.batch);
  vector.signal = vector.extents.size();
  if (!cut_) {
    vector.extents.push_back(facts.size);
    return vector;
  }
  const std::size_t owned = cut_->size_of(communicator_.rank());
  if (facts.size != owned)
    throw ArgumentError("\"" + variable.name + "\": has " + std::to_string(facts.size) +
                        " entries, must have " + std::to_string(owned) + " in this slab");
  for (std::size_t d = 0; d < cut_->shape.rank(); ++d) vector.extents.push_back(cut_->shape[d]);
  return vector;
}

template <typename Step>
void CheckpointCall::keep_failure(const Step& step) {
  if (failure_) return;
  try {
    step();
  } catch (...) {
    failure_ = std::current_exception();
  }
}

std::vector<CheckpointCall::Part> CheckpointCall::parts_of_slabs(const StoredVector& array) const {
  std::vector<Part> parts;
  const std::size_t d = array.signal + cut_->dimension, rank = array.extents.size();
  for_each_part(array.whole(), turn_bytes / array.entry(), 0, d, [&](const Box& turn) {
    for (int r = 0; r < communicator_.size(); ++r) {
      const auto rows = cut_->rows_of(r);
      Box slab = array.whole(), mine = turn;
      slab.first[d] = mine.first[d] = rows.begin;
      slab.count[d] = mine.count[d] = rows.size();
      for_each_part(mine, piece_bytes / array.entry(), 0, rank, [&](const Box& part) {
        if (r == communicator_.rank() || has_file())
          parts.push_back({r, part, place_in(slab, part)});
      });
    }
  });
  return parts;
}

void CheckpointCall::write(const std::function<void()>& fence) {
  const char* const name = "Checkpoint::write";
  begin(name, [&] {
    fence();
    if (cut_ || has_file())
      for (auto* vector : vectors_) vector->start_getting();
    if (has_file()) open_writer();
  });
  for (std::size_t v = 0; v < vectors_.size(); ++v) cut_ ? write_slabs(v) : write_whole(v);
  end(name, [] {});  // what failed on another rank must not take the place of what was there
  end(name, [&] {
    if (has_file()) writer_->commit();
  });
}

void CheckpointCall::open_writer() {
  writer_.emplace(path_, stored_);
  for (const auto& entry : state_) {
    const auto& variable = variable_in(entry);
    if (variable.vector) continue;
    detail::KeptNumber number;
    if (!variable.get(variable.number, number))
      throw ArgumentError("\"" + variable.name + "\": is too large for an integer of 64 bits");
    writer_->add(variable.name, number);
  }
}

void CheckpointCall::write_whole(std::size_t vector) {
  if (!has_file()) return;
  const auto& array = stored_[vector];
  keep_failure([&] {
    for_each_part(
        array.whole(), piece_bytes / array.entry(), 0, array.extents.size(), [&](const Box& part) {
          vectors_[vector]->get(place_in(array.whole(), part), part.size(), buffer_.data());
          writer_->write(vector, part, buffer_.data());
        });
  });
}

void CheckpointCall::write_slabs(std::size_t vector) {
  for (const Part& one : parts_[vector]) {
    const int rank = one.rank;
    const Box& part = one.box;
    const std::size_t place = one.place;
    const std::size_t bytes = part.size() * stored_[vector].entry();
    if (rank == communicator_.rank())
      keep_failure([&] { vectors_[vector]->get(place, part.size(), buffer_.data()); });
    if (rank == communicator_.rank() && !has_file()) messages_.send(buffer_.data(), bytes, 0);
    if (rank != communicator_.rank() && has_file()) messages_.receive(buffer_.data(), bytes, rank);
    messages_.finish();
    if (has_file()) keep_failure([&] { writer_->write(vector, part, buffer_.data()); });
  }
}

void CheckpointCall::read(const std::function<void()>& fence) {
  const char* const name = "Checkpoint::read";
  begin(name, [&] {
    fence();
    for (const auto& entry : state_)
      if (variable_in(entry).is_const)
        throw ArgumentError("\"" + variable_in(entry).name + "\": is const");
    for (auto* vector : vectors_) vector->start_setting();
    if (has_file()) open_reader();
  });
  communicator_.broadcast(host_, numbers_, 0);
  if (!cut_) read_whole();
  for (std::size_t v = 0; cut_ && v < vectors_.size(); ++v) read_slabs(v);
  end(name, [&] {
    check_numbers();
    for (const auto* vector : vectors_) vector->finish_setting();
  });
  set_numbers();  // when all ranks have all: none keeps other numbers than the rest
}

void CheckpointCall::open_reader() {
  reader_.emplace(path_);
  expect_names(reader_->numbers(), false);
  expect_names(reader_->vectors(), true);
  for (const auto& vector : stored_) reader_->expect(vector);
  for (std::size_t k = 0; k < state_.size(); ++k) {
    const auto& variable = variable_in(state_[k]);
    if (variable.vector) continue;
    const auto number = reader_->number(variable.name, variable.is_integer);
    numbers_(k) = std::visit([](auto n) { return std::bit_cast<std::uint64_t>(n); }, number);
  }
}

void CheckpointCall::expect_names(std::vector<std::string> there, bool vectors) const {
  const std::string kind = vectors ? "vector" : "number";
  for (const auto& entry : state_) {
    const auto& variable = variable_in(entry);
    if (vectors != (variable.vector != nullptr)) continue;
    if (std::erase(there, variable.name) == 0)
      fail(path_, "has no " + kind + " \"" + variable.name + "\"");
  }
  if (!there.empty()) fail(path_, "has a " + kind + " \"" + there[0] + "\", the state has none");
}

template <typename Visit>
void CheckpointCall::for_each_number(const Visit& visit) const {
  for (std::size_t k = 0; k < state_.size(); ++k) {
    const auto& variable = variable_in(state_[k]);
    if (variable.vector) continue;
    detail::KeptNumber number = std::bit_cast<double>(numbers_(k));
    if (variable.is_integer) number = std::bit_cast<std::int64_t>(numbers_(k));
    visit(variable, number);
  }
}

void CheckpointCall::check_numbers() const {
  for_each_number([&](const auto& variable, const detail::KeptNumber& number) {
    if (!variable.fits(number))
      fail(path_, "\"" + variable.name + "\" is too large for its variable");
  });
}

void CheckpointCall::set_numbers() const {
  for_each_number([](const auto& variable, const detail::KeptNumber& number) {
    variable.set(variable.number, number);
  });
}

// Rank 0 knows in which shape the file has the vector, and tells the others what comes next.
void CheckpointCall::read_whole() {
  const auto tell = [&](std::size_t vector, std::size_t first, std::size_t count) {
    next_(0) = vector;
    next_(1) = first;
    next_(2) = count;
    communicator_.broadcast(host_, next_, 0);
  };
  for (std::size_t v = 0; has_file() && v < vectors_.size(); ++v)
    keep_failure([&] {
      const Box whole = reader_->whole(v);
      for_each_part(whole, piece_bytes / stored_[v].entry(), 0, whole.count.size(),
                    [&](const Box& part) {
                      reader_->read(v, part, buffer_.data());
                      tell(v, place_in(whole, part), part.size());
                      share_next();
                    });
    });
  if (has_file()) return tell(0, 0, 0);
  for (communicator_.broadcast(host_, next_, 0); next_(2) > 0;
       communicator_.broadcast(host_, next_, 0))
    share_next();
}

void CheckpointCall::share_next() {
  const std::size_t vector = next_(0), bytes = next_(2) * stored_[vector].entry();
  communicator_.broadcast(host_, Bytes(buffer_.data(), bytes), 0);
  keep_failure([&] { vectors_[vector]->set(next_(1), next_(2), buffer_.data()); });
}

void CheckpointCall::read_slabs(std::size_t vector) {
  for (const Part& one : parts_[vector]) {
    const int rank = one.rank;
    const Box& part = one.box;
    const std::size_t place = one.place;
    const std::size_t bytes = part.size() * stored_[vector].entry();
    if (has_file()) keep_failure([&] { reader_->read(vector, part, buffer_.data()); });
    if (rank == communicator_.rank() && !has_file()) messages_.receive(buffer_.data(), bytes, 0);
    if (rank != communicator_.rank() && has_file()) messages_.send(buffer_.data(), bytes, rank);
    messages_.finish();
    if (rank == communicator_.rank())
      keep_failure([&] { vectors_[vector]->set(place, part.size(), buffer_.data()); });
  }
}

}  // namespace misfit::io
