/* Motion compensation: samples of the reference picture at fractional positions (8.4.2.2). */

#include "h264.h"

static int
clamp_index(int value, int end)
{
    return value < 0 ? 0 : value >= end ? end - 1 : value;
}

static inline uint8_t
clip_sample(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* A square block at (x, y) of a plane whose edge samples go on outside it. Returns a pointer into
   the plane, or `buffer` (size * size), filled, if the block reaches outside. Sets `stride`. */
const uint8_t *
clamped_block(Plane plane, int x, int y, int size, uint8_t *buffer, int *stride)
{
    if (x >= 0 && y >= 0 && x + size <= plane.width && y + size <= plane.height) {
        *stride = plane.width;
        return plane.samples + (size_t)y * plane.width + x;
    }
    for (int row = 0; row < size; row++) {
        const int source_row = clamp_index(y + row, plane.height);
        const uint8_t *from = plane.samples + (size_t)source_row * plane.width;
        for (int column = 0; column < size; column++)
            buffer[row * size + column] = from[clamp_index(x + column, plane.width)];
    }
    *stride = size;
    return buffer;
}

/* The six-tap filter (1, -5, 20, 20, -5, 1) at the position half a sample after `p` (8.4.2.2.1). */
#define SIX_TAP(p, step)                                                         \
    ((p)[-2 * (step)] + (p)[3 * (step)] - 5 * ((p)[-(step)] + (p)[2 * (step)]) + \
     20 * ((p)[0] + (p)[step]))

CPU_DISPATCH static void
filter_half_samples(const uint8_t *restrict from, int stride, HalfSamples *restrict output)
{
    int16_t horizontal[(HALF_ROWS + 5) * HALF_STRIDE];
    for (int y = 0; y < HALF_ROWS + 5; y++)
        for (int x = 0; x < HALF_STRIDE; x++)
            horizontal[y * HALF_STRIDE + x] = (int16_t)SIX_TAP(from + (y - 2) * stride + x, 1);
    for (int y = 0; y < HALF_ROWS; y++, from += stride)
        for (int x = 0; x < HALF_STRIDE; x++) {
            const int i = y * HALF_STRIDE + x;
            const int16_t *center = horizontal + i + 2 * HALF_STRIDE;
            const int16_t vertical = (int16_t)SIX_TAP(from + x, stride);
            output->samples[0][i] = from[x];
            output->samples[1][i] = clip_sample((int16_t)(center[0] + 16) >> 5);
            output->samples[2][i] = clip_sample((int16_t)(vertical + 16) >> 5);
            output->samples[3][i] = clip_sample((SIX_TAP(center, HALF_STRIDE) + 512) >> 10);
        }
}

/* The half samples of the 16x16 block at (x, y), and of one sample more on each side. */
void
interpolate_half_samples(Plane plane, int x, int y, HalfSamples *output)
{
    enum { SIZE = HALF_STRIDE + 6 }; /* the filter reads 2 samples before and 3 after */
    uint8_t buffer[SIZE * SIZE];
    int stride;
    const uint8_t *block = clamped_block(plane, x - 3, y - 3, SIZE, buffer, &stride);
    filter_half_samples(block + 2 * stride + 2, stride, output);
}

/* The means of 16 pairs of samples. */
static inline void
average_row(const uint8_t *a, const uint8_t *b, uint8_t *output)
{
    for (int i = 0; i < 16; i++)
        output[i] = (uint8_t)((a[i] + b[i] + 1) >> 1);
}

/* The 16x16 block displaced by -4 to 4 quarter samples: the mean of the two nearest integer or half
   samples, or one of them (table 8-12). */
CPU_DISPATCH void
quarter_sample_block(const HalfSamples *half, int x, int y, uint8_t *output)
{
    const int x_frac = x & 3, y_frac = y & 3;
    const uint8_t *start = half->samples[0] + (1 + (y >> 2)) * HALF_STRIDE + 1 + (x >> 2);
    const uint8_t *planes[4];
    for (int k = 0; k < 4; k++)
        planes[k] = start + k * sizeof half->samples[0];
    const uint8_t *a, *b;
    if (x_frac % 2 && y_frac % 2)
        a = planes[1] + (y_frac == 3) * HALF_STRIDE, b = planes[2] + (x_frac == 3);
    else {
        a = planes[x_frac / 2 + y_frac / 2 * 2]; /* the nearest one above and to the left */
        if (x_frac % 2)
            a = planes[y_frac / 2 * 2 + 1], b = planes[y_frac / 2 * 2] + (x_frac == 3);
        else if (y_frac % 2)
            a = planes[x_frac / 2 + 2], b = planes[x_frac / 2] + (y_frac == 3) * HALF_STRIDE;
        else
            b = a;
    }
    for (int row = 0; row < 16; row++, a += HALF_STRIDE, b += HALF_STRIDE, output += 16)
        average_row(a, b, output);
}

/* Predict the 16x16 luma samples of the macroblock whose first sample is (x, y). */
void
compensate_luma(const Encoder *encoder, int x, int y, MotionVector mv, uint8_t *output)
{
    const int x_frac = mv.x & 3, y_frac = mv.y & 3;
    x += mv.x >> 2, y += mv.y >> 2;
    if (x_frac || y_frac) {
        HalfSamples half;
        interpolate_half_samples(encoder->reference[0], x, y, &half);
        quarter_sample_block(&half, x_frac, y_frac, output);
    }
    else {
        uint8_t buffer[256];
        int stride;
        const uint8_t *from = clamped_block(encoder->reference[0], x, y, 16, buffer, &stride);
        for (int row = 0; row < 16; row++)
            memcpy(output + 16 * row, from + row * stride, 16);
    }
}

/* Predict a square of chroma samples, 4 or 8 wide, by bilinear interpolation in eighths of a sample
   (8.4.2.2.2). (x, y) is its first sample in the plane; rows of `output` are 8 samples apart. */
static void
compensate_chroma_block(Plane plane, int x, int y, int size, MotionVector mv, uint8_t *output)
{
    uint8_t buffer[81];
    const int x_frac = mv.x & 7, y_frac = mv.y & 7, extent = size + (x_frac || y_frac);
    int stride;
    x += mv.x >> 3, y += mv.y >> 3;
    const uint8_t *from = clamped_block(plane, x, y, extent, buffer, &stride);
    for (int row = 0; row < size; row++, from += stride, output += 8)
        if (extent == size)
            memcpy(output, from, (size_t)size);
        else
            for (int i = 0; i < size; i++) {
                const uint8_t *below = from + stride;
                const int upper = (8 - x_frac) * from[i] + x_frac * from[i + 1];
                const int lower = (8 - x_frac) * below[i] + x_frac * below[i + 1];
                output[i] = (uint8_t)(((8 - y_frac) * upper + y_frac * lower + 32) >> 6);
            }
}

/* Predict 8x8 samples of chroma plane 1 (Cb) or 2 (Cr) with the motion vectors of the quarters.
   (x, y) is the macroblock's first luma sample. */
void
compensate_chroma(const Encoder *encoder, int plane, int x, int y,
                  const MotionVector mvs[QUARTERS], uint8_t *output)
{
    const Plane reference = encoder->reference[plane];
    bool same = true;
    for (int i = 1; i < QUARTERS; i++)
        same &= same_mv(mvs[0], mvs[i]);
    for (int i = 0; i < (same ? 1 : QUARTERS); i++)
        compensate_chroma_block(reference, x / 2 + i % 2 * 4, y / 2 + i / 2 * 4, same ? 8 : 4,
                                mvs[i], output + i / 2 * 32 + i % 2 * 4);
}
