/* Snapshots of the mobjects of a picture: takes new ones and marks the tiles where they differ. */

#include "display_list.h"

/* Mark the tiles that a rectangle of pixels touches. */
static void
mark_rect(TileGrid grid, int tile_size, Rect r)
{
    if (r.right <= 0 || r.bottom <= 0 || r.left >= r.right || r.top >= r.bottom)
        return;
    const int left = (r.left > 0 ? r.left : 0) / tile_size;
    const int top = (r.top > 0 ? r.top : 0) / tile_size;
    int right = (r.right + tile_size - 1) / tile_size;
    int bottom = (r.bottom + tile_size - 1) / tile_size;
    right = right < grid.columns ? right : grid.columns;
    bottom = bottom < grid.rows ? bottom : grid.rows;
    for (int row = top; row < bottom && left < right; row++)
        memset(grid.marks + (size_t)row * grid.columns + left, 1, right - left);
}

/* -- Old snapshots by mobject -------------------------------------------------------------- */

typedef struct {
    PyObject *mobject;
    Py_ssize_t index;
} IndexEntry;

static int
compare_entries(const void *a, const void *b)
{
    return compare_addresses(&((const IndexEntry *)a)->mobject,
                             &((const IndexEntry *)b)->mobject);
}

/* Find the index of each mobject's snapshot, or -1. Most mobjects have the index they had, so that
   only those after the first difference are searched for. */
static bool
find_old_snapshots(const DisplayList *self, PyObject *mobjects, Py_ssize_t *old_index)
{
    const Py_ssize_t count = PyTuple_GET_SIZE(mobjects);
    Py_ssize_t first = 0;
    while (first < count && first < self->count &&
           self->snapshots[first]->mobject == PyTuple_GET_ITEM(mobjects, first)) {
        old_index[first] = first;
        first++;
    }
    const Py_ssize_t rest = self->count - first;
    IndexEntry *entries = PyMem_Malloc((rest + 1) * sizeof *entries);
    if (entries == NULL) {
        PyErr_NoMemory();
        return false;
    }
    for (Py_ssize_t i = 0; i < rest; i++)
        entries[i] = (IndexEntry){self->snapshots[first + i]->mobject, first + i};
    if (first < count)
        qsort(entries, rest, sizeof *entries, compare_entries);
    for (Py_ssize_t i = first; i < count; i++) {
        const IndexEntry key = {PyTuple_GET_ITEM(mobjects, i), 0};
        const IndexEntry *entry =
            rest ? bsearch(&key, entries, rest, sizeof *entries, compare_entries) : NULL;
        old_index[i] = entry == NULL ? -1 : entry->index;
    }
    PyMem_Free(entries);
    return true;
}

/* -- New snapshots ------------------------------------------------------------------------- */

typedef struct {
    TileGrid grid;
    int tile_size;
    bool valid; /* the picture shows the old snapshots, in the same view */
} Comparison;

typedef enum {
    COMPARISON_FAILED = -1,  /* a Python exception is set */
    COMPARISON_UNPREDICTABLE, /* a mobject cannot be compared */
    COMPARISON_MARKED,       /* the picture differs in the marked tiles alone */
    COMPARISON_REDRAW_ALL,
} ComparisonResult;

/* Update one snapshot and mark the tiles where it was and is. */
static SnapshotResult
compare_snapshot(const DisplayList *self, const Comparison *comparison, Snapshot *snapshot,
                 PyObject *mobject, bool is_new)
{
    const Rect old_bounds = snapshot->bounds;
    snapshot->mobject = mobject;
    const SnapshotResult result = update_snapshot(&self->state, snapshot, mobject, is_new);
    if (result == SNAPSHOT_CHANGED) {
        if (!is_new)
            mark_rect(comparison->grid, comparison->tile_size, old_bounds);
        mark_rect(comparison->grid, comparison->tile_size, snapshot->bounds);
    }
    return result;
}

/* Move the snapshots of `mobjects` from the display list to `snapshots`, up to date. What remains in
   the display list belongs to mobjects that are gone. */
static ComparisonResult
move_snapshots(DisplayList *self, const Comparison *comparison, PyObject *mobjects,
               const Py_ssize_t *old_index, Snapshot **snapshots)
{
    Py_ssize_t last_index = -1;
    bool in_order = true;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mobjects); i++) {
        const Py_ssize_t index = old_index[i];
        snapshots[i] = index < 0 ? NULL : self->snapshots[index];
        const bool is_new = !comparison->valid || snapshots[i] == NULL;
        if (snapshots[i] != NULL) {
            self->snapshots[index] = NULL; /* a mobject that is listed twice finds it taken */
            in_order = in_order && index > last_index;
            last_index = index;
        }
        else if ((snapshots[i] = PyMem_Calloc(1, sizeof(Snapshot))) == NULL) {
            PyErr_NoMemory();
            return COMPARISON_FAILED;
        }
        const SnapshotResult result = compare_snapshot(self, comparison, snapshots[i],
                                                       PyTuple_GET_ITEM(mobjects, i), is_new);
        if (result < 0)
            return result == SNAPSHOT_FAILED ? COMPARISON_FAILED : COMPARISON_UNPREDICTABLE;
    }
    for (Py_ssize_t i = 0; i < self->count; i++)
        if (self->snapshots[i] != NULL)
            mark_rect(comparison->grid, comparison->tile_size, self->snapshots[i]->bounds);
    return comparison->valid && in_order ? COMPARISON_MARKED : COMPARISON_REDRAW_ALL;
}

static void
free_snapshots(Snapshot **snapshots, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        free_snapshot(snapshots[i]);
}

/* Replace the display list's snapshots by those of `mobjects`; by none if they cannot be
   compared. */
static ComparisonResult
replace_snapshots(DisplayList *self, const Comparison *comparison, PyObject *mobjects)
{
    Py_ssize_t count = PyTuple_GET_SIZE(mobjects);
    Snapshot **snapshots = PyMem_Calloc(count + 1, sizeof *snapshots);
    Py_ssize_t *old_index = PyMem_Malloc((count + 1) * sizeof *old_index);
    ComparisonResult result = COMPARISON_FAILED;
    if (snapshots == NULL || old_index == NULL) {
        PyErr_NoMemory();
        count = 0;
    }
    else if (find_old_snapshots(self, mobjects, old_index))
        result = move_snapshots(self, comparison, mobjects, old_index, snapshots);
    PyMem_Free(old_index);
    if (result == COMPARISON_FAILED || result == COMPARISON_UNPREDICTABLE) {
        free_snapshots(snapshots, count);
        count = 0;
    }
    free_snapshots(self->snapshots, self->count);
    PyMem_Free(self->snapshots);
    self->snapshots = snapshots, self->count = count;
    return result;
}

static PyObject *
to_python(ComparisonResult result)
{
    switch (result) {
    case COMPARISON_FAILED:
        return NULL;
    case COMPARISON_UNPREDICTABLE:
        Py_RETURN_NONE;
    case COMPARISON_MARKED:
        Py_RETURN_FALSE;
    default:
        Py_RETURN_TRUE;
    }
}

PyObject *
display_list_take_snapshots(DisplayList *self, PyObject *args)
{
    PyObject *list;
    PyArrayObject *marks;
    double v[9];
    Comparison comparison;
    if (!PyArg_ParseTuple(args, "O!(ddddddddd)O!i:take_snapshots", &PyList_Type, &list, v,
                          v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7, v + 8, &PyArray_Type,
                          &marks, &comparison.tile_size) ||
        !tile_grid_from_array(marks, comparison.tile_size, &comparison.grid))
        return NULL;
    if (!PyArray_ISWRITEABLE(marks)) {
        PyErr_SetString(PyExc_ValueError, "marks must be writeable");
        return NULL;
    }
    PyObject *mobjects = PyList_AsTuple(list); /* properties of mobjects may change the list */
    if (mobjects == NULL)
        return NULL;
    comparison.valid = self->valid && memcmp(v, self->state.view, sizeof v) == 0;
    self->valid = false;
    memcpy(self->state.view, v, sizeof v);
    const ComparisonResult result = replace_snapshots(self, &comparison, mobjects);
    Py_DECREF(mobjects);
    return to_python(result);
}
