/* Syntax elements of macroblocks as CABAC codes them (7.3.5, 9.3.2, 9.3.3.1). */

#include "h264.h"

/* The first ctxIdx of each syntax element (table 9-34). */
enum { MB_TYPE_I = 3, MB_SKIP_FLAG = 11, MB_TYPE_P = 14, SUB_MB_TYPE = 21, MVD_X = 40, MVD_Y = 47,
       MB_QP_DELTA = 60, CHROMA_MODE = 64, PREV_INTRA4X4_MODE_FLAG = 68, REM_INTRA4X4_MODE = 69,
       CBP_LUMA = 73, CBP_CHROMA = 77 };

static void
encode(MacroblockContext *mb, int context, bool bin)
{
    encode_bin(&mb->encoder->cabac, context, bin);
}

/* Write mb_skip_flag. */
void
write_skip_flag(MacroblockContext *mb, bool skip)
{
    const int left = mb->left && !mb->left->is_skip, above = mb->above && !mb->above->is_skip;
    mb->current->is_skip = skip;
    if (skip)
        mb->qp_changed = false;
    encode(mb, MB_SKIP_FLAG + left + above, skip);
}

/* -- mb_type ------------------------------------------------------------------------------- */

/* Write mb_type I_NxN if `mode` is negative, or Intra_16x16 with this prediction mode, and with
   the coded block pattern of the macroblock (tables 7-11 and 9-36). */
void
write_intra_mb_type(MacroblockContext *mb, int mode)
{
    const bool is_16x16 = mode >= 0;
    const int chroma_cbp = mb->current->cbp >> 4;
    const int in_p = MB_TYPE_P + 3; /* the suffix of mb_type in P slices has contexts of its own */
    if (mb->idr) {
        const int left = mb->left && mb->left->is_intra16x16;
        const int above = mb->above && mb->above->is_intra16x16;
        encode(mb, MB_TYPE_I + left + above, is_16x16);
    }
    else {
        encode(mb, MB_TYPE_P, true);
        encode(mb, in_p, is_16x16);
    }
    if (!is_16x16)
        return;
    encode_terminate(&mb->encoder->cabac, false);
    encode(mb, mb->idr ? MB_TYPE_I + 3 : in_p + 1, mb->current->cbp & 15);
    encode(mb, mb->idr ? MB_TYPE_I + 4 : in_p + 2, chroma_cbp);
    if (chroma_cbp)
        encode(mb, mb->idr ? MB_TYPE_I + 5 : in_p + 2, chroma_cbp > 1);
    encode(mb, mb->idr ? MB_TYPE_I + 6 : in_p + 3, mode >> 1);
    encode(mb, mb->idr ? MB_TYPE_I + 7 : in_p + 3, mode & 1);
}

/* Write mb_type of an inter macroblock, and sub_mb_type if it has parts of 8x8 samples, which are
   not divided further (table 9-37). */
void
write_inter_mb_type(MacroblockContext *mb, Partitioning partitioning)
{
    const bool in_two = partitioning == PART_16X8 || partitioning == PART_8X16;
    encode(mb, MB_TYPE_P, false);
    encode(mb, MB_TYPE_P + 1, in_two);
    encode(mb, MB_TYPE_P + (in_two ? 3 : 2),
           partitioning == (in_two ? PART_16X8 : PART_8X8));
    for (int i = 0; i < QUARTERS && partitioning == PART_8X8; i++)
        encode(mb, SUB_MB_TYPE, true);
}

/* -- Prediction ---------------------------------------------------------------------------- */

/* Write prev_intra4x4_pred_mode_flag and rem_intra4x4_pred_mode of a block. */
void
write_intra4x4_mode(MacroblockContext *mb, int mode, int predicted_mode)
{
    encode(mb, PREV_INTRA4X4_MODE_FLAG, mode == predicted_mode);
    if (mode == predicted_mode)
        return;
    const int remaining = mode < predicted_mode ? mode : mode - 1;
    for (int bit = 0; bit < 3; bit++)
        encode(mb, REM_INTRA4X4_MODE, remaining >> bit & 1);
}

/* Write intra_chroma_pred_mode. */
void
write_chroma_mode(MacroblockContext *mb, int mode)
{
    const int left = mb->left && mb->left->chroma_mode;
    const int above = mb->above && mb->above->chroma_mode;
    mb->current->chroma_mode = (int8_t)mode;
    encode(mb, CHROMA_MODE + left + above, mode);
    for (int bin = 1; bin < 3 && mode >= bin; bin++)
        encode(mb, CHROMA_MODE + 3, mode > bin);
}

/* Write one component of a motion vector difference; `around` is the sum of the sizes of those of
   the left and upper neighbor (9.3.3.1.1.7). */
static void
write_mvd_component(MacroblockContext *mb, int first, int value, int around)
{
    enum { MAX_PREFIX = 9 };
    const int size = abs(value);
    encode(mb, first + (around > 32 ? 2 : around > 2 ? 1 : 0), size);
    for (int bin = 1; bin < MAX_PREFIX && size >= bin; bin++)
        encode(mb, first + (bin < 4 ? 2 + bin : 6), size > bin);
    if (size >= MAX_PREFIX)
        encode_bypass_golomb(&mb->encoder->cabac, (unsigned)(size - MAX_PREFIX), 3);
    if (size)
        encode_bypass(&mb->encoder->cabac, value < 0);
}

/* Write mvd_l0 of the part that begins with a quarter of the macroblock. */
void
write_mvd(MacroblockContext *mb, int quarter, MotionVector mvd)
{
    static const MotionVector none;
    const Macroblock *left = quarter % 2 ? mb->current : mb->left;
    const Macroblock *above = quarter / 2 ? mb->current : mb->above;
    const MotionVector a = left ? left->mvd[quarter ^ 1] : none;
    const MotionVector b = above ? above->mvd[quarter ^ 2] : none;
    write_mvd_component(mb, MVD_X, mvd.x, abs(a.x) + abs(b.x));
    write_mvd_component(mb, MVD_Y, mvd.y, abs(a.y) + abs(b.y));
}

/* -- Residual ------------------------------------------------------------------------------ */

/* Write coded_block_pattern. */
void
write_coded_block_pattern(MacroblockContext *mb)
{
    const int cbp = mb->current->cbp, outside = 15; /* as if coded */
    const int left = mb->left ? mb->left->cbp : outside;
    const int above = mb->above ? mb->above->cbp : outside;
    for (int i = 0; i < QUARTERS; i++) {
        const int a = (i % 2 ? cbp : left) >> (i ^ 1) & 1, b = (i / 2 ? cbp : above) >> (i ^ 2) & 1;
        encode(mb, CBP_LUMA + !a + 2 * !b, cbp >> i & 1);
    }
    encode(mb, CBP_CHROMA + (left > 15) + 2 * (above > 15), cbp > 15);
    if (cbp > 15)
        encode(mb, CBP_CHROMA + 4 + (left > 31) + 2 * (above > 31), cbp > 31);
}

/* Write mb_qp_delta. */
void
write_mb_qp_delta(MacroblockContext *mb)
{
    const int delta = mb->qp - mb->prev_qp, number = delta > 0 ? 2 * delta - 1 : -2 * delta;
    encode(mb, MB_QP_DELTA + mb->qp_changed, number);
    for (int bin = 1; bin <= number; bin++)
        encode(mb, MB_QP_DELTA + (bin == 1 ? 2 : 3), number > bin);
    mb->prev_qp = mb->qp;
    mb->qp_changed = delta != 0;
}
