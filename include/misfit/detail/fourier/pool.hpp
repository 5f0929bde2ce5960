// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace misfit::detail {

/// Things of one kind that are lent to one user at a time, and made when none is left: what several
/// operators share that no two threads may use at once.
template <typename T>
class Pool {
 public:
  /// A thing on loan; goes back at the end.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<T> thing) : pool_(pool), thing_(std::move(thing)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
      const std::lock_guard lock(pool_.mutex_);
      pool_.idle_.push_back(std::move(thing_));
    }
    T& operator*() const { return *thing_; }
    T* operator->() const { return thing_.get(); }

   private:
    Pool& pool_;
    std::unique_ptr<T> thing_;
  };

  /// One for which `fits(thing)`, else a new one by `make()`.
  template <typename Fits, typename Make>
  Lease lease(Fits&& fits, Make&& make) {
    {
      const std::lock_guard lock(mutex_);
      for (auto& thing : idle_)
        if (fits(*thing)) {
          auto found = std::move(thing);
          thing = std::move(idle_.back());
          idle_.pop_back();
          return Lease(*this, std::move(found));
        }
      idle_.reserve(++made_);  // so that nothing that comes back takes memory
    }
    return Lease(*this, make());
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> idle_;
  std::size_t made_ = 0;  // at most
};

/// The one T made from `key`, as long as somebody holds it.
template <typename T, typename Key>
std::shared_ptr<T> shared_by_key(const Key& key) {
  static std::mutex mutex;
  static std::map<Key, std::weak_ptr<T>> things;
  const std::lock_guard lock(mutex);
  std::erase_if(things, [](const auto& thing) { return thing.second.expired(); });
  auto& known = things[key];
  auto thing = known.lock();
  if (!thing) known = thing = std::make_shared<T>(key);
  return thing;
}

}  // namespace misfit::detail
