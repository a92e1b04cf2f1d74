/* Syntax of a macroblock's residual as CABAC codes it (7.3.5.3, 9.3.3.1). */

#include "h264.h"

/* ctxBlockCat (table 9-42). */
enum { LUMA_DC, LUMA_AC, LUMA_4X4, CHROMA_DC, CHROMA_AC };
enum { CODED_BLOCK_FLAG = 85, SIGNIFICANT_FLAG = 105, LAST_FLAG = 166, LEVEL = 227 };
/* ctxIdxBlockCatOffset (table 9-40) of significance and of levels. */
static const uint8_t significance_offset[] = {0, 15, 29, 44, 47};
static const uint8_t level_offset[] = {0, 10, 20, 30, 39};

/* Write coeff_abs_level_minus1 and the sign of a level; `ones` and `larger` levels are written. */
static void
write_level(Cabac *cabac, int category, int level, int ones, int larger)
{
    enum { MAX_PREFIX = 14 };
    const int rest = abs(level) - 1, first = LEVEL + level_offset[category];
    const int max_larger = category == CHROMA_DC ? 3 : 4;
    encode_bin(cabac, first + (larger ? 0 : ones < 3 ? 1 + ones : 4), rest > 0);
    const int context = first + 5 + (larger < max_larger ? larger : max_larger);
    for (int bin = 1; bin < MAX_PREFIX && rest >= bin; bin++)
        encode_bin(cabac, context, rest > bin);
    if (rest >= MAX_PREFIX)
        encode_bypass_golomb(cabac, (unsigned)(rest - MAX_PREFIX), 0);
    encode_bypass(cabac, level < 0);
}

/* Write the levels of a block, in zigzag order, of which at least one is not 0. */
static void
write_levels(Cabac *cabac, int category, const int16_t *levels, int count)
{
    const int significant = SIGNIFICANT_FLAG + significance_offset[category];
    const int is_last = LAST_FLAG + significance_offset[category];
    int last = count - 1, ones = 0, larger = 0;
    while (!levels[last])
        last--;
    for (int i = 0; i <= last && i < count - 1; i++) {
        const int context = category == CHROMA_DC && i > 2 ? 2 : i;
        encode_bin(cabac, significant + context, levels[i]);
        if (levels[i])
            encode_bin(cabac, is_last + context, i == last);
    }
    for (int i = last; i >= 0; i--)
        if (levels[i]) {
            write_level(cabac, category, levels[i], ones, larger);
            ones += abs(levels[i]) == 1, larger += abs(levels[i]) > 1;
        }
}

/* Write coded_block_flag, whose context depends on two neighboring blocks, and the levels. */
static void
write_block(MacroblockContext *mb, int category, int index, const int16_t *levels, int count,
            bool left_coded, bool above_coded)
{
    Cabac *cabac = &mb->encoder->cabac;
    bool coded = false;
    for (int i = 0; i < count; i++)
        coded |= levels[i] != 0;
    encode_bin(cabac, CODED_BLOCK_FLAG + 4 * category + left_coded + 2 * above_coded, coded);
    if (coded) {
        mb->current->coded_blocks |= 1u << index;
        write_levels(cabac, category, levels, count);
    }
}

/* Whether a block of a macroblock is coded; outside the picture, as if in an intra macroblock. */
static bool
is_coded(const MacroblockContext *mb, const Macroblock *of, int index)
{
    return of ? of->coded_blocks >> index & 1 : mb->current->is_intra;
}

/* Write the block at `index`, one of a square of `side` blocks that begins at `first`. */
static void
write_block_of(MacroblockContext *mb, int category, int first, int side, int block,
               const int16_t *levels, int count)
{
    const int x = block % side, y = block / side, index = first + block;
    const Macroblock *left = x ? mb->current : mb->left, *above = y ? mb->current : mb->above;
    write_block(mb, category, index, levels, count,
                is_coded(mb, left, x ? index - 1 : index + side - 1),
                is_coded(mb, above, y ? index - side : index + side * (side - 1)));
}

/* Write the levels that coded_block_pattern announces; in Intra_16x16 macroblocks, DC levels come
   first. */
void
write_residual(MacroblockContext *mb)
{
    const CoefficientLevels *levels = &mb->levels;
    const int cbp = mb->current->cbp;
    const bool dc = mb->current->is_intra16x16;
    if (dc)
        write_block_of(mb, LUMA_DC, CODED_LUMA_DC, 1, 0, levels->luma_dc, 16);
    for (int i = 0; i < LUMA_BLOCKS; i++)
        if (cbp >> i / 4 & 1)
            write_block_of(mb, dc ? LUMA_AC : LUMA_4X4, 0, 4, block_scan[i],
                           levels->luma[block_scan[i]] + dc, 16 - dc);
    for (int k = 0; k < 2 && cbp > 15; k++)
        write_block_of(mb, CHROMA_DC, CODED_CHROMA_DC + k, 1, 0, levels->chroma_dc[k], 4);
    for (int k = 0; k < 2 && cbp > 31; k++)
        for (int block = 0; block < 4; block++)
            write_block_of(mb, CHROMA_AC, CODED_CHROMA_AC + 4 * k, 2, block,
                           levels->chroma[k][block] + 1, 15);
}
