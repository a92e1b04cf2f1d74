/* How a mobject looks: everything its drawing depends on, kept, compared and drawn.

   Manim asks a mobject for its outline and colours each time it is drawn. Here they are taken once
   and kept for as long as the mobject looks the same. */

#include "native.h"

#define MITER_LIMIT 10.0 /* cairo's: how far a sharp corner stands out, in half line widths */
#define FAR 1.0e6        /* pixels; nothing that far away is told apart */

static PyObject *points_, *fill_rgbas_, *stroke_rgbas_, *background_stroke_rgbas_, *stroke_width_,
    *background_stroke_width_, *joint_type_, *cap_style_, *background_image_,
    *tolerance_for_point_equality_, *get_gradient_start_and_end_points_, *zeros_;

bool
begin_looks(void)
{
    const Name names[] = {
        {&points_, "points"},
        {&fill_rgbas_, "fill_rgbas"},
        {&stroke_rgbas_, "stroke_rgbas"},
        {&background_stroke_rgbas_, "background_stroke_rgbas"},
        {&stroke_width_, "stroke_width"},
        {&background_stroke_width_, "background_stroke_width"},
        {&joint_type_, "joint_type"},
        {&cap_style_, "cap_style"},
        {&background_image_, "background_image"},
        {&tolerance_for_point_equality_, "tolerance_for_point_equality"},
        {&get_gradient_start_and_end_points_, "get_gradient_start_and_end_points"},
        {NULL, NULL},
    };
    const npy_intp shape[2] = {1, 4};
    zeros_ = PyArray_ZEROS(2, shape, NPY_DOUBLE, 0);
    return zeros_ != NULL && intern(names);
}

void
drop(Look *look)
{
    if (look != NULL) {
        Py_XDECREF(look->joint);
        Py_XDECREF(look->cap);
        PyMem_Free(look->bytes);
        PyMem_Free(look);
    }
}

static const char *
array_of(const Look *look, int which)
{
    const char *start = look->bytes;
    for (int i = 0; i < which; i++)
        start += look->size[i];
    return start;
}

/* An attribute as a contiguous array; zeros if it is missing, as Manim has it. NULL: no array. */
static PyArrayObject *
array_attribute(PyObject *mobject, PyObject *name)
{
    PyObject *value = PyObject_GetAttr(mobject, name);
    if (value == NULL && name != points_ && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
        value = Py_NewRef(zeros_);
    }
    if (value != NULL && !PyArray_Check(value))
        Py_CLEAR(value);
    PyArrayObject *array = NULL;
    if (value != NULL)
        array = PyArray_GETCONTIGUOUS((PyArrayObject *)value);
    Py_XDECREF(value);
    return array;
}

static bool
number_attribute(PyObject *mobject, PyObject *name, double *into)
{
    PyObject *value = PyObject_GetAttr(mobject, name);
    *into = value == NULL ? 0.0 : PyFloat_AsDouble(value);
    Py_XDECREF(value);
    return !PyErr_Occurred();
}

static bool
doubles(PyArrayObject *array, int columns)
{
    return PyArray_NDIM(array) == 2 && PyArray_DIM(array, 1) == columns &&
           PyArray_TYPE(array) == NPY_DOUBLE && PyArray_ISNOTSWAPPED(array);
}

/* Whether these are two finite places. */
static bool
has_ends(PyArrayObject *ends)
{
    return PyArray_NDIM(ends) == 2 && PyArray_DIM(ends, 0) == 2 && PyArray_DIM(ends, 1) >= 2 &&
           all_finite(PyArray_DATA(ends), PyArray_SIZE(ends));
}

/* 1 if `look` has these arrays and the rest of `now` already; else 0, and it has them; -1: fault. */
static int
take(Look *look, PyArrayObject **arrays, const Look *now, bool fresh)
{
    bool same = !fresh && look->width == now->width && look->width_behind == now->width_behind &&
                look->joint == now->joint && look->cap == now->cap;
    size_t total = 0;
    for (int i = 0; i < ARRAYS; i++) {
        size_t size = arrays[i] == NULL ? 0 : (size_t)PyArray_NBYTES(arrays[i]);
        same = same && size == look->size[i] &&
               (size == 0 || memcmp(look->bytes + total, PyArray_DATA(arrays[i]), size) == 0);
        total += size;
    }
    if (same)
        return 1;
    if (total > look->room) {
        char *bytes = PyMem_Realloc(look->bytes, total);
        if (bytes == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        look->bytes = bytes, look->room = total;
    }
    char *into = look->bytes;
    for (int i = 0; i < ARRAYS; i++) {
        look->size[i] = arrays[i] == NULL ? 0 : (size_t)PyArray_NBYTES(arrays[i]);
        if (look->size[i])
            memcpy(into, PyArray_DATA(arrays[i]), look->size[i]);
        into += look->size[i];
    }
    look->width = now->width, look->width_behind = now->width_behind;
    Py_INCREF(now->joint);
    Py_XSETREF(look->joint, now->joint);
    Py_INCREF(now->cap);
    Py_XSETREF(look->cap, now->cap);
    return 0;
}

static bool
number_in(PyObject *map, PyObject *key, int *into)
{
    PyObject *value = PyObject_GetItem(map, key);
    *into = value == NULL ? 0 : (int)PyLong_AsLong(value);
    Py_XDECREF(value);
    return !PyErr_Occurred();
}

static int
pixel(double place)
{
    return (int)fmax(fmin(place, FAR), -FAR);
}

/* Find a rectangle of pixels outside which a mobject draws nothing. */
static void
put_in_place(Look *look, PyArrayObject *points, const double *view)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    bool finite = doubles(points, 3) && PyArray_DIM(points, 0) > 0;
    const double *at = PyArray_DATA(points);
    for (npy_intp i = 0; finite && i < PyArray_DIM(points, 0); i++, at += 3) {
        finite = isfinite(at[0]) && isfinite(at[1]);
        low[0] = fmin(low[0], at[0]), high[0] = fmax(high[0], at[0]);
        low[1] = fmin(low[1], at[1]), high[1] = fmax(high[1], at[1]);
    }
    if (!finite) {
        /* Manim may draw it by one axis only, or by numbers of another kind: be on the safe side. */
        look->place = (Rect){0, 0, (int)view[6], (int)view[7]};
        return;
    }
    double reach = fmax(fmax(look->width, look->width_behind), 0.0) * view[8] / 2;
    reach *= look->line_join == CAIRO_LINE_JOIN_MITER ? MITER_LIMIT : 1.5;
    look->place = (Rect){
        pixel((low[0] - reach) * view[0] + view[4] - 2),
        pixel((high[1] + reach) * view[3] + view[5] - 2),
        pixel((high[0] + reach) * view[0] + view[4] + 3),
        pixel((low[1] - reach) * view[3] + view[5] + 3),
    };
}

/* Bring `look` up to date: 1 it is as before, 0 it has changed, -1 fault, -2 unpredictable. */
int
bring_up_to_date(const Eye *eye, Look *look, PyObject *mobject, bool fresh)
{
    int kind = kind_of(eye->kinds, mobject);
    if (kind < 0)
        return -1;
    if (kind & NOTHING) {
        /* Its address may have been that of something drawn. */
        bool same = !fresh && look->joint == NULL;
        Py_CLEAR(look->joint);
        look->plain = false, look->place = (Rect){0, 0, 0, 0};
        return same;
    }
    PyObject *image = kind & BY_LOOKS ? PyObject_GetAttr(mobject, background_image_) : NULL;
    bool by_looks = image == Py_None;
    Py_XDECREF(image);
    if (!by_looks)
        return PyErr_Occurred() ? -1 : -2;
    PyObject *names[GRADIENT] = {points_, fill_rgbas_, stroke_rgbas_, background_stroke_rgbas_};
    PyArrayObject *arrays[ARRAYS] = {NULL};
    PyObject *joint = NULL, *cap = NULL;
    int result = -1;
    bool single = true;
    for (int i = 0; i < GRADIENT; i++) {
        arrays[i] = array_attribute(mobject, names[i]);
        if (arrays[i] == NULL) {
            result = PyErr_Occurred() ? -1 : -2;
            goto end;
        }
        single = single && (i == POINTS || (PyArray_NDIM(arrays[i]) && PyArray_DIM(arrays[i], 0) == 1));
    }
    Look now = {0};
    joint = PyObject_GetAttr(mobject, joint_type_);
    cap = joint == NULL ? NULL : PyObject_GetAttr(mobject, cap_style_);
    now.joint = joint, now.cap = cap;
    if (cap == NULL || !number_attribute(mobject, stroke_width_, &now.width) ||
        !number_attribute(mobject, background_stroke_width_, &now.width_behind))
        goto end;
    if (!single) {
        PyObject *ends = PyObject_CallMethodNoArgs(mobject, get_gradient_start_and_end_points_);
        if (ends == NULL)
            goto end;
        arrays[GRADIENT] = (PyArrayObject *)PyArray_ContiguousFromAny(ends, NPY_DOUBLE, 0, 0);
        Py_DECREF(ends);
        if (arrays[GRADIENT] == NULL)
            goto end;
    }
    result = take(look, arrays, &now, fresh);
    if (result == 0) {
        if (!number_in(eye->joins, joint, &look->line_join) ||
            !number_in(eye->caps, cap, &look->line_cap) ||
            !number_attribute(mobject, tolerance_for_point_equality_, &look->tolerance)) {
            result = -1;
            goto end;
        }
        look->plain = (single || has_ends(arrays[GRADIENT])) && doubles(arrays[POINTS], 3) &&
                      PyArray_DIM(arrays[POINTS], 0) % 4 == 0 &&
                      all_finite(PyArray_DATA(arrays[POINTS]), PyArray_SIZE(arrays[POINTS]));
        for (int i = FILL; i <= BEHIND; i++)
            look->plain = look->plain && doubles(arrays[i], 4);
        put_in_place(look, arrays[POINTS], eye->view);
    }
end:
    for (int i = 0; i < ARRAYS; i++)
        Py_XDECREF(arrays[i]);
    Py_XDECREF(joint);
    Py_XDECREF(cap);
    return result;
}

/* Draw in the colours of one kind from here on; false if nothing of them is seen. Several change
   into each other from one end of the gradient to the other, as in `set_cairo_context_color`. */
static bool
set_colors(cairo_t *context, const Look *look, int kind)
{
    const double *c = (const double *)array_of(look, kind);
    const size_t count = look->size[kind] / (4 * sizeof *c);
    if (count == 1) {
        /* Manim's pictures begin with red. */
        cairo_set_source_rgba(context, c[2], c[1], c[0], c[3]);
        return c[3] > 0;
    }
    const double *one = (const double *)array_of(look, GRADIENT);
    const double *other = one + look->size[GRADIENT] / (2 * sizeof *one);
    cairo_pattern_t *pattern = cairo_pattern_create_linear(one[0], one[1], other[0], other[1]);
    const double step = count > 1 ? 1.0 / (double)(count - 1) : 0.0;
    for (size_t i = 0; i < count; i++, c += 4) {
        const double place = i + 1 == count ? 1.0 : (double)i * step;
        cairo_pattern_add_color_stop_rgba(pattern, place, c[2], c[1], c[0], c[3]);
    }
    cairo_set_source(context, pattern);
    cairo_pattern_destroy(pattern);
    return true;
}

static void
draw_line(cairo_t *context, const Look *look, int color, double width)
{
    if (!(width > 0) || !set_colors(context, look, color))
        return;
    cairo_set_line_width(context, width);
    cairo_set_line_join(context, look->line_join);
    cairo_set_line_cap(context, look->line_cap);
    cairo_stroke_preserve(context);
}

/* As Manim's `Camera.display_vectorized`. */
void
draw_look(cairo_t *context, const Look *look, double line_width)
{
    trace(context, (const double *)look->bytes, look->size[POINTS] / 96, look->tolerance);
    draw_line(context, look, BEHIND, look->width_behind * line_width);
    if (set_colors(context, look, FILL))
        cairo_fill_preserve(context);
    draw_line(context, look, STROKE, look->width * line_width);
}
