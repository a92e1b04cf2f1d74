/* Mode decision: whether a macroblock is coded as P_Skip, P_L0_16x16, Intra_16x16 or Intra_4x4. */

#include "h264.h"

/* Whether all samples of the source have one color. */
static bool
is_uniform(const MacroblockContext *mb)
{
    for (int k = 0; k < 3; k++) {
        const Plane source = mb->encoder->source[k];
        const uint8_t *samples = mb_samples(source, mb);
        const size_t size = k ? 8 : 16;
        for (size_t y = 0; y < size; y++)
            if (memcmp(samples + y * source.width, samples, size) ||
                memcmp(samples, samples + 1, size - 1))
                return false;
    }
    return true;
}

/* Encode a macroblock of one color without any error: in an even area, quantization errors left by
   what moved across it would be visible, and Intra_16x16 costs hardly more than a residual. */
static void
encode_uniform(MacroblockContext *mb, MotionVector skip_mv)
{
    InterPrediction inter;
    uint8_t prediction[256];
    int cost;
    if (!mb->idr && predicts_exactly(mb, skip_mv, &inter))
        encode_inter(mb, &inter, skip_mv);
    else {
        const int mode = choose_intra16x16(mb, prediction, &cost);
        encode_intra16x16(mb, mode, prediction);
    }
}

static void
encode_changed(MacroblockContext *mb)
{
    uint8_t prediction16x16[256];
    const MotionVector skip_mv = mb->idr ? (MotionVector){0, 0} : predict_skip_mv(mb);
    InterPrediction inter;
    int inter_cost = INT32_MAX, cost16x16, cost4x4 = INT32_MAX;
    if (is_uniform(mb)) {
        encode_uniform(mb, skip_mv);
        return;
    }
    const int mode = choose_intra16x16(mb, prediction16x16, &cost16x16);
    if (!mb->idr)
        inter_cost = search_motion(mb, cost16x16, &inter);
    if (inter_cost < GOOD_COST) {
        encode_inter(mb, &inter, skip_mv);
        return;
    }
    /* Intra_4x4 takes twice the time of everything else. It is good for letters that appear. */
    if (mb->idr || inter_cost > FAIR_COST)
        cost4x4 = choose_intra4x4(mb, inter_cost < cost16x16 ? inter_cost : cost16x16);
    if (inter_cost <= cost16x16 && inter_cost <= cost4x4) {
        memset(mb->current->intra4x4_modes, PRED_DC, sizeof mb->current->intra4x4_modes);
        encode_inter(mb, &inter, skip_mv);
    }
    else if (cost4x4 < cost16x16)
        encode_intra4x4(mb);
    else
        encode_intra16x16(mb, mode, prediction16x16);
}

/* Encode a macroblock. */
void
encode_macroblock(MacroblockContext *mb, bool changed)
{
    if (mb->idr || changed)
        encode_changed(mb);
    else if (same_mv(predict_skip_mv(mb), (MotionVector){0, 0}))
        write_skip_flag(mb, true);
    else
        write_zero_mv_macroblock(mb);
}
