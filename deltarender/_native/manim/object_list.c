/* A growing list of objects, and the removal of repetitions in it. */

#include "manim.h"

bool
append_object(ObjectList *list, PyObject *object)
{
    if (list->count == list->capacity) {
        const Py_ssize_t capacity = list->capacity ? 2 * list->capacity : 256;
        PyObject **items = PyMem_Realloc(list->items, capacity * sizeof *items);
        if (items == NULL) {
            PyErr_NoMemory();
            return false;
        }
        list->items = items, list->capacity = capacity;
    }
    list->items[list->count++] = Py_NewRef(object);
    return true;
}

/* Compares two pointers; for qsort and bsearch. */
int
compare_addresses(const void *a, const void *b)
{
    const uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;
    return (x > y) - (x < y);
}

static bool
has_repetitions(const ObjectList *list)
{
    if (list->count < 2)
        return false;
    PyObject **sorted = PyMem_Malloc(list->count * sizeof *sorted);
    if (sorted == NULL)
        return true; /* the slower path finds out */
    memcpy(sorted, list->items, list->count * sizeof *sorted);
    qsort(sorted, list->count, sizeof *sorted, compare_addresses);
    bool found = false;
    for (Py_ssize_t i = 1; i < list->count && !found; i++)
        found = sorted[i] == sorted[i - 1];
    PyMem_Free(sorted);
    return found;
}

/* Move the last occurrence of each object to the end of the list, in order. Returns the index where
   these begin; -1 with an exception set. */
static Py_ssize_t
move_last_occurrences(ObjectList *list)
{
    PyObject *seen = PySet_New(NULL);
    Py_ssize_t start = list->count;
    for (Py_ssize_t i = list->count - 1; seen != NULL && i >= 0; i--) {
        PyObject *address = PyLong_FromVoidPtr(list->items[i]);
        int known = address == NULL ? -1 : PySet_Contains(seen, address);
        if (known == 0) {
            PyObject *later = list->items[--start];
            list->items[start] = list->items[i];
            list->items[i] = later;
            known = PySet_Add(seen, address);
        }
        Py_XDECREF(address);
        if (known < 0)
            Py_CLEAR(seen);
    }
    if (seen == NULL)
        return -1;
    Py_DECREF(seen);
    return start;
}

/* Keep only the last occurrence of each object, as Manim does. False with an exception set. */
bool
remove_repetitions(ObjectList *list)
{
    if (!has_repetitions(list))
        return true;
    const Py_ssize_t start = move_last_occurrences(list);
    if (start < 0)
        return false;
    for (Py_ssize_t i = 0; i < start; i++)
        Py_DECREF(list->items[i]);
    list->count -= start;
    memmove(list->items, list->items + start, list->count * sizeof *list->items);
    return true;
}

void
free_objects(ObjectList *list)
{
    for (Py_ssize_t i = 0; i < list->count; i++)
        Py_DECREF(list->items[i]);
    PyMem_Free(list->items);
}

/* Free the list and return its objects as a Python list; None if unsupported, NULL if failed. */
PyObject *
to_list(Outcome outcome, ObjectList *list)
{
    PyObject *result = outcome == DONE ? PyList_New(list->count) : NULL;
    for (Py_ssize_t i = 0; result != NULL && i < list->count; i++)
        PyList_SET_ITEM(result, i, Py_NewRef(list->items[i]));
    free_objects(list);
    if (outcome == UNSUPPORTED)
        Py_RETURN_NONE;
    return result;
}
