/* Snapshots: copies of everything the drawing of a mobject depends on, compared between frames. */

#include "snapshot.h"

#define MITER_LIMIT 10.0 /* cairo's default: length of a miter in half line widths */
#define MAX_PIXEL 1.0e6  /* coordinates are clamped to it before conversion to int */

void
free_snapshot(Snapshot *snapshot)
{
    if (snapshot != NULL) {
        Py_XDECREF(snapshot->joint_type);
        Py_XDECREF(snapshot->cap_style);
        PyMem_Free(snapshot->data);
        PyMem_Free(snapshot);
    }
}

/* -- Comparison ---------------------------------------------------------------------------- */

static size_t
array_bytes(PyArrayObject *array)
{
    return array == NULL ? 0 : (size_t)PyArray_NBYTES(array);
}

/* Whether a snapshot has these attributes; also returns the size of all arrays. */
static bool
snapshot_equals(const Snapshot *snapshot, const Attributes *attributes, size_t *total)
{
    bool same = snapshot->stroke_width == attributes->stroke_width &&
                snapshot->background_stroke_width == attributes->background_stroke_width &&
                snapshot->joint_type == attributes->joint_type &&
                snapshot->cap_style == attributes->cap_style;
    *total = 0;
    for (int i = 0; i < ARRAY_COUNT; i++) {
        PyArrayObject *array = attributes->arrays[i];
        const size_t size = array_bytes(array);
        same = same && size == snapshot->size[i] &&
               (size == 0 || memcmp(snapshot->data + *total, PyArray_DATA(array), size) == 0);
        *total += size;
    }
    return same;
}

static bool
store_attributes(Snapshot *snapshot, const Attributes *attributes, size_t total)
{
    if (total > snapshot->capacity) {
        char *data = PyMem_Realloc(snapshot->data, total);
        if (data == NULL) {
            PyErr_NoMemory();
            return false;
        }
        snapshot->data = data, snapshot->capacity = total;
    }
    char *end = snapshot->data;
    for (int i = 0; i < ARRAY_COUNT; i++) {
        const size_t size = snapshot->size[i] = array_bytes(attributes->arrays[i]);
        if (size)
            memcpy(end, PyArray_DATA(attributes->arrays[i]), size);
        end += size;
    }
    snapshot->stroke_width = attributes->stroke_width;
    snapshot->background_stroke_width = attributes->background_stroke_width;
    Py_XSETREF(snapshot->joint_type, Py_NewRef(attributes->joint_type));
    Py_XSETREF(snapshot->cap_style, Py_NewRef(attributes->cap_style));
    return true;
}

/* -- What follows from the attributes ------------------------------------------------------ */

static bool
is_double_table(PyArrayObject *array, int columns)
{
    return PyArray_NDIM(array) == 2 && PyArray_DIM(array, 1) == columns &&
           PyArray_TYPE(array) == NPY_DOUBLE && PyArray_ISNOTSWAPPED(array);
}

/* Whether these are two finite points. */
static bool
valid_gradient_ends(PyArrayObject *ends)
{
    return PyArray_NDIM(ends) == 2 && PyArray_DIM(ends, 0) == 2 && PyArray_DIM(ends, 1) >= 2 &&
           all_finite(PyArray_DATA(ends), PyArray_SIZE(ends));
}

static bool
is_drawable(const Attributes *attributes)
{
    PyArrayObject *const *arrays = attributes->arrays, *points = arrays[POINTS];
    if (!attributes->single_color && !valid_gradient_ends(arrays[GRADIENT_ENDS]))
        return false;
    for (int i = FILL; i <= BACKGROUND_STROKE; i++)
        if (!is_double_table(arrays[i], 4))
            return false;
    return is_double_table(points, 3) && PyArray_DIM(points, 0) % 4 == 0 &&
           all_finite(PyArray_DATA(points), PyArray_SIZE(points));
}

static int
to_pixel(double coordinate)
{
    return (int)fmax(fmin(coordinate, MAX_PIXEL), -MAX_PIXEL);
}

/* The rectangle of pixels outside which the mobject draws nothing: control points, plus the reach
   of its lines. The whole picture for points that are not finite doubles, since Manim may convert
   them or use one coordinate of a point alone. */
static Rect
compute_bounds(const Snapshot *snapshot, PyArrayObject *points, const double *view)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    bool finite = is_double_table(points, 3) && PyArray_DIM(points, 0) > 0;
    const double *p = PyArray_DATA(points);
    for (npy_intp i = 0; finite && i < PyArray_DIM(points, 0); i++, p += 3) {
        finite = isfinite(p[0]) && isfinite(p[1]);
        low[0] = fmin(low[0], p[0]), high[0] = fmax(high[0], p[0]);
        low[1] = fmin(low[1], p[1]), high[1] = fmax(high[1], p[1]);
    }
    if (!finite)
        return (Rect){0, 0, to_pixel(view[6]), to_pixel(view[7])};
    const double width = fmax(snapshot->stroke_width, snapshot->background_stroke_width);
    double reach = fmax(width, 0.0) * view[8] / 2;
    reach *= snapshot->line_join == CAIRO_LINE_JOIN_MITER ? MITER_LIMIT : 1.5;
    return (Rect){
        to_pixel((low[0] - reach) * view[0] + view[4] - 2),
        to_pixel((high[1] + reach) * view[3] + view[5] - 2),
        to_pixel((high[0] + reach) * view[0] + view[4] + 3),
        to_pixel((low[1] - reach) * view[3] + view[5] + 3),
    };
}

static bool
look_up_int(PyObject *mapping, PyObject *key, int *number)
{
    PyObject *value = PyObject_GetItem(mapping, key);
    *number = value == NULL ? 0 : (int)PyLong_AsLong(value);
    Py_XDECREF(value);
    return !PyErr_Occurred();
}

static bool
derive_fields(const ViewState *state, Snapshot *snapshot, PyObject *mobject,
              const Attributes *attributes)
{
    if (!look_up_int(state->line_joins, attributes->joint_type, &snapshot->line_join) ||
        !look_up_int(state->line_caps, attributes->cap_style, &snapshot->line_cap) ||
        !read_tolerance(mobject, &snapshot->tolerance))
        return false;
    snapshot->drawable = is_drawable(attributes);
    snapshot->bounds = compute_bounds(snapshot, attributes->arrays[POINTS], state->view);
    return true;
}

/* -- Update -------------------------------------------------------------------------------- */

/* Read a mobject's attributes and compare them with its snapshot, which then has them. */
static SnapshotResult
compare_and_store(const ViewState *state, Snapshot *snapshot, PyObject *mobject, bool is_new,
                  Attributes *attributes)
{
    const SnapshotResult result = read_attributes(mobject, attributes);
    if (result != SNAPSHOT_CHANGED)
        return result;
    size_t total;
    if (snapshot_equals(snapshot, attributes, &total) && !is_new)
        return SNAPSHOT_SAME;
    if (!store_attributes(snapshot, attributes, total) ||
        !derive_fields(state, snapshot, mobject, attributes))
        return SNAPSHOT_FAILED;
    return SNAPSHOT_CHANGED;
}

/* Make a snapshot show nothing. Its mobject may have got the address of one that was drawn. */
static SnapshotResult
clear_snapshot(Snapshot *snapshot, bool is_new)
{
    const bool same = !is_new && snapshot->joint_type == NULL;
    Py_CLEAR(snapshot->joint_type);
    snapshot->drawable = false, snapshot->bounds = (Rect){0, 0, 0, 0};
    return same ? SNAPSHOT_SAME : SNAPSHOT_CHANGED;
}

/* Bring a snapshot up to date. `is_new`: its contents do not count. */
SnapshotResult
update_snapshot(const ViewState *state, Snapshot *snapshot, PyObject *mobject, bool is_new)
{
    const int bits = class_traits_of(state->traits, mobject);
    if (bits < 0)
        return SNAPSHOT_FAILED;
    if (bits & NOT_DRAWN)
        return clear_snapshot(snapshot, is_new);
    if (!(bits & DEFAULT_DRAWING))
        return SNAPSHOT_UNPREDICTABLE;
    const int has_image = has_background_image(mobject);
    if (has_image != 0)
        return has_image < 0 ? SNAPSHOT_FAILED : SNAPSHOT_UNPREDICTABLE;
    Attributes attributes = {0};
    const SnapshotResult result =
        compare_and_store(state, snapshot, mobject, is_new, &attributes);
    release_attributes(&attributes);
    return result;
}
