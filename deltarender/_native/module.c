/* The module deltarender._native. */

#define WITH_NUMPY
#include "native.h"

bool
intern(const Name *names)
{
    for (; names->text != NULL; names++)
        if ((*names->at = PyUnicode_InternFromString(names->text)) == NULL)
            return false;
    return true;
}

static PyMethodDef functions[] = {
    {"boundary", boundary, METH_VARARGS, NULL},
    {"boxes", boxes, METH_VARARGS, NULL},
    {"critical_point", critical_point, METH_VARARGS, NULL},
    {"displayed", displayed, METH_VARARGS, NULL},
    {"family", family, METH_VARARGS, NULL},
    {"interpolate", (PyCFunction)(void (*)(void))interpolate, METH_FASTCALL, NULL},
    {"outline", outline, METH_VARARGS, NULL},
    {"to_yuv", to_yuv, METH_VARARGS, NULL},
    {"update", update, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_native", NULL, -1, functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC
PyInit__native(void)
{
    import_array();
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL || !begin_families() || !begin_motion() || !begin_extents() || !begin_looks() || !begin_canvas(module) || !begin_coder(module) ||
        PyModule_AddStringConstant(module, "SOURCES", SOURCES) < 0 ||
        PyModule_AddStringConstant(module, "CAIRO", cairo_version_string()) < 0 ||
        PyModule_AddIntConstant(module, "ORDINARY", ORDINARY) < 0 ||
        PyModule_AddIntConstant(module, "BY_LOOKS", BY_LOOKS) < 0 ||
        PyModule_AddIntConstant(module, "NOTHING", NOTHING) < 0 ||
        PyModule_AddIntConstant(module, "UPDATED", UPDATED) < 0 ||
        PyModule_AddIntConstant(module, "ANCHORED", ANCHORED) < 0) {
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}
