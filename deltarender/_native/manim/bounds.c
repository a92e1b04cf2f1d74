/* How far mobjects reach: Manim gathers the ends of all curves of a family one by one, as objects of
   Python, whenever it asks for a corner, a width or a centre. */

#include "native.h"

static PyObject *n_points_per_cubic_curve_;

bool
begin_extents(void)
{
    const Name names[] = {{&n_points_per_cubic_curve_, "n_points_per_cubic_curve"}, {NULL, NULL}};
    return intern(names);
}

/* Whether a mobject's points are taken as cubic curves and its ends as usual; -1: fault. */
static int
cubic(PyObject *kinds, PyObject *mobject)
{
    int kind = kind_of(kinds, mobject);
    if (kind < 0 || !(kind & ANCHORED))
        return kind < 0 ? -1 : 0;
    PyObject *size = PyObject_GetAttr(mobject, n_points_per_cubic_curve_);
    long points = size == NULL ? -1 : PyLong_AsLong(size);
    Py_XDECREF(size);
    return PyErr_Occurred() ? -1 : points == 4;
}

/* The ends of the curves through points (n, 3), or the only point. The number of rows; -1 where
   Manim would see it in another way. */
static npy_intp
ends_of(PyArrayObject *points, double *into)
{
    if (!PyArray_CheckExact((PyObject *)points) || PyArray_NDIM(points) != 2 ||
        PyArray_DIM(points, 1) != 3 || PyArray_TYPE(points) != NPY_DOUBLE ||
        !PyArray_ISCARRAY_RO(points))
        return -1;
    const npy_intp count = PyArray_DIM(points, 0);
    const double *from = PyArray_DATA(points);
    if (count != 1 && count % 4)
        return -1;
    const npy_intp rows = count == 1 ? 1 : count / 2;
    for (npy_intp row = 0; into != NULL && row < rows; row++)
        memcpy(into + 3 * row, from + 3 * (row / 2 * 4 + row % 2 * 3), 3 * sizeof *into);
    return rows;
}

PyObject *
boundary(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *members, *kinds;
    if (!PyArg_ParseTuple(args, "O!O!:boundary", &PyList_Type, &members, &PyDict_Type, &kinds))
        return NULL;
    const Py_ssize_t count = PyList_GET_SIZE(members);
    PyObject *arrays = PyList_New(count), *result = NULL;
    npy_intp total = 0;
    for (Py_ssize_t i = 0; arrays != NULL && total >= 0 && i < count; i++) {
        int usual = cubic(kinds, PyList_GET_ITEM(members, i));
        PyObject *points = usual < 0 ? NULL : points_of(PyList_GET_ITEM(members, i));
        if (points == NULL) {
            Py_DECREF(arrays);
            return NULL;
        }
        PyList_SET_ITEM(arrays, i, points);
        npy_intp rows = usual ? ends_of((PyArrayObject *)points, NULL) : -1;
        total = rows < 0 ? -1 : total + rows;
    }
    if (arrays == NULL)
        return NULL;
    if (total <= 0)
        result = Py_NewRef(Py_None);
    else {
        const npy_intp shape[2] = {total, 3};
        result = PyArray_SimpleNew(2, shape, NPY_DOUBLE);
        double *into = result == NULL ? NULL : PyArray_DATA((PyArrayObject *)result);
        for (Py_ssize_t i = 0; into != NULL && i < count; i++)
            into += 3 * ends_of((PyArrayObject *)PyList_GET_ITEM(arrays, i), into);
    }
    Py_DECREF(arrays);
    return result;
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
    double *into = PyArray_DATA((PyArrayObject *)result);
    for (int axis = 0; axis < 3; axis++) {
        const double *at = (const double *)PyArray_DATA(points) + axis;
        double low = *at, high = *at;
        for (npy_intp i = 1; i < PyArray_DIM(points, 0); i++) {
            at += 3;
            low = *at < low ? *at : low;
            high = *at > high ? *at : high;
        }
        into[axis] = direction[axis] < 0 ? low : direction[axis] == 0 ? (low + high) / 2 : high;
    }
    return result;
}
