/* 4x4 integer transform, quantization, and their inverses (8.5). */

#include "h264.h"

/* Factors by QP % 6 and coefficient: both indices even, one odd, both odd. */
#define BY_POSITION(even, mixed, odd)                                \
    {even, mixed, even, mixed, mixed, odd, mixed, odd,               \
     even, mixed, even, mixed, mixed, odd, mixed, odd}

/* normAdjust of equation 8-315. */
static const int dequant_factors[6][16] = {
    BY_POSITION(10, 13, 16), BY_POSITION(11, 14, 18), BY_POSITION(13, 16, 20),
    BY_POSITION(14, 18, 23), BY_POSITION(16, 20, 25), BY_POSITION(18, 23, 29),
};
/* Their inverses in units of 2^-15, with the norms of the forward transform. */
static const int quant_factors[6][16] = {
    BY_POSITION(13107, 8066, 5243), BY_POSITION(11916, 7490, 4660), BY_POSITION(10082, 6554, 4194),
    BY_POSITION(9362, 5825, 3647),  BY_POSITION(8192, 5243, 3355),  BY_POSITION(7282, 4559, 2893),
};
/* Zigzag scan (8.5.6) of coefficients that are stored column by column, as transform_pair does. */
static const uint8_t zigzag[16] = {0, 4, 1, 2, 5, 8, 12, 9, 6, 3, 7, 10, 13, 14, 11, 15};

/* The largest coefficients that are quantized to 0, by QP, rounding (intra or not) and position. */
static int16_t zero_limits[52][2][16];

/* QPc by QPy (8.5.8, table 8-15). */
int
chroma_qp(int luma_qp)
{
    static const uint8_t above_29[] = {29, 30, 31, 32, 32, 33, 34, 34};
    const int qp = luma_qp + CHROMA_QP_OFFSET;
    return qp < 30 ? qp : above_29[qp - 30];
}

void
init_transform_tables(void)
{
    for (int qp = 0; qp < 52; qp++)
        for (int intra = 0; intra < 2; intra++)
            for (int i = 0; i < 16; i++) {
                const int unit = 1 << (15 + qp / 6);
                const int offset = unit / (intra ? INTRA_ROUNDING : INTER_ROUNDING);
                const int limit = (unit - 1 - offset) / quant_factors[qp % 6][i];
                zero_limits[qp][intra][i] = (int16_t)(limit < INT16_MAX ? limit : INT16_MAX);
            }
}

/* -- Forward transform --------------------------------------------------------------------- */

/* Two blocks side by side fill the eight lanes of a vector register. */
typedef int16_t Lanes __attribute__((vector_size(16)));
typedef uint8_t ByteLanes __attribute__((vector_size(8)));

#ifdef __clang__
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (Lanes){__VA_ARGS__})
#endif

static inline Lanes
load_lanes(const uint8_t *from)
{
    ByteLanes bytes;
    memcpy(&bytes, from, sizeof bytes);
    return __builtin_convertvector(bytes, Lanes);
}

/* The one-dimensional forward transform across four vectors. */
static inline void
transform_1d(Lanes *v)
{
    const Lanes sum03 = v[0] + v[3], sum12 = v[1] + v[2];
    const Lanes diff03 = v[0] - v[3], diff12 = v[1] - v[2];
    v[0] = sum03 + sum12, v[1] = diff03 + diff03 + diff12;
    v[2] = sum03 - sum12, v[3] = diff03 - diff12 - diff12;
}

/* Transpose both blocks, in steps for which processors have instructions. */
static inline void
transpose_pair(Lanes *v)
{
    const Lanes left01 = SHUFFLE(v[0], v[1], 0, 8, 1, 9, 2, 10, 3, 11);
    const Lanes left23 = SHUFFLE(v[2], v[3], 0, 8, 1, 9, 2, 10, 3, 11);
    const Lanes right01 = SHUFFLE(v[0], v[1], 4, 12, 5, 13, 6, 14, 7, 15);
    const Lanes right23 = SHUFFLE(v[2], v[3], 4, 12, 5, 13, 6, 14, 7, 15);
    const Lanes left_low = SHUFFLE(left01, left23, 0, 1, 8, 9, 2, 3, 10, 11);
    const Lanes left_high = SHUFFLE(left01, left23, 4, 5, 12, 13, 6, 7, 14, 15);
    const Lanes right_low = SHUFFLE(right01, right23, 0, 1, 8, 9, 2, 3, 10, 11);
    const Lanes right_high = SHUFFLE(right01, right23, 4, 5, 12, 13, 6, 7, 14, 15);
    v[0] = SHUFFLE(left_low, right_low, 0, 1, 2, 3, 8, 9, 10, 11);
    v[1] = SHUFFLE(left_low, right_low, 4, 5, 6, 7, 12, 13, 14, 15);
    v[2] = SHUFFLE(left_high, right_high, 0, 1, 2, 3, 8, 9, 10, 11);
    v[3] = SHUFFLE(left_high, right_high, 4, 5, 6, 7, 12, 13, 14, 15);
}

/* Transform the difference between source and prediction of two horizontally adjacent 4x4 blocks.
   Returns a bit for each block that has a coefficient which is not quantized to 0. */
int
transform_pair(const uint8_t *source, int stride, const uint8_t *prediction,
               int prediction_stride, const QuantParams *params, int16_t coefficients[2][16])
{
    const int16_t *limits = zero_limits[params->qp][params->rounding == INTRA_ROUNDING];
    Lanes v[4], nonzero = {0};
    for (int y = 0; y < 4; y++)
        v[y] = load_lanes(source + y * stride) - load_lanes(prediction + y * prediction_stride);
    transform_1d(v);
    transpose_pair(v);
    transform_1d(v);
    for (int x = 0; x < 4; x++, limits += 4) {
        const int16_t first = x || !params->first_coefficient ? limits[0] : INT16_MAX;
        const Lanes limit = {first, limits[1], limits[2], limits[3],
                             first, limits[1], limits[2], limits[3]};
        nonzero |= (v[x] > limit) | (-v[x] > limit);
        memcpy(coefficients[0] + 4 * x, &v[x], 8);
        memcpy(coefficients[1] + 4 * x, (const char *)&v[x] + 8, 8);
    }
    int64_t blocks[2];
    memcpy(blocks, &nonzero, sizeof blocks);
    return (blocks[0] != 0) | (blocks[1] != 0) << 1;
}

/* -- Quantization of 4x4 blocks ------------------------------------------------------------ */

/* Quantize the coefficients of a block to levels in zigzag order. */
CPU_DISPATCH void
quantize_block(const int16_t *coefficients, const QuantParams *params, int16_t *levels)
{
    const int shift = 15 + params->qp / 6, offset = (1 << shift) / params->rounding;
    const int *factors = quant_factors[params->qp % 6];
    int sizes[16];
    for (int i = 0; i < 16; i++)
        sizes[i] = (abs(coefficients[i]) * factors[i] + offset) >> shift;
    if (params->first_coefficient)
        sizes[0] = 0;
    for (int i = 0; i < 16; i++) {
        const int k = zigzag[i];
        levels[i] = (int16_t)(coefficients[k] < 0 ? -sizes[k] : sizes[k]);
    }
}

/* The inverse transform of coefficients (8.5.12.2), before rounding, in place. */
static inline void
inverse_transform(int *c)
{
    int rows[16];
    for (int y = 0; y < 4; y++) {
        const int *r = c + y;
        const int e0 = r[0] + r[8], e1 = r[0] - r[8];
        const int e2 = (r[4] >> 1) - r[12], e3 = r[4] + (r[12] >> 1);
        rows[y] = e0 + e3, rows[4 + y] = e1 + e2;
        rows[8 + y] = e1 - e2, rows[12 + y] = e0 - e3;
    }
    for (int x = 0; x < 4; x++) {
        const int *r = rows + 4 * x;
        const int e0 = r[0] + r[2], e1 = r[0] - r[2];
        const int e2 = (r[1] >> 1) - r[3], e3 = r[1] + (r[3] >> 1);
        c[x] = e0 + e3, c[4 + x] = e1 + e2, c[8 + x] = e1 - e2, c[12 + x] = e0 - e3;
    }
}

/* Add the residual of levels to a prediction of 4x4 samples (8.5.12, 8.5.14). `dc`, if not NULL,
   is the DC coefficient, which is coded apart and already scaled. */
CPU_DISPATCH void
reconstruct_block(const int16_t *levels, const int *dc, int qp, const uint8_t *prediction,
                  int prediction_stride, uint8_t *output, int stride)
{
    const int *factors = dequant_factors[qp % 6], scale = 1 << qp / 6;
    int c[16], nonzero = 0;
    for (int i = 0; i < 16; i++)
        nonzero |= levels[i];
    if (!nonzero && !(dc && *dc)) {
        for (int y = 0; y < 4; y++)
            memcpy(output + y * stride, prediction + y * prediction_stride, 4);
        return;
    }
    for (int i = 0; i < 16; i++)
        c[zigzag[i]] = levels[i];
    for (int i = 0; i < 16; i++)
        c[i] *= factors[i] * scale;
    if (dc)
        c[0] = *dc;
    inverse_transform(c);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++) {
            const int value = prediction[y * prediction_stride + x] + ((c[4 * y + x] + 32) >> 6);
            output[y * stride + x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
}

/* -- DC coefficients ----------------------------------------------------------------------- */

static int16_t
quantize_value(int value, int factor, int offset, int shift)
{
    const int size = (abs(value) * factor + offset) >> shift;
    return (int16_t)(value < 0 ? -size : size);
}

/* The 4x4 Hadamard transform, in place. */
static void
hadamard_4x4(int *v)
{
    for (int step = 1, next = 4; step <= 4; step += 3, next = 1)
        for (int i = 0; i < 4; i++) {
            int *a = v + i * next;
            const int sum03 = a[0] + a[3 * step], sum12 = a[step] + a[2 * step];
            const int diff03 = a[0] - a[3 * step], diff12 = a[step] - a[2 * step];
            a[0] = sum03 + sum12, a[step] = diff03 + diff12;
            a[2 * step] = sum03 - sum12, a[3 * step] = diff03 - diff12;
        }
}

/* Quantize the DC coefficients of the 16 luma blocks of an Intra_16x16 macroblock, in raster order
   (the inverse of 8.5.10). */
void
quantize_luma_dc(const int16_t *dc, int qp, int16_t *levels)
{
    const int shift = 16 + qp / 6, offset = (1 << shift) / INTRA_ROUNDING;
    int v[16];
    for (int i = 0; i < 16; i++)
        v[i] = dc[i % 4 * 4 + i / 4];
    hadamard_4x4(v);
    for (int i = 0; i < 16; i++)
        levels[i] =
            quantize_value((v[zigzag[i]] + 1) >> 1, quant_factors[qp % 6][0], offset, shift);
}

/* Restore them (8.5.10, for QPs below 36). */
void
dequantize_luma_dc(const int16_t *levels, int qp, int *dc)
{
    const int factor = dequant_factors[qp % 6][0] * 16, shift = 6 - qp / 6;
    int v[16];
    for (int i = 0; i < 16; i++)
        v[zigzag[i]] = levels[i];
    hadamard_4x4(v);
    for (int i = 0; i < 16; i++)
        dc[i] = (v[i % 4 * 4 + i / 4] * factor + (1 << (shift - 1))) >> shift;
}

/* The 2x2 Hadamard transform, in place. */
static void
hadamard_2x2(int *v)
{
    const int a = v[0], b = v[1], c = v[2], d = v[3];
    v[0] = a + b + c + d, v[1] = a - b + c - d, v[2] = a + b - c - d, v[3] = a - b - c + d;
}

/* Quantize the DC coefficients of the 4 blocks of a chroma plane (the inverse of 8.5.11). */
void
quantize_chroma_dc(const int16_t *dc, int qp, int rounding, int16_t *levels)
{
    const int shift = 16 + qp / 6, offset = (1 << shift) / rounding;
    int v[4] = {dc[0], dc[1], dc[2], dc[3]};
    hadamard_2x2(v);
    for (int i = 0; i < 4; i++)
        levels[i] = quantize_value(v[i], quant_factors[qp % 6][0], offset, shift);
}

/* Restore them (8.5.11.2). */
void
dequantize_chroma_dc(const int16_t *levels, int qp, int *dc)
{
    for (int i = 0; i < 4; i++)
        dc[i] = levels[i];
    hadamard_2x2(dc);
    for (int i = 0; i < 4; i++)
        dc[i] = (dc[i] * dequant_factors[qp % 6][0] * 16 * (1 << qp / 6)) >> 5;
}
