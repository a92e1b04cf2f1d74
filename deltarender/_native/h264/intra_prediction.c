/* Intra prediction: samples predicted from those above and to the left (8.3). */

#include "h264.h"

static int
sum(const uint8_t *samples, int step, int count)
{
    int total = 0;
    for (int i = 0; i < count; i++)
        total += samples[i * step];
    return total;
}

/* The value of DC prediction: the mean of `count` samples above and as many to the left. Either may
   be NULL; without both it is 128. */
static int
dc_value(const uint8_t *above, const uint8_t *left, int stride, int count)
{
    const int total = (above ? sum(above, 1, count) : 0) + (left ? sum(left, stride, count) : 0);
    const int samples = count * ((above != NULL) + (left != NULL));
    return samples ? (total + samples / 2) / samples : 128;
}

/* -- 4x4 blocks ---------------------------------------------------------------------------- */

/* Which value of an IntraEdge predicts sample (x, y) in a directional mode: a sample itself, a mean
   of two or a weighted mean of three (8.3.1.2.1, 8.3.1.2.2, 8.3.1.2.4 to 8.3.1.2.9). CORNER is the
   index of the sample above left; samples on the left come before it, samples above after it. */
static int
edge_index(int mode, int x, int y)
{
    enum { CORNER = 5, TWO_TAP = EDGE_SAMPLES + CORNER, THREE_TAP = 2 * EDGE_SAMPLES + CORNER };
    switch (mode) {
    case PRED_VERTICAL:
        return CORNER + 1 + x;
    case PRED_HORIZONTAL:
        return CORNER - 1 - y;
    case PRED_DOWN_LEFT:
        return THREE_TAP + 2 + x + y;
    case PRED_DOWN_RIGHT:
        return THREE_TAP + x - y;
    case PRED_VERTICAL_RIGHT:
        return 2 * x < y - 1          ? THREE_TAP + 1 - y
               : (2 * x - y) % 2 != 0 ? THREE_TAP + x - y / 2
                                      : TWO_TAP + x - y / 2;
    case PRED_HORIZONTAL_DOWN:
        return 2 * y < x - 1          ? THREE_TAP - 1 + x
               : (2 * y - x) % 2 != 0 ? THREE_TAP - y + x / 2
                                      : TWO_TAP - 1 - y + x / 2;
    case PRED_VERTICAL_LEFT:
        return (y % 2 ? THREE_TAP + 2 : TWO_TAP + 1) + x + y / 2;
    default: /* PRED_HORIZONTAL_UP */
        return x + 2 * y > 5 ? CORNER - 4
               : x % 2       ? THREE_TAP - 2 - y - x / 2
                             : TWO_TAP - 2 - y - x / 2;
    }
}

static uint8_t edge_indices[INTRA4X4_MODES][16];

void
init_intra_tables(void)
{
    for (int mode = 0; mode < INTRA4X4_MODES; mode++)
        for (int i = 0; i < 16; i++)
            edge_indices[mode][i] = (uint8_t)edge_index(mode, i % 4, i / 4);
}

/* Read the neighboring samples of a 4x4 block; those that are not available become 0, or, above
   right, the last one above (8.3.1.2). */
void
read_intra_edge(IntraEdge *edge, const uint8_t *block, int stride, int available)
{
    const uint8_t *above = block - stride, *left = block - 1;
    uint8_t *s = edge->values;
    memset(s, 0, EDGE_SAMPLES);
    edge->available = available;
    edge->dc = dc_value(available & HAS_ABOVE ? above : NULL, available & HAS_LEFT ? left : NULL,
                        stride, 4);
    for (int i = 0; i < 4 && available & HAS_LEFT; i++)
        s[4 - i] = left[i * stride];
    s[0] = s[1];
    if (available & HAS_ABOVE_LEFT)
        s[5] = above[-1];
    if (available & HAS_ABOVE) {
        memcpy(s + 6, above, 4);
        if (available & HAS_ABOVE_RIGHT)
            memcpy(s + 10, above + 4, 4);
        else
            memset(s + 10, above[3], 4);
    }
    s[14] = s[13];
    for (int i = 0; i < EDGE_SAMPLES - 1; i++)
        s[EDGE_SAMPLES + i] = (uint8_t)((s[i] + s[i + 1] + 1) >> 1);
    for (int i = 1; i < EDGE_SAMPLES - 1; i++)
        s[2 * EDGE_SAMPLES + i] = (uint8_t)((s[i - 1] + 2 * s[i] + s[i + 1] + 2) >> 2);
}

/* Predict 4x4 samples. False if the mode needs neighbors that are not available. */
bool
predict_luma4x4(int mode, const IntraEdge *edge, uint8_t *prediction)
{
    enum { ALL = HAS_LEFT | HAS_ABOVE | HAS_ABOVE_LEFT };
    static const int required[INTRA4X4_MODES] = {HAS_ABOVE, HAS_LEFT, 0,         HAS_ABOVE, ALL,
                                                 ALL,       ALL,      HAS_ABOVE, HAS_LEFT};
    if ((edge->available & required[mode]) != required[mode])
        return false;
    if (mode == PRED_DC)
        memset(prediction, edge->dc, 16);
    else
        for (int i = 0; i < 16; i++)
            prediction[i] = edge->values[edge_indices[mode][i]];
    return true;
}

/* -- Whole macroblocks --------------------------------------------------------------------- */

/* Plane prediction (8.3.3.4, 8.3.4.4): a gradient through the samples around. */
CPU_DISPATCH static void
predict_gradient(int size, const uint8_t *block, int stride, uint8_t *prediction)
{
    const uint8_t *above = block - stride, *left = block - 1;
    const int half = size / 2;
    int horizontal = 0, vertical = 0;
    for (int i = 0; i < half; i++) {
        horizontal += (i + 1) * (above[half + i] - above[half - 2 - i]);
        vertical += (i + 1) * (left[(half + i) * stride] - left[(half - 2 - i) * stride]);
    }
    const int factor = size == 16 ? 5 : 34;
    const int b = (factor * horizontal + 32) >> 6, c = (factor * vertical + 32) >> 6;
    const int a = 16 * (left[(size - 1) * stride] + above[size - 1]);
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            const int value = (a + b * (x - half + 1) + c * (y - half + 1) + 16) >> 5;
            prediction[size * y + x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
}

/* DC prediction of a luma macroblock, or of the four 4x4 blocks of a chroma plane (8.3.3.3, 8.3.4).
   Chroma blocks beside the diagonal use one side alone if it is available. */
static void
predict_dc(int size, const uint8_t *block, int stride, int available, uint8_t *prediction)
{
    const int part = size == 16 ? 16 : 4;
    for (int y = 0; y < size; y += part)
        for (int x = 0; x < size; x += part) {
            const uint8_t *above = available & HAS_ABOVE ? block - stride + x : NULL;
            const uint8_t *left = available & HAS_LEFT ? block - 1 + y * stride : NULL;
            if (x > y && above)
                left = NULL;
            if (y > x && left)
                above = NULL;
            const int dc = dc_value(above, left, stride, part);
            for (int row = y; row < y + part; row++)
                memset(prediction + size * row + x, dc, part);
        }
}

/* Predict a macroblock of a luma plane (size 16, 8.3.3) or of a chroma plane (size 8, 8.3.4); modes
   PRED_VERTICAL to PRED_PLANE. False if the mode needs neighbors that are not available. */
bool
predict_intra_plane(int mode, int size, const uint8_t *block, int stride, int available,
                    uint8_t *prediction)
{
    static const int required[] = {HAS_ABOVE, HAS_LEFT, 0, HAS_LEFT | HAS_ABOVE | HAS_ABOVE_LEFT};
    if ((available & required[mode]) != required[mode])
        return false;
    if (mode == PRED_PLANE)
        predict_gradient(size, block, stride, prediction);
    else if (mode == PRED_DC)
        predict_dc(size, block, stride, available, prediction);
    else
        for (int y = 0; y < size; y++)
            if (mode == PRED_VERTICAL)
                memcpy(prediction + size * y, block - stride, size);
            else
                memset(prediction + size * y, block[y * stride - 1], size);
    return true;
}
