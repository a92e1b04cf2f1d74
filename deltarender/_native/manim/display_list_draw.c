/* Drawing of the snapshots of a display list within a rectangle. */

#include "display_list.h"

static PyObject *display_vectorized_;

bool
intern_display_list_names(void)
{
    const AttributeName names[] = {{&display_vectorized_, "display_vectorized"}, {NULL, NULL}};
    return intern_names(names);
}

typedef struct {
    unsigned char *pixels; /* 4 bytes each, rows without padding */
    int width, height;
} Picture;

static void
copy_rect(Picture to, Picture from, Rect r)
{
    const size_t size = r.right > r.left ? 4 * (size_t)(r.right - r.left) : 0;
    for (int y = r.top; y < r.bottom && size; y++) {
        const size_t offset = 4 * ((size_t)y * to.width + r.left);
        memcpy(to.pixels + offset, from.pixels + offset, size);
    }
}

static bool
intersects(Rect a, Rect b)
{
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/* -- Mobjects ------------------------------------------------------------------------------ */

typedef struct {
    cairo_t *cr;
    PyObject *context, *camera; /* `context` is the Python object of `cr` */
    PyObject *needs_camera;     /* a Python function of a mobject, or None */
} Drawing;

/* Draw a mobject for which Python has to be called. */
static bool
draw_with_camera(const Drawing *drawing, const Snapshot *snapshot, PyObject *mobject,
                 double pixels_per_width)
{
    int needs_camera = 1;
    if (snapshot->drawable) {
        PyObject *answer = PyObject_CallOneArg(drawing->needs_camera, mobject);
        needs_camera = answer == NULL ? -1 : PyObject_IsTrue(answer);
        Py_XDECREF(answer);
    }
    if (needs_camera == 0)
        draw_snapshot(drawing->cr, snapshot, pixels_per_width);
    else if (needs_camera > 0)
        Py_XDECREF(PyObject_CallMethodObjArgs(drawing->camera, display_vectorized_, mobject,
                                              drawing->context, NULL));
    return !PyErr_Occurred();
}

/* Draw all mobjects that intersect `rect`, without the GIL wherever Python need not be called. */
static bool
draw_mobjects(DisplayList *self, const Drawing *drawing, PyObject *mobjects, Rect rect)
{
    const double pixels_per_width = self->state.view[8];
    PyThreadState *thread = PyEval_SaveThread();
    bool ok = true;
    for (Py_ssize_t i = 0; ok && i < self->count; i++) {
        const Snapshot *snapshot = self->snapshots[i];
        if (!intersects(snapshot->bounds, rect))
            continue;
        if (snapshot->drawable && drawing->needs_camera == Py_None) {
            draw_snapshot(drawing->cr, snapshot, pixels_per_width);
            continue;
        }
        PyEval_RestoreThread(thread);
        ok = draw_with_camera(drawing, snapshot, PyTuple_GET_ITEM(mobjects, i), pixels_per_width);
        thread = PyEval_SaveThread();
    }
    PyEval_RestoreThread(thread);
    return ok && cairo_ok(drawing->cr);
}

/* -- The clip ------------------------------------------------------------------------------ */

/* The clip for drawing `rect`: `margin` rows more above and below, and as wide as what is drawn in
   these rows. Where an edge crosses the side of a clip, cairo splits it there and samples the whole
   row of pixels differently than Manim, which draws without a clip. */
static Rect
clip_for(const DisplayList *self, Rect rect, int margin, int width, int height)
{
    Rect clip = rect;
    clip.top = rect.top > margin ? rect.top - margin : 0;
    clip.bottom = rect.bottom + margin < height ? rect.bottom + margin : height;
    const Rect rows = clip;
    for (Py_ssize_t i = 0; i < self->count; i++) {
        const Rect bounds = self->snapshots[i]->bounds;
        if (intersects(bounds, rows)) {
            clip.left = bounds.left < clip.left ? bounds.left : clip.left;
            clip.right = bounds.right > clip.right ? bounds.right : clip.right;
        }
    }
    clip.left = clip.left > 0 ? clip.left : 0;
    clip.right = clip.right < width ? clip.right : width;
    return clip;
}

/* Save the state of a context and clip it to a rectangle of pixels. */
static void
push_clip(cairo_t *cr, Rect clip)
{
    cairo_matrix_t matrix;
    cairo_save(cr);
    cairo_get_matrix(cr, &matrix);
    cairo_identity_matrix(cr);
    cairo_new_path(cr);
    cairo_rectangle(cr, clip.left, clip.top, clip.right - clip.left, clip.bottom - clip.top);
    cairo_clip(cr);
    cairo_set_matrix(cr, &matrix);
}

/* -- The Python method --------------------------------------------------------------------- */

enum { MAX_MARGIN = 1 << 24 };

static bool
is_picture(PyArrayObject *array)
{
    return PyArray_NDIM(array) == 3 && PyArray_TYPE(array) == NPY_UINT8 &&
           PyArray_DIM(array, 2) == 4 && PyArray_IS_C_CONTIGUOUS(array) &&
           PyArray_DIM(array, 0) <= INT_MAX && PyArray_DIM(array, 1) <= INT_MAX;
}

/* Whether these are pictures of one size, the first and the last of which can be written. Else a
   ValueError is set. */
static bool
check_pictures(PyArrayObject *pixels, PyArrayObject *backdrop, PyArrayObject *scratch)
{
    if (is_picture(pixels) && is_picture(backdrop) && is_picture(scratch) &&
        PyArray_SAMESHAPE(pixels, backdrop) && PyArray_SAMESHAPE(pixels, scratch) &&
        PyArray_ISWRITEABLE(pixels) && PyArray_ISWRITEABLE(scratch))
        return true;
    PyErr_SetString(PyExc_ValueError, "pixels, backdrop and scratch must be contiguous arrays "
                                      "(height, width, 4) of bytes, all of one size");
    return false;
}

static bool
check_rect(Rect rect, int margin, int width, int height)
{
    if (rect.left >= 0 && rect.top >= 0 && rect.left <= rect.right && rect.top <= rect.bottom &&
        rect.right <= width && rect.bottom <= height && margin >= 0 && margin <= MAX_MARGIN)
        return true;
    PyErr_SetString(PyExc_ValueError,
                    "the rectangle is not within the picture, or the margin is negative");
    return false;
}

/* Draw `rect` into the scratch picture over the backdrop, and copy it to the result. */
static bool
draw_rect(DisplayList *self, const Drawing *drawing, PyObject *mobjects, Rect rect, int margin,
          Picture result, Picture backdrop, Picture scratch)
{
    cairo_surface_t *surface = cairo_get_target(drawing->cr);
    const Rect clip = clip_for(self, rect, margin, result.width, result.height);
    copy_rect(scratch, backdrop, rect);
    cairo_surface_mark_dirty(surface);
    push_clip(drawing->cr, clip);
    const Rect rows = {rect.left, clip.top, rect.right, clip.bottom};
    const bool ok = draw_mobjects(self, drawing, mobjects, rows);
    cairo_restore(drawing->cr);
    cairo_surface_flush(surface);
    if (ok)
        copy_rect(result, scratch, rect);
    return ok;
}

PyObject *
display_list_draw(DisplayList *self, PyObject *args)
{
    PyObject *list;
    PyArrayObject *pixels, *backdrop, *scratch;
    Drawing drawing;
    Rect rect;
    int margin;
    if (!PyArg_ParseTuple(args, "O(iiii)iO!O!O!O!OO:draw", &drawing.context, &rect.left, &rect.top,
                          &rect.right, &rect.bottom, &margin, &PyArray_Type, &pixels,
                          &PyArray_Type, &backdrop, &PyArray_Type, &scratch, &PyList_Type,
                          &list, &drawing.camera, &drawing.needs_camera))
        return NULL;
    drawing.cr = cairo_context_of(drawing.context);
    if (drawing.cr == NULL || !check_pictures(pixels, backdrop, scratch))
        return NULL;
    const int width = (int)PyArray_DIM(pixels, 1), height = (int)PyArray_DIM(pixels, 0);
    if (!check_rect(rect, margin, width, height))
        return NULL;
    if (PyList_GET_SIZE(list) != self->count) {
        PyErr_SetString(PyExc_ValueError, "these are not the mobjects whose snapshots were read");
        return NULL;
    }
    PyObject *mobjects = PyList_AsTuple(list); /* the camera may change the list */
    if (mobjects == NULL)
        return NULL;
    const bool ok = draw_rect(self, &drawing, mobjects, rect, margin,
                              (Picture){PyArray_DATA(pixels), width, height},
                              (Picture){PyArray_DATA(backdrop), width, height},
                              (Picture){PyArray_DATA(scratch), width, height});
    Py_DECREF(mobjects);
    if (!ok)
        return NULL;
    Py_RETURN_NONE;
}
