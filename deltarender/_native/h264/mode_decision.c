/* How a macroblock is predicted, and what is coded of those predicted from the last picture. */

#include "h264.h"

/* Table 9-4: numbers of patterns of coded quarters, chroma's kind in the upper two bits. */
static const uint8_t patterns[48] = {0, 2,  3,  7,  4,  8,  17, 13, 5,  18, 9,  14, 10, 15, 16, 11,
                                     1, 32, 33, 36, 34, 37, 44, 40, 35, 45, 38, 41, 39, 42, 43, 19,
                                     6, 24, 25, 20, 26, 21, 46, 28, 27, 47, 22, 29, 23, 30, 31, 12};

uint8_t *
pixels(Plane plane, const Work *work)
{
    const int size = plane.width / work->coder->columns;
    return plane.at + ((size_t)work->row * plane.width + work->column) * size;
}

/* The type of a macroblock, and how many before it are skipped, where any can be. */
void
put_type(Work *work, unsigned *skipped, int type)
{
    if (skipped) {
        put_ue(&work->coder->bits, *skipped);
        *skipped = 0;
    }
    put_ue(&work->coder->bits, (unsigned)type);
}

void
put_quantizer(Work *work)
{
    put_se(&work->coder->bits, work->quantizer - work->last_quantizer);
    work->last_quantizer = work->quantizer;
}

static bool
equal(Vector one, Vector other)
{
    return one.x == other.x && one.y == other.y;
}

static void
put_moved(Work *work, unsigned *skipped, Vector vector, int luma, int chroma)
{
    Bits *bits = &work->coder->bits;
    const Vector expected = expected_vector(work);
    work->here->vector = vector;
    put_type(work, skipped, 0);
    put_se(bits, vector.x - expected.x);
    put_se(bits, vector.y - expected.y);
    put_ue(bits, patterns[luma | chroma << 4]);
    if (luma || chroma)
        put_quantizer(work);
    put_luma(work, luma, false);
    put_chroma(work, chroma);
}

typedef struct {
    Vector vector;
    uint8_t luma[256], chroma[2][64];
    int pattern, kind; /* of what is left of it */
} Moved;

/* Quantize what is left of a prediction, whose luma is there; false if nothing is. */
static bool
take_moved(Work *work, Moved *moved)
{
    const int x = 16 * work->column, y = 16 * work->row;
    for (int k = 0; k < 2; k++)
        predict_chroma(work->coder, 1 + k, x, y, moved->vector, moved->chroma[k]);
    moved->pattern = take_luma(work, moved->luma);
    moved->kind = take_chroma(work, moved->chroma, INTER_PARTS);
    return moved->pattern || moved->kind;
}

/* Where nothing is left, the vector that costs nothing may do as well. */
static bool
can_be_skipped(Work *work, Moved *moved, Vector skip)
{
    if (equal(moved->vector, skip))
        return true;
    Moved other = {.vector = skip};
    predict_luma(work->coder, 16 * work->column, 16 * work->row, skip, other.luma);
    const bool can = !take_moved(work, &other);
    if (can)
        *moved = other;
    else
        take_moved(work, moved);
    return can;
}

static void
code_moved(Work *work, unsigned *skipped, Moved *moved, Vector skip)
{
    const bool skipping = !take_moved(work, moved) && can_be_skipped(work, moved, skip);
    show_luma(work, moved->luma, NULL);
    show_chroma(work, moved->chroma);
    if (skipping) {
        work->here->vector = moved->vector;
        ++*skipped;
    }
    else
        put_moved(work, skipped, moved->vector, moved->pattern, moved->kind);
}

/* Whether the source is in one colour. */
static bool
is_plain(const Work *work)
{
    for (int k = 0; k < 3; k++) {
        const Plane source = work->coder->source[k];
        const uint8_t *at = pixels(source, work);
        const size_t size = k ? 8 : 16;
        for (size_t y = 0; y < size; y++)
            if (memcmp(at + y * source.width, at, size) || memcmp(at, at + 1, size - 1))
                return false;
    }
    return true;
}

/* Whether a vector predicts the source to the last bit. */
static bool
predicts_all(const Work *work, Moved *moved)
{
    const int x = 16 * work->column, y = 16 * work->row;
    predict_luma(work->coder, x, y, moved->vector, moved->luma);
    for (int k = 0; k < 2; k++)
        predict_chroma(work->coder, 1 + k, x, y, moved->vector, moved->chroma[k]);
    const uint8_t *const made[3] = {moved->luma, moved->chroma[0], moved->chroma[1]};
    for (int k = 0; k < 3; k++) {
        const Plane source = work->coder->source[k];
        const size_t size = k ? 8 : 16;
        for (size_t row = 0; row < size; row++)
            if (memcmp(made[k] + row * size, pixels(source, work) + row * source.width, size))
                return false;
    }
    return true;
}

/* In one colour, traces of what has passed would be seen; to code none costs as little. */
static void
code_plain(Work *work, bool key, unsigned *skipped, Vector skip)
{
    Moved moved = {.vector = skip};
    uint8_t square[256];
    int cost;
    if (!key && predicts_all(work, &moved))
        code_moved(work, skipped, &moved, skip);
    else {
        const int mode = take_best_square(work, square, &cost);
        code_square(work, key, skipped, mode, square);
    }
}

static void
code_changed(Work *work, bool key, unsigned *skipped)
{
    uint8_t square[256];
    const Vector skip = key ? (Vector){0, 0} : skip_vector(work);
    Moved moved;
    int by_motion = INT32_MAX, whole, small = INT32_MAX;
    if (is_plain(work)) {
        code_plain(work, key, skipped, skip);
        return;
    }
    const int mode = take_best_square(work, square, &whole);
    if (!key)
        by_motion = find_motion(work, whole, &moved.vector, moved.luma);
    if (by_motion < ENOUGH) {
        code_moved(work, skipped, &moved, skip);
        return;
    }
    /* Blocks cost twice as much time as all else; they seldom halve what is best otherwise. */
    if (key || by_motion > whole / 2)
        small = take_blocks(work, by_motion < whole ? by_motion : whole);
    if (by_motion <= whole && by_motion <= small) {
        memset(work->here->modes, EVEN, sizeof work->here->modes);
        code_moved(work, skipped, &moved, skip);
    }
    else if (small < whole)
        code_blocks(work, key, skipped);
    else
        code_square(work, key, skipped, mode, square);
}

/* Code a macroblock, or count it as skipped. */
void
code_macroblock(Work *work, bool key, bool changed, unsigned *skipped)
{
    const Vector still = {0, 0};
    if (key || changed)
        code_changed(work, key, skipped);
    else if (equal(skip_vector(work), still))
        ++*skipped;
    else
        put_moved(work, skipped, still, 0, 0);
}
