/* A picture as one slice: its header (7.3.3) and its macroblocks (7.3.4). */

#include "h264.h"

enum { SLICE_TYPE_P = 5, SLICE_TYPE_I = 7 }; /* of all slices of the picture (table 7-6) */

static void
write_slice_header(BitWriter *bits, const Encoder *encoder, bool idr, int pps_id)
{
    write_ue(bits, 0); /* first_mb_in_slice */
    write_ue(bits, idr ? SLICE_TYPE_I : SLICE_TYPE_P);
    write_ue(bits, (unsigned)pps_id); /* pic_parameter_set_id */
    write_bits(bits, (unsigned)encoder->frame_num, FRAME_NUM_BITS);
    if (idr) {
        write_ue(bits, (unsigned)encoder->idr_pic_id);
        write_bits(bits, 0, 1); /* no_output_of_prior_pics_flag */
        write_bits(bits, 0, 1); /* long_term_reference_flag */
    }
    else {
        write_bits(bits, 0, 1); /* num_ref_idx_active_override_flag */
        write_bits(bits, 0, 1); /* ref_pic_list_modification_flag_l0 */
        write_bits(bits, 0, 1); /* adaptive_ref_pic_marking_mode_flag */
    }
    if (!idr && pps_id == CABAC_PPS)
        write_ue(bits, 0); /* cabac_init_idc */
    write_se(bits, idr ? encoder->idr_qp - encoder->qp : 0); /* slice_qp_delta */
    write_ue(bits, 1); /* disable_deblocking_filter_idc */
}

/* -- QP by motion -------------------------------------------------------------------------- */

/* Update the motion states, and have macroblocks that came to rest encoded again with a lower QP:
   coarse quantization is not seen in motion, but in a still picture. */
static void
update_motion_states(Encoder *encoder, bool idr)
{
    for (int i = 0; i < encoder->mb_columns * encoder->mb_rows; i++) {
        MotionState *state = encoder->motion_states + i;
        if (idr)
            *state = (MotionState){0, false};
        else if (encoder->mb_changed[i])
            *state = (MotionState){0, true};
        else if (state->is_moving && ++state->unchanged >= encoder->rest_frames) {
            encoder->mb_changed[i] = true;
            state->is_moving = false;
        }
    }
}

/* The QP of what moves in this picture: the more of it moves, the finer, since the error of the
   picture grows with the area, and coarse quantization of much of it would be seen in motion. */
static int
choose_moving_qp(const Encoder *encoder)
{
    static const int steps[] = {70, 60, 24, 9}; /* finer by 1 from one macroblock of so many on */
    const int count = encoder->mb_columns * encoder->mb_rows;
    int changed = 0, qp = encoder->moving_qp;
    for (int i = 0; i < count; i++)
        changed += encoder->mb_changed[i];
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        qp -= changed * steps[i] > count;
    return qp;
}

/* -- Macroblocks --------------------------------------------------------------------------- */

/* The first sample of the current macroblock in a plane. */
uint8_t *
mb_samples(Plane plane, const MacroblockContext *mb)
{
    const int size = plane.width / mb->encoder->mb_columns;
    return plane.samples + ((size_t)mb->mb_y * plane.width + mb->mb_x) * size;
}

/* How much finer a macroblock is quantized: the fainter what it shows, the more would be lost. */
static int
finer_if_faint(const MacroblockContext *mb)
{
    enum { FAINT = 32, FINER = 6 };
    const Plane source = mb->encoder->source[0];
    const uint8_t *row = mb_samples(source, mb);
    uint8_t low = 255, high = 0;
    for (int y = 0; y < 16; y++, row += source.width)
        for (int x = 0; x < 16; x++) {
            low = row[x] < low ? row[x] : low;
            high = row[x] > high ? row[x] : high;
        }
    const int contrast = high - low;
    return contrast < FAINT ? FINER : contrast < 2 * FAINT ? FINER / 2 : 0;
}

static int
choose_qp(const MacroblockContext *mb, int mb_index)
{
    const Encoder *encoder = mb->encoder;
    const bool is_moving = encoder->motion_states[mb_index].is_moving;
    const int usual = mb->idr ? encoder->idr_qp : is_moving ? mb->moving_qp : encoder->qp;
    const int qp = usual - finer_if_faint(mb);
    return qp < MIN_QP ? MIN_QP : qp;
}

static const Macroblock static_skip = {
    .is_skip = true, .is_static_skip = true,
    .intra4x4_modes = {PRED_DC, PRED_DC, PRED_DC, PRED_DC, PRED_DC, PRED_DC, PRED_DC, PRED_DC,
                       PRED_DC, PRED_DC, PRED_DC, PRED_DC, PRED_DC, PRED_DC, PRED_DC, PRED_DC},
};

/* NULL outside the picture. Rows below the current one are never asked for. */
static Macroblock *
macroblock_at(const Encoder *encoder, int mb_x, int mb_y)
{
    const bool inside = mb_x >= 0 && mb_x < encoder->mb_columns && mb_y >= 0;
    return inside ? encoder->macroblocks + (size_t)mb_y * encoder->mb_columns + mb_x : NULL;
}

static void
visit_macroblock(MacroblockContext *mb, int mb_x, int mb_y)
{
    const Encoder *encoder = mb->encoder;
    const int mb_index = mb_y * encoder->mb_columns + mb_x;
    const bool changed = encoder->mb_changed[mb_index];
    mb->current = macroblock_at(encoder, mb_x, mb_y);
    mb->left = macroblock_at(encoder, mb_x - 1, mb_y);
    mb->above = macroblock_at(encoder, mb_x, mb_y - 1);
    if (changed)
        memcpy(mb->previous_mv, mb->current->mv, sizeof mb->previous_mv);
    if (!mb->current->is_static_skip)
        *mb->current = static_skip;
    if (!mb->idr && !changed && has_zero_skip_mv(mb)) {
        write_skip_flag(mb, true); /* as most macroblocks; the rest of the set-up comes after it */
        return;
    }
    mb->mb_x = mb_x, mb->mb_y = mb_y;
    if (mb->idr || changed)
        mb->qp = choose_qp(mb, mb_index);
    mb->current->is_static_skip = mb->current->is_skip = false;
    mb->above_left = macroblock_at(encoder, mb_x - 1, mb_y - 1);
    mb->above_right = macroblock_at(encoder, mb_x + 1, mb_y - 1);
    encode_macroblock(mb, changed);
}

static void
copy_to_reference(const Encoder *encoder, int mb_x, int mb_y)
{
    for (int k = 0; k < 3; k++) {
        const Plane from = encoder->reconstruction[k], to = encoder->reference[k];
        const int size = k ? 8 : 16;
        for (int y = mb_y * size; y < (mb_y + 1) * size; y++) {
            const size_t offset = (size_t)y * from.width + (size_t)mb_x * size;
            memcpy(to.samples + offset, from.samples + offset, (size_t)size);
        }
    }
}

/* The reference changes only after the whole picture, since motion compensation reads it. */
static void
update_reference(Encoder *encoder, bool idr)
{
    for (int mb_y = 0; mb_y < encoder->mb_rows; mb_y++)
        for (int mb_x = 0; mb_x < encoder->mb_columns; mb_x++) {
            bool *changed = encoder->mb_changed + mb_y * encoder->mb_columns + mb_x;
            if (*changed || idr)
                copy_to_reference(encoder, mb_x, mb_y);
            *changed = false;
        }
}

static void
write_macroblocks(Encoder *encoder, bool idr)
{
    const int qp = idr ? encoder->idr_qp : encoder->qp;
    MacroblockContext mb = {
        .encoder = encoder, .idr = idr, .prev_qp = qp, .moving_qp = choose_moving_qp(encoder)};
    while (encoder->bits.pending_count)
        write_bits(&encoder->bits, 1, 1); /* cabac_alignment_one_bit */
    start_cabac(&encoder->cabac, &encoder->bits, idr, qp);
    for (int mb_y = 0; mb_y < encoder->mb_rows; mb_y++)
        for (int mb_x = 0; mb_x < encoder->mb_columns; mb_x++) {
            if (mb_y || mb_x)
                encode_terminate(&encoder->cabac, false);
            visit_macroblock(&mb, mb_x, mb_y);
        }
    encode_terminate(&encoder->cabac, true); /* end_of_slice_flag */
    finish_cabac(&encoder->cabac);
}

static bool
has_changes(const Encoder *encoder)
{
    const size_t count = (size_t)encoder->mb_columns * encoder->mb_rows;
    return memchr(encoder->mb_changed, true, count) != NULL;
}

/* Encode the source picture into `encoder->bits` as the RBSP of one slice. */
void
encode_picture(Encoder *encoder, bool idr)
{
    reset_bits(&encoder->bits);
    update_motion_states(encoder, idr);
    if (idr || has_changes(encoder)) {
        write_slice_header(&encoder->bits, encoder, idr, CABAC_PPS);
        write_macroblocks(encoder, idr);
        update_reference(encoder, idr);
    }
    else { /* CAVLC needs no bits for each macroblock that is skipped. */
        write_slice_header(&encoder->bits, encoder, false, CAVLC_PPS);
        const int skip_run = encoder->mb_columns * encoder->mb_rows;
        write_ue(&encoder->bits, (unsigned)skip_run);
    }
    write_rbsp_trailing_bits(&encoder->bits);
    encoder->frame_num = (encoder->frame_num + 1) % (1 << FRAME_NUM_BITS);
}
