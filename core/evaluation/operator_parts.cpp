// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/evaluation/operator_parts.hpp>
#include <misfit/error.hpp>

#include <string>

namespace misfit::detail {

void require_rows(const MeasurementRows& rows, std::size_t range_size) {
  const Shape& shape = rows.shape;
  if (rows.dimension >= shape.rank() || rows.rows.begin > rows.rows.end ||
      rows.rows.end > shape[rows.dimension])
    throw ArgumentError("its outputs are " + rows.rows.text() + " along dimension " +
                        std::to_string(rows.dimension) + " of a measurement of " + shape.text());
  if (shape.size() != range_size)
    throw ArgumentError("its outputs are of a measurement of " + shape.text() + ", range size is " +
                        std::to_string(range_size));
}

void require_part(const MeasurementRows& rows, std::size_t unknowns, std::size_t part_domain_size,
                  std::size_t part_range_size) {
  const std::size_t expected = rows.shape.size() / rows.shape[rows.dimension] * rows.rows.size();
  if (part_range_size != expected)
    throw ArgumentError("its part has range size " + std::to_string(part_range_size) + ", " +
                        rows.rows.text() + " have " + std::to_string(expected) + " entries");
  if (part_domain_size != unknowns)
    throw ArgumentError("its part has domain size " + std::to_string(part_domain_size) +
                        ", this rank has " + std::to_string(unknowns) +
                        " entries of x for it, ghost rows included");
}

}  // namespace misfit::detail
