/* Prediction from the pixels above and to the left (8.3). */

#include "h264.h"

static int
sum(const uint8_t *at, int step, int count)
{
    int total = 0;
    for (int i = 0; i < count; i++)
        total += at[i * step];
    return total;
}

/* The mean of `count` pixels above and as many to the left, of those that are there. */
static int
level_of(const uint8_t *above, const uint8_t *left, int stride, int count)
{
    int total = (above ? sum(above, 1, count) : 0) + (left ? sum(left, stride, count) : 0);
    int share = count * ((above != NULL) + (left != NULL));
    return share ? (total + share / 2) / share : 128;
}

/* Which number of an Edge a pixel takes in a mode (8.3.1.2.1, 8.3.1.2.2, 8.3.1.2.4 to 8.3.1.2.9).
   `corner` is where the pixel at the corner stands, the left ones before it, those above behind. */
static int
source_of(int mode, int x, int y)
{
    enum { MEAN = EDGE, SMOOTH = 2 * EDGE, C = 5 };
    switch (mode) {
    case VERTICAL:
        return C + 1 + x;
    case HORIZONTAL:
        return C - 1 - y;
    case DOWN_LEFT:
        return SMOOTH + C + 2 + x + y;
    case DOWN_RIGHT:
        return SMOOTH + C + x - y;
    case VERTICAL_RIGHT:
        return 2 * x < y - 1          ? SMOOTH + C + 1 - y
               : (2 * x - y) % 2 != 0 ? SMOOTH + C + x - y / 2
                                      : MEAN + C + x - y / 2;
    case HORIZONTAL_DOWN:
        return 2 * y < x - 1          ? SMOOTH + C - 1 + x
               : (2 * y - x) % 2 != 0 ? SMOOTH + C - y + x / 2
                                      : MEAN + C - 1 - y + x / 2;
    case VERTICAL_LEFT:
        return (y % 2 ? SMOOTH + C + 2 : MEAN + C + 1) + x + y / 2;
    default: /* HORIZONTAL_UP */
        return x + 2 * y > 5   ? C - 4
               : x % 2 ? SMOOTH + C - 2 - y - x / 2
                       : MEAN + C - 2 - y - x / 2;
    }
}

static uint8_t sources[MODES][16];

void
begin_intra(void)
{
    for (int mode = 0; mode < MODES; mode++)
        for (int i = 0; i < 16; i++)
            sources[mode][i] = (uint8_t)source_of(mode, i % 4, i / 4);
}

/* Read the neighbours of a block at `at`; `has` tells which are there. */
void
read_edge(Edge *edge, const uint8_t *at, int stride, int has)
{
    const uint8_t *above = at - stride, *left = at - 1;
    uint8_t *pixels = edge->numbers;
    memset(pixels, 0, EDGE);
    edge->has = has;
    edge->level = level_of(has & ABOVE ? above : NULL, has & LEFT ? left : NULL, stride, 4);
    for (int i = 0; i < 4 && has & LEFT; i++)
        pixels[4 - i] = left[i * stride];
    pixels[0] = pixels[1];
    if (has & CORNER)
        pixels[5] = above[-1];
    if (has & ABOVE) {
        memcpy(pixels + 6, above, 4);
        if (has & BEYOND)
            memcpy(pixels + 10, above + 4, 4);
        else
            memset(pixels + 10, above[3], 4);
    }
    pixels[14] = pixels[13];
    for (int i = 0; i < EDGE - 1; i++)
        pixels[EDGE + i] = (uint8_t)((pixels[i] + pixels[i + 1] + 1) >> 1);
    for (int i = 1; i < EDGE - 1; i++)
        pixels[2 * EDGE + i] = (uint8_t)((pixels[i - 1] + 2 * pixels[i] + pixels[i + 1] + 2) >> 2);
}

/* Four by four pixels. False if the mode needs neighbours that are not there. */
bool
predict_small(int mode, const Edge *edge, uint8_t *into)
{
    enum { ALL = LEFT | ABOVE | CORNER };
    static const int needs[MODES] = {ABOVE, LEFT, 0, ABOVE, ALL, ALL, ALL, ABOVE, LEFT};
    if ((edge->has & needs[mode]) != needs[mode])
        return false;
    if (mode == EVEN)
        memset(into, edge->level, 16);
    else
        for (int i = 0; i < 16; i++)
            into[i] = edge->numbers[sources[mode][i]];
    return true;
}

FOR_EVERY_PROCESSOR static void
predict_plane(int size, const uint8_t *at, int stride, uint8_t *into)
{
    const uint8_t *above = at - stride, *left = at - 1;
    const int half = size / 2;
    int across = 0, down = 0;
    for (int i = 0; i < half; i++) {
        across += (i + 1) * (above[half + i] - above[half - 2 - i]);
        down += (i + 1) * (left[(half + i) * stride] - left[(half - 2 - i) * stride]);
    }
    const int factor = size == 16 ? 5 : 34;
    across = (factor * across + 32) >> 6, down = (factor * down + 32) >> 6;
    const int start = 16 * (left[(size - 1) * stride] + above[size - 1]);
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            int value = (start + across * (x - half + 1) + down * (y - half + 1) + 16) >> 5;
            into[size * y + x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
}

/* The quarters of chroma (8.3.4.1 to 8.3.4.3): those at the sides look to one side first. */
static void
predict_even(int size, const uint8_t *at, int stride, int has, uint8_t *into)
{
    const int part = size == 16 ? 16 : 4;
    for (int y = 0; y < size; y += part)
        for (int x = 0; x < size; x += part) {
            const uint8_t *above = has & ABOVE ? at - stride + x : NULL;
            const uint8_t *left = has & LEFT ? at - 1 + y * stride : NULL;
            if (x > y && above)
                left = NULL;
            if (y > x && left)
                above = NULL;
            int level = level_of(above, left, stride, part);
            for (int row = y; row < y + part; row++)
                memset(into + size * row + x, level, part);
        }
}

/* A macroblock of luma (size 16) or of one chroma plane (8); modes 0 to 2 and PLANE. */
bool
predict_square(int mode, int size, const uint8_t *at, int stride, int has, uint8_t *into)
{
    static const int needs[] = {ABOVE, LEFT, 0, LEFT | ABOVE | CORNER};
    if ((has & needs[mode]) != needs[mode])
        return false;
    if (mode == PLANE)
        predict_plane(size, at, stride, into);
    else if (mode == EVEN)
        predict_even(size, at, stride, has, into);
    else
        for (int y = 0; y < size; y++)
            if (mode == VERTICAL)
                memcpy(into + size * y, at - stride, size);
            else
                memset(into + size * y, at[y * stride - 1], size);
    return true;
}
