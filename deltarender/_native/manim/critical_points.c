/* Anchors and critical points of mobjects. Manim collects the anchors of a family one by one, as
   Python objects, whenever it needs a corner, a width or a center. */

#include "manim.h"

static PyObject *n_points_per_cubic_curve_;

bool
intern_critical_point_names(void)
{
    const AttributeName names[] = {{&n_points_per_cubic_curve_, "n_points_per_cubic_curve"},
                                   {NULL, NULL}};
    return intern_names(names);
}

/* Whether a mobject's class computes anchors as Manim does, of cubic curves; -1 with an exception
   set. */
static int
has_default_anchors(PyObject *traits, PyObject *mobject)
{
    const int bits = class_traits_of(traits, mobject);
    if (bits < 0 || !(bits & DEFAULT_ANCHORS))
        return bits < 0 ? -1 : 0;
    PyObject *value = PyObject_GetAttr(mobject, n_points_per_cubic_curve_);
    const long points_per_curve = value == NULL ? -1 : PyLong_AsLong(value);
    Py_XDECREF(value);
    return PyErr_Occurred() ? -1 : points_per_curve == 4;
}

/* The number of anchors of curves through points (n, 3), 4 a curve, or of a single point; -1 if the
   array is not as usual. */
static npy_intp
count_anchors(PyArrayObject *points)
{
    if (!PyArray_CheckExact((PyObject *)points) || PyArray_NDIM(points) != 2 ||
        PyArray_DIM(points, 1) != 3 || PyArray_TYPE(points) != NPY_DOUBLE ||
        !PyArray_ISCARRAY_RO(points))
        return -1;
    const npy_intp count = PyArray_DIM(points, 0);
    return count == 1 ? 1 : count % 4 ? -1 : count / 2;
}

/* Copy the first and the last point of each curve; returns the end of the output. */
static double *
copy_anchors(PyArrayObject *points, double *output)
{
    const npy_intp rows = count_anchors(points);
    const double *from = PyArray_DATA(points);
    for (npy_intp row = 0; row < rows; row++)
        memcpy(output + 3 * row, from + 3 * (row / 2 * 4 + row % 2 * 3), 3 * sizeof *output);
    return output + 3 * rows;
}

/* Read the points of each member into `arrays`. Returns the number of anchors, -1 if a member is
   unsupported, -2 with an exception set. */
static npy_intp
read_points(PyObject *members, PyObject *traits, ObjectList *arrays)
{
    npy_intp total = 0;
    for (Py_ssize_t i = 0; total >= 0 && i < PyList_GET_SIZE(members); i++) {
        PyObject *member = Py_NewRef(PyList_GET_ITEM(members, i));
        const int is_default = has_default_anchors(traits, member);
        PyObject *points = is_default < 0 ? NULL : get_points(member);
        Py_DECREF(member);
        if (points == NULL)
            return -2;
        const npy_intp count = is_default ? count_anchors((PyArrayObject *)points) : -1;
        const bool ok = append_object(arrays, points);
        Py_DECREF(points);
        if (!ok)
            return -2;
        total = count < 0 ? -1 : total + count;
    }
    return total;
}

PyObject *
curve_anchors(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *members, *traits;
    if (!PyArg_ParseTuple(args, "O!O!:curve_anchors", &PyList_Type, &members, &PyDict_Type,
                          &traits))
        return NULL;
    ObjectList arrays = {NULL, 0, 0};
    const npy_intp total = read_points(members, traits, &arrays);
    PyObject *result = NULL;
    if (total > 0) {
        const npy_intp shape[2] = {total, 3};
        result = PyArray_SimpleNew(2, shape, NPY_DOUBLE);
        double *output = result == NULL ? NULL : PyArray_DATA((PyArrayObject *)result);
        for (Py_ssize_t i = 0; output != NULL && i < arrays.count; i++)
            output = copy_anchors((PyArrayObject *)arrays.items[i], output);
    }
    else if (total > -2)
        result = Py_NewRef(Py_None);
    free_objects(&arrays);
    return result;
}

/* The least, middle or greatest coordinate along an axis, for a negative, zero or positive
   direction. */
static double
critical_coordinate(const double *coordinate, npy_intp count, double direction)
{
    double low = *coordinate, high = *coordinate;
    for (npy_intp i = 1; i < count; i++) {
        coordinate += 3;
        low = *coordinate < low ? *coordinate : low;
        high = *coordinate > high ? *coordinate : high;
    }
    return direction < 0 ? low : direction == 0 ? (low + high) / 2 : high;
}

PyObject *
critical_point(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyArrayObject *points;
    double direction[3];
    if (!PyArg_ParseTuple(args, "O!(ddd):critical_point", &PyArray_Type, &points, direction,
                          direction + 1, direction + 2))
        return NULL;
    if (PyArray_NDIM(points) != 2 || PyArray_DIM(points, 1) != 3 || PyArray_DIM(points, 0) == 0 ||
        PyArray_TYPE(points) != NPY_DOUBLE || !PyArray_ISCARRAY_RO(points) ||
        !all_finite(PyArray_DATA(points), PyArray_SIZE(points)))
        Py_RETURN_NONE;
    const npy_intp shape[1] = {3};
    PyObject *result = PyArray_SimpleNew(1, shape, NPY_DOUBLE);
    if (result == NULL)
        return NULL;
    double *output = PyArray_DATA((PyArrayObject *)result);
    for (int axis = 0; axis < 3; axis++)
        output[axis] = critical_coordinate((const double *)PyArray_DATA(points) + axis,
                                           PyArray_DIM(points, 0), direction[axis]);
    return result;
}
