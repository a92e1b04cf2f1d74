/* Sequence and picture parameter sets (7.3.2.1.1, 7.3.2.2), video usability information (E.1.1). */

#include "h264.h"

/* The encoder needs the Main profile. Its streams are marked as High, so that pictures of x264 can
   follow under the same SPS, with a PPS of their own: see encoding/adaptive_stream.py. */
enum { PROFILE_HIGH = 100, CONSTRAINT_SET_FLAGS = 0, CHROMA_FORMAT_420 = 1 };
enum { COLOR_BT709 = 1, COLOR_BT601 = 6 }; /* tables E-3 to E-5 */

/* The lowest level_idc whose limits (table A-1) the picture size and the frame rate keep. */
static int
level_idc(const Encoder *encoder)
{
    static const struct {
        int idc, max_frame_size, max_mb_rate; /* in macroblocks; in macroblocks per second */
    } levels[] = {
        {30, 1620, 40500},     {31, 3600, 108000},    {32, 5120, 216000},    {40, 8192, 245760},
        {42, 8704, 522240},    {50, 22080, 589824},   {51, 36864, 983040},   {52, 36864, 2073600},
        {60, 139264, 4177920}, {61, 139264, 8355840},
    };
    const double rate = (double)encoder->rate / encoder->scale;
    const int frame_size = encoder->mb_columns * encoder->mb_rows;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (frame_size <= levels[i].max_frame_size && frame_size * rate <= levels[i].max_mb_rate)
            return levels[i].idc;
    return 62;
}

/* Primaries and transfer of BT.709, as in Manim's own files; the matrix is that of
   color/rgba_to_yuv420p.c. */
static void
write_color_description(BitWriter *bits, const Encoder *encoder)
{
    const bool is_hd = encoder->height >= MIN_HD_HEIGHT;
    write_bits(bits, 1, 1); /* video_signal_type_present_flag */
    write_bits(bits, 5, 3); /* video_format: unspecified */
    write_bits(bits, 0, 1); /* video_full_range_flag */
    write_bits(bits, 1, 1); /* colour_description_present_flag */
    write_bits(bits, COLOR_BT709, 8); /* colour_primaries */
    write_bits(bits, COLOR_BT709, 8); /* transfer_characteristics */
    write_bits(bits, is_hd ? COLOR_BT709 : COLOR_BT601, 8); /* matrix_coefficients */
}

static void
write_vui(BitWriter *bits, const Encoder *encoder)
{
    write_bits(bits, 1, 1);                 /* aspect_ratio_info_present_flag */
    write_bits(bits, 1, 8);                 /* aspect_ratio_idc: square samples */
    write_bits(bits, 0, 1);                 /* overscan_info_present_flag */
    write_color_description(bits, encoder);
    write_bits(bits, 0, 1);                 /* chroma_loc_info_present_flag */
    write_bits(bits, 1, 1);                 /* timing_info_present_flag */
    write_bits(bits, encoder->scale, 32);   /* num_units_in_tick; a picture takes two ticks */
    write_bits(bits, 2 * encoder->rate, 32); /* time_scale */
    write_bits(bits, 1, 1);                 /* fixed_frame_rate_flag */
    write_bits(bits, 0, 2);                 /* NAL and VCL HRD parameters are absent */
    write_bits(bits, 0, 1);                 /* pic_struct_present_flag */
    write_bits(bits, 1, 1);                 /* bitstream_restriction_flag */
    write_bits(bits, 1, 1);                 /* motion_vectors_over_pic_boundaries_flag */
    write_ue(bits, 0);                      /* max_bytes_per_pic_denom: no limit */
    write_ue(bits, 0);                      /* max_bits_per_mb_denom: no limit */
    write_ue(bits, 13);                     /* log2_max_mv_length_horizontal */
    write_ue(bits, 10);                     /* log2_max_mv_length_vertical */
    write_ue(bits, 0);                      /* max_num_reorder_frames */
    write_ue(bits, 1);                      /* max_dec_frame_buffering */
}

void
write_sps(BitWriter *bits, const Encoder *encoder)
{
    /* Cropping offsets count chroma samples, two luma samples each. */
    const int right = (16 * encoder->mb_columns - encoder->width) / 2;
    const int bottom = (16 * encoder->mb_rows - encoder->height) / 2;
    write_bits(bits, PROFILE_HIGH, 8);
    write_bits(bits, CONSTRAINT_SET_FLAGS, 8);
    write_bits(bits, (unsigned)level_idc(encoder), 8);
    write_ue(bits, 0);                  /* seq_parameter_set_id */
    write_ue(bits, CHROMA_FORMAT_420);
    write_ue(bits, 0), write_ue(bits, 0); /* bit_depth_luma_minus8, bit_depth_chroma_minus8 */
    write_bits(bits, 0, 2); /* qpprime_y_zero_transform_bypass_flag, seq_scaling_matrix_present_flag */
    write_ue(bits, FRAME_NUM_BITS - 4); /* log2_max_frame_num_minus4 */
    write_ue(bits, 2);                  /* pic_order_cnt_type: output order is decoding order */
    write_ue(bits, 1);                  /* max_num_ref_frames */
    write_bits(bits, 0, 1);             /* gaps_in_frame_num_value_allowed_flag */
    write_ue(bits, (unsigned)encoder->mb_columns - 1);
    write_ue(bits, (unsigned)encoder->mb_rows - 1);
    write_bits(bits, 1, 1);             /* frame_mbs_only_flag */
    write_bits(bits, 1, 1);             /* direct_8x8_inference_flag */
    write_bits(bits, right || bottom, 1);
    if (right || bottom) {
        write_ue(bits, 0), write_ue(bits, (unsigned)right);
        write_ue(bits, 0), write_ue(bits, (unsigned)bottom);
    }
    write_bits(bits, 1, 1);             /* vui_parameters_present_flag */
    write_vui(bits, encoder);
    write_rbsp_trailing_bits(bits);
}

/* The PPS of pictures with changes, CABAC_PPS, or that of repeated pictures, CAVLC_PPS. */
void
write_pps(BitWriter *bits, const Encoder *encoder, int id)
{
    write_ue(bits, (unsigned)id); /* pic_parameter_set_id */
    write_ue(bits, 0);      /* seq_parameter_set_id */
    write_bits(bits, id == CABAC_PPS, 1); /* entropy_coding_mode_flag */
    write_bits(bits, 0, 1); /* bottom_field_pic_order_in_frame_present_flag */
    write_ue(bits, 0);      /* num_slice_groups_minus1 */
    write_ue(bits, 0);      /* num_ref_idx_l0_default_active_minus1 */
    write_ue(bits, 0);      /* num_ref_idx_l1_default_active_minus1 */
    write_bits(bits, 0, 1); /* weighted_pred_flag */
    write_bits(bits, 0, 2); /* weighted_bipred_idc */
    write_se(bits, encoder->qp - 26); /* pic_init_qp_minus26 */
    write_se(bits, 0);      /* pic_init_qs_minus26 */
    write_se(bits, CHROMA_QP_OFFSET); /* chroma_qp_index_offset */
    write_bits(bits, 1, 1); /* deblocking_filter_control_present_flag */
    write_bits(bits, 0, 1); /* constrained_intra_pred_flag */
    write_bits(bits, 0, 1); /* redundant_pic_cnt_present_flag */
    write_rbsp_trailing_bits(bits);
}
