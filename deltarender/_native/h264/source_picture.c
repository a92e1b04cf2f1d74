/* The source picture: takes new samples of a rectangle and finds the macroblocks they change. */

#include "h264.h"

/* Copy a rectangle of one plane, in pieces that lie within one macroblock each; `mb_size` is the
   side of a macroblock in this plane. */
static void
update_plane(Encoder *encoder, Plane plane, int mb_size, Rect r, const uint8_t *samples)
{
    const int width = r.right - r.left;
    for (int y = r.top; y < r.bottom; y++, samples += width) {
        uint8_t *row = plane.samples + (size_t)y * plane.width;
        if (!memcmp(row + r.left, samples, (size_t)width))
            continue; /* as most rows of a large rectangle in which little changes */
        for (int x = r.left, next; x < r.right; x = next) {
            next = (x / mb_size + 1) * mb_size;
            next = next < r.right ? next : r.right;
            const uint8_t *from = samples + x - r.left;
            if (memcmp(row + x, from, (size_t)(next - x))) {
                memcpy(row + x, from, (size_t)(next - x));
                encoder->mb_changed[y / mb_size * encoder->mb_columns + x / mb_size] = true;
            }
        }
    }
}

/* Repeat the last column and row in the area that cropping removes, which costs few bits. */
static void
pad_plane(Plane plane, int width, int height, Rect r)
{
    for (int y = r.top; y < r.bottom && r.right == width; y++) {
        uint8_t *row = plane.samples + (size_t)y * plane.width;
        memset(row + width, row[width - 1], (size_t)(plane.width - width));
    }
    const uint8_t *last = plane.samples + (size_t)(height - 1) * plane.width;
    for (int y = height; y < plane.height && r.bottom == height; y++)
        memcpy(plane.samples + (size_t)y * plane.width, last, (size_t)plane.width);
}

/* Replace a rectangle with even edges; `samples` are its Y, Cb and Cr planes, in this order. */
void
update_source(Encoder *encoder, Rect r, const uint8_t *samples)
{
    for (int k = 0; k < 3; k++) {
        const int subsampling = k ? 2 : 1;
        const Rect part = {r.left / subsampling, r.top / subsampling, r.right / subsampling,
                           r.bottom / subsampling};
        update_plane(encoder, encoder->source[k], 16 / subsampling, part, samples);
        pad_plane(encoder->source[k], encoder->width / subsampling, encoder->height / subsampling,
                  part);
        samples += (size_t)(part.right - part.left) * (part.bottom - part.top);
    }
}
