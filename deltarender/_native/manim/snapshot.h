/* What snapshots are made of: the attributes of a mobject that its drawing depends on. */

#ifndef DELTARENDER_SNAPSHOT_H
#define DELTARENDER_SNAPSHOT_H

#include "manim.h"

/* Read before the comparison with a snapshot; owned references. */
typedef struct {
    PyArrayObject *arrays[ARRAY_COUNT]; /* contiguous; GRADIENT_ENDS may be NULL */
    PyObject *joint_type, *cap_style;
    double stroke_width, background_stroke_width;
    bool single_color; /* no array of colors has more than one row */
} Attributes;

/* mobject_attributes.c */
SnapshotResult read_attributes(PyObject *mobject, Attributes *attributes);
bool read_tolerance(PyObject *mobject, double *tolerance);
int has_background_image(PyObject *mobject);
void release_attributes(Attributes *attributes);

#endif
