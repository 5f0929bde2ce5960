// SPDX-License-Identifier: BSD-3-Clause
#include "nifti_header.hpp"

#include "file.hpp"
#include "gzip_reader.hpp"

#include <nifti1_io.h>
#include <nifti2.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>
#include <type_traits>

// niftiio knows NIfTI-1 alone. Its sister libnifti2 knows both, but has functions of the same names
// with other arguments, so that a program cannot link with both. Hence headers are read here, as
// nifti1.h and nifti2.h describe them.

namespace misfit::io {

namespace {

constexpr char no_header[] = "is no NIfTI-1 file and no NIfTI-2 file, or cut off";

template <typename T>
T in_order(T value, bool swapped) {
  if (swapped) nifti_swap_Nbytes(1, sizeof value, &value);
  return value;
}

/// A header as it is stored, and whether its bytes are the other way round.
template <typename Stored>
struct Raw {
  Stored stored;
  bool swapped;

  template <typename T>
  auto operator()(T Stored::* field) const {
    return in_order(stored.*field, swapped);
  }
  template <typename T>
  T operator()(T (Stored::*field)[8], std::size_t index) const {
    return in_order((stored.*field)[index], swapped);
  }
};

/// "If dim[0] is outside range 1..7, then the header information needs to be byte swapped."
bool is_swapped(const nifti_1_header& header) { return header.dim[0] < 1 || header.dim[0] > 7; }
/// "Base swap test on the suggested version check, rather than dim[0]."
bool is_swapped(const nifti_2_header& header) { return NIFTI2_NEEDS_SWAP(header); }

bool is_valid(const nifti_1_header& header) { return NIFTI_VERSION(header) == 1; }
/// The end of the magic text differs where a file was transferred as if it were text.
bool is_valid(const nifti_2_header& header) {
  const std::string_view magic(header.magic, sizeof header.magic);
  using namespace std::string_view_literals;
  return magic == "n+2\0\r\n\032\n"sv || magic == "ni2\0\r\n\032\n"sv;
}

template <typename Header>
std::array<std::size_t, 7> extents_of(const std::string& path, const Header& header) {
  using Stored = decltype(header.stored);
  const std::int64_t dimensions = header(&Stored::dim, 0);
  if (dimensions < 1 || dimensions > 7)
    fail(path, "has " + std::to_string(dimensions) + " dimensions, 1 to 7 are possible");
  std::array<std::size_t, 7> extents{};
  for (std::size_t d = 1; d <= 7; ++d) {
    std::int64_t extent = static_cast<std::int64_t>(d) <= dimensions ? header(&Stored::dim, d) : 1;
    if (extent == 0 && d > 1) extent = 1;  // not set, as niftiio takes it
    if (extent < 1) fail(path, "has the extent " + std::to_string(extent));
    extents[d - 1] = static_cast<std::size_t>(extent);
  }
  return extents;
}

/// A width is positive by the format; the sign that ANALYZE gave it tells of an orientation.
double spacing_of(double stored, int units) {
  const double unit = XYZT_TO_SPACE(units) == NIFTI_UNITS_METER    ? 1000
                      : XYZT_TO_SPACE(units) == NIFTI_UNITS_MICRON ? 0.001
                                                                   : 1;
  const double width = unit * std::abs(stored);
  return std::isfinite(width) && width > 0 ? width : 1.0;
}

/// "If vox_offset is less than 352 in a .nii file, it is equivalent to 352": the header and four
/// bytes.
template <typename T>
std::size_t offset_of(const std::string& path, T stored, bool one_file, std::size_t header_bytes) {
  const T least = one_file ? static_cast<T>(header_bytes + 4) : T{0};
  // Of float, the largest below 2^31: the format says "(int)vox_offset".
  const T most =
      std::is_same_v<T, float> ? static_cast<T>(2147483520.0F) : std::numeric_limits<T>::max();
  const bool finite = std::isfinite(static_cast<double>(stored));
  if (!finite || stored > most || (stored < 0 && !one_file))
    fail(path, "has its voxels at byte " + std::to_string(stored));
  return static_cast<std::size_t>(std::max(stored, least));
}

/// `path` is named in errors, the header is in `file`.
template <typename Stored>
NiftiHeader header_of(const std::string& path, const std::string& file, const char* bytes) {
  Raw<Stored> header{};
  std::memcpy(&header.stored, bytes, sizeof(Stored));
  if (!is_valid(header.stored)) fail(path, no_header);
  header.swapped = is_swapped(header.stored);

  NiftiHeader result{};
  result.path = file;
  result.swapped = header.swapped;
  result.one_file = NIFTI_ONEFILE(header.stored);
  result.extents = extents_of(path, header);
  const int units = static_cast<unsigned char>(header(&Stored::xyzt_units));  // bits
  for (std::size_t d = 0; d < 3; ++d)
    result.spacing[d] = spacing_of(header(&Stored::pixdim, d + 1), units);
  result.type = header(&Stored::datatype);
  result.offset = offset_of(path, header(&Stored::vox_offset), result.one_file, sizeof(Stored));
  // A slope of 0 means that the stored numbers are the values.
  const double slope = header(&Stored::scl_slope), intercept = header(&Stored::scl_inter);
  const bool scaled = std::isfinite(slope) && slope != 0;
  result.slope = scaled ? slope : 1;
  result.intercept = scaled && std::isfinite(intercept) ? intercept : 0;
  return result;
}

}  // namespace

NiftiHeader read_nifti_header(const std::string& path) {
  require_regular_file(path);
  nifti_set_debug_level(0);
  const std::unique_ptr<char, void (*)(void*)> name(nifti_findhdrname(path.c_str()), std::free);
  if (!name) fail(path, no_header);
  GzipReader file(name.get());
  char bytes[sizeof(nifti_2_header)] = {};
  if (!file.read(bytes, sizeof(nifti_1_header))) fail(path, no_header);
  std::int32_t size = 0;
  std::memcpy(&size, bytes, sizeof size);
  if (size != sizeof(nifti_2_header) && in_order(size, true) != sizeof(nifti_2_header))
    return header_of<nifti_1_header>(path, name.get(), bytes);
  if (!file.read(bytes + sizeof(nifti_1_header), sizeof bytes - sizeof(nifti_1_header)))
    fail(path, no_header);
  return header_of<nifti_2_header>(path, name.get(), bytes);
}

}  // namespace misfit::io
