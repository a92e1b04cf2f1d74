/* The Python functions by which reads are heard. */

#include "reads.h"

#include <fcntl.h>

PyObject *
hear_reads(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyBool_FromLong(hook_loaded_libraries());
}

PyObject *
hear_python(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    if (!add_audit_hook())
        return NULL;
    Py_RETURN_NONE;
}

PyObject *
start_reads(PyObject *module, PyObject *is_of_scene)
{
    (void)module;
    if (!start_log(is_of_scene))
        return NULL;
    Py_RETURN_NONE;
}

PyObject *
stop_reads(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    stop_log();
    Py_RETURN_NONE;
}

PyObject *
read_events(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return logged_events();
}

static PyObject *
call_rest(PyObject *const *arguments, Py_ssize_t count)
{
    if (count == 0) {
        PyErr_SetString(PyExc_TypeError, "a function to be called is missing");
        return NULL;
    }
    return PyObject_Vectorcall(arguments[0], arguments + 1, (size_t)(count - 1), NULL);
}

PyObject *
call_unheard(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    change_silence(1);
    PyObject *result = call_rest(arguments, count);
    change_silence(-1);
    return result;
}

PyObject *
note_event(PyObject *module, PyObject *arguments)
{
    (void)module;
    int kind;
    PyObject *path;
    if (!PyArg_ParseTuple(arguments, "iO&", &kind, PyUnicode_FSConverter, &path))
        return NULL;
    struct stat status;
    bool exists = stat(PyBytes_AS_STRING(path), &status) == 0;
    record_event(kind, AT_FDCWD, PyBytes_AS_STRING(path), exists ? &status : NULL);
    Py_DECREF(path);
    Py_RETURN_NONE;
}

PyObject *
checksum(PyObject *module, PyObject *path)
{
    (void)module;
    PyObject *bytes;
    if (!PyUnicode_FSConverter(path, &bytes))
        return NULL;
    uint64_t sum = file_checksum(AT_FDCWD, PyBytes_AS_STRING(bytes));
    Py_DECREF(bytes);
    return PyLong_FromUnsignedLongLong(sum);
}

bool
add_event_kinds(PyObject *module)
{
    return PyModule_AddIntMacro(module, EVENT_READ) == 0 &&
           PyModule_AddIntMacro(module, EVENT_SOURCE) == 0 &&
           PyModule_AddIntMacro(module, EVENT_MODULE) == 0 &&
           PyModule_AddIntMacro(module, EVENT_WRITE) == 0 &&
           PyModule_AddIntMacro(module, EVENT_UPDATE) == 0 &&
           PyModule_AddIntMacro(module, EVENT_APPEND) == 0 &&
           PyModule_AddIntMacro(module, EVENT_REMOVE) == 0 &&
           PyModule_AddIntMacro(module, EVENT_STATUS) == 0 &&
           PyModule_AddIntMacro(module, EVENT_LINK) == 0 &&
           PyModule_AddIntMacro(module, EVENT_LISTING) == 0 &&
           PyModule_AddIntMacro(module, EVENT_LOADED) == 0 &&
           PyModule_AddIntMacro(module, EVENT_VARIABLE) == 0 &&
           PyModule_AddIntMacro(module, EVENT_PROGRAM) == 0 &&
           PyModule_AddIntMacro(module, EVENT_NETWORK) == 0 &&
           PyModule_AddIntMacro(module, EVENT_CLOCK) == 0 &&
           PyModule_AddIntMacro(module, EVENT_TIMEZONE) == 0 &&
           PyModule_AddIntMacro(module, EVENT_RANDOM) == 0;
}
