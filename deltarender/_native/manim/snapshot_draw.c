/* Drawing of a snapshot, as Manim's Camera.display_vectorized draws the mobject. */

#include "manim.h"

/* The start of one of its arrays. */
const double *
snapshot_array(const Snapshot *snapshot, int which)
{
    const char *start = snapshot->data;
    for (int i = 0; i < which; i++)
        start += snapshot->size[i];
    return (const double *)start;
}

/* A gradient through all colors at equal distances, as in set_cairo_context_color. */
static void
set_gradient(cairo_t *context, const Snapshot *snapshot, const double *rgba, size_t count)
{
    const double *start = snapshot_array(snapshot, GRADIENT_ENDS);
    const double *end = start + snapshot->size[GRADIENT_ENDS] / (2 * sizeof *start);
    cairo_pattern_t *pattern = cairo_pattern_create_linear(start[0], start[1], end[0], end[1]);
    const double step = count > 1 ? 1.0 / (double)(count - 1) : 0.0;
    for (size_t i = 0; i < count; i++, rgba += 4) {
        const double offset = i + 1 == count ? 1.0 : (double)i * step;
        cairo_pattern_add_color_stop_rgba(pattern, offset, rgba[2], rgba[1], rgba[0], rgba[3]);
    }
    cairo_set_source(context, pattern);
    cairo_pattern_destroy(pattern);
}

/* Set the source to the colors of FILL, STROKE or BACKGROUND_STROKE; false if they are transparent.
   Manim stores pixels as RGBA where cairo has BGRA: red and blue are exchanged. */
static bool
set_source(cairo_t *context, const Snapshot *snapshot, int which)
{
    const double *rgba = snapshot_array(snapshot, which);
    const size_t count = snapshot->size[which] / (4 * sizeof *rgba);
    if (count != 1) {
        set_gradient(context, snapshot, rgba, count);
        return true;
    }
    cairo_set_source_rgba(context, rgba[2], rgba[1], rgba[0], rgba[3]);
    return rgba[3] > 0;
}

static void
stroke_path(cairo_t *context, const Snapshot *snapshot, int which, double width)
{
    if (!(width > 0) || !set_source(context, snapshot, which))
        return;
    cairo_set_line_width(context, width);
    cairo_set_line_join(context, snapshot->line_join);
    cairo_set_line_cap(context, snapshot->line_cap);
    cairo_stroke_preserve(context);
}

/* Draw a snapshot that is `drawable`. */
void
draw_snapshot(cairo_t *context, const Snapshot *snapshot, double pixels_per_width)
{
    const Py_ssize_t curves = snapshot->size[POINTS] / (12 * sizeof(double));
    trace_path(context, snapshot_array(snapshot, POINTS), curves, snapshot->tolerance);
    stroke_path(context, snapshot, BACKGROUND_STROKE,
                snapshot->background_stroke_width * pixels_per_width);
    if (set_source(context, snapshot, FILL))
        cairo_fill_preserve(context);
    stroke_path(context, snapshot, STROKE, snapshot->stroke_width * pixels_per_width);
}
