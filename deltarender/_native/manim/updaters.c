/* What Manim does for every mobject in every frame before it is drawn: updaters and steps between
   two states. Its own results, to the last bit. */

#include "native.h"

static PyObject *update_, *updating_suspended_, *updaters_, *submobjects_, *recursive_;

bool
begin_motion(void)
{
    const Name names[] = {
        {&update_, "update"},           {&updating_suspended_, "updating_suspended"},
        {&updaters_, "updaters"},       {&submobjects_, "submobjects"},
        {&recursive_, "recursive"},     {NULL, NULL},
    };
    return intern(names);
}

/* -- Updaters ------------------------------------------------------------------------------ */

typedef struct {
    PyObject *dt, *kinds;
    PyObject *takes_dt; /* tells of an updater whether it wants dt */
    bool recursive;
} Update;

/* Whether the class and the object leave `update` to Manim; -1: fault. */
static int
updates_as_usual(const Update *update, PyObject *mobject)
{
    int kind = kind_of(update->kinds, mobject);
    if (kind < 0 || !(kind & UPDATED))
        return kind < 0 ? -1 : 0;
    PyObject *own = PyObject_GenericGetDict(mobject, NULL);
    if (own == NULL)
        return -1;
    int shadowed = PyDict_Contains(own, update_);
    Py_DECREF(own);
    return shadowed < 0 ? -1 : !shadowed;
}

static bool
call_updater(const Update *update, PyObject *updater, PyObject *mobject)
{
    PyObject *told = PyObject_CallOneArg(update->takes_dt, updater);
    int wants = told == NULL ? -1 : PyObject_IsTrue(told);
    Py_XDECREF(told);
    if (wants < 0)
        return false;
    PyObject *result = wants ? PyObject_CallFunctionObjArgs(updater, mobject, update->dt, NULL)
                             : PyObject_CallOneArg(updater, mobject);
    Py_XDECREF(result);
    return result != NULL;
}

static bool update_one(const Update *update, PyObject *mobject, bool asked);

/* The lists may change while they are walked through, as any list in Python. */
static bool
update_lists(const Update *update, PyObject *mobject, PyObject *updaters)
{
    bool good = true;
    for (Py_ssize_t i = 0; good && i < PyList_GET_SIZE(updaters); i++) {
        PyObject *updater = Py_NewRef(PyList_GET_ITEM(updaters, i));
        good = call_updater(update, updater, mobject);
        Py_DECREF(updater);
    }
    if (!good || !update->recursive)
        return good;
    PyObject *members = PyObject_GetAttr(mobject, submobjects_);
    if (members == NULL)
        return false;
    if (!PyList_Check(members)) {
        PyObject *fixed = PySequence_List(members);
        Py_DECREF(members);
        if ((members = fixed) == NULL)
            return false;
    }
    for (Py_ssize_t i = 0; good && i < PyList_GET_SIZE(members); i++) {
        PyObject *member = Py_NewRef(PyList_GET_ITEM(members, i));
        good = update_one(update, member, false);
        Py_DECREF(member);
    }
    Py_DECREF(members);
    return good;
}

static bool
call_update(const Update *update, PyObject *mobject)
{
    PyObject *method = PyObject_GetAttr(mobject, update_);
    PyObject *positional = PyTuple_Pack(1, update->dt), *named = PyDict_New(), *result = NULL;
    if (method != NULL && positional != NULL && named != NULL &&
        PyDict_SetItem(named, recursive_, update->recursive ? Py_True : Py_False) == 0)
        result = PyObject_Call(method, positional, named);
    Py_XDECREF(method);
    Py_XDECREF(positional);
    Py_XDECREF(named);
    Py_XDECREF(result);
    return result != NULL;
}

/* `asked`: it is the mobject whose own method has called, by whatever way. */
static bool
update_one(const Update *update, PyObject *mobject, bool asked)
{
    int usual = asked ? 1 : updates_as_usual(update, mobject);
    if (usual <= 0)
        return usual == 0 && call_update(update, mobject);
    PyObject *suspended = PyObject_GetAttr(mobject, updating_suspended_);
    int rests = suspended == NULL ? -1 : PyObject_IsTrue(suspended);
    Py_XDECREF(suspended);
    if (rests != 0)
        return rests > 0;
    PyObject *updaters = PyObject_GetAttr(mobject, updaters_);
    if (updaters == NULL)
        return false;
    bool good = false;
    if (!PyList_Check(updaters))
        PyErr_SetString(PyExc_TypeError, "the updaters of a mobject are to be a list");
    else if (!Py_EnterRecursiveCall(" while updating a mobject")) {
        good = update_lists(update, mobject, updaters);
        Py_LeaveRecursiveCall();
    }
    Py_DECREF(updaters);
    return good;
}

PyObject *
update(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *mobject;
    Update update;
    int recursive;
    if (!PyArg_ParseTuple(args, "OOpO!O:update", &mobject, &update.dt, &recursive, &PyDict_Type,
                          &update.kinds, &update.takes_dt))
        return NULL;
    update.recursive = recursive;
    if (!update_one(&update, mobject, true))
        return NULL;
    Py_RETURN_NONE;
}

/* -- Between two states -------------------------------------------------------------------- */

static bool
simple(PyObject *value)
{
    PyArrayObject *array = (PyArrayObject *)value;
    return PyArray_CheckExact(value) && PyArray_TYPE(array) == NPY_DOUBLE &&
           PyArray_ISCARRAY_RO(array);
}

PyObject *
interpolate(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "start, end and alpha are wanted");
        return NULL;
    }
    PyObject *start = args[0], *end = args[1];
    if (!PyFloat_Check(args[2]))
        Py_RETURN_NOTIMPLEMENTED;
    const double to = PyFloat_AS_DOUBLE(args[2]), from = 1 - to;
    if (PyFloat_CheckExact(start) && PyFloat_CheckExact(end) && PyFloat_CheckExact(args[2]))
        return PyFloat_FromDouble(from * PyFloat_AS_DOUBLE(start) + to * PyFloat_AS_DOUBLE(end));
    if (!simple(start) || !simple(end))
        Py_RETURN_NOTIMPLEMENTED;
    PyArrayObject *one = (PyArrayObject *)start, *other = (PyArrayObject *)end;
    if (!PyArray_SAMESHAPE(one, other))
        Py_RETURN_NOTIMPLEMENTED;
    PyObject *made = PyArray_SimpleNew(PyArray_NDIM(one), PyArray_DIMS(one), NPY_DOUBLE);
    if (made == NULL)
        return NULL;
    const double *a = PyArray_DATA(one), *b = PyArray_DATA(other);
    double *c = PyArray_DATA((PyArrayObject *)made);
    for (npy_intp i = 0, size = PyArray_SIZE(one); i < size; i++)
        c[i] = from * a[i] + to * b[i];
    return made;
}
