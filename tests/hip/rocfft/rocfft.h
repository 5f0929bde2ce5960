// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Stands in for rocFFT where it is not installed: what misfit uses of it, by its documentation. Compiled against only.

#include <cstddef>

extern "C" {

struct rocfft_plan_t;
struct rocfft_plan_description_t;
struct rocfft_execution_info_t;
using rocfft_plan = rocfft_plan_t*;
using rocfft_plan_description = rocfft_plan_description_t*;
using rocfft_execution_info = rocfft_execution_info_t*;

enum rocfft_status { rocfft_status_success, rocfft_status_failure };
enum rocfft_precision { rocfft_precision_single, rocfft_precision_double };
enum rocfft_result_placement { rocfft_placement_inplace, rocfft_placement_notinplace };
enum rocfft_transform_type {
  rocfft_transform_type_complex_forward,
  rocfft_transform_type_complex_inverse,
  rocfft_transform_type_real_forward,
  rocfft_transform_type_real_inverse
};

rocfft_status rocfft_setup();
rocfft_status rocfft_plan_create(rocfft_plan*, rocfft_result_placement, rocfft_transform_type,
                                 rocfft_precision, size_t, const size_t*, size_t,
                                 const rocfft_plan_description);
rocfft_status rocfft_plan_destroy(rocfft_plan);
rocfft_status rocfft_plan_get_work_buffer_size(const rocfft_plan, size_t*);
rocfft_status rocfft_execute(const rocfft_plan, void**, void**, rocfft_execution_info);
rocfft_status rocfft_execution_info_create(rocfft_execution_info*);
rocfft_status rocfft_execution_info_destroy(rocfft_execution_info);
rocfft_status rocfft_execution_info_set_stream(rocfft_execution_info, void*);
rocfft_status rocfft_execution_info_set_work_buffer(rocfft_execution_info, void*, const size_t);
}
