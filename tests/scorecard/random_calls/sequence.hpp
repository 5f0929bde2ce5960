// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The calls of a case on operators Op and distances D.

#include "scorecard/random_calls/point_calls.hpp"
#include "scorecard/random_calls/runner.hpp"

namespace misfit::test::random_calls {

/// What is planted on this rank in a call; of its own operators `own` in one.
void plant(const CallSpec& call, int rank, const std::vector<int>& own);
/// Sets the outcome to an error that was caught.
void set_error(const Error& error, Outcome& outcome);
/// The calls that concern ranks alone.
void call_world(const Communicator& world, const Problem& problem, const CallSpec& call,
                Outcome& outcome);

template <typename T, typename Op, typename D, bool every_layout>
class Sequence final : public Runner {
 public:
  explicit Sequence(const Problem& problem) : problem_(problem) {}

  void set_up() override {
    plant({}, 0, {});
    objects_.emplace(problem_);
    piece_ = objects_->piece;
  }

  Outcome run(const CallSpec& call) override {
    Outcome outcome;
    plant(call, objects_->world.rank(), own());
    try {
      run(call, outcome);
    } catch (const Error& error) {
      set_error(error, outcome);
    }
    plant({}, 0, {});
    const Case& c = problem_.of();
    outcome.same_numbers = c.path != Path::members && c.form != Form::slabs;
    return outcome;
  }

 private:
  std::vector<int> own() const { return objects_->operators->local_indices(); }

  void run(const CallSpec& call, Outcome& outcome) {
    switch (call.name) {
      case Name::make:
        return make(call);
      case Name::measure:
        return measure(call);
      case Name::distances: {
        auto other = objects_->made_distances(problem_.of().mean, problem_.of().reproducible);
        if (!call.plants.empty()) return;
        point_.reset();
        objects_->fidelity = std::move(other);
        return;
      }
      case Name::plan:
        outcome.text = objects_->operators->template plan<T>().text();
        return;
      case Name::reduce:
      case Name::broadcast:
      case Name::add:
      case Name::agree:
        return call_world(objects_->world, problem_, call, outcome);
      default:
        problem_.of().batch == 0 ? in_vectors(call, outcome) : in_batches(call, outcome);
    }
  }
  // What is made where something is planted, and made all the same, is thrown away.
  void make(const CallSpec& call) {
    auto other =
        objects_->made(problem_.of().operators + (planted.fault == Fault::other_number ? 1 : 0));
    if (!call.plants.empty()) return;
    point_.reset();
    objects_->operators = std::move(other);
  }
  void measure(const CallSpec& call) {
    auto other = objects_->measured();
    if (call.plants.empty()) objects_->set_measurements(std::move(other));
  }

  template <typename Layout>
  void on(const CallSpec& call, Outcome& outcome) {
    using All = Objects<T, Op, D>;
    if (!is_at_point(call.name)) return Calls<Layout, All>{*objects_, call, outcome}.run();
    using Point = KeptPoint<Layout, All>;
    if (point_ == nullptr) point_ = std::make_shared<Point>();
    PointCalls<Layout, All>{*objects_, call, outcome, *static_cast<Point*>(point_.get())}.run();
  }
  void in_vectors(const CallSpec& call, Outcome& outcome) {
    if constexpr (every_layout)
      if (problem_.of().layout == Layout::gaps) return on<WithGaps<T>>(call, outcome);
    on<Plain<T>>(call, outcome);
  }
  void in_batches(const CallSpec& call, Outcome& outcome) {
    if constexpr (every_layout) {
      if (problem_.of().layout == Layout::left) return on<LeftBatch<T>>(call, outcome);
      if (problem_.of().layout == Layout::strided) return on<StridedBatch<T>>(call, outcome);
    }
    on<RightBatch<T>>(call, outcome);
  }

  const Problem& problem_;
  std::optional<Objects<T, Op, D>> objects_;
  std::shared_ptr<void> point_;  // a KeptPoint of the case's layout, which borrows the objects
};

}  // namespace misfit::test::random_calls
