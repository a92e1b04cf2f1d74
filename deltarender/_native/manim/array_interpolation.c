/* Linear interpolation between two floats or arrays, with the results of Manim to the last bit. */

#include "manim.h"

/* Whether a value is an ordinary array of doubles. */
static bool
is_double_array(PyObject *value)
{
    PyArrayObject *array = (PyArrayObject *)value;
    return PyArray_CheckExact(value) && PyArray_TYPE(array) == NPY_DOUBLE &&
           PyArray_ISCARRAY_RO(array);
}

static PyObject *
interpolate_arrays(PyArrayObject *start, PyArrayObject *end, double start_weight,
                   double end_weight)
{
    PyObject *result = PyArray_SimpleNew(PyArray_NDIM(start), PyArray_DIMS(start), NPY_DOUBLE);
    if (result == NULL)
        return NULL;
    const double *a = PyArray_DATA(start), *b = PyArray_DATA(end);
    double *output = PyArray_DATA((PyArrayObject *)result);
    for (npy_intp i = 0, size = PyArray_SIZE(start); i < size; i++)
        output[i] = start_weight * a[i] + end_weight * b[i];
    return result;
}

PyObject *
interpolate(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "interpolate takes start, end and alpha");
        return NULL;
    }
    PyObject *start = args[0], *end = args[1], *alpha = args[2];
    if (!PyFloat_Check(alpha))
        Py_RETURN_NOTIMPLEMENTED;
    const double end_weight = PyFloat_AS_DOUBLE(alpha), start_weight = 1 - end_weight;
    if (PyFloat_CheckExact(start) && PyFloat_CheckExact(end) && PyFloat_CheckExact(alpha))
        return PyFloat_FromDouble(start_weight * PyFloat_AS_DOUBLE(start) +
                                  end_weight * PyFloat_AS_DOUBLE(end));
    if (!is_double_array(start) || !is_double_array(end) ||
        !PyArray_SAMESHAPE((PyArrayObject *)start, (PyArrayObject *)end))
        Py_RETURN_NOTIMPLEMENTED;
    return interpolate_arrays((PyArrayObject *)start, (PyArrayObject *)end, start_weight,
                              end_weight);
}
