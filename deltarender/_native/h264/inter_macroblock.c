/* Inter macroblocks: P_L0_16x16 with a motion vector and a residual, and P_Skip. */

#include "h264.h"

/* Table 9-4, column Inter: codeNum by coded_block_pattern, chroma in bits 4 and 5. */
static const uint8_t cbp_code_num[48] = {
    0, 2,  3,  7,  4,  8,  17, 13, 5,  18, 9,  14, 10, 15, 16, 11,
    1, 32, 33, 36, 34, 37, 44, 40, 35, 45, 38, 41, 39, 42, 43, 19,
    6, 24, 25, 20, 26, 21, 46, 28, 27, 47, 22, 29, 23, 30, 31, 12};

enum { P_L0_16X16 = 0 }; /* table 7-13 */

/* Write a P_L0_16x16 macroblock whose levels are in the context (7.3.5, 7.3.5.1). */
static void
write_inter(MacroblockContext *mb, MotionVector mv, int luma_cbp, int chroma_cbp)
{
    BitWriter *bits = &mb->encoder->bits;
    const MotionVector predicted = predict_mv(mb);
    mb->current->mv = mv;
    write_mb_type(mb, P_L0_16X16);
    write_se(bits, mv.x - predicted.x); /* mvd_l0 */
    write_se(bits, mv.y - predicted.y);
    write_ue(bits, cbp_code_num[luma_cbp | chroma_cbp << 4]);
    if (luma_cbp || chroma_cbp)
        write_mb_qp_delta(mb);
    write_luma_residual(mb, luma_cbp, false);
    write_chroma_residual(mb, chroma_cbp);
}

/* Write an unchanged macroblock that cannot be P_Skip, as that would move it. */
void
write_zero_mv_macroblock(MacroblockContext *mb)
{
    write_inter(mb, (MotionVector){0, 0}, 0, 0);
}

static void
compensate_both_chroma(const MacroblockContext *mb, InterPrediction *inter)
{
    for (int k = 0; k < 2; k++)
        compensate_chroma(mb->encoder, 1 + k, 16 * mb->mb_x, 16 * mb->mb_y, inter->mv,
                          inter->chroma[k]);
}

/* Predict chroma and quantize the residual of both; `inter->luma` is predicted already. False if no
   levels are left. */
static bool
quantize_inter(MacroblockContext *mb, InterPrediction *inter)
{
    compensate_both_chroma(mb, inter);
    inter->luma_cbp = quantize_inter_luma(mb, inter->luma);
    inter->chroma_cbp = quantize_chroma(mb, inter->chroma, INTER_ROUNDING);
    return inter->luma_cbp || inter->chroma_cbp;
}

/* Whether P_Skip may replace a macroblock without residual. If its motion vector leaves no residual
   either, `inter` is replaced by that prediction, although its SAD may be a little higher. */
static bool
can_skip(MacroblockContext *mb, InterPrediction *inter, MotionVector skip_mv)
{
    if (same_mv(inter->mv, skip_mv))
        return true;
    InterPrediction skip = {.mv = skip_mv};
    compensate_luma(mb->encoder, 16 * mb->mb_x, 16 * mb->mb_y, skip_mv, skip.luma);
    const bool can = !quantize_inter(mb, &skip);
    if (can)
        *inter = skip;
    else
        quantize_inter(mb, inter); /* restore the levels in the context */
    return can;
}

/* Encode a macroblock with a motion vector and its luma prediction, as P_Skip if possible. */
void
encode_inter(MacroblockContext *mb, InterPrediction *inter, MotionVector skip_mv)
{
    const bool skip = !quantize_inter(mb, inter) && can_skip(mb, inter, skip_mv);
    reconstruct_luma(mb, inter->luma, NULL);
    reconstruct_chroma(mb, inter->chroma);
    if (skip) {
        mb->current->mv = inter->mv;
        mb->skip_run++;
    }
    else
        write_inter(mb, inter->mv, inter->luma_cbp, inter->chroma_cbp);
}

/* Whether a motion vector predicts the source without any difference; fills the prediction. */
bool
predicts_exactly(const MacroblockContext *mb, InterPrediction *inter)
{
    compensate_luma(mb->encoder, 16 * mb->mb_x, 16 * mb->mb_y, inter->mv, inter->luma);
    compensate_both_chroma(mb, inter);
    const uint8_t *const predictions[3] = {inter->luma, inter->chroma[0], inter->chroma[1]};
    for (int k = 0; k < 3; k++) {
        const Plane source = mb->encoder->source[k];
        const uint8_t *samples = mb_samples(source, mb);
        const size_t size = k ? 8 : 16;
        for (size_t y = 0; y < size; y++)
            if (memcmp(predictions[k] + y * size, samples + y * source.width, size))
                return false;
    }
    return true;
}
