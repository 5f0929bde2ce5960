// SPDX-License-Identifier: BSD-3-Clause

// Files that are wrong: cut off, with bytes changed, swapped, added. Each is refused, or what is
// read is what it holds, in little memory and time.

#include "io/folder.hpp"
#include "scorecard/check.hpp"
#include "scorecard/files/formats.hpp"

#include <misfit/error.hpp>
#include <misfit/session.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::test::bytes_of;
using misfit::test::Check;
using misfit::test::Contents;
using misfit::test::Effect;
using misfit::test::Format;
using misfit::test::write_bytes;

constexpr std::size_t all_formats = 5;      // BART, NIfTI-1, NIfTI-2, compressed NIfTI-1, ISMRMRD
constexpr unsigned seconds_of_a_file = 20;  // after which it hangs, and the signal ends the program

/// From here on this process gets `bytes` more, so that a header that tells of more is noticed.
void limit_memory(std::size_t bytes) {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const auto now = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  rlimit limit{};
  ::getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = std::min<rlim_t>(now + bytes, limit.rlim_max);
  ::setrlimit(RLIMIT_AS, &limit);
}

bool same(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/// The files of one format, made wrong one after the other.
class Mutations {
 public:
  Mutations(Check& check, const Format& format)
      : check_(check), format_(format), random_(check.seed()) {
    format.write(folder_ / ".");
    for (const auto& name : format.files) whole_.push_back(bytes_of(folder_ / name));
    right_ = format.read(folder_ / ".");
  }

  void run() {
    for (std::size_t file = 0; file < whole_.size(); ++file) {
      find_places(file);
      std::fprintf(stderr, "%s: %zu bytes of %s\n", format_.name.c_str(), places_.size(),
                   format_.files[file].c_str());
      cut_off(file);
      change_each_byte(file);
      change_several(file);
      swap_parts(file);
      add_bytes(file);
      restore(file);
    }
  }

 private:
  std::size_t drawn(std::size_t below) { return static_cast<std::size_t>(random_() % below); }
  char drawn_byte() { return static_cast<char>(random_() % 256); }
  std::size_t size(std::size_t file) const { return whole_[file].size(); }
  std::size_t count(int full) const {
    const int quick = std::max(1, full / 20);
    return static_cast<std::size_t>(check_.at_most(full, quick) / (format_.slow ? 4 : 1) + 1);
  }
  void restore(std::size_t file) { write_bytes(folder_ / format_.files[file], whole_[file]); }

  void find_places(std::size_t file) {
    places_.clear();
    if (format_.places)
      places_ = format_.places(whole_[file]);
    else
      for (std::size_t at = 0; at < size(file); ++at) places_.push_back(at);
  }
  void cut_off(std::size_t file) {
    const std::size_t step = std::max<std::size_t>(1, size(file) / count(1000));
    for (std::size_t bytes = 0; bytes < size(file); bytes += step)
      refused(file, whole_[file].substr(0, bytes), "cut off at byte " + std::to_string(bytes));
  }
  void change_each_byte(std::size_t file) {
    const std::size_t step = std::max<std::size_t>(1, places_.size() / count(600));
    for (std::size_t k = 0; k < places_.size(); k += step) {
      const std::size_t at = places_[k];
      for (const char byte : misfit::test::wrong_bytes(whole_[file][at])) {
        if (byte == whole_[file][at]) continue;
        auto bytes = whole_[file];
        bytes[at] = byte;
        tried(file, bytes, format_.effect(file, at), "wrong byte " + std::to_string(at));
      }
    }
  }
  void change_several(std::size_t file) {
    for (std::size_t k = 0; k < count(1200); ++k) {
      auto bytes = whole_[file];
      Effect effect{};
      for (std::size_t n = 2 + drawn(20); n > 0; --n) {
        const std::size_t at = places_[drawn(places_.size())];
        bytes[at] = drawn_byte();
        effect = united(effect, format_.effect(file, at));
      }
      tried(file, bytes, effect, "several wrong bytes");
    }
  }
  // Of the lengths of fields: 2, 4, 8 bytes, at places where these may be.
  void swap_parts(std::size_t file) {
    for (std::size_t k = 0; k < count(600); ++k) {
      const std::size_t length = std::size_t{2} << drawn(3);
      const std::size_t a = drawn(places_.size() / length) * length,
                        b = drawn(places_.size() / length) * length;
      auto bytes = whole_[file];
      Effect effect{};
      for (std::size_t n = 0; n < length; ++n) {
        const std::size_t first = places_[a + n], second = places_[b + n];
        std::swap(bytes[first], bytes[second]);
        effect = united(united(effect, format_.effect(file, first)), format_.effect(file, second));
      }
      tried(file, bytes, effect, "swapped bytes " + std::to_string(a) + ", " + std::to_string(b));
    }
  }
  void add_bytes(std::size_t file) {
    for (std::size_t k = 0; k < count(200); ++k) {
      auto bytes = whole_[file];
      for (std::size_t n = 1 + drawn(40); n > 0; --n) bytes += drawn_byte();
      const bool is_header = format_.effect(file, 0).any;
      if (format_.knows_its_end && !is_header) {
        Contents contents;
        std::string error;
        const bool held = !read(file, bytes, contents, error) && error.empty();
        record(held, "added bytes", error.empty() ? "is not refused" : error);
      } else {
        tried(file, bytes, {format_.knows_its_end}, "added bytes");
      }
    }
  }
  static Effect united(const Effect& a, const Effect& b) {
    if (a.any || b.any) return {true};
    if (a.count == 0) return b;
    if (b.count == 0) return a;
    const std::size_t first = std::min(a.first, b.first);
    return {false, first, std::max(a.first + a.count, b.first + b.count) - first};
  }

  void refused(std::size_t file, const std::string& bytes, const std::string& what) {
    Contents contents;
    std::string error;
    // What is missing may be blanks at the end of a text.
    const bool held = !read(file, bytes, contents, error) ? error.empty() : is_right(contents);
    record(held, what, error.empty() ? "is not refused" : error);
  }
  void tried(std::size_t file, const std::string& bytes, const Effect& effect,
             const std::string& what) {
    Contents contents;
    std::string error;
    if (!read(file, bytes, contents, error)) return record(error.empty(), what, error);
    const bool fits = static_cast<double>(contents.values.size()) * format_.bytes_of_value <=
                      static_cast<double>(total_without(file) + bytes.size());
    record(fits && (effect.any || differs_only_at(contents, effect)), what,
           fits ? "values have changed" : "there are more values than the file can hold");
  }
  std::size_t total_without(std::size_t file) const {
    std::size_t total = 0;
    for (std::size_t k = 0; k < whole_.size(); ++k) total += k == file ? 0 : size(k);
    return total;
  }
  void record(bool held, const std::string& what, const std::string& why) {
    if (!held) check_.tell(format_.name + ", " + what + ": " + why);
    check_.tried_here(1, held ? 1 : 0);
  }

  // False where it was refused; with an error where that was in another way than it must be.
  bool read(std::size_t file, const std::string& bytes, Contents& contents, std::string& error) {
    const auto path = folder_ / format_.files[file];
    write_bytes(path, bytes);
    // The fault: a reader that takes what is missing as 0.
    if (check_.canary()) std::filesystem::resize_file(path, size(file));
    ::alarm(seconds_of_a_file);
    bool complete = false;
    try {
      contents = format_.read(folder_ / ".");
      complete = true;
    } catch (const misfit::FileError&) {
    } catch (const std::bad_alloc&) {
      // Of k-space, which may have few samples, a file need not be as large as the grid.
      if (format_.bytes_of_value > 0) error = "no memory";
    } catch (const std::exception& other) {
      const std::string text = other.what();
      // Of a file that now tells of several sets, say, the program has to name one.
      const auto says = [&](const char* words) { return text.find(words) != std::string::npos; };
      if (format_.bytes_of_value > 0 || !(says("allocate") || says("has to be named")))
        error = "another error: " + text;
    }
    ::alarm(0);
    return complete;
  }
  bool is_right(const Contents& contents) const { return differs_only_at(contents, {}); }
  bool differs_only_at(const Contents& contents, const Effect& effect) const {
    if (contents.extents != right_.extents || contents.values.size() != right_.values.size())
      return false;
    for (std::size_t j = 0; j < right_.values.size(); ++j)
      if (!same(contents.values[j], right_.values[j]) &&
          (j < effect.first || j >= effect.first + effect.count))
        return false;
    return true;
  }

  Check& check_;
  const Format& format_;
  std::mt19937_64 random_;
  misfit::test::Folder folder_;
  std::vector<std::string> whole_;
  std::vector<std::size_t> places_;  // that are made wrong
  Contents right_;
};

}  // namespace

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  Check check(argc, argv);
  std::vector<Format> formats;
  misfit::test::add_bart(formats);
#if defined(MISFIT_CHECK_NIFTI)
  misfit::test::add_nifti(formats);
#endif
#if defined(MISFIT_CHECK_ISMRMRD)
  misfit::test::add_ismrmrd(formats);
#endif
  // All of a full run, lest that seem to have tried what it has not.
  if (!check.quick())
    check.tried(formats.size() == all_formats, "misfit was built without some of the formats");
  limit_memory(std::size_t{256} << 20);
  for (const Format& format : formats) Mutations(check, format).run();
  return check.finish();
}
