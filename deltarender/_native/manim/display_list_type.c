/* The Python type DisplayList; ../../_native.pyi documents its methods. */

#include "display_list.h"

static int
display_list_init(DisplayList *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *traits, *line_joins, *line_caps;
    if (self->state.traits != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "a display list cannot be initialized twice");
        return -1;
    }
    if (!PyArg_ParseTuple(args, "O!OO:DisplayList", &PyDict_Type, &traits, &line_joins, &line_caps))
        return -1;
    self->state.traits = Py_NewRef(traits);
    self->state.line_joins = Py_NewRef(line_joins);
    self->state.line_caps = Py_NewRef(line_caps);
    return 0;
}

static void
display_list_dealloc(DisplayList *self)
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
display_list_get_valid(DisplayList *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->valid);
}

static int
display_list_set_valid(DisplayList *self, PyObject *value, void *Py_UNUSED(closure))
{
    const int valid = value == NULL ? 0 : PyObject_IsTrue(value);
    if (valid < 0)
        return -1;
    self->valid = valid;
    return 0;
}

static PyGetSetDef display_list_attributes[] = {
    {"valid", (getter)display_list_get_valid, (setter)display_list_set_valid, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* Call a method if the display list is initialized and not in use: both methods call Python code,
   which may call them again, and drawing releases the GIL. */
static PyObject *
call_exclusively(DisplayList *self, PyObject *args, PyObject *(*method)(DisplayList *, PyObject *))
{
    if (self->state.traits == NULL || self->busy) {
        PyErr_SetString(PyExc_RuntimeError,
                        self->busy ? "the display list is in use by another thread, or by a method "
                                     "that has called this one"
                                   : "the display list is not initialized: "
                                     "DisplayList.__init__ failed or was not called");
        return NULL;
    }
    self->busy = true;
    PyObject *result = method(self, args);
    self->busy = false;
    return result;
}

static PyObject *
guarded_take_snapshots(DisplayList *self, PyObject *args)
{
    return call_exclusively(self, args, display_list_take_snapshots);
}

static PyObject *
guarded_draw(DisplayList *self, PyObject *args)
{
    return call_exclusively(self, args, display_list_draw);
}

static PyMethodDef display_list_methods[] = {
    {"take_snapshots", (PyCFunction)guarded_take_snapshots, METH_VARARGS, NULL},
    {"draw", (PyCFunction)guarded_draw, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject display_list_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "deltarender._native.DisplayList",
    .tp_basicsize = sizeof(DisplayList),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)display_list_init,
    .tp_dealloc = (destructor)display_list_dealloc,
    .tp_methods = display_list_methods,
    .tp_getset = display_list_attributes,
};

bool
add_display_list_type(PyObject *module)
{
    return intern_display_list_names() && PyType_Ready(&display_list_type) == 0 &&
           PyModule_AddObjectRef(module, "DisplayList", (PyObject *)&display_list_type) == 0;
}
