/* The mobjects a flat camera draws, in its order: Manim's own answer, found in one pass.

   Manim walks every family twice and removes repetitions three times. */

#include "native.h"

#define DEEPEST 400 /* families nested deeper are left to Manim */

static PyObject *points_, *z_index_, *submobjects_;

bool
begin_families(void)
{
    const Name names[] = {
        {&points_, "points"}, {&z_index_, "z_index"}, {&submobjects_, "submobjects"}, {NULL, NULL}};
    return intern(names);
}

typedef struct {
    PyObject **items; /* owned: a property of a mobject may run any code */
    Py_ssize_t count, room;
} Crowd;

static bool
append(Crowd *crowd, PyObject *item)
{
    if (crowd->count == crowd->room) {
        Py_ssize_t room = crowd->room ? 2 * crowd->room : 256;
        PyObject **items = PyMem_Realloc(crowd->items, room * sizeof *items);
        if (items == NULL) {
            PyErr_NoMemory();
            return false;
        }
        crowd->items = items, crowd->room = room;
    }
    crowd->items[crowd->count++] = Py_NewRef(item);
    return true;
}

static void
dissolve(Crowd *crowd)
{
    for (Py_ssize_t i = 0; i < crowd->count; i++)
        Py_DECREF(crowd->items[i]);
    PyMem_Free(crowd->items);
}

/* What `kinds` says of an object's class; -1 with an exception set. */
int
kind_of(PyObject *kinds, PyObject *object)
{
    PyObject *told = PyDict_GetItemWithError(kinds, (PyObject *)Py_TYPE(object));
    if (told == NULL && !PyErr_Occurred()) {
        told = PyObject_GetItem(kinds, (PyObject *)Py_TYPE(object)); /* it fills itself in */
        Py_XDECREF(told);
    }
    return told == NULL ? -1 : (int)PyLong_AsLong(told);
}

PyObject *
points_of(PyObject *mobject)
{
    return PyObject_GetAttr(mobject, points_);
}

/* Append a mobject and all below it: 1 done, 0 a class has its own idea of a family, -1 fault. */
static int
walk(PyObject *kinds, PyObject *mobject, Crowd *into, PyObject **above, int depth)
{
    for (int i = 0; i < depth; i++)
        if (above[i] == mobject)
            return 1;
    int kind = kind_of(kinds, mobject);
    if (kind < 0 || !(kind & ORDINARY) || depth == DEEPEST)
        return kind < 0 ? -1 : 0;
    if (!append(into, mobject))
        return -1;
    PyObject *members = PyObject_GetAttr(mobject, submobjects_);
    if (members == NULL)
        return -1;
    int result = PyList_Check(members);
    above[depth] = mobject;
    for (Py_ssize_t i = 0; result == 1 && i < PyList_GET_SIZE(members); i++)
        result = walk(kinds, PyList_GET_ITEM(members, i), into, above, depth + 1);
    Py_DECREF(members);
    return result;
}

int
order_of_addresses(const void *a, const void *b)
{
    const uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;
    return (x > y) - (x < y);
}

static bool
has_repetitions(const Crowd *crowd)
{
    PyObject **sorted = PyMem_Malloc((crowd->count + 1) * sizeof *sorted);
    if (sorted == NULL)
        return true;
    memcpy(sorted, crowd->items, crowd->count * sizeof *sorted);
    qsort(sorted, crowd->count, sizeof *sorted, order_of_addresses);
    bool found = false;
    for (Py_ssize_t i = 1; i < crowd->count && !found; i++)
        found = sorted[i] == sorted[i - 1];
    PyMem_Free(sorted);
    return found;
}

/* Of a mobject that occurs more than once, keep the last occurrence. */
static bool
drop_repetitions(Crowd *crowd)
{
    if (!has_repetitions(crowd))
        return true;
    PyObject *seen = PySet_New(NULL);
    Py_ssize_t to = crowd->count;
    for (Py_ssize_t from = crowd->count - 1; seen != NULL && from >= 0; from--) {
        PyObject *address = PyLong_FromVoidPtr(crowd->items[from]);
        int known = address == NULL ? -1 : PySet_Contains(seen, address);
        if (known == 0) {
            PyObject *later = crowd->items[--to];
            crowd->items[to] = crowd->items[from];
            crowd->items[from] = later;
            known = PySet_Add(seen, address);
        }
        Py_XDECREF(address);
        if (known < 0)
            Py_CLEAR(seen);
    }
    if (seen == NULL)
        return false;
    Py_DECREF(seen);
    for (Py_ssize_t i = 0; i < to; i++)
        Py_DECREF(crowd->items[i]);
    crowd->count -= to;
    memmove(crowd->items, crowd->items + to, crowd->count * sizeof *crowd->items);
    return true;
}

typedef struct {
    double z;
    Py_ssize_t place;
    PyObject *mobject;
} Layered;

static int
by_layer(const void *a, const void *b)
{
    const Layered *x = a, *y = b;
    if (x->z != y->z)
        return x->z < y->z ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

/* Order by z_index, those of one z_index as they are: 1 done, 0 not comparable here, -1 fault. */
static int
order_by_layer(Crowd *crowd)
{
    Layered *layered = PyMem_Malloc((crowd->count + 1) * sizeof *layered);
    if (layered == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int result = 1;
    bool ordered = true;
    for (Py_ssize_t i = 0; result == 1 && i < crowd->count; i++) {
        PyObject *z = PyObject_GetAttr(crowd->items[i], z_index_);
        if (z == NULL) {
            result = -1;
            break;
        }
        layered[i] = (Layered){PyFloat_AsDouble(z), i, crowd->items[i]};
        Py_DECREF(z);
        if (PyErr_Occurred() || isnan(layered[i].z)) {
            PyErr_Clear();
            result = 0;
        }
        ordered = ordered && (i == 0 || layered[i - 1].z <= layered[i].z);
    }
    if (result == 1 && !ordered) {
        qsort(layered, crowd->count, sizeof *layered, by_layer);
        for (Py_ssize_t i = 0; i < crowd->count; i++)
            crowd->items[i] = layered[i].mobject;
    }
    PyMem_Free(layered);
    return result;
}

/* Keep the mobjects that have points. */
static bool
drop_pointless(Crowd *crowd)
{
    Py_ssize_t kept = 0, points = 0;
    for (Py_ssize_t i = 0; i < crowd->count; i++) {
        PyObject *mobject = crowd->items[i];
        PyObject *array = points < 0 ? NULL : points_of(mobject);
        points = array == NULL ? -1 : PyObject_Size(array);
        Py_XDECREF(array);
        if (points > 0)
            crowd->items[kept++] = mobject;
        else
            Py_DECREF(mobject);
    }
    crowd->count = kept;
    return points >= 0;
}

/* The families of `mobjects`, each member once, with or without those that have no points: 1 done,
   0 a class has its own idea of a family, -1 fault. */
static int
gather(PyObject *const *mobjects, Py_ssize_t count, PyObject *kinds, bool with_points, Crowd *crowd)
{
    PyObject *above[DEEPEST];
    int done = 1;
    for (Py_ssize_t i = 0; done == 1 && i < count; i++)
        done = walk(kinds, mobjects[i], crowd, above, 0);
    if (done == 1 && !drop_repetitions(crowd))
        done = -1;
    if (done == 1 && with_points && !drop_pointless(crowd))
        done = -1;
    return done;
}

/* A list of those gathered, or None, or NULL. */
static PyObject *
told(int done, Crowd *crowd)
{
    PyObject *result = done == 1 ? PyList_New(crowd->count) : NULL;
    for (Py_ssize_t i = 0; result != NULL && i < crowd->count; i++)
        PyList_SET_ITEM(result, i, Py_NewRef(crowd->items[i]));
    dissolve(crowd);
    if (done == 0)
        Py_RETURN_NONE;
    return result;
}

PyObject *
displayed(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *mobjects, *kinds;
    int by_z;
    if (!PyArg_ParseTuple(args, "O!pO!:displayed", &PyList_Type, &mobjects, &by_z, &PyDict_Type,
                          &kinds))
        return NULL;
    Crowd crowd = {NULL, 0, 0};
    int done = gather(PySequence_Fast_ITEMS(mobjects), PyList_GET_SIZE(mobjects), kinds, true, &crowd);
    if (done == 1 && by_z)
        done = order_by_layer(&crowd);
    return told(done, &crowd);
}

PyObject *
family(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *mobject, *kinds;
    int with_points;
    if (!PyArg_ParseTuple(args, "OpO!:family", &mobject, &with_points, &PyDict_Type, &kinds))
        return NULL;
    Crowd crowd = {NULL, 0, 0};
    return told(gather(&mobject, 1, kinds, with_points, &crowd), &crowd);
}
