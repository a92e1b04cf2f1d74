/* The families of mobjects, and what a camera draws in which order, in one pass; Manim walks every
   family twice and removes repetitions three times. */

#include "manim.h"

enum { MAX_DEPTH = 400 }; /* deeper families are left to Manim */

static PyObject *points_, *z_index_, *submobjects_;

bool
intern_family_names(void)
{
    const AttributeName names[] = {
        {&points_, "points"}, {&z_index_, "z_index"}, {&submobjects_, "submobjects"}, {NULL, NULL}};
    return intern_names(names);
}

PyObject *
get_points(PyObject *mobject)
{
    return PyObject_GetAttr(mobject, points_);
}

/* Append a mobject and all its submobjects, depth first. `ancestors` are the mobjects above it; one
   that contains itself is not walked again. */
static Outcome
append_family(PyObject *traits, PyObject *mobject, ObjectList *list, PyObject **ancestors,
              int depth)
{
    for (int i = 0; i < depth; i++)
        if (ancestors[i] == mobject)
            return DONE;
    const int bits = class_traits_of(traits, mobject);
    if (bits < 0)
        return FAILED;
    if (!(bits & DEFAULT_FAMILY) || depth == MAX_DEPTH)
        return UNSUPPORTED;
    if (!append_object(list, mobject))
        return FAILED;
    PyObject *submobjects = PyObject_GetAttr(mobject, submobjects_);
    if (submobjects == NULL)
        return FAILED;
    Outcome outcome = PyList_Check(submobjects) ? DONE : UNSUPPORTED;
    ancestors[depth] = mobject;
    for (Py_ssize_t i = 0; outcome == DONE && i < PyList_GET_SIZE(submobjects); i++) {
        PyObject *submobject = Py_NewRef(PyList_GET_ITEM(submobjects, i));
        outcome = append_family(traits, submobject, list, ancestors, depth + 1);
        Py_DECREF(submobject);
    }
    Py_DECREF(submobjects);
    return outcome;
}

/* Remove mobjects without points. False with an exception set. */
static bool
remove_pointless(ObjectList *list)
{
    Py_ssize_t kept = 0, size = 0;
    for (Py_ssize_t i = 0; i < list->count; i++) {
        PyObject *mobject = list->items[i];
        PyObject *points = size < 0 ? NULL : get_points(mobject);
        size = points == NULL ? -1 : PyObject_Size(points);
        Py_XDECREF(points);
        if (size > 0)
            list->items[kept++] = mobject;
        else
            Py_DECREF(mobject);
    }
    list->count = kept;
    return size >= 0;
}

/* Remove repetitions, and mobjects without points if so wanted. */
static Outcome
clean_up(Outcome outcome, bool with_points, ObjectList *list)
{
    if (outcome == DONE && !remove_repetitions(list))
        return FAILED;
    if (outcome == DONE && with_points && !remove_pointless(list))
        return FAILED;
    return outcome;
}

/* -- Order of drawing ---------------------------------------------------------------------- */

typedef struct {
    double z_index;
    Py_ssize_t index;
    PyObject *mobject;
} DrawOrder;

static int
compare_draw_order(const void *a, const void *b)
{
    const DrawOrder *x = a, *y = b;
    if (x->z_index != y->z_index)
        return x->z_index < y->z_index ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

/* Read the z_index of each mobject. Unsupported if one is not a number. */
static Outcome
read_draw_order(const ObjectList *list, DrawOrder *order, bool *is_sorted)
{
    *is_sorted = true;
    for (Py_ssize_t i = 0; i < list->count; i++) {
        PyObject *z_index = PyObject_GetAttr(list->items[i], z_index_);
        if (z_index == NULL)
            return FAILED;
        order[i] = (DrawOrder){PyFloat_AsDouble(z_index), i, list->items[i]};
        Py_DECREF(z_index);
        if (PyErr_Occurred() || isnan(order[i].z_index)) {
            PyErr_Clear();
            return UNSUPPORTED;
        }
        *is_sorted = *is_sorted && (i == 0 || order[i - 1].z_index <= order[i].z_index);
    }
    return DONE;
}

/* Sort by z_index; mobjects with the same one keep their order. */
static Outcome
sort_by_z_index(ObjectList *list)
{
    DrawOrder *order = PyMem_Malloc((list->count + 1) * sizeof *order);
    if (order == NULL) {
        PyErr_NoMemory();
        return FAILED;
    }
    bool is_sorted;
    const Outcome outcome = read_draw_order(list, order, &is_sorted);
    if (outcome == DONE && !is_sorted) {
        qsort(order, list->count, sizeof *order, compare_draw_order);
        for (Py_ssize_t i = 0; i < list->count; i++)
            list->items[i] = order[i].mobject;
    }
    PyMem_Free(order);
    return outcome;
}

/* -- Python functions ---------------------------------------------------------------------- */

PyObject *
mobjects_to_display(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *mobjects, *traits, *ancestors[MAX_DEPTH];
    int use_z_index;
    if (!PyArg_ParseTuple(args, "O!pO!:mobjects_to_display", &PyList_Type, &mobjects, &use_z_index,
                          &PyDict_Type, &traits))
        return NULL;
    ObjectList list = {NULL, 0, 0};
    Outcome outcome = DONE;
    for (Py_ssize_t i = 0; outcome == DONE && i < PyList_GET_SIZE(mobjects); i++) {
        PyObject *mobject = Py_NewRef(PyList_GET_ITEM(mobjects, i));
        outcome = append_family(traits, mobject, &list, ancestors, 0);
        Py_DECREF(mobject);
    }
    outcome = clean_up(outcome, true, &list);
    if (outcome == DONE && use_z_index)
        outcome = sort_by_z_index(&list);
    return to_list(outcome, &list);
}

PyObject *
family(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *mobject, *traits, *ancestors[MAX_DEPTH];
    int with_points;
    if (!PyArg_ParseTuple(args, "OpO!:family", &mobject, &with_points, &PyDict_Type, &traits))
        return NULL;
    ObjectList list = {NULL, 0, 0};
    const Outcome outcome = append_family(traits, mobject, &list, ancestors, 0);
    return to_list(clean_up(outcome, with_points, &list), &list);
}
