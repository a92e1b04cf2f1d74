/* What all C sources share. The extension does the work of every mobject and every picture.

   manim/     mobjects: families, updaters, bounds, snapshots, drawing with cairo
   color/     conversion of pixels to the format of encoders
   h264/      encoding of pictures
   reads/     what a process reads, from which it is known whether a video is fresh
   module.c   the Python module deltarender._native

   ../_native.pyi documents the Python functions and types. */

#ifndef DELTARENDER_NATIVE_H
#define DELTARENDER_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL deltarender_numpy_api
#ifndef IMPORTS_NUMPY_API /* only module.c does */
#define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Rows of a picture from which on its YUV has the matrix of BT.709, not of BT.601; as
   MIN_HD_HEIGHT in encoding/yuv_frame.py. */
enum { MIN_HD_HEIGHT = 720 };

/* Functions compiled twice, with and without AVX2; the dynamic loader selects one of them. */
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
#define CPU_DISPATCH __attribute__((target_clones("avx2", "default"), optimize("O3")))
#else
#define CPU_DISPATCH
#endif

/* Pixels or tiles; right and bottom are excluded. */
typedef struct {
    int left, top, right, bottom;
} Rect;

/* color/rgba_to_yuv420p.c */
PyObject *rgba_to_yuv420p(PyObject *module, PyObject *args);

#endif
