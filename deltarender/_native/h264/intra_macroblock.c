/* Macroblocks predicted from their neighbours: as a whole, or block by block. */

#include "h264.h"

/* Table 9-4: numbers of patterns of coded quarters, chroma's kind in the upper two bits. */
static const uint8_t patterns[48] = {3,  29, 30, 17, 31, 18, 37, 8,  32, 38, 19, 9,  20, 10, 11, 2,
                                     16, 33, 34, 21, 35, 22, 39, 4,  36, 40, 23, 5,  24, 6,  7,  1,
                                     41, 42, 43, 25, 44, 26, 46, 12, 45, 47, 27, 13, 28, 14, 15, 0};

enum { BLOCKS_BITS = 24, SQUARE_BITS = 8 }; /* what choosing it costs, beside modes */

/* Which neighbours the macroblock has. */
static int
neighbours(const Work *work)
{
    return (work->left ? LEFT : 0) | (work->above ? ABOVE : 0) | (work->corner ? CORNER : 0) |
           (work->beyond ? BEYOND : 0);
}

/* Those of one of its blocks; only what is decoded earlier is there. */
static int
neighbours_of(const Work *work, int block)
{
    static const bool beyond[BLOCKS] = {1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0};
    const int has = neighbours(work), x = block % 4, y = block / 4;
    const bool left = x || has & LEFT, above = y || has & ABOVE;
    const bool corner = x && y ? true : x ? has & ABOVE : y ? has & LEFT : has & CORNER;
    const bool next = y ? beyond[block] : x < 3 ? has & ABOVE : has & BEYOND;
    return left * LEFT | above * ABOVE | corner * CORNER | next * BEYOND;
}

/* The mode a block is expected to have (8.3.1.1). */
static int
expected_mode(const Work *work, int block)
{
    const int x = block % 4, y = block / 4;
    const Macroblock *left = x ? work->here : work->left, *above = y ? work->here : work->above;
    if (!left || !above)
        return EVEN;
    const int one = left->modes[x ? block - 1 : block + 3];
    const int other = above->modes[y ? block - 4 : block + 12];
    return one < other ? one : other;
}

/* -- Block by block -------------------------------------------------------------------------- */

/* Predict a block in the best mode and show it, for the next one to be predicted from; what it
   costs. */
static int
take_block(Work *work, int block)
{
    const Plane source = work->coder->source[0], wanted = work->coder->wanted[0];
    const int x = block % 4 * 4, y = block / 4 * 4, expected = expected_mode(work, block);
    const uint8_t *from = pixels(source, work) + (size_t)y * source.width + x;
    uint8_t *to = pixels(wanted, work) + (size_t)y * wanted.width + x;
    uint8_t best[24] = {0}, made[16], wish[24] = {0}; /* also read in rows of eight */
    int least = INT32_MAX;
    Edge edge;
    read_edge(&edge, to, wanted.width, neighbours_of(work, block));
    for (int row = 0; row < 4; row++)
        memcpy(wish + 4 * row, from + (size_t)row * source.width, 4);
    for (int mode = 0; mode < MODES; mode++) {
        if (!predict_small(mode, &edge, made))
            continue;
        const int cost = distance_of_16(wish, 16, made, 16, 1) + PRICE * (mode == expected ? 1 : 4);
        if (cost < least) {
            least = cost, work->here->modes[block] = (int8_t)mode;
            memcpy(best, made, sizeof made);
        }
    }
    const How how = {work->quantizer, INTRA_PARTS, 0};
    int16_t c[2][16], *levels = work->levels.luma[block];
    if (transform_pair(wish, 4, best, 4, &how, c) & 1)
        quantize(c[0], &how, levels);
    else
        memset(levels, 0, sizeof work->levels.luma[block]);
    show_block(levels, NULL, work->quantizer, best, 4, to, wanted.width);
    return least;
}

/* All blocks, as long as they cost less than `limit`; what they cost. */
int
take_blocks(Work *work, int limit)
{
    int cost = BLOCKS_BITS * PRICE;
    for (int i = 0; i < BLOCKS && cost < limit; i++)
        cost += take_block(work, order[i]);
    return cost;
}

static void
put_modes(Work *work)
{
    for (int i = 0; i < BLOCKS; i++) {
        const int mode = work->here->modes[order[i]], expected = expected_mode(work, order[i]);
        if (mode == expected)
            put(&work->coder->bits, 1, 1);
        else
            put(&work->coder->bits, (unsigned)(mode < expected ? mode : mode - 1), 4);
    }
}

/* -- As a whole ------------------------------------------------------------------------------ */

/* Predict one plane; the sum of differences, INT32_MAX if the mode is not possible. */
static int
try_square(const Work *work, int plane, int mode, uint8_t *into)
{
    const Plane source = work->coder->source[plane], wanted = work->coder->wanted[plane];
    const int size = plane ? 8 : 16;
    const uint8_t *from = pixels(source, work);
    if (!predict_square(mode, size, pixels(wanted, work), wanted.width, neighbours(work), into))
        return INT32_MAX;
    if (!plane)
        return distance_of_16(from, source.width, into, 16, 16);
    int total = 0;
    for (int y = 0; y < 8; y++, from += source.width, into += 8)
        total += distance_of_8(from, into);
    return total;
}

/* Predict luma in the best mode, which is returned; `cost` is what that costs. */
int
take_best_square(const Work *work, uint8_t *predicted, int *cost)
{
    uint8_t made[256];
    int best = EVEN, least = INT32_MAX;
    for (int mode = VERTICAL; mode <= PLANE; mode++) {
        const int now = try_square(work, 0, mode, made);
        if (now < least) {
            least = now, best = mode;
            memcpy(predicted, made, sizeof made);
        }
    }
    *cost = least + SQUARE_BITS * PRICE;
    return best;
}

/* Both planes of chroma, in one mode. */
static int
take_best_chroma(const Work *work, uint8_t (*predicted)[64])
{
    uint8_t made[2][64];
    int best = EVEN, least = INT32_MAX;
    for (int mode = VERTICAL; mode <= PLANE; mode++) {
        const int blue = try_square(work, 1, mode, made[0]);
        const int red = blue == INT32_MAX ? 0 : try_square(work, 2, mode, made[1]);
        if (blue < least - red) {
            least = blue + red, best = mode;
            memcpy(predicted, made, sizeof made);
        }
    }
    return best;
}

/* -- Coding ---------------------------------------------------------------------------------- */

/* Chroma and what is left of luma; `type` is that of macroblocks taken block by block. */
static void
put_rest(Work *work, unsigned *skipped, bool key, int type, int pattern, bool apart)
{
    static const uint8_t chroma_modes[] = {2, 1, 0, 3};
    Bits *bits = &work->coder->bits;
    uint8_t chroma[2][64];
    const int chroma_mode = chroma_modes[take_best_chroma(work, chroma)];
    const int kind = take_chroma(work, chroma, INTRA_PARTS);
    show_chroma(work, chroma);
    put_type(work, key ? NULL : skipped, (key ? 0 : 5) + type + (apart ? 4 * kind : 0));
    if (!apart)
        put_modes(work);
    put_ue(bits, (unsigned)chroma_mode);
    if (!apart)
        put_ue(bits, patterns[pattern | kind << 4]);
    if (apart || pattern || kind)
        put_quantizer(work);
    put_luma(work, pattern, apart);
    put_chroma(work, kind);
}

/* Code what `take_blocks` has taken. */
void
code_blocks(Work *work, bool key, unsigned *skipped)
{
    work->here->intra = true;
    put_rest(work, skipped, key, 0, pattern_of(&work->levels), false);
}

/* Code what `take_best_square` has predicted. */
void
code_square(Work *work, bool key, unsigned *skipped, int mode, const uint8_t *luma)
{
    int dc[BLOCKS];
    work->here->intra = true;
    memset(work->here->modes, EVEN, sizeof work->here->modes);
    take_square(work, luma, dc);
    show_luma(work, luma, dc);
    const int pattern = pattern_of(&work->levels) ? 15 : 0;
    put_rest(work, skipped, key, 1 + mode + (pattern ? 12 : 0), pattern, true);
}
