/* Inter macroblocks: one to four parts with a motion vector each, a residual, and P_Skip. */

#include "h264.h"

static const int part_counts[] = {[PART_16X16] = 1, [PART_16X8] = 2, [PART_8X16] = 2,
                                  [PART_8X8] = 4};

/* The first quarter of a part. */
static int
first_quarter(Partitioning partitioning, int part)
{
    return partitioning == PART_16X8 ? 2 * part : part;
}

/* Store the motion vectors of a macroblock of one part. */
static void
set_mv(MacroblockContext *mb, MotionVector mv)
{
    for (int i = 0; i < QUARTERS; i++)
        mb->current->mv[i] = mv;
}

/* Store and write the motion vectors, each as the difference to its prediction. */
static void
write_motion(MacroblockContext *mb, const InterPrediction *inter)
{
    const Partitioning partitioning = inter->partitioning;
    for (int part = 0; part < part_counts[partitioning]; part++) {
        const int first = first_quarter(partitioning, part);
        const MotionVector mv = inter->mv[first], predicted = predict_mv(mb, partitioning, first);
        const MotionVector mvd = {mv.x - predicted.x, mv.y - predicted.y};
        write_mvd(mb, first, mvd);
        for (int i = first; i < QUARTERS; i++)
            mb->current->mv[i] = mv, mb->current->mvd[i] = mvd;
        if (partitioning == PART_8X16)
            mb->current->mv[2] = inter->mv[0], mb->current->mvd[2] = mb->current->mvd[0];
    }
}

/* Write an inter macroblock whose levels are in the context (7.3.5, 7.3.5.1). */
static void
write_inter(MacroblockContext *mb, const InterPrediction *inter)
{
    mb->current->cbp = (int8_t)(inter->luma_cbp | inter->chroma_cbp << 4);
    write_skip_flag(mb, false);
    write_inter_mb_type(mb, inter->partitioning);
    write_motion(mb, inter);
    write_coded_block_pattern(mb);
    if (mb->current->cbp) {
        write_mb_qp_delta(mb);
        write_residual(mb);
    }
    else
        mb->qp_changed = false;
}

/* Write an unchanged macroblock that cannot be P_Skip, as that would move it. */
void
write_zero_mv_macroblock(MacroblockContext *mb)
{
    write_inter(mb, &(InterPrediction){.partitioning = PART_16X16});
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

/* A prediction of the whole macroblock with one motion vector; chroma is not predicted. */
static void
predict_whole(const MacroblockContext *mb, MotionVector mv, InterPrediction *inter)
{
    inter->partitioning = PART_16X16;
    for (int i = 0; i < QUARTERS; i++)
        inter->mv[i] = mv;
    compensate_luma(mb->encoder, 16 * mb->mb_x, 16 * mb->mb_y, mv, inter->luma);
}

/* Whether P_Skip may replace a macroblock without residual. If its motion vector leaves no residual
   either, `inter` is replaced by that prediction, although its SAD may be a little higher. */
static bool
can_skip(MacroblockContext *mb, InterPrediction *inter, MotionVector skip_mv)
{
    if (inter->partitioning == PART_16X16 && same_mv(inter->mv[0], skip_mv))
        return true;
    InterPrediction skip;
    predict_whole(mb, skip_mv, &skip);
    const bool can = !quantize_inter(mb, &skip);
    if (can)
        *inter = skip;
    else
        quantize_inter(mb, inter); /* restore the levels in the context */
    return can;
}

/* Encode a macroblock with motion vectors and its luma prediction, as P_Skip if possible. */
void
encode_inter(MacroblockContext *mb, InterPrediction *inter, MotionVector skip_mv)
{
    const bool skip = !quantize_inter(mb, inter) && can_skip(mb, inter, skip_mv);
    reconstruct_luma(mb, inter->luma, NULL);
    reconstruct_chroma(mb, inter->chroma);
    if (skip) {
        set_mv(mb, skip_mv);
        write_skip_flag(mb, true);
    }
    else
        write_inter(mb, inter);
}

/* Fill the prediction from one motion vector. Returns whether it is the source without any
   difference. */
bool
predicts_exactly(const MacroblockContext *mb, MotionVector mv, InterPrediction *inter)
{
    predict_whole(mb, mv, inter);
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
