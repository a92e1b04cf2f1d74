/* Attributes of a mobject that its drawing depends on, read from Python. */

#include "snapshot.h"

static PyObject *points_, *fill_rgbas_, *stroke_rgbas_, *background_stroke_rgbas_, *stroke_width_,
    *background_stroke_width_, *joint_type_, *cap_style_, *background_image_,
    *tolerance_for_point_equality_, *get_gradient_start_and_end_points_;
static PyObject *transparent; /* (1, 4) zeros */

bool
intern_mobject_attribute_names(void)
{
    const AttributeName names[] = {
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
    transparent = PyArray_ZEROS(2, shape, NPY_DOUBLE, 0);
    return transparent != NULL && intern_names(names);
}

void
release_attributes(Attributes *attributes)
{
    for (int i = 0; i < ARRAY_COUNT; i++)
        Py_XDECREF(attributes->arrays[i]);
    Py_XDECREF(attributes->joint_type);
    Py_XDECREF(attributes->cap_style);
}

/* An attribute as a contiguous array; a missing color counts as transparent, as in Manim. NULL
   without an exception if it is not an array. */
static PyArrayObject *
array_attribute(PyObject *mobject, PyObject *name)
{
    PyObject *value = PyObject_GetAttr(mobject, name);
    if (value == NULL && name != points_ && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
        value = Py_NewRef(transparent);
    }
    if (value != NULL && !PyArray_Check(value))
        Py_CLEAR(value);
    if (value == NULL)
        return NULL;
    PyArrayObject *array = PyArray_GETCONTIGUOUS((PyArrayObject *)value);
    Py_DECREF(value);
    return array;
}

static bool
number_attribute(PyObject *mobject, PyObject *name, double *number)
{
    PyObject *value = PyObject_GetAttr(mobject, name);
    *number = value == NULL ? 0.0 : PyFloat_AsDouble(value);
    Py_XDECREF(value);
    return !PyErr_Occurred();
}

static bool
read_arrays(PyObject *mobject, Attributes *attributes)
{
    PyObject *names[GRADIENT_ENDS] = {points_, fill_rgbas_, stroke_rgbas_,
                                      background_stroke_rgbas_};
    attributes->single_color = true;
    for (int i = 0; i < GRADIENT_ENDS; i++) {
        PyArrayObject *array = attributes->arrays[i] = array_attribute(mobject, names[i]);
        if (array == NULL)
            return false;
        if (i != POINTS && (PyArray_NDIM(array) == 0 || PyArray_DIM(array, 0) != 1))
            attributes->single_color = false;
    }
    return true;
}

/* The end points of the gradient, which Manim computes anew for every drawing. */
static bool
read_gradient_ends(PyObject *mobject, Attributes *attributes)
{
    PyObject *ends = PyObject_CallMethodNoArgs(mobject, get_gradient_start_and_end_points_);
    if (ends == NULL)
        return false;
    attributes->arrays[GRADIENT_ENDS] =
        (PyArrayObject *)PyArray_ContiguousFromAny(ends, NPY_DOUBLE, 0, 0);
    Py_DECREF(ends);
    return attributes->arrays[GRADIENT_ENDS] != NULL;
}

static bool
read_styles(PyObject *mobject, Attributes *attributes)
{
    attributes->joint_type = PyObject_GetAttr(mobject, joint_type_);
    if (attributes->joint_type == NULL)
        return false;
    attributes->cap_style = PyObject_GetAttr(mobject, cap_style_);
    return attributes->cap_style != NULL &&
           number_attribute(mobject, stroke_width_, &attributes->stroke_width) &&
           number_attribute(mobject, background_stroke_width_,
                            &attributes->background_stroke_width);
}

/* Read everything but the tolerance, which matters only if something else has changed. Release the
   attributes in any case. */
SnapshotResult
read_attributes(PyObject *mobject, Attributes *attributes)
{
    if (!read_arrays(mobject, attributes))
        return PyErr_Occurred() ? SNAPSHOT_FAILED : SNAPSHOT_UNPREDICTABLE;
    if (!read_styles(mobject, attributes))
        return SNAPSHOT_FAILED;
    if (!attributes->single_color && !read_gradient_ends(mobject, attributes))
        return SNAPSHOT_FAILED;
    return SNAPSHOT_CHANGED;
}

/* Whether a mobject has a background image: 1, 0, or -1 with an exception set. */
int
has_background_image(PyObject *mobject)
{
    PyObject *image = PyObject_GetAttr(mobject, background_image_);
    if (image == NULL)
        return -1;
    const int has_image = image != Py_None;
    Py_DECREF(image);
    return has_image;
}

bool
read_tolerance(PyObject *mobject, double *tolerance)
{
    return number_attribute(mobject, tolerance_for_point_equality_, tolerance);
}
