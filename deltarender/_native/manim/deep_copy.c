/* copy.deepcopy for mobjects: the same copies, without a call of Python per object.

   What the kinds below do not cover is copied by copy.deepcopy itself, with the same memo. */

#include "manim.h"

typedef struct {
    PyObject *memo;     /* id of an original -> its copy, as for copy.deepcopy */
    PyObject *kinds;    /* class -> one of the COPY_ constants */
    PyObject *deepcopy; /* copy.deepcopy */
    PyObject *kept;     /* originals that must live as long as the memo; borrowed from it */
} Copying;

static PyObject *new_, *original_id_;

bool
intern_deep_copy_names(void)
{
    const AttributeName names[] = {
        {&new_, "__new__"}, {&original_id_, "original_id"}, {NULL, NULL}};
    return intern_names(names);
}

static PyObject *deep_copy(Copying *copying, PyObject *original);

static bool
set_in_memo(Copying *copying, PyObject *original, PyObject *copied)
{
    PyObject *id = PyLong_FromVoidPtr(original);
    const bool done = id != NULL && PyDict_SetItem(copying->memo, id, copied) == 0;
    Py_XDECREF(id);
    return done;
}

/* The copy that was already made of an object: a new reference, or NULL. */
static PyObject *
get_from_memo(Copying *copying, PyObject *original)
{
    PyObject *id = PyLong_FromVoidPtr(original);
    PyObject *copied = id == NULL ? NULL : PyDict_GetItemWithError(copying->memo, id);
    Py_XDECREF(id);
    return Py_XNewRef(copied);
}

/* As `_keep_alive` of copy: otherwise a new object could get the id of one that is gone. */
static bool
keep_alive(Copying *copying, PyObject *original)
{
    if (copying->kept == NULL) {
        PyObject *kept = get_from_memo(copying, copying->memo);
        if (kept == NULL && !PyErr_Occurred() && (kept = PyList_New(0)) != NULL &&
            !set_in_memo(copying, copying->memo, kept))
            Py_CLEAR(kept);
        if (kept == NULL)
            return false;
        copying->kept = kept;
        Py_DECREF(kept);
    }
    return PyList_Append(copying->kept, original) == 0;
}

static bool
is_atomic(PyObject *object)
{
    return object == Py_None || PyFloat_CheckExact(object) || PyLong_CheckExact(object) ||
           PyBool_Check(object) || PyUnicode_CheckExact(object);
}

static PyObject *
copy_list(Copying *copying, PyObject *original)
{
    PyObject *result = PyList_New(0);
    bool done = result != NULL && set_in_memo(copying, original, result);
    for (Py_ssize_t i = 0; done && i < PyList_GET_SIZE(original); i++) {
        PyObject *item = Py_NewRef(PyList_GET_ITEM(original, i));
        PyObject *copied = deep_copy(copying, item);
        done = copied != NULL && PyList_Append(result, copied) == 0;
        Py_XDECREF(copied);
        Py_DECREF(item);
    }
    if (!done)
        Py_CLEAR(result);
    return result;
}

static PyObject *
copy_tuple(Copying *copying, PyObject *original)
{
    const Py_ssize_t size = PyTuple_GET_SIZE(original);
    PyObject *result = PyTuple_New(size), *earlier;
    bool same = true;
    for (Py_ssize_t i = 0; result != NULL && i < size; i++) {
        PyObject *copied = deep_copy(copying, PyTuple_GET_ITEM(original, i));
        same = same && copied == PyTuple_GET_ITEM(original, i);
        if (copied == NULL)
            Py_CLEAR(result);
        else
            PyTuple_SET_ITEM(result, i, copied);
    }
    if (result == NULL)
        return NULL;
    earlier = get_from_memo(copying, original); /* it may contain itself */
    if (earlier == NULL && !PyErr_Occurred() && same)
        earlier = Py_NewRef(original);
    if (earlier == NULL && !PyErr_Occurred())
        return result;
    Py_DECREF(result);
    return earlier;
}

/* Copies of all items of a dict, put into a dict or, as attributes, into another object. */
static bool
copy_items(Copying *copying, PyObject *items, PyObject *target, bool as_attributes)
{
    const Py_ssize_t size = PyDict_GET_SIZE(items);
    PyObject *key, *value;
    Py_ssize_t position = 0;
    bool done = true;
    while (done && PyDict_Next(items, &position, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        PyObject *new_key = as_attributes ? Py_NewRef(key) : deep_copy(copying, key);
        PyObject *copied = new_key == NULL ? NULL : deep_copy(copying, value);
        done = copied != NULL && (as_attributes ? PyObject_SetAttr(target, new_key, copied)
                                                : PyObject_SetItem(target, new_key, copied)) == 0;
        Py_XDECREF(copied);
        Py_XDECREF(new_key);
        Py_DECREF(value);
        Py_DECREF(key);
        if (done && PyDict_GET_SIZE(items) != size) {
            PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
            done = false;
        }
    }
    return done;
}

static PyObject *
copy_dict(Copying *copying, PyObject *original)
{
    PyObject *result = PyDict_New();
    if (result != NULL && !(set_in_memo(copying, original, result) &&
                            copy_items(copying, original, result, false)))
        Py_CLEAR(result);
    return result;
}

/* An object of the same class, in the memo, whose dict is filled with copies. */
static PyObject *
copy_instance(Copying *copying, PyObject *original, bool as_attributes)
{
    PyObject *class = (PyObject *)Py_TYPE(original), *target = NULL;
    PyObject *result = PyObject_CallMethodOneArg(class, new_, class);
    PyObject *items = result == NULL ? NULL : PyObject_GenericGetDict(original, NULL);
    bool done = items != NULL && set_in_memo(copying, original, result);
    if (done) {
        target = as_attributes ? Py_NewRef(result) : PyObject_GenericGetDict(result, NULL);
        done = target != NULL && copy_items(copying, items, target, as_attributes);
    }
    Py_XDECREF(target);
    Py_XDECREF(items);
    if (!done)
        Py_CLEAR(result);
    return result;
}

/* As `Mobject.__deepcopy__`. */
static PyObject *
copy_one_mobject(Copying *copying, PyObject *original)
{
    PyObject *result = copy_instance(copying, original, true);
    if (result == NULL)
        return NULL;
    PyObject *id = PyLong_FromVoidPtr(original);
    PyObject *text = id == NULL ? NULL : PyObject_Str(id);
    if (text == NULL || PyObject_SetAttr(result, original_id_, text) < 0)
        Py_CLEAR(result);
    Py_XDECREF(text);
    Py_XDECREF(id);
    return result;
}

static PyObject *
copy_by_kind(Copying *copying, PyObject *original, int kind)
{
    switch (kind) {
    case COPY_LIST:
        return copy_list(copying, original);
    case COPY_TUPLE:
        return copy_tuple(copying, original);
    case COPY_DICT:
        return copy_dict(copying, original);
    case COPY_MOBJECT:
        return copy_one_mobject(copying, original);
    case COPY_INSTANCE:
        return copy_instance(copying, original, false);
    default:
        return (PyObject *)PyArray_NewCopy((PyArrayObject *)original, NPY_KEEPORDER);
    }
}

/* As `copy.deepcopy(original, memo)`. */
static PyObject *
deep_copy(Copying *copying, PyObject *original)
{
    if (is_atomic(original))
        return Py_NewRef(original);
    int kind = class_traits_of(copying->kinds, original);
    if (kind < 0)
        return NULL;
    if (kind == COPY_NOTHING)
        return Py_NewRef(original);
    if (kind == COPY_ARRAY && PyDataType_REFCHK(PyArray_DESCR((PyArrayObject *)original)))
        kind = COPY_OTHERWISE;
    if (kind == COPY_OTHERWISE)
        return PyObject_CallFunctionObjArgs(copying->deepcopy, original, copying->memo, NULL);
    PyObject *result = get_from_memo(copying, original);
    if (result != NULL || PyErr_Occurred() || Py_EnterRecursiveCall(" while copying a mobject"))
        return result;
    result = copy_by_kind(copying, original, kind);
    Py_LeaveRecursiveCall();
    const bool is_in_memo = kind != COPY_TUPLE && kind != COPY_ARRAY;
    if (result != NULL && result != original &&
        !((is_in_memo || set_in_memo(copying, original, result)) &&
          keep_alive(copying, original)))
        Py_CLEAR(result);
    return result;
}

PyObject *
copy_mobject(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *mobject;
    Copying copying = {NULL, NULL, NULL, NULL};
    if (!PyArg_ParseTuple(args, "OO!O!O", &mobject, &PyDict_Type, &copying.memo, &PyDict_Type,
                          &copying.kinds, &copying.deepcopy))
        return NULL;
    return copy_one_mobject(&copying, mobject);
}
