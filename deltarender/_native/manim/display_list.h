/* The display list: snapshots of all mobjects that a picture shows, in the order of drawing. */

#ifndef DELTARENDER_DISPLAY_LIST_H
#define DELTARENDER_DISPLAY_LIST_H

#include "manim.h"

typedef struct {
    PyObject_HEAD
    ViewState state;
    Snapshot **snapshots;
    Py_ssize_t count;
    bool valid; /* the picture shows `snapshots` */
    bool busy;  /* a method runs, perhaps without the GIL or calling Python */
} DisplayList;

/* In these methods, `self` is initialized and used by no other thread. */
/* display_list_update.c */
PyObject *display_list_take_snapshots(DisplayList *self, PyObject *args);

/* display_list_draw.c */
bool intern_display_list_names(void);
PyObject *display_list_draw(DisplayList *self, PyObject *args);

#endif
