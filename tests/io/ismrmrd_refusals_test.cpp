// SPDX-License-Identifier: BSD-3-Clause
#include "io/folder.hpp"
#include "io/ismrmrd_file.hpp"

#include <misfit/error.hpp>
#include <misfit/io/ismrmrd.hpp>

#include <gtest/gtest.h>
#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::FileError;
using misfit::io::IsmrmrdFile;
using misfit::test::bytes_of;
using misfit::test::expect_error;
using misfit::test::ismrmrd_acquisition;
using misfit::test::ismrmrd_header;
using misfit::test::write_bytes;
using misfit::test::write_ismrmrd;
using misfit::test::xml_of;
using Acquisitions = std::vector<ISMRMRD::Acquisition>;

class IsmrmrdRefusals : public testing::Test {
 protected:
  const misfit::test::Folder folder;
  const std::string path = folder / "scan.h5";
  const ISMRMRD::IsmrmrdHeader good = ismrmrd_header({4, 3}, {4, 3});
  const Acquisitions lines{ismrmrd_acquisition(4, 2, 0, 1), ismrmrd_acquisition(4, 2, 1, 1)};

  void write(const std::string& xml, const Acquisitions& acquisitions) {
    std::filesystem::remove(path);
    write_ismrmrd(path, xml, acquisitions);
  }
  void expect_refused(const std::string& xml, const Acquisitions& acquisitions,
                      const std::vector<std::string>& words) {
    write(xml, acquisitions);
    expect_error<FileError>([&] { IsmrmrdFile{path}; }, {path + ": " + words[0], words.back()});
  }
  void expect_refused(const ISMRMRD::IsmrmrdHeader& header, const std::vector<std::string>& words) {
    expect_refused(xml_of(header), lines, words);
  }
  /// The good lines with a change to the second.
  template <typename Change>
  void expect_refused_with(Change&& change, const std::vector<std::string>& words) {
    auto changed = lines;
    change(changed[1]);
    expect_refused(xml_of(good), changed, words);
  }
  /// Replaces an array of a good file by one of another type.
  /// In pieces of `chunk`, the first of which is written, or, without that, whole or not at all.
  void replace(const char* name, hid_t type, const std::vector<hsize_t>& extents,
               bool written = true, const std::vector<hsize_t>& chunk = {}) {
    write(xml_of(good), lines);
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    const auto full = std::string("dataset/") + name;
    if (H5Lexists(file, full.c_str(), H5P_DEFAULT) > 0) H5Ldelete(file, full.c_str(), H5P_DEFAULT);
    const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    if (!chunk.empty()) H5Pset_chunk(how, static_cast<int>(chunk.size()), chunk.data());
    const hid_t array = H5Dcreate2(file, full.c_str(), type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    if (!chunk.empty()) {
      const std::vector<hsize_t> first(chunk.size(), 0);
      H5Sselect_hyperslab(space, H5S_SELECT_SET, first.data(), nullptr, chunk.data(), nullptr);
    }
    const std::vector<char> zeros(1000);
    if (written) H5Dwrite(array, type, H5S_ALL, space, H5P_DEFAULT, zeros.data());
    ASSERT_GE(H5Dclose(array), 0);
    H5Pclose(how);
    H5Sclose(space);
    H5Fclose(file);
  }
};

TEST_F(IsmrmrdRefusals, headers) {
  write(xml_of(good), lines);
  EXPECT_NO_THROW(IsmrmrdFile{path});
  expect_refused("", lines, {"has an XML header that is not understood"});
  expect_refused("nonsense", lines, {"has an XML header that is not understood"});
  expect_refused("<ismrmrdHeader/>", lines, {"has an XML header that is not understood"});
  const auto xml = xml_of(good);
  expect_refused(xml.substr(0, xml.size() / 2), lines,
                 {"has an XML header that is not understood"});

  auto header = good;
  const auto encoding = xml.find("<encoding>"), end = xml.find("</encoding>") + 11;
  expect_refused(xml.substr(0, encoding) + xml.substr(end), lines, {"has", "ncoding"});
  for (const auto trajectory : {ISMRMRD::TrajectoryType::RADIAL, ISMRMRD::TrajectoryType::SPIRAL,
                                ISMRMRD::TrajectoryType::EPI}) {
    header = good;
    header.encoding[0].trajectory = trajectory;
    expect_refused(header, {"has a trajectory that is not Cartesian"});
  }
  header = good;
  header.encoding[0].reconSpace.matrixSize.y = 0;
  expect_refused(header, {"has a matrix of extent 0"});
  expect_refused(ismrmrd_header({65535, 65535, 65535}, {4, 3}),
                 {"has a matrix of 65535 x 65535 x 65535, but hardly any data"});
}

TEST_F(IsmrmrdRefusals, acquisitions) {
  expect_refused(xml_of(good), {}, {"\"dataset/data\" is missing"});
  expect_refused_with([](auto& line) { line = ismrmrd_acquisition(4, 3, 1, 1); },
                      {"has an acquisition 1 of 3 coils, after others of 2"});
  expect_refused_with([](auto& line) { line = ismrmrd_acquisition(6, 2, 1, 1); },
                      {"has an acquisition 1 of 6 samples", "outside of its grid of 3 x 4"});
  for (const std::uint64_t flag : {53, 54, 55, 56})
    expect_refused_with([flag](auto& line) { line.setFlag(flag); },
                        {"has an acquisition 1 of compressed data"});
  expect_refused_with([](auto& line) { line.encoding_space_ref() = 1; },
                      {"has an acquisition 1 of encoding 1, but 1 encodings"});
  expect_refused_with([](auto& line) { line.discard_pre() = 4; }, {"has", "without samples"});
  expect_refused_with([](auto& line) { line.discard_post() = 5; }, {"has", "without samples"});
  auto header = good;
  header.encoding[0].encodingLimits.kspace_encoding_step_1 = ISMRMRD::Limit(0, 3, 3);
  expect_refused(header, {"has an acquisition 0 outside of its grid of 3 x 4", "none within"});

  auto noise = lines;
  for (auto& line : noise) line.setFlag(ISMRMRD::ISMRMRD_ACQ_IS_NOISE_MEASUREMENT);
  expect_refused(xml_of(good), noise, {"has no acquisitions of imaging data"});
}

TEST_F(IsmrmrdRefusals, arrays_of_other_types) {
  const auto expect = [&](const std::string& words) {
    expect_error<FileError>([&] { IsmrmrdFile{path}; }, {path, words});
  };
  replace("data", H5T_NATIVE_FLOAT, {3});
  expect("\"dataset/data\" has entries of another type");
  const hid_t compound = H5Tcreate(H5T_COMPOUND, 8);
  H5Tinsert(compound, "head", 0, H5T_NATIVE_INT);
  replace("data", compound, {3});
  expect("\"dataset/data\" has entries of another type");
  H5Tclose(compound);
  replace("xml", H5T_NATIVE_INT, {1});
  expect("\"dataset/xml\" is not one text");
  replace("xml", H5T_NATIVE_INT, {5});
  expect("\"dataset/xml\" is not one text");

  replace("csm", H5T_NATIVE_INT, {1, 2, 3, 4});
  expect_error<FileError>([&] { IsmrmrdFile(path).coil_maps({0}); },
                          {path, "\"dataset/csm\" has entries of another type"});
  const hid_t complex = H5Tcreate(H5T_COMPOUND, 8);
  H5Tinsert(complex, "real", 0, H5T_NATIVE_FLOAT);
  H5Tinsert(complex, "imag", 4, H5T_NATIVE_FLOAT);
  replace("csm", complex, {1, 2, 4, 3});
  expect_error<FileError>([&] { IsmrmrdFile(path).coil_maps({0}); },
                          {path, "of another shape than 2 coils of 3 x 4"});
  // What was never written would be read as 0.
  const auto expect_unwritten = [&] {
    expect_error<FileError>([&] { IsmrmrdFile(path).coil_maps({1}); },
                            {path, "\"dataset/csm\" is corrupt, or was not written to its end"});
  };
  replace("csm", complex, {1, 2, 3, 4}, false);
  expect_unwritten();
  replace("csm", complex, {1, 2, 3, 4}, true, {1, 1, 3, 4});
  expect_unwritten();
  replace("csm", complex, {1, 2, 3, 4}, true, {1, 2, 3, 4});
  EXPECT_EQ(IsmrmrdFile(path).coil_maps({1})[0].size(), 12U);
  H5Tclose(complex);
  write(xml_of(good), lines);
  expect_error<FileError>([&] { IsmrmrdFile(path).coil_maps({0}); },
                          {path, "\"dataset/csm\" is missing"});
}

TEST_F(IsmrmrdRefusals, what_is_no_such_file) {
  expect_error<FileError>([&] { IsmrmrdFile{path}; }, {path, "No such file"});
  expect_error<FileError>([&] { IsmrmrdFile{folder / ""}; }, {"is a directory"});
  for (const auto& text : {std::string(), std::string("no HDF5"), std::string(5000, '\0')}) {
    write_bytes(path, text);
    expect_error<FileError>([&] { IsmrmrdFile{path}; }, {path, "is no HDF5 file"});
  }
  write(xml_of(good), lines);
  const auto before = bytes_of(path);
  expect_error<FileError>([&] { IsmrmrdFile(path, "other"); }, {path, "has no group \"other\""});
  EXPECT_TRUE(bytes_of(path) == before);
}

TEST_F(IsmrmrdRefusals, files_cut_anywhere) {
  write(xml_of(good), lines);
  const auto whole = bytes_of(path);
  const IsmrmrdFile file(path);
  for (std::size_t length = 0; length < whole.size(); length += 97) {
    write_bytes(path, whole.substr(0, length));
    EXPECT_THROW(IsmrmrdFile{path}, FileError) << length;
    EXPECT_THROW(file.kspace({0}), FileError) << length;
  }
  std::filesystem::remove(path);
  expect_error<FileError>([&] { file.kspace({0}); }, {path, "No such file"});
}

TEST_F(IsmrmrdRefusals, types_that_reach_beyond_their_entries) {
  write(xml_of(good), lines);
  const auto whole = bytes_of(path);
  // HDF5 writes a member's name, padded to eight bytes, before its offset; and the size of all
  // before the first name.
  const auto offset = whole.find("number_of_samples") + 24, size = whole.find("head") - 4;
  for (const auto& [at, byte] : {std::pair{offset + 1, 127}, {offset + 2, 127}, {size, 1}}) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] + byte);
    write_bytes(path, bytes);
    // HDF5 itself refuses it from version 2 on, without saying more.
    expect_error<FileError>([&] { IsmrmrdFile{path}; }, {path, "\"dataset/data\" is", "corrupt"});
  }
}

TEST_F(IsmrmrdRefusals, data_that_is_not_what_its_header_tells_of) {
  write(xml_of(good), lines);
  const IsmrmrdFile file(path);
  // The file changes behind its back: fewer samples, which alone would fit.
  write(xml_of(good), {lines[0], ismrmrd_acquisition(3, 2, 1, 1)});

  expect_error<FileError>([&] { file.kspace({0}); },
                          {path, "acquisition 1 with 12 numbers for 2 coils of 4 samples"});
}

TEST_F(IsmrmrdRefusals, are_none_where_others_read_the_file) {
  write(xml_of(good), lines);
  const hid_t other = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);

  EXPECT_EQ(IsmrmrdFile(path).kspace({0}).size(), 1);

  H5Fclose(other);
}

TEST_F(IsmrmrdRefusals, print_nothing) {
  testing::internal::CaptureStderr();

  write_bytes(path, std::string("\x89HDF\r\n\x1a\n") + std::string(3000, 'x'));
  EXPECT_THROW(IsmrmrdFile{path}, FileError);
  replace("data", H5T_NATIVE_FLOAT, {3});
  EXPECT_THROW(IsmrmrdFile{path}, FileError);

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(IsmrmrdRefusals, leaves_the_printing_of_hdf5_as_it_was) {
  H5E_auto2_t before = nullptr, after = nullptr;
  void* data = nullptr;
  const auto print = [](hid_t, void*) -> herr_t { return 0; };
  H5Eget_auto2(H5E_DEFAULT, &before, &data);
  H5Eset_auto2(H5E_DEFAULT, print, nullptr);

  EXPECT_THROW(IsmrmrdFile{path}, FileError);
  write_bytes(path, "x");
  EXPECT_THROW(IsmrmrdFile{path}, FileError);

  void* kept = nullptr;
  H5Eget_auto2(H5E_DEFAULT, &after, &kept);
  EXPECT_TRUE(after == +print);
  H5Eset_auto2(H5E_DEFAULT, before, data);
}

}  // namespace
