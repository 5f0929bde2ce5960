// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/communicator.hpp>

#include <gtest/gtest.h>
TEST(Communicator, x) { misfit::Communicator c(MPI_COMM_WORLD); }
