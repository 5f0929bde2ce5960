// SPDX-License-Identifier: BSD-3-Clause
#include "file.hpp"
#include "hdf5.hpp"
#include "ismrmrd_encoding.hpp"
#include "ismrmrd_head.hpp"

#include <misfit/error.hpp>
#include <misfit/io/ismrmrd.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Acquisitions are read by HDF5 itself: libismrmrd opens files for writing, which shuts out other
// ranks, makes the group where it is missing, and copies as much as a header tells of, be it there
// or not.

namespace misfit::io {

namespace {

using Entry = Kokkos::complex<float>;

Hdf5Handle complex_type() {
  const hid_t number = H5T_NATIVE_FLOAT;  // nvcc cannot read the macro within the braces
  return hdf5_compound(sizeof(Entry), {{"real", 0, number}, {"imag", sizeof(float), number}});
}

}  // namespace

IsmrmrdFile::IsmrmrdFile(const std::string& path, const std::string& group,
                         std::optional<std::size_t> encoding)
    : path_(path), group_(group) {
  const Hdf5Group file(path, group);
  const auto encodings = encodings_of(path, file.text("xml"));
  auto acquisitions = imaging_acquisitions(path, file);
  encodings_ = encodings.size();
  encoding_ = chosen_encoding(path, encodings_, encoding, acquisitions);
  std::erase_if(acquisitions, [&](const auto& one) { return one.head.encoding != encoding_; });
  if (acquisitions.empty())
    fail(path, "has no imaging data of encoding " + std::to_string(encoding_));

  const auto& chosen = encodings[encoding_];
  const auto matrices = matrices_of(path, chosen);
  encoded_shape_ = matrices.encoded.shape;
  image_shape_ = matrices.image.shape;
  encoded_field_of_view_ = matrices.encoded.field_of_view;
  image_field_of_view_ = matrices.image.field_of_view;
  if (encoded_shape_.size() / 4096 > file.file_size())  // so that an error fills no memory
    fail(path, "has a matrix of " + encoded_shape_.text() + ", but hardly any data");
  coils_ = coils_of(acquisitions);
  take_all(acquisitions, IsmrmrdGrid(chosen, acquisitions));
}

void IsmrmrdFile::take_all(const std::vector<IsmrmrdAcquisition>& acquisitions,
                           const IsmrmrdGrid& grid) {
  for (const auto& [number, head] : acquisitions) {
    if (head.is_of_surface_coil_correction() && head.channels != coils_) continue;
    if (const auto line = grid.line_of(head.idx))
      take(number, head, *line);
    else
      ++left_out_;
  }
  if (readouts_.empty())
    fail(path_, "has an acquisition " + std::to_string(acquisitions.front().number) +
                    " outside of its grid of " + encoded_shape_.text() +
                    " or of its encoding limits, and none within");
}

void IsmrmrdFile::take(std::size_t number, const IsmrmrdHead& head, std::size_t line) {
  const std::size_t nx = encoded_shape_[encoded_shape_.rank() - 1];
  const auto here = "has an acquisition " + std::to_string(number) + " ";
  if (head.is_compressed()) fail(path_, here + "of compressed data, which cannot be read");
  if (head.channels != coils_ || coils_ == 0)
    fail(path_, here + "of " + std::to_string(head.channels) + " coils, after others of " +
                    std::to_string(coils_));
  const std::size_t discarded = std::size_t{head.discard_pre} + head.discard_post;
  if (discarded >= head.samples) fail(path_, here + "without samples");
  if (head.samples - discarded > nx)
    fail(path_, here + "of " + std::to_string(head.samples - discarded) +
                    " samples, which reach outside of its grid of " + encoded_shape_.text());
  const auto readout = readout_of(head, nx);
  if (readout.first == readout.last) {
    ++left_out_;
    return;
  }
  const auto& idx = head.idx;
  readouts_.push_back({number, idx.slice, idx.repetition, idx.contrast, idx.phase, idx.set,
                       head.samples, readout.first, readout.last,
                       static_cast<std::ptrdiff_t>(line * nx) + readout.zero, head.is_reversed()});
  const auto count = [](std::size_t& extent, std::size_t index) {
    extent = std::max(extent, index + 1);
  };
  count(slices_, idx.slice);
  count(repetitions_, idx.repetition);
  count(contrasts_, idx.contrast);
  count(phases_, idx.phase);
  count(sets_, idx.set);
}

std::vector<const IsmrmrdFile::Readout*> IsmrmrdFile::readouts_of(const char* call,
                                                                  const Part& part) const {
  const auto refuse = [&](const std::string& what) {
    throw ArgumentError(std::string(call) + ": " + what + " in " + path_);
  };
  const auto require = [&](const char* name, std::size_t index, std::size_t count) {
    if (index >= count)
      refuse(std::string(name) + " " + std::to_string(index) + " of " + std::to_string(count));
  };
  require("slice", part.slice, slices_);
  require("repetition", part.repetition.value_or(0), repetitions_);
  require("contrast", part.contrast.value_or(0), contrasts_);
  require("phase", part.phase.value_or(0), phases_);
  require("set", part.set.value_or(0), sets_);

  std::vector<const Readout*> chosen;
  const auto is = [](const std::optional<std::size_t>& named, std::size_t index) {
    return !named || *named == index;
  };
  for (const auto& readout : readouts_)
    if (readout.slice == part.slice && is(part.repetition, readout.repetition) &&
        is(part.contrast, readout.contrast) && is(part.phase, readout.phase) &&
        is(part.set, readout.set))
      chosen.push_back(&readout);
  for (const auto* readout : chosen) {
    if (readout->contrast != chosen.front()->contrast)
      refuse("one of " + std::to_string(contrasts_) + " contrasts has to be named");
    if (readout->phase != chosen.front()->phase)
      refuse("one of " + std::to_string(phases_) + " phases has to be named");
    if (readout->set != chosen.front()->set)
      refuse("one of " + std::to_string(sets_) + " sets has to be named");
  }
  return chosen;
}

void IsmrmrdFile::require_coils(const char* call, const std::vector<int>& coils) const {
  for (const int coil : coils)
    if (coil < 0 || static_cast<std::size_t>(coil) >= coils_)
      throw ArgumentError(std::string(call) + ": coil " + std::to_string(coil) + " of " +
                          std::to_string(coils_) + " in " + path_);
}

template <typename Visit>
void IsmrmrdFile::for_each_sample(const Readout& readout, Visit&& visit) const {
  for (std::size_t s = readout.first; s < readout.last; ++s) {
    const auto step = static_cast<std::ptrdiff_t>(s);
    visit(s, static_cast<std::size_t>(readout.start + (readout.reversed ? -step : step)));
  }
}

std::vector<HostVector<Entry>> IsmrmrdFile::kspace(const std::vector<int>& coils,
                                                   const Part& part) const {
  require_coils("IsmrmrdFile::kspace", coils);
  const auto readouts = readouts_of("IsmrmrdFile::kspace", part);
  std::vector<HostVector<Entry>> result;
  for (std::size_t k = 0; k < coils.size(); ++k)
    result.emplace_back("misfit::io::IsmrmrdFile::kspace", encoded_shape_.size());
  if (coils.empty()) return result;
  std::vector<std::uint32_t> counts(encoded_shape_.size());

  const Hdf5Group file(path_, group_);
  const auto data = file.array("data", ismrmrd_data_type());
  for (const auto* chosen : readouts) {
    const auto& readout = *chosen;
    hvl_t read{};
    data.read({readout.acquisition}, {1}, &read);
    const std::unique_ptr<void, herr_t (*)(void*)> owner(read.p, H5free_memory);
    if (read.len != 2 * readout.samples * coils_)
      fail(path_, "has an acquisition " + std::to_string(readout.acquisition) + " with " +
                      std::to_string(read.len) + " numbers for " + std::to_string(coils_) +
                      " coils of " + std::to_string(readout.samples) + " samples");
    const auto* const numbers = static_cast<const float*>(read.p);
    for (std::size_t k = 0; k < coils.size(); ++k) {
      const auto* const coil = numbers + 2 * readout.samples * static_cast<std::size_t>(coils[k]);
      for_each_sample(readout, [&](std::size_t s, std::size_t j) {
        result[k](j) += Entry(coil[2 * s], coil[2 * s + 1]);
      });
    }
    for_each_sample(readout, [&](std::size_t, std::size_t j) { ++counts[j]; });
  }
  for (const auto& values : result)
    for (std::size_t j = 0; j < values.size(); ++j)
      if (counts[j] > 1) values(j) /= static_cast<float>(counts[j]);
  return result;
}

HostVector<float> IsmrmrdFile::mask(const Part& part) const {
  HostVector<float> mask("misfit::io::IsmrmrdFile::mask", encoded_shape_.size());
  for (const auto* readout : readouts_of("IsmrmrdFile::mask", part))
    for_each_sample(*readout, [&](std::size_t, std::size_t j) { mask(j) = 1; });
  return mask;
}

bool IsmrmrdFile::has_coil_maps() const { return Hdf5Group(path_, group_).has("csm"); }

std::vector<HostVector<Entry>> IsmrmrdFile::coil_maps(const std::vector<int>& coils) const {
  require_coils("IsmrmrdFile::coil_maps", coils);
  const Hdf5Group file(path_, group_);
  std::vector<hsize_t> first{0, 0}, count{1, 1}, wanted{1, coils_};
  for (std::size_t d = 0; d < image_shape_.rank(); ++d) {
    first.push_back(0);
    count.push_back(image_shape_[d]);
    wanted.push_back(image_shape_[d]);
  }
  const auto maps = file.array("csm", complex_type());
  if (maps.extents() != wanted)
    fail(path_, "has maps \"csm\" of another shape than " + std::to_string(coils_) + " coils of " +
                    image_shape_.text());
  std::vector<HostVector<Entry>> result;
  for (const int coil : coils) {
    first[1] = static_cast<hsize_t>(coil);
    result.emplace_back(
        Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::io::IsmrmrdFile::coil_maps"),
        image_shape_.size());
    maps.read(first, count, result.back().data());
  }
  return result;
}

}  // namespace misfit::io
