// SPDX-License-Identifier: BSD-3-Clause
#include "file.hpp"
#include "hdf5.hpp"

#include <misfit/error.hpp>
#include <misfit/io/ismrmrd.hpp>

#include <Kokkos_Core.hpp>
#include <ismrmrd/ismrmrd.h>
#include <ismrmrd/xml.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

// Acquisitions are read by HDF5 itself: libismrmrd opens files for writing, which shuts out other
// ranks, makes the group where it is missing, and copies as much as a header tells of, be it there
// or not.

namespace misfit::io {

namespace {

using Entry = Kokkos::complex<float>;

/// What is needed of an acquisition's counters and of its header.
struct Counters {
  std::uint16_t step_1, step_2, slice, contrast, phase, repetition, set;
};
struct Head {
  std::uint64_t flags;
  std::uint16_t samples, channels, discard_pre, discard_post, centre;
  Counters idx;
};

/// An acquisition of which only the header is read, as Head.
Hdf5Handle head_type() {
  const hid_t number = H5T_NATIVE_UINT16, flags = H5T_NATIVE_UINT64;
  const auto counters =
      hdf5_compound(sizeof(Counters), {{"kspace_encode_step_1", offsetof(Counters, step_1), number},
                                       {"kspace_encode_step_2", offsetof(Counters, step_2), number},
                                       {"slice", offsetof(Counters, slice), number},
                                       {"contrast", offsetof(Counters, contrast), number},
                                       {"phase", offsetof(Counters, phase), number},
                                       {"repetition", offsetof(Counters, repetition), number},
                                       {"set", offsetof(Counters, set), number}});
  const auto head =
      hdf5_compound(sizeof(Head), {{"flags", offsetof(Head, flags), flags},
                                   {"number_of_samples", offsetof(Head, samples), number},
                                   {"active_channels", offsetof(Head, channels), number},
                                   {"discard_pre", offsetof(Head, discard_pre), number},
                                   {"discard_post", offsetof(Head, discard_post), number},
                                   {"center_sample", offsetof(Head, centre), number},
                                   {"idx", offsetof(Head, idx), counters.get()}});
  return hdf5_compound(sizeof(Head), {{"head", 0, head.get()}});
}

/// An acquisition of which only the data is read, as hvl_t: re, im, re, ... of one coil after the
/// other.
Hdf5Handle data_type() {
  const Hdf5Handle numbers(H5Tvlen_create(H5T_NATIVE_FLOAT), H5Tclose);
  return hdf5_compound(sizeof(hvl_t), {{"data", 0, numbers.get()}});
}

Hdf5Handle complex_type() {
  const hid_t number = H5T_NATIVE_FLOAT;  // in the braces nvcc cannot read the macro
  return hdf5_compound(sizeof(Entry), {{"real", 0, number}, {"imag", sizeof(float), number}});
}

bool is_imaging(const Head& head) {
  std::uint64_t others = 0;
  for (const int flag :
       {ISMRMRD::ISMRMRD_ACQ_IS_NOISE_MEASUREMENT, ISMRMRD::ISMRMRD_ACQ_IS_PARALLEL_CALIBRATION,
        ISMRMRD::ISMRMRD_ACQ_IS_NAVIGATION_DATA, ISMRMRD::ISMRMRD_ACQ_IS_PHASECORR_DATA,
        ISMRMRD::ISMRMRD_ACQ_IS_HPFEEDBACK_DATA, ISMRMRD::ISMRMRD_ACQ_IS_DUMMYSCAN_DATA,
        ISMRMRD::ISMRMRD_ACQ_IS_RTFEEDBACK_DATA,
        ISMRMRD::ISMRMRD_ACQ_IS_SURFACECOILCORRECTIONSCAN_DATA,
        ISMRMRD::ISMRMRD_ACQ_IS_PHASE_STABILIZATION_REFERENCE,
        ISMRMRD::ISMRMRD_ACQ_IS_PHASE_STABILIZATION})
    others |= std::uint64_t{1} << (flag - 1);
  return (head.flags & others) == 0;
}

bool is_reversed(const Head& head) {
  return (head.flags >> (ISMRMRD::ISMRMRD_ACQ_IS_REVERSE - 1) & 1) != 0;
}

/// The only encoding of the XML header.
ISMRMRD::Encoding encoding_of(const std::string& path, const std::string& xml) {
  ISMRMRD::IsmrmrdHeader header;
  try {
    ISMRMRD::deserialize(xml.c_str(), header);
  } catch (const std::exception& error) {
    fail(path, std::string("has an XML header that is not understood: ") + error.what());
  }
  if (header.encoding.size() != 1)
    fail(path, "has " + std::to_string(header.encoding.size()) + " encodings, not one");
  auto encoding = header.encoding.front();
  if (encoding.trajectory != ISMRMRD::TrajectoryType::CARTESIAN)
    fail(path, "has a trajectory that is not Cartesian");
  for (const auto& matrix : {encoding.encodedSpace.matrixSize, encoding.reconSpace.matrixSize})
    if (matrix.x == 0 || matrix.y == 0 || matrix.z == 0) fail(path, "has a matrix of extent 0");
  return encoding;
}

Shape shape_of(const ISMRMRD::MatrixSize& matrix, bool volume) {
  if (volume) return {matrix.z, matrix.y, matrix.x};
  return {matrix.y, matrix.x};
}

/// Where on a grid of `extent` a line of k-space lies.
std::ptrdiff_t place_of(int step, const ISMRMRD::Optional<ISMRMRD::Limit>& limit, int extent) {
  return step + extent / 2 - (limit ? limit->center : extent / 2);
}

}  // namespace

IsmrmrdFile::IsmrmrdFile(const std::string& path, const std::string& group)
    : path_(path), group_(group) {
  const Hdf5Group file(path, group);
  const auto encoding = encoding_of(path, file.text("xml"));
  const auto& limits = encoding.encodingLimits;
  const auto& matrix = encoding.encodedSpace.matrixSize;
  const bool volume = matrix.z > 1 || encoding.reconSpace.matrixSize.z > 1;
  encoded_shape_ = shape_of(matrix, volume);
  image_shape_ = shape_of(encoding.reconSpace.matrixSize, volume);
  if (encoded_shape_.size() / 4096 > file.file_size())  // so that an error fills no memory
    fail(path, "has a matrix of " + encoded_shape_.text() + ", but hardly any data");

  const auto data = file.array("data", head_type());
  if (data.extents().size() != 1) fail(path, "has \"data\" that is no list of acquisitions");
  const std::size_t acquisitions = data.extents()[0];
  constexpr std::size_t at_once = 1024;
  std::vector<Head> heads(at_once);
  Counters same{};
  for (std::size_t a = 0; a < acquisitions; ++a) {
    if (a % at_once == 0) {
      std::fill(heads.begin(), heads.end(), Head{});
      data.read({a}, {std::min<hsize_t>(at_once, acquisitions - a)}, heads.data());
    }
    const auto& head = heads[a % at_once];
    if (!is_imaging(head)) continue;
    const auto here = "has an acquisition " + std::to_string(a) + " ";
    if (readouts_.empty()) {
      coils_ = head.channels;
      same = head.idx;
    }
    if (head.channels != coils_ || coils_ == 0)
      fail(path, here + "of " + std::to_string(head.channels) + " coils, after others of " +
                     std::to_string(coils_));
    if (head.idx.contrast != same.contrast || head.idx.phase != same.phase ||
        head.idx.set != same.set)
      fail(path, here + "of another contrast, phase or set than the first");

    const std::ptrdiff_t n = head.samples, nx = matrix.x;
    const bool reversed = is_reversed(head);
    Readout readout{a, head.idx.slice, head.idx.repetition, head.samples, head.discard_pre, 0,
                    0, reversed};
    readout.last = head.samples - std::min<std::size_t>(head.discard_post, head.samples);
    const std::ptrdiff_t centre = reversed ? n - 1 - head.centre : head.centre;
    const std::ptrdiff_t x = n == nx ? 0 : nx / 2 - centre;
    const std::ptrdiff_t first = x + (reversed ? n - static_cast<std::ptrdiff_t>(readout.last)
                                               : static_cast<std::ptrdiff_t>(readout.first));
    const std::ptrdiff_t end = first + static_cast<std::ptrdiff_t>(readout.last) -
                               static_cast<std::ptrdiff_t>(readout.first);
    const auto y = place_of(head.idx.step_1, limits.kspace_encoding_step_1, matrix.y);
    const auto z = place_of(head.idx.step_2, limits.kspace_encoding_step_2, matrix.z);
    if (first >= end) fail(path, here + "without samples");
    if (first < 0 || end > nx || y < 0 || y >= matrix.y || z < 0 || z >= matrix.z)
      fail(path, here + "outside of its grid of " + encoded_shape_.text());
    readout.start = (z * matrix.y + y) * nx + x + (reversed ? n - 1 : 0);
    slices_ = std::max<std::size_t>(slices_, head.idx.slice + std::size_t{1});
    repetitions_ = std::max<std::size_t>(repetitions_, head.idx.repetition + std::size_t{1});
    readouts_.push_back(readout);
  }
  if (readouts_.empty()) fail(path, "has no acquisitions of imaging data");
}

void IsmrmrdFile::require(const char* call, const std::vector<int>& coils, const Part& part) const {
  for (const int coil : coils)
    if (coil < 0 || static_cast<std::size_t>(coil) >= coils_)
      throw ArgumentError(std::string(call) + ": coil " + std::to_string(coil) + " of " +
                          std::to_string(coils_) + " in " + path_);
  if (part.slice >= slices_)
    throw ArgumentError(std::string(call) + ": slice " + std::to_string(part.slice) + " of " +
                        std::to_string(slices_) + " in " + path_);
  if (part.repetition && *part.repetition >= repetitions_)
    throw ArgumentError(std::string(call) + ": repetition " + std::to_string(*part.repetition) +
                        " of " + std::to_string(repetitions_) + " in " + path_);
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
  require("IsmrmrdFile::kspace", coils, part);
  std::vector<HostVector<Entry>> result;
  for (std::size_t k = 0; k < coils.size(); ++k)
    result.emplace_back("misfit::io::IsmrmrdFile::kspace", encoded_shape_.size());
  if (coils.empty()) return result;
  std::vector<std::uint32_t> counts(encoded_shape_.size());

  const Hdf5Group file(path_, group_);
  const auto data = file.array("data", data_type());
  for (const auto& readout : readouts_) {
    if (!readout.is_of(part)) continue;
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
  require("IsmrmrdFile::mask", {}, part);
  HostVector<float> mask("misfit::io::IsmrmrdFile::mask", encoded_shape_.size());
  for (const auto& readout : readouts_)
    if (readout.is_of(part))
      for_each_sample(readout, [&](std::size_t, std::size_t j) { mask(j) = 1; });
  return mask;
}

bool IsmrmrdFile::has_coil_maps() const { return Hdf5Group(path_, group_).has("csm"); }

std::vector<HostVector<Entry>> IsmrmrdFile::coil_maps(const std::vector<int>& coils) const {
  require("IsmrmrdFile::coil_maps", coils, {});
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
