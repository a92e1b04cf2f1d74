/* Manim's Mobject.update: calls the updaters of a mobject and of its submobjects. */

#include "manim.h"

static PyObject *update_, *updating_suspended_, *updaters_, *submobjects_, *recursive_;

bool
intern_updater_names(void)
{
    const AttributeName names[] = {
        {&update_, "update"},           {&updating_suspended_, "updating_suspended"},
        {&updaters_, "updaters"},       {&submobjects_, "submobjects"},
        {&recursive_, "recursive"},     {NULL, NULL},
    };
    return intern_names(names);
}

typedef struct {
    PyObject *dt, *traits;
    PyObject *takes_dt; /* a Python function: whether an updater has a parameter dt */
    bool recursive;
} UpdateCall;

/* Whether neither the class nor the instance overrides `update`; -1 with an exception set. */
static int
has_default_update(const UpdateCall *call, PyObject *mobject)
{
    const int bits = class_traits_of(call->traits, mobject);
    if (bits < 0 || !(bits & DEFAULT_UPDATE))
        return bits < 0 ? -1 : 0;
    PyObject *instance_dict = PyObject_GenericGetDict(mobject, NULL);
    if (instance_dict == NULL)
        return -1;
    const int overridden = PyDict_Contains(instance_dict, update_);
    Py_DECREF(instance_dict);
    return overridden < 0 ? -1 : !overridden;
}

static bool
call_updater(const UpdateCall *call, PyObject *updater, PyObject *mobject)
{
    PyObject *answer = PyObject_CallOneArg(call->takes_dt, updater);
    const int takes_dt = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    if (takes_dt < 0)
        return false;
    PyObject *result = takes_dt ? PyObject_CallFunctionObjArgs(updater, mobject, call->dt, NULL)
                                : PyObject_CallOneArg(updater, mobject);
    Py_XDECREF(result);
    return result != NULL;
}

static bool update_mobject(const UpdateCall *call, PyObject *mobject, bool is_root);

/* `submobjects` may change during the loop, as any list in Python. */
static bool
update_submobjects(const UpdateCall *call, PyObject *mobject)
{
    PyObject *submobjects = PyObject_GetAttr(mobject, submobjects_);
    if (submobjects == NULL)
        return false;
    if (!PyList_Check(submobjects)) {
        PyObject *copy = PySequence_List(submobjects);
        Py_DECREF(submobjects);
        if ((submobjects = copy) == NULL)
            return false;
    }
    bool ok = true;
    for (Py_ssize_t i = 0; ok && i < PyList_GET_SIZE(submobjects); i++) {
        PyObject *submobject = Py_NewRef(PyList_GET_ITEM(submobjects, i));
        ok = update_mobject(call, submobject, false);
        Py_DECREF(submobject);
    }
    Py_DECREF(submobjects);
    return ok;
}

/* An updater may add or remove updaters during the loop. */
static bool
call_updaters(const UpdateCall *call, PyObject *mobject, PyObject *updaters)
{
    bool ok = true;
    for (Py_ssize_t i = 0; ok && i < PyList_GET_SIZE(updaters); i++) {
        PyObject *updater = Py_NewRef(PyList_GET_ITEM(updaters, i));
        ok = call_updater(call, updater, mobject);
        Py_DECREF(updater);
    }
    return ok && (!call->recursive || update_submobjects(call, mobject));
}

/* Call the mobject's own method `update`. */
static bool
call_overridden_update(const UpdateCall *call, PyObject *mobject)
{
    PyObject *method = PyObject_GetAttr(mobject, update_);
    PyObject *args = PyTuple_Pack(1, call->dt), *kwargs = PyDict_New(), *result = NULL;
    if (method != NULL && args != NULL && kwargs != NULL &&
        PyDict_SetItem(kwargs, recursive_, call->recursive ? Py_True : Py_False) == 0)
        result = PyObject_Call(method, args, kwargs);
    Py_XDECREF(method);
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    Py_XDECREF(result);
    return result != NULL;
}

/* `is_root`: its own `update` has called, so that it is not called again. */
static bool
update_mobject(const UpdateCall *call, PyObject *mobject, bool is_root)
{
    const int is_default = is_root ? 1 : has_default_update(call, mobject);
    if (is_default <= 0)
        return is_default == 0 && call_overridden_update(call, mobject);
    PyObject *value = PyObject_GetAttr(mobject, updating_suspended_);
    const int suspended = value == NULL ? -1 : PyObject_IsTrue(value);
    Py_XDECREF(value);
    if (suspended != 0)
        return suspended > 0;
    PyObject *updaters = PyObject_GetAttr(mobject, updaters_);
    if (updaters == NULL)
        return false;
    bool ok = false;
    if (!PyList_Check(updaters))
        PyErr_SetString(PyExc_TypeError, "the updaters of a mobject must be a list");
    else if (!Py_EnterRecursiveCall(" while updating a mobject")) {
        ok = call_updaters(call, mobject, updaters);
        Py_LeaveRecursiveCall();
    }
    Py_DECREF(updaters);
    return ok;
}

PyObject *
update(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *mobject;
    UpdateCall call;
    int recursive;
    if (!PyArg_ParseTuple(args, "OOpO!O:update", &mobject, &call.dt, &recursive, &PyDict_Type,
                          &call.traits, &call.takes_dt))
        return NULL;
    call.recursive = recursive;
    if (!update_mobject(&call, mobject, true))
        return NULL;
    Py_RETURN_NONE;
}
