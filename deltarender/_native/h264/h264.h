/* H.264 encoder for drawn pictures: it spends time only on macroblocks that changed.

   It uses the features that pay off for drawings: one reference picture, inter macroblocks of one to
   four parts, P_Skip, Intra_16x16 and Intra_4x4, CABAC, no deblocking. The caller says which
   rectangles of the source changed; every other macroblock becomes P_Skip.

   bit_writer.c        bits, Exp-Golomb codes, NAL units
   cabac.c             binary arithmetic coding
   parameter_sets.c    SPS, PPS and the level
   source_picture.c    the picture to be encoded, updated rectangle by rectangle
   slice.c             slice header and the loop over macroblocks
   mode_decision.c     choice of the prediction of a macroblock
   intra_macroblock.c  Intra_4x4 and Intra_16x16 macroblocks
   inter_macroblock.c  macroblocks with motion vectors, and P_Skip
   mb_syntax.c         syntax elements of macroblocks
   residual_syntax.c   syntax elements of a macroblock's residual
   intra_prediction.c  sample values predicted from neighboring samples
   mv_prediction.c     motion vectors predicted from neighboring macroblocks
   motion_compensation.c  sample values predicted from the reference picture
   motion_search.c     search for the best motion vectors
   residual.c          transform and quantization of a macroblock's residual
   transform.c         4x4 transforms and quantization
   encoder_setup.c     memory and settings of an encoder
   encoder_type.c      the Python type H264Encoder

   Section, table and equation numbers refer to Rec. ITU-T H.264 (08/2021). */

#ifndef DELTARENDER_H264_H
#define DELTARENDER_H264_H

#include "../native.h"

typedef struct {
    uint8_t *bytes;
    size_t size, capacity;
    uint64_t pending;  /* bits not yet in `bytes`, the most recent one in the lowest position */
    int pending_count;
    bool out_of_memory;
} BitWriter;

enum { CONTEXTS = 276 }; /* those of frames with 4x4 transforms */
typedef struct {
    BitWriter *bits;
    uint32_t low, range; /* codILow with the bits that are not written yet; codIRange */
    int spare_bits;      /* free bits of `low` */
    int held_bytes;      /* bytes not yet written, since a carry may change them */
    unsigned first_held; /* the first of these; the others are 255 */
    uint8_t states[CONTEXTS]; /* pStateIdx << 1 | valMPS */
} Cabac;

typedef struct {
    uint8_t *samples;
    int width, height; /* multiples of the macroblock size */
} Plane;

typedef struct {
    int x, y; /* quarter luma samples */
} MotionVector;

enum { LUMA_BLOCKS = 16 }; /* 4x4 luma blocks of a macroblock */

enum { QUARTERS = 4 }; /* 8x8 blocks of a macroblock, in raster order */

/* What neighboring macroblocks need to know of a macroblock. */
typedef struct {
    MotionVector mv[QUARTERS], mvd[QUARTERS]; /* 0 if intra; mvd: differences to the predicted */
    bool is_skip, is_intra, is_intra16x16;
    bool is_static_skip;                   /* P_Skip with a zero motion vector */
    int8_t chroma_mode;                    /* intra_chroma_pred_mode; 0 if not intra */
    int8_t cbp;                            /* coded_block_pattern */
    uint32_t coded_blocks;                 /* coded_block_flag of the blocks, by CODED_* index */
    int8_t intra4x4_modes[LUMA_BLOCKS];    /* PRED_DC for macroblocks of other types (8.3.1.1) */
} Macroblock;
/* Bits of `coded_blocks`: 16 luma blocks first, in raster order; 4 blocks of each chroma plane. */
enum { CODED_LUMA_DC = 16, CODED_CHROMA_DC = 17, CODED_CHROMA_AC = 20 };

/* Whether a macroblock is in motion: if so, it gets a higher QP, and is refined when it rests. */
typedef struct {
    uint8_t unchanged; /* consecutive pictures without a change */
    bool is_moving;
} MotionState;

typedef struct {
    int width, height;                                 /* after cropping */
    int mb_columns, mb_rows;
    unsigned rate, scale;                              /* rate / scale pictures per second */
    Plane source[3], reference[3], reconstruction[3];  /* Y, Cb, Cr */
    bool *mb_changed;                                  /* source differs from what was encoded */
    Macroblock *macroblocks;
    MotionState *motion_states;
    int qp, idr_qp, moving_qp;
    int rest_frames;            /* consecutive unchanged pictures that make a macroblock rest */
    int frame_num, idr_pic_id;
    BitWriter bits;
    Cabac cabac;
} Encoder;

/* How a macroblock is divided into parts with motion vectors of their own. */
typedef enum { PART_16X16, PART_16X8, PART_8X16, PART_8X8 } Partitioning;

/* Quantized transform coefficients of a macroblock, each block in zigzag order. */
typedef struct {
    int16_t luma[LUMA_BLOCKS][16], luma_dc[16];
    int16_t chroma[2][4][16], chroma_dc[2][4];
} CoefficientLevels;

/* The macroblock that is being encoded. Neighbors outside the picture are NULL. */
typedef struct {
    Encoder *encoder;
    bool idr;
    int mb_x, mb_y;
    int qp, prev_qp;    /* its own; of the last macroblock with a mb_qp_delta */
    int moving_qp;      /* of macroblocks in motion, in this picture */
    bool qp_changed;    /* the previous macroblock had a mb_qp_delta other than 0 */
    MotionVector previous_mv[QUARTERS]; /* of the last picture */
    Macroblock *current, *left, *above, *above_left, *above_right;
    CoefficientLevels levels;
} MacroblockContext;

/* bit_writer.c */
void reset_bits(BitWriter *bits);
void write_bits(BitWriter *bits, unsigned value, int count);
void write_ue(BitWriter *bits, unsigned value);
void write_se(BitWriter *bits, int value);
void write_rbsp_trailing_bits(BitWriter *bits);
size_t write_nal_unit(const BitWriter *bits, int header, uint8_t *output);

/* slice.c */
uint8_t *mb_samples(Plane plane, const MacroblockContext *mb);

/* encoder_setup.c */
/* From 36 on, DC coefficients of Intra_16x16 are restored in another way (8.5.10). */
enum { MIN_QP = 12, MAX_QP = 35 };

/* parameter_sets.c */
enum { FRAME_NUM_BITS = 4 };
enum { CABAC_PPS = 1, CAVLC_PPS = 2 }; /* 0 is the PPS of x264 */
void write_sps(BitWriter *bits, const Encoder *encoder);
void write_pps(BitWriter *bits, const Encoder *encoder, int id);

/* cabac.c */
void start_cabac(Cabac *cabac, BitWriter *bits, bool idr, int qp);
void encode_bin(Cabac *cabac, int context, bool bin);
void encode_bypass(Cabac *cabac, bool bin);
void encode_bypass_golomb(Cabac *cabac, unsigned value, int k);
void encode_terminate(Cabac *cabac, bool bin);
void finish_cabac(Cabac *cabac);

/* transform.c */
enum { INTER_ROUNDING = 6, INTRA_ROUNDING = 3 };
enum { CHROMA_QP_OFFSET = -4 }; /* errors of color are large where colored lines are thin */
typedef struct {
    int qp;
    int rounding;          /* 1 / rounding of a quantizer step is added before truncation */
    int first_coefficient; /* 1 if the DC coefficient is coded apart, else 0 */
} QuantParams;
int chroma_qp(int luma_qp);
void init_transform_tables(void);
int transform_pair(const uint8_t *source, int stride, const uint8_t *prediction,
                   int prediction_stride, const QuantParams *params, int16_t coefficients[2][16]);
void quantize_block(const int16_t *coefficients, const QuantParams *params, int16_t *levels);
void reconstruct_block(const int16_t *levels, const int *dc, int qp, const uint8_t *prediction,
                       int prediction_stride, uint8_t *output, int stride);
void quantize_luma_dc(const int16_t *dc, int qp, int16_t *levels);
void dequantize_luma_dc(const int16_t *levels, int qp, int *dc);
void quantize_chroma_dc(const int16_t *dc, int qp, int rounding, int16_t *levels);
void dequantize_chroma_dc(const int16_t *levels, int qp, int *dc);

/* residual.c */
extern const uint8_t block_scan[LUMA_BLOCKS];
int quantize_inter_luma(MacroblockContext *mb, const uint8_t *prediction);
void quantize_luma16x16(MacroblockContext *mb, const uint8_t *prediction, int *dc);
int quantize_chroma(MacroblockContext *mb, uint8_t (*prediction)[64], int rounding);
int luma_cbp(const CoefficientLevels *levels);
void reconstruct_luma(const MacroblockContext *mb, const uint8_t *prediction, const int *dc);
void reconstruct_chroma(const MacroblockContext *mb, uint8_t (*prediction)[64]);

/* intra_prediction.c: the first three modes exist for 4x4 blocks and for whole macroblocks. */
enum { PRED_VERTICAL, PRED_HORIZONTAL, PRED_DC, PRED_PLANE };
enum { PRED_DOWN_LEFT = 3, PRED_DOWN_RIGHT, PRED_VERTICAL_RIGHT, PRED_HORIZONTAL_DOWN,
       PRED_VERTICAL_LEFT, PRED_HORIZONTAL_UP, INTRA4X4_MODES };
enum { HAS_LEFT = 1, HAS_ABOVE = 2, HAS_ABOVE_LEFT = 4, HAS_ABOVE_RIGHT = 8 };
enum { EDGE_SAMPLES = 15 };
/* The samples around a 4x4 block, from the lowest on the left, over the corner, to the last above
   right, with both ends repeated; then the means of two and the weighted means of three of them. */
typedef struct {
    int available; /* HAS_* bits */
    int dc;
    uint8_t values[3 * EDGE_SAMPLES];
} IntraEdge;
void init_intra_tables(void);
void read_intra_edge(IntraEdge *edge, const uint8_t *block, int stride, int available);
bool predict_luma4x4(int mode, const IntraEdge *edge, uint8_t *prediction);
bool predict_intra_plane(int mode, int size, const uint8_t *block, int stride, int available,
                         uint8_t *prediction);

/* mv_prediction.c */
bool same_mv(MotionVector a, MotionVector b);
MotionVector predict_mv(const MacroblockContext *mb, Partitioning partitioning, int first);
bool has_zero_skip_mv(const MacroblockContext *mb);
MotionVector predict_skip_mv(const MacroblockContext *mb);

/* motion_compensation.c */
enum { HALF_ROWS = 18, HALF_STRIDE = 32 }; /* rows are padded to full vector registers */
/* 16x16 samples and one more on each side, at integer and half-sample positions. */
typedef struct {
    uint8_t samples[4][HALF_ROWS * HALF_STRIDE]; /* integer, half right, half below, both */
} HalfSamples;
const uint8_t *clamped_block(Plane plane, int x, int y, int size, uint8_t *buffer, int *stride);
void interpolate_half_samples(Plane plane, int x, int y, HalfSamples *output);
void quarter_sample_block(const HalfSamples *half, int x, int y, uint8_t *output);
void compensate_luma(const Encoder *encoder, int x, int y, MotionVector mv, uint8_t *output);
void compensate_chroma(const Encoder *encoder, int plane, int x, int y,
                       const MotionVector mvs[QUARTERS], uint8_t *output);

/* motion_search.c */
typedef struct {
    Partitioning partitioning;
    MotionVector mv[QUARTERS];
    uint8_t luma[256], chroma[2][64];
    int luma_cbp, chroma_cbp;
} InterPrediction;
int search_motion(const MacroblockContext *mb, int other_cost, InterPrediction *inter);
enum { BIT_COST = 6 }; /* SAD that is worth one bit of the stream */
enum { GOOD_COST = 48 }; /* a cost that ends the search */
enum { FAIR_COST = 1000 }; /* a cost up to which no other ways are tried */

/* intra_macroblock.c */
int choose_intra4x4(MacroblockContext *mb, int cost_limit);
void encode_intra4x4(MacroblockContext *mb);
int choose_intra16x16(const MacroblockContext *mb, uint8_t *prediction, int *cost);
void encode_intra16x16(MacroblockContext *mb, int mode, const uint8_t *prediction);

/* inter_macroblock.c */
void encode_inter(MacroblockContext *mb, InterPrediction *inter, MotionVector skip_mv);
bool predicts_exactly(const MacroblockContext *mb, MotionVector mv, InterPrediction *inter);
void write_zero_mv_macroblock(MacroblockContext *mb);

/* mb_syntax.c */
void write_skip_flag(MacroblockContext *mb, bool skip);
void write_intra_mb_type(MacroblockContext *mb, int mode);
void write_inter_mb_type(MacroblockContext *mb, Partitioning partitioning);
void write_intra4x4_mode(MacroblockContext *mb, int mode, int predicted_mode);
void write_chroma_mode(MacroblockContext *mb, int mode);
void write_mvd(MacroblockContext *mb, int quarter, MotionVector mvd);
void write_coded_block_pattern(MacroblockContext *mb);
void write_mb_qp_delta(MacroblockContext *mb);

/* residual_syntax.c */
void write_residual(MacroblockContext *mb);

/* mode_decision.c */
void encode_macroblock(MacroblockContext *mb, bool changed);

/* source_picture.c */
void update_source(Encoder *encoder, Rect rect, const uint8_t *samples);

/* slice.c */
void encode_picture(Encoder *encoder, bool idr);

/* encoder_setup.c */
bool valid_settings(const Encoder *encoder);
bool allocate_encoder(Encoder *encoder);
void free_encoder(Encoder *encoder);

/* encoder_type.c */
bool add_encoder_type(PyObject *module);

#endif
