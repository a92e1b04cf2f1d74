/* What a picture shows, mobject by mobject: noticing what has changed, and drawing it again. */

#include "native.h"

static PyObject *display_vectorized_;

typedef struct {
    PyObject_HEAD
    Eye eye;
    Look **looks;
    Py_ssize_t count;
    char known; /* whether the picture shows `looks` */
} Canvas;

/* Mark the tiles, of `size` pixels a side, that a rectangle touches. */
static void
mark(Grid grid, int size, Rect r)
{
    if (r.right <= 0 || r.bottom <= 0 || r.left >= r.right || r.top >= r.bottom)
        return;
    int left = (r.left > 0 ? r.left : 0) / size, top = (r.top > 0 ? r.top : 0) / size;
    int right = (r.right + size - 1) / size, bottom = (r.bottom + size - 1) / size;
    right = right < grid.columns ? right : grid.columns;
    bottom = bottom < grid.rows ? bottom : grid.rows;
    for (int row = top; row < bottom && left < right; row++)
        memset(grid.tiles + (size_t)row * grid.columns + left, 1, right - left);
}

typedef struct {
    PyObject *mobject;
    Py_ssize_t place;
} Known;

static int
known_by_address(const void *a, const void *b)
{
    return order_of_addresses(&((const Known *)a)->mobject, &((const Known *)b)->mobject);
}

/* Where among the old looks each mobject's is, or -1; most are where they were before. */
static bool
look_up(const Canvas *self, PyObject *mobjects, Py_ssize_t *found)
{
    Py_ssize_t count = PyList_GET_SIZE(mobjects), first = 0;
    while (first < count && first < self->count &&
           self->looks[first]->mobject == PyList_GET_ITEM(mobjects, first)) {
        found[first] = first;
        first++;
    }
    Py_ssize_t rest = self->count - first;
    Known *known = PyMem_Malloc((rest + 1) * sizeof *known);
    if (known == NULL) {
        PyErr_NoMemory();
        return false;
    }
    for (Py_ssize_t i = 0; i < rest; i++)
        known[i] = (Known){self->looks[first + i]->mobject, first + i};
    if (first < count)
        qsort(known, rest, sizeof *known, known_by_address);
    for (Py_ssize_t i = first; i < count; i++) {
        Known sought = {PyList_GET_ITEM(mobjects, i), 0};
        Known *one = rest ? bsearch(&sought, known, rest, sizeof *known, known_by_address) : NULL;
        found[i] = one == NULL ? -1 : one->place;
    }
    PyMem_Free(known);
    return true;
}

/* Take over the looks of `mobjects`. 1 marks tell all, 2 everything is to be drawn, 0, -1. */
static int
take_over(Canvas *self, PyObject *mobjects, bool usable, Look **looks, Py_ssize_t *found,
          Grid grid, int tile)
{
    Py_ssize_t count = PyList_GET_SIZE(mobjects), last = -1;
    bool in_order = true;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *mobject = PyList_GET_ITEM(mobjects, i);
        looks[i] = found[i] < 0 ? NULL : self->looks[found[i]];
        bool fresh = !usable || looks[i] == NULL;
        if (looks[i] != NULL) {
            self->looks[found[i]] = NULL;
            in_order = in_order && found[i] > last;
            last = found[i];
        }
        else if ((looks[i] = PyMem_Calloc(1, sizeof(Look))) == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        Rect before = looks[i]->place;
        looks[i]->mobject = mobject;
        int same = bring_up_to_date(&self->eye, looks[i], mobject, fresh);
        if (same < 0)
            return same == -2 ? 0 : -1;
        if (!same) {
            if (!fresh)
                mark(grid, tile, before);
            mark(grid, tile, looks[i]->place);
        }
    }
    for (Py_ssize_t i = 0; i < self->count; i++)
        if (self->looks[i] != NULL)
            mark(grid, tile, self->looks[i]->place);
    return usable && in_order ? 1 : 2;
}

static PyObject *
canvas_read(Canvas *self, PyObject *args)
{
    PyObject *mobjects;
    PyArrayObject *marks;
    double view[9];
    Grid grid;
    int tile;
    if (!PyArg_ParseTuple(args, "O!(ddddddddd)O!i:read", &PyList_Type, &mobjects, view, view + 1,
                          view + 2, view + 3, view + 4, view + 5, view + 6, view + 7, view + 8,
                          &PyArray_Type, &marks, &tile) ||
        !as_grid(marks, &grid))
        return NULL;
    bool usable = self->known && memcmp(view, self->eye.view, sizeof view) == 0;
    self->known = 0;
    memcpy(self->eye.view, view, sizeof view);
    Py_ssize_t count = PyList_GET_SIZE(mobjects);
    Look **looks = PyMem_Calloc(count + 1, sizeof *looks);
    Py_ssize_t *found = PyMem_Malloc((count + 1) * sizeof *found);
    int result = -1;
    if (looks == NULL || found == NULL)
        PyErr_NoMemory();
    else if (look_up(self, mobjects, found))
        result = take_over(self, mobjects, usable, looks, found, grid, tile);
    for (Py_ssize_t i = 0; looks != NULL && i < self->count; i++)
        drop(self->looks[i]);
    PyMem_Free(found);
    if (looks == NULL)
        return NULL;
    if (result <= 0) {
        for (Py_ssize_t i = 0; i < count; i++)
            drop(looks[i]);
        count = 0;
    }
    PyMem_Free(self->looks);
    self->looks = looks, self->count = count;
    if (result < 0)
        return NULL;
    if (result == 0)
        Py_RETURN_NONE;
    return PyBool_FromLong(result == 2);
}

typedef struct {
    unsigned char *pixels;
    int width, height;
} Picture;

static bool
alike(PyArrayObject *one, PyArrayObject *other)
{
    return PyArray_IS_C_CONTIGUOUS(one) && PyArray_IS_C_CONTIGUOUS(other) &&
           PyArray_NBYTES(one) == PyArray_NBYTES(other);
}

static void
copy(Picture to, Picture from, Rect r)
{
    size_t size = r.right > r.left ? 4 * (size_t)(r.right - r.left) : 0;
    for (int y = r.top; y < r.bottom && size; y++) {
        size_t at = 4 * ((size_t)y * to.width + r.left);
        memcpy(to.pixels + at, from.pixels + at, size);
    }
}

/* Whether it reaches into the rows and columns of `rect`. */
static bool
reaches(Rect place, Rect rect)
{
    return place.left < rect.right && rect.left < place.right && place.top < rect.bottom &&
           rect.top < place.bottom;
}

static bool
draw_all(Canvas *self, cairo_t *context, PyObject *wrapped, PyObject *mobjects, Rect rows,
         PyObject *camera, PyObject *paints)
{
    PyThreadState *paused = PyEval_SaveThread();
    bool good = true;
    for (Py_ssize_t i = 0; good && i < self->count; i++) {
        Look *look = self->looks[i];
        if (!reaches(look->place, rows))
            continue;
        if (look->plain && paints == Py_None) {
            draw_look(context, look, self->eye.view[8]);
            continue;
        }
        PyEval_RestoreThread(paused);
        PyObject *mobject = PyList_GET_ITEM(mobjects, i);
        int own = 0;
        if (look->plain) {
            PyObject *told = PyObject_CallOneArg(paints, mobject);
            own = told == NULL ? -1 : PyObject_IsTrue(told);
            Py_XDECREF(told);
        }
        if (own == 0 && look->plain)
            draw_look(context, look, self->eye.view[8]);
        else if (own >= 0)
            Py_XDECREF(PyObject_CallMethodObjArgs(camera, display_vectorized_, mobject, wrapped, NULL));
        good = !PyErr_Occurred();
        paused = PyEval_SaveThread();
    }
    PyEval_RestoreThread(paused);
    return good && well(context);
}

/* Where to draw for the sake of the pixels of `rect`: `above` rows more, and from the left of the
   leftmost to the right of the rightmost. Where an edge crosses the side of a clip, cairo parts it
   there and samples its whole row of pixels in another way. */
static Rect
widened(const Canvas *self, Rect rect, int above, int width, int height)
{
    Rect wide = rect;
    wide.top = rect.top > above ? rect.top - above : 0;
    wide.bottom = rect.bottom + above < height ? rect.bottom + above : height;
    const Rect rows = wide;
    for (Py_ssize_t i = 0; i < self->count; i++) {
        Rect place = self->looks[i]->place;
        if (reaches(place, rows)) {
            wide.left = place.left < wide.left ? place.left : wide.left;
            wide.right = place.right > wide.right ? place.right : wide.right;
        }
    }
    wide.left = wide.left > 0 ? wide.left : 0;
    wide.right = wide.right < width ? wide.right : width;
    return wide;
}

static PyObject *
canvas_draw(Canvas *self, PyObject *args)
{
    PyObject *context, *mobjects, *camera, *paints;
    PyArrayObject *pixels, *below, *sheet;
    Rect rect;
    int above;
    if (!PyArg_ParseTuple(args, "O(iiii)iO!O!O!O!OO:draw", &context, &rect.left, &rect.top,
                          &rect.right, &rect.bottom, &above, &PyArray_Type, &pixels, &PyArray_Type,
                          &below, &PyArray_Type, &sheet, &PyList_Type, &mobjects, &camera, &paints))
        return NULL;
    if (PyList_GET_SIZE(mobjects) != self->count || !alike(pixels, below) || !alike(pixels, sheet)) {
        PyErr_SetString(PyExc_ValueError, "these are not the mobjects or pictures that were read");
        return NULL;
    }
    Picture picture = {PyArray_DATA(pixels), (int)PyArray_DIM(pixels, 1), (int)PyArray_DIM(pixels, 0)};
    if (rect.left < 0 || rect.top < 0 || rect.left > rect.right || rect.top > rect.bottom ||
        rect.right > picture.width || rect.bottom > picture.height) {
        PyErr_SetString(PyExc_ValueError, "the rectangle is not within the picture");
        return NULL;
    }
    Picture under = {PyArray_DATA(below), picture.width, picture.height};
    Picture drawn = {PyArray_DATA(sheet), picture.width, picture.height};
    const Rect wide = widened(self, rect, above, picture.width, picture.height);
    copy(drawn, under, rect);
    cairo_t *cr = context_of(context);
    cairo_surface_mark_dirty(cairo_get_target(cr));
    cairo_save(cr);
    cairo_matrix_t matrix;
    cairo_get_matrix(cr, &matrix);
    cairo_identity_matrix(cr);
    cairo_new_path(cr);
    cairo_rectangle(cr, wide.left, wide.top, wide.right - wide.left, wide.bottom - wide.top);
    cairo_clip(cr);
    cairo_set_matrix(cr, &matrix);
    const Rect rows = {rect.left, wide.top, rect.right, wide.bottom};
    bool good = draw_all(self, cr, context, mobjects, rows, camera, paints);
    cairo_restore(cr);
    cairo_surface_flush(cairo_get_target(cr));
    if (!good)
        return NULL;
    copy(picture, drawn, rect);
    Py_RETURN_NONE;
}

static int
canvas_init(Canvas *self, PyObject *args, PyObject *Py_UNUSED(named))
{
    PyObject *kinds, *joins, *caps;
    if (!PyArg_ParseTuple(args, "O!OO:Canvas", &PyDict_Type, &kinds, &joins, &caps))
        return -1;
    Py_XSETREF(self->eye.kinds, Py_NewRef(kinds));
    Py_XSETREF(self->eye.joins, Py_NewRef(joins));
    Py_XSETREF(self->eye.caps, Py_NewRef(caps));
    return 0;
}

static void
canvas_dealloc(Canvas *self)
{
    for (Py_ssize_t i = 0; i < self->count; i++)
        drop(self->looks[i]);
    PyMem_Free(self->looks);
    Py_XDECREF(self->eye.kinds);
    Py_XDECREF(self->eye.joins);
    Py_XDECREF(self->eye.caps);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *
canvas_get_known(Canvas *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->known);
}

static int
canvas_set_known(Canvas *self, PyObject *value, void *Py_UNUSED(closure))
{
    int known = value == NULL ? -1 : PyObject_IsTrue(value);
    if (known >= 0)
        self->known = (char)known;
    return known < 0 ? -1 : 0;
}

static PyGetSetDef canvas_attributes[] = {
    {"known", (getter)canvas_get_known, (setter)canvas_set_known, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef canvas_methods[] = {
    {"read", (PyCFunction)canvas_read, METH_VARARGS, NULL},
    {"draw", (PyCFunction)canvas_draw, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject canvas_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "deltarender._native.Canvas",
    .tp_basicsize = sizeof(Canvas),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)canvas_init,
    .tp_dealloc = (destructor)canvas_dealloc,
    .tp_methods = canvas_methods,
    .tp_getset = canvas_attributes,
};

bool
begin_canvas(PyObject *module)
{
    const Name names[] = {{&display_vectorized_, "display_vectorized"}, {NULL, NULL}};
    return intern(names) && PyType_Ready(&canvas_type) == 0 &&
           PyModule_AddObjectRef(module, "Canvas", (PyObject *)&canvas_type) == 0;
}
