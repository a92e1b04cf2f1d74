/* The path of a mobject: Manim walks through every curve in Python, here cairo is called straight
   from the points. It gets the same operations in the same order. */

#include "native.h"

#define RELATIVE 1.0e-5 /* of numpy.isclose, by which Manim decides whether two ends meet */

static bool
meet(const double *first, const double *last, double tolerance)
{
    return fabs(first[0] - last[0]) <= tolerance + RELATIVE * fabs(last[0]) &&
           fabs(first[1] - last[1]) <= tolerance + RELATIVE * fabs(last[1]);
}

/* The path through finite points (4 n, 3), parted and closed where Manim's
   get_subpath_split_indices_from_points and consider_points_equals_2d have it. */
void
trace(cairo_t *context, const double *points, Py_ssize_t curves, double tolerance)
{
    const double *start = points;
    cairo_new_path(context);
    for (Py_ssize_t i = 0; i < curves; i++) {
        const double *p = points + 12 * i;
        if (i == 0 || !meet(p - 3, p, tolerance)) {
            if (i > 0 && meet(start, p - 3, tolerance))
                cairo_close_path(context);
            start = p;
            cairo_new_sub_path(context);
            cairo_move_to(context, p[0], p[1]);
        }
        cairo_curve_to(context, p[3], p[4], p[6], p[7], p[9], p[10]);
    }
    if (curves > 0 && meet(start, points + 12 * curves - 3, tolerance))
        cairo_close_path(context);
}

/* What pycairo's header promises: the pointer follows what every object begins with. */
cairo_t *
context_of(PyObject *object)
{
    return ((struct {
               PyObject_HEAD cairo_t *context;
           } *)object)
        ->context;
}

bool
well(cairo_t *context)
{
    cairo_status_t status = cairo_status(context);
    if (status == CAIRO_STATUS_SUCCESS)
        return true;
    PyErr_Format(PyExc_RuntimeError, "cairo: %s", cairo_status_to_string(status));
    return false;
}

bool
all_finite(const double *numbers, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            return false;
    return true;
}

PyObject *
outline(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *context;
    PyArrayObject *points;
    double tolerance;
    if (!PyArg_ParseTuple(args, "OO!d:outline", &context, &PyArray_Type, &points, &tolerance))
        return NULL;
    if (PyArray_NDIM(points) != 2 || PyArray_DIM(points, 1) != 3 ||
        PyArray_DIM(points, 0) % 4 != 0 || PyArray_TYPE(points) != NPY_DOUBLE ||
        !PyArray_IS_C_CONTIGUOUS(points) || !PyArray_ISNOTSWAPPED(points) ||
        !all_finite(PyArray_DATA(points), PyArray_SIZE(points)))
        Py_RETURN_FALSE;
    trace(context_of(context), PyArray_DATA(points), PyArray_DIM(points, 0) / 4, tolerance);
    if (!well(context_of(context)))
        return NULL;
    Py_RETURN_TRUE;
}

