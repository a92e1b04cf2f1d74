/* The part of the renderer that is in C: what is done for every mobject of every frame.

   families.c  the mobjects that are drawn, in order        looks.c    how each of them looks
   outlines.c  the path of a mobject, for cairo             canvas.c   what has changed, drawn again
   boxes.c     rectangles around what has changed           colors.c   RGBA to YUV
   motion.c    updaters, steps between two states          extents.c  corners, widths, centres
   h264/       films, coded change by change           module.c   all that as a Python module

   Types and meanings are told in ../_native.pyi. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL gradreel_numpy
#ifndef WITH_NUMPY
#define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>

#include <cairo.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
/* The compiler makes one version of it for newer processors, and the loader chooses. */
#define FOR_EVERY_PROCESSOR __attribute__((target_clones("avx2", "default"), optimize("O3")))
#else
#define FOR_EVERY_PROCESSOR
#endif

/* Classes of mobjects, as the dict `kinds` of the Python side tells them; bits. */
enum { ORDINARY = 1, BY_LOOKS = 2, NOTHING = 4, UPDATED = 8, ANCHORED = 16 };

typedef struct {
    int left, top, right, bottom;
} Rect;

/* Marks on the tiles of a picture, row by row. */
typedef struct {
    unsigned char *tiles;
    int rows, columns;
} Grid;

/* Everything that the drawing of one mobject depends on, and where in the picture it is. */
enum { POINTS, FILL, STROKE, BEHIND, GRADIENT, ARRAYS };

typedef struct {
    PyObject *mobject; /* of the last frame; only its address counts later on */
    char *bytes;       /* the arrays, one after the other */
    size_t size[ARRAYS], room;
    double width, width_behind, tolerance;
    PyObject *joint, *cap;
    int line_join, line_cap;
    bool plain; /* doubles, at finite places: drawn from `bytes` */
    Rect place; /* outside it nothing is drawn */
} Look;

/* What is needed to tell a look; `view` is a matrix from scene units to pixels, then width and
   height of the picture and the pixels of a line of width 1. */
typedef struct {
    PyObject *kinds, *joins, *caps;
    double view[9];
} Eye;

typedef struct {
    PyObject **at;
    const char *text;
} Name;

bool intern(const Name *names); /* up to one without text */

int kind_of(PyObject *kinds, PyObject *mobject);
PyObject *points_of(PyObject *mobject);
PyObject *displayed(PyObject *module, PyObject *args);
PyObject *family(PyObject *module, PyObject *args);
int order_of_addresses(const void *a, const void *b);
bool begin_families(void);

void trace(cairo_t *context, const double *points, Py_ssize_t curves, double tolerance);
cairo_t *context_of(PyObject *wrapped);
bool well(cairo_t *context);
bool all_finite(const double *numbers, Py_ssize_t count);
PyObject *outline(PyObject *module, PyObject *args);

int bring_up_to_date(const Eye *eye, Look *look, PyObject *mobject, bool fresh);
void draw_look(cairo_t *context, const Look *look, double line_width);
void drop(Look *look);
bool begin_looks(void);

bool as_grid(PyArrayObject *marks, Grid *grid);
PyObject *boxes(PyObject *module, PyObject *args);

bool begin_motion(void);
PyObject *update(PyObject *module, PyObject *args);
PyObject *interpolate(PyObject *module, PyObject *const *args, Py_ssize_t count);

bool begin_extents(void);
PyObject *boundary(PyObject *module, PyObject *args);
PyObject *critical_point(PyObject *module, PyObject *args);

PyObject *to_yuv(PyObject *module, PyObject *args);

bool begin_canvas(PyObject *module);

bool begin_coder(PyObject *module);
