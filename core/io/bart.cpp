// SPDX-License-Identifier: BSD-3-Clause
#include "file.hpp"

#include <misfit/error.hpp>
#include <misfit/io/bart.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <bit>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace misfit::io {

namespace {

using Entry = Kokkos::complex<float>;

static_assert(std::endian::native == std::endian::little, "name.cfl is written as memory holds it");

std::string without_suffix(const std::string& path) {
  const bool has = path.ends_with(".cfl") || path.ends_with(".hdr");
  return has ? path.substr(0, path.size() - 4) : path;
}

std::string header_of(const std::string& path) {
  const InputFile file(path);
  constexpr std::size_t largest = std::size_t{1} << 20;
  if (file.size() > largest) fail(path, "is too large for a header of BART");
  std::string text(file.size(), '\0');
  file.read(0, text.size(), text.data());
  return text;
}

/// The words of the line that follows "# Dimensions".
std::vector<std::string> dimensions_of(const std::string& path) {
  std::istringstream text(header_of(path));
  std::string line;
  while (std::getline(text, line)) {
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (line != "# Dimensions") continue;
    if (!std::getline(text, line)) line.clear();
    std::istringstream words(line);
    using Word = std::istream_iterator<std::string>;
    return std::vector<std::string>(Word(words), Word());
  }
  fail(path, "has no line \"# Dimensions\"");
}

std::size_t extent_of(const std::string& path, const std::string& word) {
  std::size_t extent = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), extent);
  if (error != std::errc{} || end != word.data() + word.size() || extent == 0)
    fail(path, "has the extent \"" + word + "\", which is no positive whole number");
  return extent;
}

}  // namespace

BartFile::BartFile(const std::string& path) : name_(without_suffix(path)) {
  const auto header = name_ + ".hdr", data = name_ + ".cfl";
  const auto words = dimensions_of(header);
  if (words.empty() || words.size() > max_rank)
    fail(header, "has " + std::to_string(words.size()) + " extents, 1 to 16 are possible");
  extents_.fill(1);
  constexpr std::size_t limit = std::numeric_limits<std::ptrdiff_t>::max() / sizeof(Entry);
  for (std::size_t d = 0; d < words.size(); ++d) {
    extents_[d] = extent_of(header, words[d]);
    if (extents_[d] > limit / size_) fail(header, "has extents whose product is too large");
    size_ *= extents_[d];
  }
  const InputFile file(data);
  if (file.size() != size_ * sizeof(Entry))
    fail(data, "has " + std::to_string(file.size()) + " bytes, but " + header + " tells of " +
                   std::to_string(size_ * sizeof(Entry)));
}

Shape BartFile::image_shape() const {
  if (extents_[2] == 1) return {extents_[1], extents_[0]};
  return {extents_[2], extents_[1], extents_[0]};
}

HostVector<Entry> BartFile::read(std::size_t image, const Rows& rows) const {
  const Shape shape = image_shape();
  if (image >= images() || rows.begin > rows.end || rows.end > shape[0])
    throw ArgumentError("BartFile::read: image " + std::to_string(image) + ", " + rows.text() +
                        ", of " + std::to_string(images()) + " images with " +
                        std::to_string(shape[0]) + " rows in " + name_ + ".cfl");
  const std::size_t row = shape.size() / shape[0];
  return read_entries(image * shape.size() + rows.begin * row, rows.size() * row);
}

HostVector<Entry> BartFile::read_entries(std::size_t first, std::size_t count) const {
  HostVector<Entry> values(
      Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::io::BartFile::read"), count);
  if (count == 0) return values;
  const InputFile file(name_ + ".cfl");
  file.read(first * sizeof(Entry), count * sizeof(Entry), values.data());
  return values;
}

void write_bart(const std::string& path, const std::vector<std::size_t>& extents,
                const HostVector<const Entry>& values) {
  if (extents.empty() || extents.size() > BartFile::max_rank)
    throw ArgumentError("write_bart: " + std::to_string(extents.size()) +
                        " extents, 1 to 16 are possible");
  std::size_t left = values.size();
  std::string header = "# Dimensions\n";
  for (std::size_t d = 0; d < BartFile::max_rank; ++d) {
    const std::size_t extent = d < extents.size() ? extents[d] : 1;
    if (extent == 0 || left == 0 || left % extent != 0)
      throw ArgumentError("write_bart: the product of the extents is not the number of values");
    left /= extent;
    header += std::to_string(extent) + " ";
  }
  header += "\n";
  if (left != 1)
    throw ArgumentError("write_bart: the product of the extents is not the number of values");

  const auto name = without_suffix(path);
  OutputFile data_file(name + ".cfl"), header_file(name + ".hdr");
  data_file.write(values.data(), values.size() * sizeof(Entry));
  header_file.write(header.data(), header.size());
  data_file.close();
  header_file.close();
  data_file.commit();
  header_file.commit();
}

}  // namespace misfit::io
