/* The Python type Canvas; ../../_native.pyi documents its methods. */

#include "canvas.h"

static int
canvas_init(Canvas *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *traits, *line_joins, *line_caps;
    if (self->state.traits != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "a canvas cannot be initialized twice");
        return -1;
    }
    if (!PyArg_ParseTuple(args, "O!OO:Canvas", &PyDict_Type, &traits, &line_joins, &line_caps))
        return -1;
    self->state.traits = Py_NewRef(traits);
    self->state.line_joins = Py_NewRef(line_joins);
    self->state.line_caps = Py_NewRef(line_caps);
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

/* Call a method if the canvas is initialized and not in use: both methods call Python code, which
   may call them again, and drawing releases the GIL. */
static PyObject *
call_exclusively(Canvas *self, PyObject *args, PyObject *(*method)(Canvas *, PyObject *))
{
    if (self->state.traits == NULL || self->busy) {
        PyErr_SetString(PyExc_RuntimeError,
                        self->busy ? "the canvas is in use by another thread, or by a method that "
                                     "has called this one"
                                   : "the canvas is not initialized: Canvas.__init__ failed or was "
                                     "not called");
        return NULL;
    }
    self->busy = true;
    PyObject *result = method(self, args);
    self->busy = false;
    return result;
}

static PyObject *
guarded_take_snapshots(Canvas *self, PyObject *args)
{
    return call_exclusively(self, args, canvas_take_snapshots);
}

static PyObject *
guarded_draw(Canvas *self, PyObject *args)
{
    return call_exclusively(self, args, canvas_draw);
}

static PyMethodDef canvas_methods[] = {
    {"take_snapshots", (PyCFunction)guarded_take_snapshots, METH_VARARGS, NULL},
    {"draw", (PyCFunction)guarded_draw, METH_VARARGS, NULL},
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
