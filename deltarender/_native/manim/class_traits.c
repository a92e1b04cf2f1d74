/* What is known of the class of a mobject; deltarender.engine.class_traits finds it out. */

#include "manim.h"

/* The bits of an object's class; -1 with an exception set. */
int
class_traits_of(PyObject *traits, PyObject *object)
{
    PyObject *class = (PyObject *)Py_TYPE(object);
    PyObject *value = Py_XNewRef(PyDict_GetItemWithError(traits, class));
    if (value == NULL && !PyErr_Occurred())
        value = PyObject_GetItem(traits, class); /* calls __missing__ */
    const int bits = value == NULL ? -1 : (int)PyLong_AsLong(value);
    Py_XDECREF(value);
    return bits;
}
