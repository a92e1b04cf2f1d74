/* Mobjects in C: what Manim does in Python for every mobject of every frame.

   interned_names.c   attribute names as interned strings
   class_traits.c     what is known of a mobject's class
   object_list.c      a growing list of mobjects without repetitions
   mobject_family.c   the mobjects to be drawn, in order
   updaters.c         calls of updaters
   array_interpolation.c  interpolation between two floats or arrays
   deep_copy.c        copies of mobjects with all they refer to
   critical_points.c  anchors and extreme points, from which Manim derives corners and sizes
   cairo_path.c       the path of a mobject
   image_transform.c  images in perspective
   mobject_attributes.c  attributes that the drawing depends on
   snapshot.c         copies of what the drawing of a mobject depends on, to find changes
   snapshot_draw.c    drawing from these copies
   display_list_update.c  the snapshots of a picture, and the tiles where they changed
   display_list_draw.c  drawing within the rectangle that changed
   display_list_type.c  the Python type DisplayList
   dirty_tile_rects.c  rectangles around the tiles that changed */

#ifndef DELTARENDER_MANIM_H
#define DELTARENDER_MANIM_H

#include "../native.h"

#include <cairo.h>

/* -- Class traits -------------------------------------------------------------------------- */

/* What is known of a class, bits of the values of the dict `traits` that Python passes. */
enum {
    DEFAULT_FAMILY = 1,  /* it does not override methods that list a mobject's family */
    DEFAULT_DRAWING = 2, /* nor methods that the drawing of a VMobject calls */
    NOT_DRAWN = 4,       /* cameras ignore its mobjects */
    DEFAULT_UPDATE = 8,  /* it does not override update */
    DEFAULT_ANCHORS = 16, /* nor the methods that return anchors of curves */
};

int class_traits_of(PyObject *traits, PyObject *object);

/* -- Copies -------------------------------------------------------------------------------- */

/* How objects of a class are copied, values of the dict `kinds` that Python passes. */
enum {
    COPY_OTHERWISE, /* by copy.deepcopy */
    COPY_NOTHING,   /* they are used as they are */
    COPY_LIST,
    COPY_TUPLE,
    COPY_DICT,
    COPY_ARRAY,
    COPY_INSTANCE, /* their dict is all they have */
    COPY_MOBJECT,  /* by Mobject.__deepcopy__ */
};

PyObject *copy_mobject(PyObject *module, PyObject *args);

/* -- Attribute names ----------------------------------------------------------------------- */

typedef struct {
    PyObject **variable;
    const char *text;
} AttributeName;

bool intern_names(const AttributeName *names); /* the last one has no text */
bool intern_family_names(void);
bool intern_updater_names(void);
bool intern_critical_point_names(void);
bool intern_mobject_attribute_names(void);
bool intern_deep_copy_names(void);

/* -- Families and lists -------------------------------------------------------------------- */

typedef enum {
    FAILED = -1,     /* a Python exception is set */
    UNSUPPORTED = 0, /* Manim's own code has to be called */
    DONE = 1,
} Outcome;

typedef struct {
    PyObject **items; /* owned references, as properties of mobjects may run any code */
    Py_ssize_t count, capacity;
} ObjectList;

bool append_object(ObjectList *list, PyObject *object);
bool remove_repetitions(ObjectList *list);
void free_objects(ObjectList *list);
PyObject *to_list(Outcome outcome, ObjectList *list);
int compare_addresses(const void *a, const void *b);
PyObject *get_points(PyObject *mobject);
PyObject *mobjects_to_display(PyObject *module, PyObject *args);
PyObject *family(PyObject *module, PyObject *args);

/* -- Numbers ------------------------------------------------------------------------------- */

bool all_finite(const double *numbers, Py_ssize_t count);
PyObject *update(PyObject *module, PyObject *args);
PyObject *interpolate(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *curve_anchors(PyObject *module, PyObject *args);
PyObject *critical_point(PyObject *module, PyObject *args);

/* -- Cairo --------------------------------------------------------------------------------- */

cairo_t *cairo_context_of(PyObject *object);
bool cairo_ok(cairo_t *context);
void trace_path(cairo_t *context, const double *points, Py_ssize_t curves, double tolerance);
PyObject *set_path(PyObject *module, PyObject *args);

PyObject *transform_image(PyObject *module, PyObject *args);

/* -- Snapshots ----------------------------------------------------------------------------- */

enum { POINTS, FILL, STROKE, BACKGROUND_STROKE, GRADIENT_ENDS, ARRAY_COUNT };

/* Everything the drawing of a mobject depends on. */
typedef struct {
    PyObject *mobject; /* of the last frame; a borrowed reference, only compared */
    char *data;        /* the arrays, one after the other */
    size_t size[ARRAY_COUNT], capacity;
    double stroke_width, background_stroke_width, tolerance;
    PyObject *joint_type, *cap_style;
    int line_join, line_cap;
    bool drawable; /* from `data` alone: arrays of doubles with the right shapes, finite points */
    Rect bounds;   /* nothing is drawn outside, in pixels */
} Snapshot;

/* What snapshots depend on besides mobjects. */
typedef struct {
    PyObject *traits, *line_joins, *line_caps;
    double view[9]; /* matrix from scene units to pixels; width and height; pixels per line width */
} ViewState;

typedef enum {
    SNAPSHOT_UNPREDICTABLE = -2, /* the drawing may depend on more */
    SNAPSHOT_FAILED = -1,        /* a Python exception is set */
    SNAPSHOT_CHANGED = 0,
    SNAPSHOT_SAME = 1,
} SnapshotResult;

SnapshotResult update_snapshot(const ViewState *state, Snapshot *snapshot, PyObject *mobject,
                               bool is_new);
const double *snapshot_array(const Snapshot *snapshot, int which);
void draw_snapshot(cairo_t *context, const Snapshot *snapshot, double pixels_per_width);
void free_snapshot(Snapshot *snapshot);

/* -- Tiles and pictures -------------------------------------------------------------------- */

/* Marks on the tiles of a picture, row by row. */
typedef struct {
    unsigned char *marks;
    int rows, columns;
} TileGrid;

bool tile_grid_from_array(PyArrayObject *array, int tile_size, TileGrid *grid);
PyObject *bounding_rects(PyObject *module, PyObject *args);
bool add_display_list_type(PyObject *module);

#endif
