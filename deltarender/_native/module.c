/* The Python module deltarender._native. */

#define IMPORTS_NUMPY_API
#include "h264/h264.h"
#include "manim/manim.h"
#include "reads/reads.h"

static PyMethodDef functions[] = {
    {"bounding_rects", bounding_rects, METH_VARARGS, NULL},
    {"call_unheard", (PyCFunction)(void (*)(void))call_unheard, METH_FASTCALL, NULL},
    {"checksum", checksum, METH_O, NULL},
    {"copy_mobject", copy_mobject, METH_VARARGS, NULL},
    {"critical_point", critical_point, METH_VARARGS, NULL},
    {"curve_anchors", curve_anchors, METH_VARARGS, NULL},
    {"family", family, METH_VARARGS, NULL},
    {"hear_python", hear_python, METH_NOARGS, NULL},
    {"hear_reads", hear_reads, METH_NOARGS, NULL},
    {"interpolate", (PyCFunction)(void (*)(void))interpolate, METH_FASTCALL, NULL},
    {"mobjects_to_display", mobjects_to_display, METH_VARARGS, NULL},
    {"note_event", note_event, METH_VARARGS, NULL},
    {"read_events", read_events, METH_NOARGS, NULL},
    {"rgba_to_yuv420p", rgba_to_yuv420p, METH_VARARGS, NULL},
    {"set_path", set_path, METH_VARARGS, NULL},
    {"start_reads", start_reads, METH_O, NULL},
    {"stop_reads", stop_reads, METH_NOARGS, NULL},
    {"transform_image", transform_image, METH_VARARGS, NULL},
    {"update", update, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_native", NULL, -1, functions, NULL, NULL, NULL, NULL};

static bool
add_constants(PyObject *module)
{
    return PyModule_AddStringConstant(module, "SOURCE_DIGEST", SOURCE_DIGEST) == 0 &&
           PyModule_AddStringConstant(module, "CAIRO_VERSION", cairo_version_string()) == 0 &&
           PyModule_AddIntMacro(module, DEFAULT_FAMILY) == 0 &&
           PyModule_AddIntMacro(module, DEFAULT_DRAWING) == 0 &&
           PyModule_AddIntMacro(module, NOT_DRAWN) == 0 &&
           PyModule_AddIntMacro(module, DEFAULT_UPDATE) == 0 &&
           PyModule_AddIntMacro(module, DEFAULT_ANCHORS) == 0 &&
           PyModule_AddIntMacro(module, COPY_OTHERWISE) == 0 &&
           PyModule_AddIntMacro(module, COPY_NOTHING) == 0 &&
           PyModule_AddIntMacro(module, COPY_LIST) == 0 &&
           PyModule_AddIntMacro(module, COPY_TUPLE) == 0 &&
           PyModule_AddIntMacro(module, COPY_DICT) == 0 &&
           PyModule_AddIntMacro(module, COPY_ARRAY) == 0 &&
           PyModule_AddIntMacro(module, COPY_INSTANCE) == 0 &&
           PyModule_AddIntMacro(module, COPY_MOBJECT) == 0;
}

static bool
intern_all_names(void)
{
    return intern_family_names() && intern_updater_names() && intern_critical_point_names() &&
           intern_mobject_attribute_names() && intern_deep_copy_names();
}

PyMODINIT_FUNC
PyInit__native(void)
{
    import_array();
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL || !intern_all_names() || !add_display_list_type(module) ||
        !add_encoder_type(module) || !add_constants(module) || !add_event_kinds(module)) {
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}
