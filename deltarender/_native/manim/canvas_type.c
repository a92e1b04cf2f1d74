/* The Python type Canvas; ../../_native.pyi documents its methods. */

#include "canvas.h"

static int
canvas_init(Canvas *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *traits, *line_joins, *line_caps;
    if (!PyArg_ParseTuple(args, "O!OO:Canvas", &PyDict_Type, &traits, &line_joins, &line_caps))
        return -1;
    Py_XSETREF(self->state.traits, Py_NewRef(traits));
    Py_XSETREF(self->state.line_joins, Py_NewRef(line_joins));
    Py_XSETREF(self->state.line_caps, Py_NewRef(line_caps));
    return 0;
}

static void
canvas_dealloc(Canvas *self)
{
    for (Py_ssize_t i = 0; i < self->count; i++)
        free_snapshot(self->snapshots[i]);
    PyMem_Free(self->snapshots);
    Py_XDECREF(self->state.traits);
    Py_XDECREF(self->state.line_joins);
    Py_XDECREF(self->state.line_caps);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *
canvas_get_valid(Canvas *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->valid);
}

static int
canvas_set_valid(Canvas *self, PyObject *value, void *Py_UNUSED(closure))
{
    const int valid = value == NULL ? 0 : PyObject_IsTrue(value);
    if (valid < 0)
        return -1;
    self->valid = valid;
    return 0;
}

static PyGetSetDef canvas_attributes[] = {
    {"valid", (getter)canvas_get_valid, (setter)canvas_set_valid, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef canvas_methods[] = {
    {"take_snapshots", (PyCFunction)canvas_take_snapshots, METH_VARARGS, NULL},
    {"draw", (PyCFunction)canvas_draw, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject canvas_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "deltarender._native.Canvas",
    .tp_basicsize = sizeof(Canvas),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)canvas_init,
    .tp_dealloc = (destructor)canvas_dealloc,
    .tp_methods = canvas_methods,
    .tp_getset = canvas_attributes,
};

bool
add_canvas_type(PyObject *module)
{
    return intern_canvas_names() && PyType_Ready(&canvas_type) == 0 &&
           PyModule_AddObjectRef(module, "Canvas", (PyObject *)&canvas_type) == 0;
}
