/* What a prediction leaves over: quantized, shown as a decoder will show it, coded. */

#include "h264.h"

/* How blocks of luma, numbered row by row here, follow each other in the stream (6.4.3). */
const uint8_t order[BLOCKS] = {0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15};

enum { LEAST_QUARTER = 4, LEAST_LUMA = 6, LEAST_CHROMA = 7 }; /* weights worth coding */

/* How much levels show: a one far from all others is hardly seen and costs many bits. */
static int
weight(const int16_t *levels, int first)
{
    static const uint8_t by_run[16] = {3, 2, 2, 1, 1, 1};
    int total = 0, run = 0;
    for (int i = first; i < 16; i++) {
        if (abs(levels[i]) > 1)
            return 9;
        if (levels[i])
            total += by_run[run], run = 0;
        else
            run++;
    }
    return total;
}

/* Quantize two blocks of a plane, side by side from pixel (x, y) of the macroblock on; what is left
   of them, by weight. Their first coefficients go to `dc` where that is given. */
static int
take_pair(const Work *work, int plane, int x, int y, const uint8_t *predicted, const How *how,
          int16_t (*levels)[16], int16_t *dc)
{
    const Plane source = work->coder->source[plane];
    const int width = plane ? 8 : 16;
    const uint8_t *from = pixels(source, work) + (size_t)y * source.width + x;
    int16_t c[2][16];
    const int some = transform_pair(from, source.width, predicted + width * y + x, width, how, c);
    int total = 0;
    for (int k = 0; k < 2; k++) {
        if (dc)
            dc[k] = c[k][0];
        if (some >> k & 1) {
            quantize(c[k], how, levels[k]);
            total += weight(levels[k], how->first);
        }
        else
            memset(levels[k], 0, sizeof levels[k]);
    }
    return total;
}

/* Luma predicted from the last picture. A bit for each quarter in which levels are left. */
int
take_luma(Work *work, const uint8_t *predicted)
{
    const How how = {work->quantizer, INTER_PARTS, 0};
    int pattern = 0, all = 0;
    for (int quarter = 0; quarter < 4; quarter++) {
        const int x = quarter % 2 * 8, y = quarter / 2 * 8;
        int16_t(*levels)[16] = work->levels.luma + y + x / 4;
        int total = take_pair(work, 0, x, y, predicted, &how, levels, NULL);
        total += take_pair(work, 0, x, y + 4, predicted, &how, levels + 4, NULL);
        if (total >= LEAST_QUARTER)
            pattern |= 1 << quarter, all += total;
        else {
            memset(levels, 0, 2 * sizeof *levels);
            memset(levels + 4, 0, 2 * sizeof *levels);
        }
    }
    if (pattern && all < LEAST_LUMA) {
        memset(work->levels.luma, 0, sizeof work->levels.luma);
        pattern = 0;
    }
    return pattern;
}

/* Luma predicted as a whole from its neighbours: the constant parts of the blocks are transformed
   once more. `restored` gets them as they will be decoded. */
void
take_square(Work *work, const uint8_t *predicted, int *restored)
{
    const How how = {work->quantizer, INTRA_PARTS, 1};
    int16_t dc[BLOCKS];
    for (int block = 0; block < BLOCKS; block += 2)
        take_pair(work, 0, block % 4 * 4, block / 4 * 4, predicted, &how, work->levels.luma + block,
                  dc + block);
    quantize_luma_dc(dc, work->quantizer, work->levels.luma_dc);
    restore_luma_dc(work->levels.luma_dc, work->quantizer, restored);
}

/* A bit for each quarter of luma in which levels are left. */
int
pattern_of(const Levels *levels)
{
    int pattern = 0;
    for (int i = 0; i < BLOCKS; i++) {
        int some = 0;
        for (int k = 0; k < 16; k++)
            some |= levels->luma[order[i]][k];
        pattern |= (some != 0) << i / 4;
    }
    return pattern;
}

void
show_luma(const Work *work, const uint8_t *predicted, const int *dc)
{
    const Plane wanted = work->coder->wanted[0];
    uint8_t *to = pixels(wanted, work);
    for (int block = 0; block < BLOCKS; block++) {
        const int x = block % 4 * 4, y = block / 4 * 4;
        show_block(work->levels.luma[block], dc ? dc + block : NULL, work->quantizer,
                   predicted + 16 * y + x, 16, to + (size_t)y * wanted.width + x, wanted.width);
    }
}

/* Both planes of chroma. 0: nothing is left, 1: constant parts, 2: more. */
int
take_chroma(Work *work, uint8_t (*predicted)[64], int parts)
{
    const How how = {work->quantizer, parts, 1};
    int result = 0;
    for (int k = 0; k < 2; k++) {
        int16_t dc[4], *dc_levels = work->levels.chroma_dc[k];
        int16_t(*levels)[16] = work->levels.chroma[k];
        int total = take_pair(work, 1 + k, 0, 0, predicted[k], &how, levels, dc);
        total += take_pair(work, 1 + k, 0, 4, predicted[k], &how, levels + 2, dc + 2);
        if (total >= LEAST_CHROMA)
            result = 2;
        else
            memset(levels, 0, sizeof work->levels.chroma[k]);
        quantize_chroma_dc(dc, work->quantizer, parts, dc_levels);
        if (result == 0 && (dc_levels[0] || dc_levels[1] || dc_levels[2] || dc_levels[3]))
            result = 1;
    }
    return result;
}

void
show_chroma(const Work *work, uint8_t (*predicted)[64])
{
    for (int k = 0; k < 2; k++) {
        const Plane wanted = work->coder->wanted[1 + k];
        uint8_t *to = pixels(wanted, work);
        int dc[4];
        restore_chroma_dc(work->levels.chroma_dc[k], work->quantizer, dc);
        for (int block = 0; block < 4; block++) {
            const int x = block % 2 * 4, y = block / 2 * 4;
            uint8_t *into = to + (size_t)y * wanted.width + x;
            show_block(work->levels.chroma[k][block], dc + block, work->quantizer,
                       predicted[k] + 8 * y + x, 8, into, wanted.width);
        }
    }
}

/* How many coefficients to expect in a block, by its neighbours (9.2.1). */
static int
expected_count(const Work *work, int plane, int block)
{
    const int side = plane ? 2 : 4, x = block % side, y = block / side;
    const Macroblock *left = x ? work->here : work->left, *above = y ? work->here : work->above;
    const int before = x ? block - 1 : block + side - 1;
    const int over = y ? block - side : block + side * (side - 1);
    const int one = left ? left->counts[plane][before] : 0;
    const int other = above ? above->counts[plane][over] : 0;
    return left && above ? (one + other + 1) >> 1 : one + other;
}

static void
put_counted(Work *work, int plane, int block, const int16_t *levels, int count)
{
    const int expected = expected_count(work, plane, block);
    work->here->counts[plane][block] =
        (uint8_t)put_block(&work->coder->bits, levels, count, expected);
}

/* The quarters of luma in `pattern`; before them all constant parts, where they are apart. */
void
put_luma(Work *work, int pattern, bool apart)
{
    if (apart)
        put_block(&work->coder->bits, work->levels.luma_dc, 16, expected_count(work, 0, 0));
    for (int i = 0; i < BLOCKS; i++)
        if (pattern >> i / 4 & 1)
            put_counted(work, 0, order[i], work->levels.luma[order[i]] + apart, 16 - apart);
}

void
put_chroma(Work *work, int kind)
{
    for (int k = 0; k < 2 && kind > 0; k++)
        put_block(&work->coder->bits, work->levels.chroma_dc[k], 4, CHROMA_DC);
    for (int k = 0; k < 2 && kind > 1; k++)
        for (int block = 0; block < 4; block++)
            put_counted(work, 1 + k, block, work->levels.chroma[k][block] + 1, 15);
}
