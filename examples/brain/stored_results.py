# SPDX-License-Identifier: BSD-3-Clause
"""Reads what the program brain and measure.py left in a directory, and refuses what is missing or damaged."""

import json
import math

import numpy as np

PLANES = ("axial", "coronal", "sagittal")
IMAGES = ("truth", "start", "result", "acquisition")
CALLS = ("fn", "grad", "fn_and_grad")
MISSING = "the program brain and measure.py have to run first"
SERIES = ("strong", "slabs", "weak")


class BadResult(Exception):
    """A stored result that is missing or damaged."""


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def is_positive(value):
    return is_number(value) and value > 0


def is_count(value):
    return is_positive(value) and isinstance(value, int)


def is_text(value):
    return isinstance(value, str)


def three_of(holds):
    return lambda value: isinstance(value, list) and len(value) == 3 and all(map(holds, value))


def object_of(fields):
    return lambda value: isinstance(value, dict) and all(key in value and holds(value[key]) for key, holds in fields.items())


def rows_of(fields):
    return lambda value: isinstance(value, list) and value and all(map(object_of(fields), value))


PROBLEM = {
    "image": is_text, "volume": lambda value: value is None or isinstance(value, int), "quick": lambda value: isinstance(value, bool),
    "shape_zyx": three_of(is_count), "spacing_zyx_mm": three_of(is_positive), "acquisitions": is_count,
    "acquisition_shape_zyx": three_of(is_count), "kernel_extent": is_count, "blur_deviation_along_voxels": is_number,
    "blur_deviation_across_voxels": is_number, "noise_deviation": is_number,
    "versions": object_of(dict.fromkeys(("kokkos", "execution_space", "mpi", "compiler"), is_text))}
RECONSTRUCTION = {
    "method": is_text, "ranks": is_count, "norm_squared_bound": is_number, "f_of_noise": is_positive,
    "f_at_truth": is_positive, "psnr_of_start": is_number, "psnr_of_result": is_number, "seconds": is_number, "stopped_because": is_text,
    "history": rows_of({"iteration": is_count, "f": is_number, "psnr": is_number})}
SCALING = {
    "series": SERIES.__contains__, "ranks": is_count, "operators": is_count, "call": CALLS.__contains__,
    "rounds": is_count,
    **dict.fromkeys(("ms", "ms_low", "ms_high", "flops_per_second", "core_share", "speed_up", "efficiency"), is_number)}


def read_json(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadResult(f"{path}: {error.strerror}; {MISSING}") from error
    except (ValueError, RecursionError) as error:
        raise BadResult(f"{path} is damaged: no JSON") from error


def require_fields(path, content, fields):
    if not isinstance(content, dict):
        raise BadResult(f"{path} is damaged: no object where one is expected")
    for key, holds in fields.items():
        if key not in content or not holds(content[key]):
            raise BadResult(f"{path} is damaged: {key} is {'not as expected' if key in content else 'missing'}")


def read_scaling(path):
    rows = read_json(path)
    if not isinstance(rows, list):
        raise BadResult(f"{path} is damaged: no list of measurements")
    for row in rows:
        require_fields(path, row, SCALING)
    for series in SERIES:
        for call in CALLS:
            if not any(row["series"] == series and row["call"] == call for row in rows):
                raise BadResult(f"{path} lacks {call} of the {series} series")
    return rows


def files(directory):
    return [*directory.glob("*.npy"), *(directory / f"{part}.json" for part in ("problem", "scaling", "reconstruction"))]


def read_results(directory):
    """What all JSON files tell, by their names."""
    problem, reconstruction = (read_json(directory / f"{part}.json") for part in ("problem", "reconstruction"))
    require_fields(directory / "problem.json", problem, PROBLEM)
    require_fields(directory / "reconstruction.json", reconstruction, RECONSTRUCTION)
    return {"problem": problem, "scaling": read_scaling(directory / "scaling.json"), "reconstruction": reconstruction}


def read_array(path, shape):
    try:
        array = np.load(path)
    except OSError as error:
        raise BadResult(f"{path}: {error.strerror or 'damaged'}; {MISSING}") from error
    except (ValueError, EOFError) as error:
        raise BadResult(f"{path} is damaged: no array of NumPy's") from error
    if array.shape != shape:
        raise BadResult(f"{path} is damaged: an array of {array.shape}, not {shape}")
    if array.dtype != np.float32 or not np.isfinite(array).all():
        raise BadResult(f"{path} is damaged: not all of it is finite numbers")
    return array


def slice_shape(shape, plane):
    """Of the plane of a volume of `shape` (z, y, x)."""
    z, y, x = shape
    return {"axial": (y, x), "coronal": (z, x), "sagittal": (z, y)}[plane]


def read_slices(directory, problem):
    """The three middle slices of all images: a dictionary by name of those by plane."""
    shapes = {name: problem["acquisition_shape_zyx" if name == "acquisition" else "shape_zyx"] for name in IMAGES}
    return {name: {plane: read_array(directory / f"{name}_{plane}.npy", slice_shape(shape, plane)) for plane in PLANES}
            for name, shape in shapes.items()}


def read_kernels(directory, problem):
    return read_array(directory / "kernels.npy", (problem["acquisitions"], *[problem["kernel_extent"]] * 3))
