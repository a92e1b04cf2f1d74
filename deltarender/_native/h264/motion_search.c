/* Motion search: the motion vector with the lowest cost, SAD and bits together. */

#include "h264.h"
#include "sad.h"

/* The largest motion vectors that all levels allow (A.3.1, table A-1), in quarter samples, less a
   margin. */
enum { MAX_MV_X = 8000, MAX_MV_Y = 1000 };

typedef struct {
    Plane reference;
    const uint8_t *source;
    int source_stride;
    int x, y;               /* the macroblock's first sample */
    MotionVector predicted; /* the mvd is coded relative to it */
    MotionVector best;
    int best_cost;
    uint8_t *prediction;    /* of `best`, 16x16 */
} MotionSearch;

/* The number of bits of a signed Exp-Golomb code. */
static int
se_length(int value)
{
    unsigned code = value > 0 ? 2u * (unsigned)value : 2u * (unsigned)-value + 1;
    int length = 1;
    for (; code > 1; code >>= 1)
        length += 2;
    return length;
}

/* Make `mv` the best one if it costs less; `block` is the 16x16 block it points to. */
static void
try_block(MotionSearch *search, MotionVector mv, const uint8_t *block, int stride)
{
    const MotionVector mvd = {mv.x - search->predicted.x, mv.y - search->predicted.y};
    int cost = BIT_COST * (se_length(mvd.x) + se_length(mvd.y));
    if (cost >= search->best_cost || abs(mv.x) > MAX_MV_X || abs(mv.y) > MAX_MV_Y)
        return;
    const uint8_t *source = search->source;
    for (int y = 0; y < 16 && cost < search->best_cost; y += 4) {
        cost += sad_16(source, search->source_stride, block + y * stride, stride, 4);
        source += 4 * search->source_stride;
    }
    if (cost >= search->best_cost)
        return;
    search->best_cost = cost, search->best = mv;
    for (int y = 0; y < 16; y++)
        memcpy(search->prediction + 16 * y, block + y * stride, 16);
}

/* Round to whole samples. */
static MotionVector
integer_mv(int x, int y)
{
    return (MotionVector){(x + 2) & ~3, (y + 2) & ~3};
}

/* Try the integer motion vector nearest to (x, y). */
static void
try_integer(MotionSearch *search, int x, int y)
{
    const MotionVector mv = integer_mv(x, y);
    uint8_t buffer[256];
    int stride;
    x = search->x + mv.x / 4, y = search->y + mv.y / 4;
    const uint8_t *block = clamped_block(search->reference, x, y, 16, buffer, &stride);
    try_block(search, mv, block, stride);
}

/* Diamond search: go to the best of four neighbors as long as one is better. */
static void
diamond_search(MotionSearch *search)
{
    for (int step = 0; step < 16; step++) {
        const MotionVector from = search->best;
        try_integer(search, from.x - 4, from.y);
        try_integer(search, from.x + 4, from.y);
        try_integer(search, from.x, from.y - 4);
        try_integer(search, from.x, from.y + 4);
        if (same_mv(from, search->best))
            return;
    }
}

/* Try the half-sample positions around the best integer one, then the quarter-sample positions
   around the best of these. */
static void
refine_subsample(MotionSearch *search)
{
    const MotionVector start = integer_mv(search->best.x, search->best.y);
    HalfSamples half;
    interpolate_half_samples(search->reference, search->x + start.x / 4, search->y + start.y / 4,
                             &half);
    for (int step = 2; step >= 1; step--) {
        const int center_x = search->best.x - start.x, center_y = search->best.y - start.y;
        for (int i = 0; i < 9; i++) {
            const int x = center_x + (i % 3 - 1) * step, y = center_y + (i / 3 - 1) * step;
            uint8_t block[256];
            if (i == 4 || abs(x) > 4 || abs(y) > 4)
                continue;
            quarter_sample_block(&half, x, y, block);
            try_block(search, (MotionVector){start.x + x, start.y + y}, block, 16);
        }
    }
}

static void
try_neighbor_mvs(MotionSearch *search, const MacroblockContext *mb)
{
    const Macroblock *neighbors[] = {mb->left, mb->above, mb->above_right, mb->above_left};
    for (int i = 0; i < 4; i++)
        if (neighbors[i] && !neighbors[i]->is_intra)
            try_integer(search, neighbors[i]->mv.x, neighbors[i]->mv.y);
}

/* Find the best motion vector and its prediction (16x16); returns its cost. Fractional positions
   are tried only if the cost may thereby fall below `other_cost`, that of the best intra mode. */
int
search_motion(const MacroblockContext *mb, int other_cost, MotionVector *best,
              uint8_t *prediction)
{
    const Plane source = mb->encoder->source[0];
    const int x = 16 * mb->mb_x, y = 16 * mb->mb_y;
    const MotionVector predicted = predict_mv(mb);
    MotionSearch search = {
        .reference = mb->encoder->reference[0], .source = mb_samples(source, mb),
        .source_stride = source.width, .x = x, .y = y, .predicted = predicted,
        .best_cost = INT32_MAX, .prediction = prediction,
    };
    try_integer(&search, 0, 0);
    if (predicted.x || predicted.y) {
        uint8_t block[256];
        compensate_luma(mb->encoder, x, y, predicted, block);
        try_block(&search, predicted, block, 16);
    }
    if (search.best_cost > GOOD_COST) {
        try_neighbor_mvs(&search, mb);
        try_integer(&search, search.best.x, search.best.y);
        diamond_search(&search);
        if (search.best_cost > GOOD_COST && 3 * search.best_cost / 4 < other_cost)
            refine_subsample(&search);
    }
    *best = search.best;
    return search.best_cost;
}
