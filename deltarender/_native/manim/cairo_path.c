/* The path of a mobject: the cairo operations that Manim issues from Python, in their order. */

#include "manim.h"

/* The relative tolerance of numpy.isclose, by which Manim compares end points. */
#define RELATIVE_TOLERANCE 1.0e-5

static bool
points_coincide(const double *a, const double *b, double tolerance)
{
    return fabs(a[0] - b[0]) <= tolerance + RELATIVE_TOLERANCE * fabs(b[0]) &&
           fabs(a[1] - b[1]) <= tolerance + RELATIVE_TOLERANCE * fabs(b[1]);
}

/* Replace the path by one through finite points (4 * curves, 3). It is split into subpaths, which
   are closed as by Manim's get_subpath_split_indices_from_points and consider_points_equals_2d. */
void
trace_path(cairo_t *context, const double *points, Py_ssize_t curves, double tolerance)
{
    const double *start = points;
    cairo_new_path(context);
    for (Py_ssize_t i = 0; i < curves; i++) {
        const double *p = points + 12 * i;
        if (i == 0 || !points_coincide(p - 3, p, tolerance)) {
            if (i > 0 && points_coincide(start, p - 3, tolerance))
                cairo_close_path(context);
            start = p;
            cairo_new_sub_path(context);
            cairo_move_to(context, p[0], p[1]);
        }
        cairo_curve_to(context, p[3], p[4], p[6], p[7], p[9], p[10]);
    }
    if (curves > 0 && points_coincide(start, points + 12 * curves - 3, tolerance))
        cairo_close_path(context);
}

/* Pycairo's type Context, imported at the first call: who only encodes does not need pycairo. */
static PyObject *
context_type(void)
{
    static PyObject *type;
    if (type == NULL) {
        PyObject *module = PyImport_ImportModule("cairo");
        type = module == NULL ? NULL : PyObject_GetAttrString(module, "Context");
        Py_XDECREF(module);
    }
    return type;
}

/* The cairo_t of a pycairo context; by pycairo's public header, it follows the object head. NULL
   with a TypeError set for other objects. */
cairo_t *
cairo_context_of(PyObject *object)
{
    PyObject *type = context_type();
    if (type == NULL || !PyType_Check(type))
        return NULL;
    cairo_t *context = NULL;
    if (PyObject_TypeCheck(object, (PyTypeObject *)type))
        context = ((struct {
                      PyObject_HEAD cairo_t *context;
                  } *)object)
                      ->context;
    if (context == NULL)
        PyErr_Format(PyExc_TypeError, "context must be a cairo.Context, not %.100s",
                     Py_TYPE(object)->tp_name);
    return context;
}

/* Whether a context is in no error state; else a RuntimeError is set. */
bool
cairo_ok(cairo_t *context)
{
    const cairo_status_t status = cairo_status(context);
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
set_path(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *context;
    PyArrayObject *points;
    double tolerance;
    if (!PyArg_ParseTuple(args, "OO!d:set_path", &context, &PyArray_Type, &points, &tolerance))
        return NULL;
    cairo_t *cr = cairo_context_of(context);
    if (cr == NULL)
        return NULL;
    if (PyArray_NDIM(points) != 2 || PyArray_DIM(points, 1) != 3 ||
        PyArray_DIM(points, 0) % 4 != 0 || PyArray_TYPE(points) != NPY_DOUBLE ||
        !PyArray_IS_C_CONTIGUOUS(points) || !PyArray_ISNOTSWAPPED(points) ||
        !all_finite(PyArray_DATA(points), PyArray_SIZE(points)))
        Py_RETURN_FALSE;
    trace_path(cr, PyArray_DATA(points), PyArray_DIM(points, 0) / 4, tolerance);
    if (!cairo_ok(cr))
        return NULL;
    Py_RETURN_TRUE;
}
