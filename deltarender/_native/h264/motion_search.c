/* Prediction from the last picture (8.4). */

#include "h264.h"

/* As far as vectors may reach at all levels that are used (A.3.1), in quarters of a pixel. */
enum { FARTHEST_ACROSS = 8000, FARTHEST_DOWN = 1000 };

static int
middle(int a, int b, int c)
{
    return a > b ? (b > c ? b : a > c ? c : a) : (a > c ? a : b > c ? c : b);
}

/* The vector that neighbours suggest (8.4.1.3). */
Vector
expected_vector(const Work *work)
{
    const Macroblock *beyond = work->beyond ? work->beyond : work->corner;
    if (!work->above && !beyond)
        return work->left && !work->left->intra ? work->left->vector : (Vector){0, 0};
    const Macroblock *all[3] = {work->left, work->above, beyond};
    Vector vectors[3] = {{0, 0}}, only = {0, 0};
    int moved = 0;
    for (int i = 0; i < 3; i++)
        if (all[i] && !all[i]->intra)
            vectors[i] = only = all[i]->vector, moved++;
    if (moved == 1)
        return only;
    return (Vector){middle(vectors[0].x, vectors[1].x, vectors[2].x),
                    middle(vectors[0].y, vectors[1].y, vectors[2].y)};
}

bool
rests(const Macroblock *block)
{
    return !block || (!block->intra && block->vector.x == 0 && block->vector.y == 0);
}

/* The vector of a macroblock of which nothing is coded (8.4.1.1). */
Vector
skip_vector(const Work *work)
{
    return rests(work->left) || rests(work->above) ? (Vector){0, 0} : expected_vector(work);
}

static int
within(int value, int end)
{
    return value < 0 ? 0 : value >= end ? end - 1 : value;
}

/* Pixels from (x, y) on; beyond the picture its edges go on. `kept` is used where that is so. */
static const uint8_t *
window(Plane plane, int x, int y, int size, uint8_t *kept, int *stride)
{
    if (x >= 0 && y >= 0 && x + size <= plane.width && y + size <= plane.height) {
        *stride = plane.width;
        return plane.at + (size_t)y * plane.width + x;
    }
    for (int row = 0; row < size; row++) {
        const uint8_t *from = plane.at + (size_t)within(y + row, plane.height) * plane.width;
        for (int column = 0; column < size; column++)
            kept[row * size + column] = from[within(x + column, plane.width)];
    }
    *stride = size;
    return kept;
}

/* The filter of six pixels (8.4.2.2.1), half a pixel behind `p`. */
#define TAPS(p, step)                                                           \
    ((p)[-2 * (step)] + (p)[3 * (step)] - 5 * ((p)[-(step)] + (p)[2 * (step)]) + \
     20 * ((p)[0] + (p)[step]))

/* The surroundings of sixteen by sixteen pixels, one more on each side: the pixels themselves, and
   what lies half a pixel to the right, below, and both. */
enum { SIDE = 18, ROW = 32 }; /* rows have a length that is worked through in equal steps */
typedef struct {
    uint8_t at[4][SIDE * ROW];
} Surroundings;

static inline uint8_t
clipped(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

FOR_EVERY_PROCESSOR static void
interpolate_around(const uint8_t *restrict from, int stride, Surroundings *restrict into)
{
    int16_t across[(SIDE + 5) * ROW];
    for (int y = 0; y < SIDE + 5; y++)
        for (int x = 0; x < ROW; x++)
            across[y * ROW + x] = (int16_t)TAPS(from + (y - 2) * stride + x, 1);
    for (int y = 0; y < SIDE; y++, from += stride)
        for (int x = 0; x < ROW; x++) {
            const int at = y * ROW + x;
            const int16_t *middle = across + at + 2 * ROW;
            const int16_t below = (int16_t)TAPS(from + x, stride);
            into->at[0][at] = from[x];
            into->at[1][at] = clipped((int16_t)(middle[0] + 16) >> 5);
            into->at[2][at] = clipped((int16_t)(below + 16) >> 5);
            into->at[3][at] = clipped((TAPS(middle, ROW) + 512) >> 10);
        }
}

/* The means of sixteen pixels and sixteen others. */
static inline void
average(const uint8_t *one, const uint8_t *other, uint8_t *into)
{
    for (int i = 0; i < 16; i++)
        into[i] = (uint8_t)((one[i] + other[i] + 1) >> 1);
}

/* Those of the pixels from (x, y) on. */
static void
look_around(Plane plane, int x, int y, Surroundings *into)
{
    uint8_t kept[(ROW + 6) * (ROW + 6)];
    int stride;
    const uint8_t *from = window(plane, x - 3, y - 3, ROW + 6, kept, &stride);
    interpolate_around(from + 2 * stride + 2, stride, into);
}

/* Sixteen by sixteen pixels at a vector of -4 to 4 quarters: means of two places (table 8-12). */
FOR_EVERY_PROCESSOR static void
between(const Surroundings *around, int right, int below, uint8_t *into)
{
    const int x = right & 3, y = below & 3;
    const uint8_t *start = around->at[0] + (1 + (below >> 2)) * ROW + 1 + (right >> 2);
    const uint8_t *kinds[4];
    for (int k = 0; k < 4; k++)
        kinds[k] = start + k * sizeof around->at[0];
    const uint8_t *one, *other;
    if (x % 2 && y % 2)
        one = kinds[1] + (y == 3) * ROW, other = kinds[2] + (x == 3);
    else {
        one = kinds[x / 2 + y / 2 * 2]; /* what is nearest, above and to the left */
        if (x % 2)
            one = kinds[y / 2 * 2 + 1], other = kinds[y / 2 * 2] + (x == 3);
        else if (y % 2)
            one = kinds[x / 2 + 2], other = kinds[x / 2] + (y == 3) * ROW;
        else
            other = one;
    }
    for (int row = 0; row < 16; row++, one += ROW, other += ROW, into += 16)
        average(one, other, into);
}

/* The macroblock at pixel (x, y). */
void
predict_luma(const Coder *coder, int x, int y, Vector vector, uint8_t *into)
{
    const int right = vector.x & 3, below = vector.y & 3;
    x += vector.x >> 2, y += vector.y >> 2;
    if (right || below) {
        Surroundings around;
        look_around(coder->shown[0], x, y, &around);
        between(&around, right, below, into);
    }
    else {
        uint8_t kept[256];
        int stride;
        const uint8_t *from = window(coder->shown[0], x, y, 16, kept, &stride);
        for (int row = 0; row < 16; row++)
            memcpy(into + 16 * row, from + row * stride, 16);
    }
}

/* Eight by eight of one chroma plane (8.4.2.2.2); (x, y) and the vector are those of luma. */
void
predict_chroma(const Coder *coder, int plane, int x, int y, Vector vector, uint8_t *into)
{
    uint8_t kept[81];
    const int right = vector.x & 7, below = vector.y & 7, size = right || below ? 9 : 8;
    int stride;
    x = x / 2 + (vector.x >> 3), y = y / 2 + (vector.y >> 3);
    const uint8_t *from = window(coder->shown[plane], x, y, size, kept, &stride);
    for (int row = 0; row < 8; row++, from += stride, into += 8)
        if (size == 8)
            memcpy(into, from, 8);
        else
            for (int i = 0; i < 8; i++) {
                const int upper = (8 - right) * from[i] + right * from[i + 1];
                const int lower = (8 - right) * from[i + stride] + right * from[i + stride + 1];
                into[i] = (uint8_t)(((8 - below) * upper + below * lower + 32) >> 6);
            }
}

typedef struct {
    Plane shown;
    const uint8_t *source;
    int stride, x, y; /* of the source; of the macroblock, in pixels */
    Vector expected, best;
    int cost;
} Search;

static int
length_of(int value)
{
    unsigned code = value > 0 ? 2u * (unsigned)value : 2u * (unsigned)-value + 1;
    int length = 1;
    for (; code > 1; code >>= 1)
        length += 2;
    return length;
}

/* Take a vector if it is better than the best so far. `pixels` are what it predicts. */
static void
consider(Search *search, Vector vector, const uint8_t *pixels, int stride, uint8_t *predicted)
{
    const Vector more = {vector.x - search->expected.x, vector.y - search->expected.y};
    int cost = PRICE * (length_of(more.x) + length_of(more.y));
    if (cost >= search->cost || abs(vector.x) > FARTHEST_ACROSS || abs(vector.y) > FARTHEST_DOWN)
        return;
    const uint8_t *source = search->source;
    for (int y = 0; y < 16 && cost < search->cost; y += 4, source += 4 * search->stride)
        cost += distance_of_16(source, search->stride, pixels + y * stride, stride, 4);
    if (cost >= search->cost)
        return;
    search->cost = cost, search->best = vector;
    for (int y = 0; y < 16; y++)
        memcpy(predicted + 16 * y, pixels + y * stride, 16);
}

static Vector
whole(int x, int y)
{
    return (Vector){(x + 2) & ~3, (y + 2) & ~3};
}

/* One of whole pixels; the nearest, if it is not. */
static void
try_whole(Search *search, int x, int y, uint8_t *predicted)
{
    const Vector vector = whole(x, y);
    uint8_t kept[256];
    int stride;
    x = search->x + vector.x / 4, y = search->y + vector.y / 4;
    const uint8_t *from = window(search->shown, x, y, 16, kept, &stride);
    consider(search, vector, from, stride, predicted);
}

/* Walk to better places as long as there are any near. */
static void
walk(Search *search, uint8_t *predicted)
{
    for (int step = 0; step < 16; step++) {
        const Vector from = search->best;
        try_whole(search, from.x - 4, from.y, predicted);
        try_whole(search, from.x + 4, from.y, predicted);
        try_whole(search, from.x, from.y - 4, predicted);
        try_whole(search, from.x, from.y + 4, predicted);
        if (from.x == search->best.x && from.y == search->best.y)
            return;
    }
}

/* Halves of pixels around the best place, then quarters around the best of these. */
static void
refine(Search *search, uint8_t *predicted)
{
    const Vector start = whole(search->best.x, search->best.y);
    Surroundings around;
    look_around(search->shown, search->x + start.x / 4, search->y + start.y / 4, &around);
    for (int step = 2; step >= 1; step--) {
        const int right = search->best.x - start.x, below = search->best.y - start.y;
        for (int i = 0; i < 9; i++) {
            const int x = right + (i % 3 - 1) * step, y = below + (i / 3 - 1) * step;
            uint8_t made[256];
            if (i == 4 || abs(x) > 4 || abs(y) > 4)
                continue;
            between(&around, x, y, made);
            consider(search, (Vector){start.x + x, start.y + y}, made, 16, predicted);
        }
    }
}

/* Find a vector that predicts the macroblock well; what it costs, its code included. Parts of pixels
   are looked for only where that may become less than what it costs `otherwise`. */
int
find_motion(const Work *work, int otherwise, Vector *found, uint8_t *predicted)
{
    const Plane source = work->coder->source[0];
    const int x = 16 * work->column, y = 16 * work->row;
    Search search = {
        .shown = work->coder->shown[0], .source = pixels(source, work), .stride = source.width,
        .x = x, .y = y, .expected = expected_vector(work), .cost = INT32_MAX,
    };
    const Vector expected = search.expected;
    const Macroblock *near[] = {work->left, work->above, work->beyond, work->corner};
    try_whole(&search, 0, 0, predicted);
    if (expected.x || expected.y) {
        uint8_t made[256];
        predict_luma(work->coder, x, y, expected, made);
        consider(&search, expected, made, 16, predicted);
    }
    if (search.cost > ENOUGH) {
        for (int i = 0; i < 4; i++)
            if (near[i] && !near[i]->intra)
                try_whole(&search, near[i]->vector.x, near[i]->vector.y, predicted);
        try_whole(&search, search.best.x, search.best.y, predicted);
        walk(&search, predicted);
        if (search.cost > ENOUGH && 3 * search.cost / 4 < otherwise)
            refine(&search, predicted);
    }
    *found = search.best;
    return search.cost;
}
