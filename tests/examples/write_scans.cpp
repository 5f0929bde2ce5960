// SPDX-License-Identifier: BSD-3-Clause

// write_scans FOLDER: small ISMRMRD files there, and beside each NAME.h5 the image NAME_right.cfl
// that it was made of.

#include "io/ismrmrd_file.hpp"

#include <misfit/io/bart.hpp>
#include <misfit/io/host_vector.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace {

using Complex = std::complex<double>;
using Acquisitions = std::vector<ISMRMRD::Acquisition>;

const std::vector<Complex> coils{{1, 0}, {0, 0.5}, {-0.25, 0.25}};

struct Size {
  int pixels;
  double view;  // [mm]

  double width() const { return view / pixels; }
};

/// A scan of an object that is seen whole in the image, of few enough frequencies for k-space.
struct Scan {
  Size encoded_x, encoded_y, x, y;

  /// At the pixel (i, j) of the image; periodic where the image has all of the field of view.
  Complex object(int i, int j) const {
    const double u = (i - x.pixels / 2) / static_cast<double>(x.pixels);
    const double v = (j - y.pixels / 2) / static_cast<double>(y.pixels);
    const auto wave = [&](double a, double b) {
      return std::polar(1.0, 2 * std::numbers::pi * (a * u + b * v));
    };
    return Complex(1) + Complex(0, 0.5) * wave(1, 0) + 0.25 * wave(-2, 1) - 0.3 * wave(0, -3);
  }

  /// k-space of the orthonormal transform of the encoded size, at (k, l) from its centre.
  Complex kspace(int k, int l) const {
    Complex sum = 0;
    for (int j = 0; j < y.pixels; ++j)
      for (int i = 0; i < x.pixels; ++i) {
        const double turns = k * (i - x.pixels / 2) * x.width() / encoded_x.view +
                             l * (j - y.pixels / 2) * y.width() / encoded_y.view;
        sum += object(i, j) * std::polar(1.0, -2 * std::numbers::pi * turns);
      }
    const double area = x.width() * y.width() / (encoded_x.width() * encoded_y.width());
    return sum * area / std::sqrt(encoded_x.pixels * encoded_y.pixels);
  }

  Acquisitions lines() const {
    Acquisitions lines;
    const auto nx = static_cast<std::uint16_t>(encoded_x.pixels);
    for (int step = 0; step < encoded_y.pixels; ++step) {
      ISMRMRD::Acquisition line(nx, static_cast<std::uint16_t>(coils.size()));
      line.center_sample() = nx / 2;
      line.idx().kspace_encode_step_1 = static_cast<std::uint16_t>(step);
      for (std::uint16_t s = 0; s < nx; ++s) {
        const auto value = kspace(s - nx / 2, step - encoded_y.pixels / 2);
        for (std::uint16_t c = 0; c < coils.size(); ++c)
          line.data(s, c) = static_cast<std::complex<float>>(coils[c] * value);
      }
      lines.push_back(line);
    }
    return lines;
  }

  ISMRMRD::Encoding encoding() const {
    const auto matrix = [](const Size& a, const Size& b) {
      return ISMRMRD::MatrixSize(static_cast<std::uint16_t>(a.pixels),
                                 static_cast<std::uint16_t>(b.pixels));
    };
    const auto view = [](const Size& a, const Size& b) {
      return ISMRMRD::FieldOfView_mm{static_cast<float>(a.view), static_cast<float>(b.view), 5};
    };
    auto encoding = misfit::test::ismrmrd_header({1, 1}, {1, 1}).encoding[0];
    encoding.encodedSpace = {matrix(encoded_x, encoded_y), view(encoded_x, encoded_y)};
    encoding.reconSpace = {matrix(x, y), view(x, y)};
    return encoding;
  }

  void write(const std::string& name, const std::vector<ISMRMRD::Encoding>& encodings,
             const Acquisitions& lines) const {
    auto header = misfit::test::ismrmrd_header({1, 1}, {1, 1});
    header.encoding = encodings;
    misfit::test::write_ismrmrd(name + ".h5", misfit::test::xml_of(header), lines);
    const auto nx = static_cast<std::size_t>(x.pixels), ny = static_cast<std::size_t>(y.pixels);
    ISMRMRD::NDArray<complex_float_t> maps(std::vector<std::size_t>{nx, ny, coils.size()});
    misfit::io::HostVector<Kokkos::complex<float>> image("image", nx * ny);
    for (std::size_t p = 0; p < nx * ny; ++p) {
      for (std::size_t c = 0; c < coils.size(); ++c)
        maps.getDataPtr()[c * nx * ny + p] = static_cast<std::complex<float>>(coils[c]);
      image(p) = Kokkos::complex<float>(static_cast<std::complex<float>>(
          object(static_cast<int>(p % nx), static_cast<int>(p / nx))));
    }
    ISMRMRD::Dataset((name + ".h5").c_str(), "dataset", false).appendNDArray("csm", maps);
    misfit::io::write_bart(name + "_right", {nx, ny}, image);
  }
};

/// The lines for one encoding and contrast among others, whose lines are ten times as strong, and
/// one line that lies nowhere.
Acquisitions among_others(const Acquisitions& lines) {
  Acquisitions all;
  for (const std::uint16_t encoding : {0, 1})
    for (const std::uint16_t contrast : {0, 1})
      for (auto line : lines) {
        line.encoding_space_ref() = encoding;
        line.idx().contrast = contrast;
        const float factor = encoding == 0 || contrast == 0 ? 10 : 1;
        for (auto* value = line.data_begin(); value != line.data_end(); ++value) *value *= factor;
        all.push_back(line);
      }
  all.push_back(all.back());
  all.back().idx().kspace_encode_step_1 = 99;
  return all;
}

}  // namespace

int main(int argc, char* argv[]) {
  const Kokkos::ScopeGuard guard(argc, argv);
  const auto folder = std::string(argv[1]) + "/";
  const Size n8{8, 300}, n16{16, 300}, n12{12, 300}, oversampled{32, 600};

  for (const auto& [name, scan] : {std::pair("equal", Scan{n16, n16, n16, n16}),
                                   {"finer", Scan{n8, n8, n16, n16}},
                                   {"coarser", Scan{n16, n16, n8, n8}},
                                   {"mixed", Scan{n8, n16, n12, n8}},
                                   {"oversampled", Scan{oversampled, n8, n16, n12}}})
    scan.write(folder + name, {scan.encoding()}, scan.lines());
  const Scan lying{Size{8, 30000}, n8, n8, n8};
  lying.write(folder + "lying", {lying.encoding()}, lying.lines());
  const Scan scan{n8, n8, n8, n8};
  scan.write(folder + "choices", {scan.encoding(), scan.encoding()}, among_others(scan.lines()));
}
