/* Residual of a macroblock: transform and quantization, reconstruction. */

#include "h264.h"

/* The raster index of each 4x4 luma block in decoding order (6.4.3). */
const uint8_t block_scan[LUMA_BLOCKS] = {0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15};

/* -- Quantization -------------------------------------------------------------------------- */

/* Levels with a lower total cost are dropped: in an 8x8 block, in all luma, in a chroma plane. */
enum { MIN_8X8_COST = 4, MIN_LUMA_COST = 6, MIN_CHROMA_COST = 7 };

/* How much levels contribute to the picture: an isolated 1 after many zeros is hardly visible and
   costs many bits. Levels above 1 always count as worth coding. */
static int
levels_cost(const int16_t *levels, int first)
{
    static const uint8_t cost_by_run[16] = {3, 2, 2, 1, 1, 1};
    int total = 0, run = 0;
    for (int i = first; i < 16; i++) {
        if (abs(levels[i]) > 1)
            return 9;
        if (levels[i])
            total += cost_by_run[run], run = 0;
        else
            run++;
    }
    return total;
}

/* Transform and quantize two horizontally adjacent 4x4 blocks of a plane, at (x, y) within the
   macroblock; returns the cost of their levels. Stores their DC coefficients if `dc` is given. */
static int
quantize_pair(const MacroblockContext *mb, int plane, int x, int y, const uint8_t *prediction,
              const QuantParams *params, int16_t (*levels)[16], int16_t *dc)
{
    const Plane source = mb->encoder->source[plane];
    const int width = plane ? 8 : 16;
    const uint8_t *samples = mb_samples(source, mb) + (size_t)y * source.width + x;
    int16_t coefficients[2][16];
    const int nonzero = transform_pair(samples, source.width, prediction + width * y + x, width,
                                       params, coefficients);
    int total = 0;
    for (int k = 0; k < 2; k++) {
        if (dc)
            dc[k] = coefficients[k][0];
        if (nonzero >> k & 1) {
            quantize_block(coefficients[k], params, levels[k]);
            total += levels_cost(levels[k], params->first_coefficient);
        }
        else
            memset(levels[k], 0, sizeof levels[k]);
    }
    return total;
}

/* Quantize the luma residual of inter prediction. Returns the luma part of coded_block_pattern. */
int
quantize_inter_luma(MacroblockContext *mb, const uint8_t *prediction)
{
    const QuantParams params = {mb->qp, INTER_ROUNDING, 0};
    int cbp = 0, coded_cost = 0;
    for (int i = 0; i < 4; i++) {
        const int x = i % 2 * 8, y = i / 2 * 8;
        int16_t(*levels)[16] = mb->levels.luma + y / 4 * 4 + x / 4;
        int cost = quantize_pair(mb, 0, x, y, prediction, &params, levels, NULL);
        cost += quantize_pair(mb, 0, x, y + 4, prediction, &params, levels + 4, NULL);
        if (cost >= MIN_8X8_COST)
            cbp |= 1 << i, coded_cost += cost;
        else {
            memset(levels, 0, 2 * sizeof *levels);
            memset(levels + 4, 0, 2 * sizeof *levels);
        }
    }
    if (cbp && coded_cost < MIN_LUMA_COST) {
        memset(mb->levels.luma, 0, sizeof mb->levels.luma);
        cbp = 0;
    }
    return cbp;
}

/* Quantize the residual of Intra_16x16 prediction, whose DC coefficients are transformed again.
   `dc` gets these as a decoder will restore them. */
void
quantize_luma16x16(MacroblockContext *mb, const uint8_t *prediction, int *dc)
{
    const QuantParams params = {mb->qp, INTRA_ROUNDING, 1};
    int16_t source_dc[LUMA_BLOCKS];
    for (int block = 0; block < LUMA_BLOCKS; block += 2)
        quantize_pair(mb, 0, block % 4 * 4, block / 4 * 4, prediction, &params,
                      mb->levels.luma + block, source_dc + block);
    quantize_luma_dc(source_dc, mb->qp, mb->levels.luma_dc);
    dequantize_luma_dc(mb->levels.luma_dc, mb->qp, dc);
}

/* The luma part of coded_block_pattern: a bit for each 8x8 block with levels. */
int
luma_cbp(const CoefficientLevels *levels)
{
    int cbp = 0;
    for (int i = 0; i < LUMA_BLOCKS; i++) {
        int nonzero = 0;
        for (int k = 0; k < 16; k++)
            nonzero |= levels->luma[block_scan[i]][k];
        cbp |= (nonzero != 0) << i / 4;
    }
    return cbp;
}

/* Quantize both chroma planes. Returns the chroma part of coded_block_pattern: 0 no levels, 1 DC
   levels only, 2 AC levels too. */
int
quantize_chroma(MacroblockContext *mb, uint8_t (*prediction)[64], int rounding)
{
    const QuantParams params = {chroma_qp(mb->qp), rounding, 1};
    int cbp = 0;
    for (int k = 0; k < 2; k++) {
        int16_t dc[4], *dc_levels = mb->levels.chroma_dc[k];
        int16_t(*levels)[16] = mb->levels.chroma[k];
        int cost = quantize_pair(mb, 1 + k, 0, 0, prediction[k], &params, levels, dc);
        cost += quantize_pair(mb, 1 + k, 0, 4, prediction[k], &params, levels + 2, dc + 2);
        if (cost >= MIN_CHROMA_COST)
            cbp = 2;
        else
            memset(levels, 0, sizeof mb->levels.chroma[k]);
        quantize_chroma_dc(dc, params.qp, rounding, dc_levels);
        if (cbp == 0 && (dc_levels[0] || dc_levels[1] || dc_levels[2] || dc_levels[3]))
            cbp = 1;
    }
    return cbp;
}

/* -- Reconstruction ------------------------------------------------------------------------ */

/* Reconstruct luma as a decoder will; `dc` are the DC coefficients of Intra_16x16, or NULL. */
void
reconstruct_luma(const MacroblockContext *mb, const uint8_t *prediction, const int *dc)
{
    const Plane target = mb->encoder->reconstruction[0];
    uint8_t *samples = mb_samples(target, mb);
    for (int block = 0; block < LUMA_BLOCKS; block++) {
        const int x = block % 4 * 4, y = block / 4 * 4;
        reconstruct_block(mb->levels.luma[block], dc ? dc + block : NULL, mb->qp,
                          prediction + 16 * y + x, 16, samples + (size_t)y * target.width + x,
                          target.width);
    }
}

void
reconstruct_chroma(const MacroblockContext *mb, uint8_t (*prediction)[64])
{
    const int qp = chroma_qp(mb->qp);
    for (int k = 0; k < 2; k++) {
        const Plane target = mb->encoder->reconstruction[1 + k];
        uint8_t *samples = mb_samples(target, mb);
        int dc[4];
        dequantize_chroma_dc(mb->levels.chroma_dc[k], qp, dc);
        for (int block = 0; block < 4; block++) {
            const int x = block % 2 * 4, y = block / 2 * 4;
            reconstruct_block(mb->levels.chroma[k][block], dc + block, qp,
                              prediction[k] + 8 * y + x, 8,
                              samples + (size_t)y * target.width + x, target.width);
        }
    }
}
