/* An audit hook of Python: what its own functions open and list, but nothing that libraries do.

   Python builds the arguments of an event before it calls a hook, even for every id(). So there is
   a hook only where the functions of libc cannot be replaced. */

#include "reads.h"

#include <fcntl.h>

static void
record_open(const char *path, PyObject *arguments)
{
    long flags = 0;
    if (PyTuple_GET_SIZE(arguments) > 2 && PyLong_Check(PyTuple_GET_ITEM(arguments, 2)))
        flags = PyLong_AsLong(PyTuple_GET_ITEM(arguments, 2));
    struct stat status;
    if ((flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC)
        record_before_writing(AT_FDCWD, path, (int)flags);
    else if (stat(path, &status) == 0)
        record_event(EVENT_READ, AT_FDCWD, path, &status);
    else
        record_event(EVENT_READ, AT_FDCWD, path, NULL);
}

static void
record_audited(const char *event, const char *path, PyObject *arguments)
{
    if (strcmp(event, "open") == 0)
        record_open(path, arguments);
    else if (strcmp(event, "subprocess.Popen") == 0 || strcmp(event, "os.system") == 0 ||
             strcmp(event, "os.posix_spawn") == 0)
        record_name(EVENT_PROGRAM, path);
    else if (strcmp(event, "os.remove") == 0)
        record_event(EVENT_REMOVE, AT_FDCWD, path, NULL);
    else
        record_listing(AT_FDCWD, path);
}

static int
hear_event(const char *event, PyObject *arguments, void *unused)
{
    (void)unused;
    static const char *const heard[] = {"open", "os.listdir", "os.scandir", "os.remove",
                                        "os.system", "os.posix_spawn", "subprocess.Popen"};
    if (!is_recording() || (event[0] != 'o' && event[0] != 's'))
        return 0;
    if (strcmp(event, "socket.connect") == 0) {
        record_name(EVENT_NETWORK, "");
        return 0;
    }
    for (size_t k = 0; k < sizeof heard / sizeof *heard; k++) {
        PyObject *path = NULL;
        if (strcmp(event, heard[k]) != 0 || !PyTuple_Check(arguments) ||
            PyTuple_GET_SIZE(arguments) == 0)
            continue;
        if (PyUnicode_FSConverter(PyTuple_GET_ITEM(arguments, 0), &path))
            record_audited(event, PyBytes_AS_STRING(path), arguments);
        else
            PyErr_Clear(); /* a descriptor, or something that the function itself refuses */
        Py_XDECREF(path);
    }
    return 0;
}

bool
add_audit_hook(void)
{
    static bool added;
    if (!added)
        added = PySys_AddAuditHook(hear_event, NULL) == 0;
    return added;
}
