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
    MotionVector quarter_mv[QUARTERS]; /* the best for each quarter alone */
    int quarter_sad[QUARTERS], quarter_cost[QUARTERS];

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

/* Make `mv` the best one, for all or for a quarter, if it costs less; `block` is the 16x16 block it
   points to. */
static void
try_block(MotionSearch *search, MotionVector mv, const uint8_t *block, int stride)
{
    const MotionVector mvd = {mv.x - search->predicted.x, mv.y - search->predicted.y};
    const int bits = BIT_COST * (se_length(mvd.x) + se_length(mvd.y));
    int sad[QUARTERS];
    if (abs(mv.x) > MAX_MV_X || abs(mv.y) > MAX_MV_Y)
        return;
    for (int half = 0; half < 2; half++)
        sad_16_halves(search->source + 8 * half * search->source_stride, search->source_stride,
                      block + 8 * half * stride, stride, 8, sad + 2 * half);
    for (int i = 0; i < QUARTERS; i++)
        if (sad[i] + bits < search->quarter_cost[i]) {
            search->quarter_cost[i] = sad[i] + bits, search->quarter_sad[i] = sad[i];
            search->quarter_mv[i] = mv;
        }
    const int cost = bits + sad[0] + sad[1] + sad[2] + sad[3];
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

/* Diamond search: go to the best of four neighbors as long as one is better. `best` is the best
   motion vector of all, or of a quarter, in `search`. */
static void
diamond_search(MotionSearch *search, const MotionVector *best)
{
    for (int step = 0; step < 16; step++) {
        const MotionVector from = *best;
        try_integer(search, from.x - 4, from.y);
        try_integer(search, from.x + 4, from.y);
        try_integer(search, from.x, from.y - 4);
        try_integer(search, from.x, from.y + 4);
        if (same_mv(from, *best))
            return;
    }
}

/* Try a grid of positions around the best one, and go on from there if one is better: thin lines
   and letters have many local minima. */
static void
search_around(MotionSearch *search)
{
    enum { RADIUS = 64, STEP = 16 };
    const MotionVector from = search->best;
    for (int y = -RADIUS; y <= RADIUS; y += STEP)
        for (int x = -RADIUS; x <= RADIUS; x += STEP)
            try_integer(search, from.x + x, from.y + y);
    if (!same_mv(from, search->best))
        diamond_search(search, &search->best);
}

/* Try the half-sample positions around the best integer one, then the quarter-sample positions
   around the best of these. */
static void
refine_subsample(MotionSearch *search, const MotionVector *best)
{
    const MotionVector start = integer_mv(best->x, best->y);
    HalfSamples half;
    interpolate_half_samples(search->reference, search->x + start.x / 4, search->y + start.y / 4,
                             &half);
    for (int step = 2; step >= 1; step--) {
        const int center_x = best->x - start.x, center_y = best->y - start.y;
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

/* Whether two motion vectors are less than a sample apart. */
static bool
is_near(MotionVector a, MotionVector b)
{
    return abs(a.x - b.x) < 4 && abs(a.y - b.y) < 4;
}

/* Refine the motion vectors of quarters that differ from that of the whole. */
static void
refine_quarters(MotionSearch *search)
{
    for (int i = 0; i < QUARTERS; i++) {
        const MotionVector mv = search->quarter_mv[i];
        bool done = search->quarter_sad[i] < FAIR_COST / 4 || is_near(mv, search->best);
        for (int k = 0; k < i; k++)
            done |= is_near(mv, search->quarter_mv[k]);
        if (!done)
            refine_subsample(search, search->quarter_mv + i);
    }
}

/* Try a motion vector of a macroblock if there is one. */
static void
try_mv_of(MotionSearch *search, const Macroblock *neighbor, int quarter)
{
    if (neighbor && !neighbor->is_intra)
        try_integer(search, neighbor->mv[quarter].x, neighbor->mv[quarter].y);
}

/* Try the motion vectors of neighbors, and those of the last picture, here and where the
   neighbors are not encoded yet. */
static void
try_likely_mvs(MotionSearch *search, const MacroblockContext *mb)
{
    const Encoder *encoder = mb->encoder;
    try_mv_of(search, mb->left, 1);
    try_mv_of(search, mb->above, 2);
    try_mv_of(search, mb->above_right, 2);
    try_mv_of(search, mb->above_left, 3);
    if (mb->mb_x + 1 < encoder->mb_columns)
        try_mv_of(search, mb->current + 1, 0);
    if (mb->mb_y + 1 < encoder->mb_rows)
        try_mv_of(search, mb->current + encoder->mb_columns, 0);
    for (int i = 0; i < QUARTERS; i++)
        if (i == 0 || !same_mv(mb->previous_mv[i], mb->previous_mv[i - 1]))
            try_integer(search, mb->previous_mv[i].x, mb->previous_mv[i].y);
}

/* Divide the macroblock if that costs less than one motion vector for all; returns the cost. */
static int
divide(MotionSearch *search, const MacroblockContext *mb, InterPrediction *inter)
{
    enum { PART_BITS = 6, TYPE_BITS = 3 };
    int cost = TYPE_BITS * BIT_COST;
    for (int i = 0; i < QUARTERS; i++)
        cost += search->quarter_sad[i];
    const MotionVector *mv = search->quarter_mv;
    const bool rows = same_mv(mv[0], mv[1]) && same_mv(mv[2], mv[3]);
    const bool columns = same_mv(mv[0], mv[2]) && same_mv(mv[1], mv[3]);
    cost += BIT_COST * PART_BITS * (rows || columns ? 2 : 4);
    if (cost >= search->best_cost || (rows && columns))
        return search->best_cost;
    inter->partitioning = rows ? PART_16X8 : columns ? PART_8X16 : PART_8X8;
    for (int i = 0; i < QUARTERS; i++) {
        uint8_t block[256];
        inter->mv[i] = mv[i];
        if (same_mv(mv[i], search->best))
            continue;
        const int start = i / 2 * 128 + i % 2 * 8;
        compensate_luma(mb->encoder, search->x, search->y, mv[i], block);
        for (int y = 0; y < 8; y++)
            memcpy(inter->luma + start + 16 * y, block + start + 16 * y, 8);
    }
    return cost;
}

/* Search from likely motion vectors on, first at integer positions. */
static void
search_farther(MotionSearch *search, const MacroblockContext *mb, int other_cost)
{
    try_likely_mvs(search, mb);
    try_integer(search, search->best.x, search->best.y);
    diamond_search(search, &search->best);
    if (search->best_cost > FAIR_COST)
        search_around(search);
    if (search->best_cost > GOOD_COST && 3 * search->best_cost / 4 < other_cost) {
        refine_subsample(search, &search->best);
        refine_quarters(search);
    }
}

/* Find the best motion vectors and their luma prediction; returns the cost. Fractional positions
   are tried only if the cost may thereby fall below `other_cost`, that of the best intra mode. */
int
search_motion(const MacroblockContext *mb, int other_cost, InterPrediction *inter)
{
    const Plane source = mb->encoder->source[0];
    const int x = 16 * mb->mb_x, y = 16 * mb->mb_y;
    const MotionVector predicted = predict_mv(mb, PART_16X16, 0);
    MotionSearch search = {
        .reference = mb->encoder->reference[0], .source = mb_samples(source, mb),
        .source_stride = source.width, .x = x, .y = y, .predicted = predicted,
        .best_cost = INT32_MAX, .prediction = inter->luma,
        .quarter_cost = {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX},
    };
    try_integer(&search, 0, 0);
    if (predicted.x || predicted.y) {
        uint8_t block[256];
        compensate_luma(mb->encoder, x, y, predicted, block);
        try_block(&search, predicted, block, 16);
    }
    if (search.best_cost > GOOD_COST)
        search_farther(&search, mb, other_cost);
    inter->partitioning = PART_16X16;
    for (int i = 0; i < QUARTERS; i++)
        inter->mv[i] = search.best;
    return search.best_cost > GOOD_COST ? divide(&search, mb, inter) : search.best_cost;
}
