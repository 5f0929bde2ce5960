// SPDX-License-Identifier: BSD-3-Clause
#include "ismrmrd_head.hpp"

#include "file.hpp"

#include <ismrmrd/ismrmrd.h>

#include <algorithm>
#include <initializer_list>

namespace misfit::io {

namespace {

/// Flags are numbered from 1 on.
std::uint64_t bits_of(std::initializer_list<ISMRMRD::ISMRMRD_AcquisitionFlags> flags) {
  std::uint64_t bits = 0;
  for (const auto flag : flags) bits |= std::uint64_t{1} << (flag - 1);
  return bits;
}

/// An acquisition of which only the header is read, as IsmrmrdHead.
Hdf5Handle head_type() {
  using Counters = IsmrmrdCounters;
  using Head = IsmrmrdHead;
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
                                   {"encoding_space_ref", offsetof(Head, encoding), number},
                                   {"idx", offsetof(Head, idx), counters.get()}});
  return hdf5_compound(sizeof(Head), {{"head", 0, head.get()}});
}

}  // namespace

bool IsmrmrdHead::is_imaging() const {
  using namespace ISMRMRD;
  const auto others =
      bits_of({ISMRMRD_ACQ_IS_NOISE_MEASUREMENT, ISMRMRD_ACQ_IS_NAVIGATION_DATA,
               ISMRMRD_ACQ_IS_PHASECORR_DATA, ISMRMRD_ACQ_IS_HPFEEDBACK_DATA,
               ISMRMRD_ACQ_IS_DUMMYSCAN_DATA, ISMRMRD_ACQ_IS_RTFEEDBACK_DATA,
               ISMRMRD_ACQ_IS_PHASE_STABILIZATION_REFERENCE, ISMRMRD_ACQ_IS_PHASE_STABILIZATION});
  const auto calibration = bits_of({ISMRMRD_ACQ_IS_PARALLEL_CALIBRATION});
  const auto imaging_too = bits_of({ISMRMRD_ACQ_IS_PARALLEL_CALIBRATION_AND_IMAGING});
  // Some converters set both flags on lines that are for both.
  return (flags & others) == 0 && ((flags & calibration) == 0 || (flags & imaging_too) != 0);
}

bool IsmrmrdHead::is_reversed() const {
  return (flags & bits_of({ISMRMRD::ISMRMRD_ACQ_IS_REVERSE})) != 0;
}

bool IsmrmrdHead::is_compressed() const {
  using namespace ISMRMRD;
  return (flags & bits_of({ISMRMRD_ACQ_COMPRESSION1, ISMRMRD_ACQ_COMPRESSION2,
                           ISMRMRD_ACQ_COMPRESSION3, ISMRMRD_ACQ_COMPRESSION4})) != 0;
}

bool IsmrmrdHead::is_of_surface_coil_correction() const {
  return (flags & bits_of({ISMRMRD::ISMRMRD_ACQ_IS_SURFACECOILCORRECTIONSCAN_DATA})) != 0;
}

std::vector<IsmrmrdAcquisition> imaging_acquisitions(const std::string& path,
                                                     const Hdf5Group& group) {
  const auto data = group.array("data", head_type());
  if (data.extents().size() != 1) fail(path, "has \"data\" that is no list of acquisitions");
  const std::size_t acquisitions = data.extents()[0];
  constexpr std::size_t at_once = 1024;
  std::vector<IsmrmrdHead> heads(at_once);
  std::vector<IsmrmrdAcquisition> imaging;
  for (std::size_t a = 0; a < acquisitions; ++a) {
    if (a % at_once == 0) {
      std::fill(heads.begin(), heads.end(), IsmrmrdHead{});
      data.read({a}, {std::min<hsize_t>(at_once, acquisitions - a)}, heads.data());
    }
    const auto& head = heads[a % at_once];
    if (head.is_imaging()) imaging.push_back({a, head});
  }
  if (imaging.empty()) fail(path, "has no acquisitions of imaging data");
  return imaging;
}

std::size_t coils_of(const std::vector<IsmrmrdAcquisition>& acquisitions) {
  for (const auto& acquisition : acquisitions)
    if (!acquisition.head.is_of_surface_coil_correction()) return acquisition.head.channels;
  return acquisitions.front().head.channels;
}

Hdf5Handle ismrmrd_data_type() {
  const Hdf5Handle numbers(H5Tvlen_create(H5T_NATIVE_FLOAT), H5Tclose);
  return hdf5_compound(sizeof(hvl_t), {{"data", 0, numbers.get()}});
}

}  // namespace misfit::io
