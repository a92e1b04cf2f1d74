/* The canvas: snapshots of all mobjects that a picture shows, in the order of drawing. */

#ifndef DELTARENDER_CANVAS_H
#define DELTARENDER_CANVAS_H

#include "manim.h"

typedef struct {
    PyObject_HEAD
    ViewState state;
    Snapshot **snapshots;
    Py_ssize_t count;
    bool valid; /* the picture shows `snapshots` */
    bool busy;  /* a method runs, perhaps without the GIL or calling Python */
} Canvas;

/* In these methods, `self` is initialized and used by no other thread. */
/* canvas.c */
PyObject *canvas_take_snapshots(Canvas *self, PyObject *args);

/* canvas_draw.c */
bool intern_canvas_names(void);
PyObject *canvas_draw(Canvas *self, PyObject *args);

#endif
