/* Differences to quantized coefficients and back (8.5), four by four pixels at a time. */

#include "h264.h"

/* Factors of quantizers 0 to 5, by place: both indices even, one of each, both odd. Those that
   restore are of equation 8-315; those that divide are their inverses in 2^-15, with the
   transform's own norms. */
#define BY_PLACE(a, b, c) {a, b, a, b, b, c, b, c, a, b, a, b, b, c, b, c}
static const int restoring[6][16] = {
    BY_PLACE(10, 13, 16), BY_PLACE(11, 14, 18), BY_PLACE(13, 16, 20),
    BY_PLACE(14, 18, 23), BY_PLACE(16, 20, 25), BY_PLACE(18, 23, 29),
};
static const int dividing[6][16] = {BY_PLACE(13107, 8066, 5243), BY_PLACE(11916, 7490, 4660),
                                    BY_PLACE(10082, 6554, 4194), BY_PLACE(9362, 5825, 3647),
                                    BY_PLACE(8192, 5243, 3355),  BY_PLACE(7282, 4559, 2893)};
/* Coefficients stand column by column. */
static const uint8_t zigzag[16] = {0, 4, 1, 2, 5, 8, 12, 9, 6, 3, 7, 10, 13, 14, 11, 15};

/* -- Forward --------------------------------------------------------------------------------- */

typedef int16_t Eight __attribute__((vector_size(16)));
typedef uint8_t Bytes __attribute__((vector_size(8)));

#ifdef __clang__
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (Eight){__VA_ARGS__})
#endif

/* The largest coefficients that are quantized to nothing, by quantizer and parts. */
static int16_t vanishing[52][2][16];

void
begin_transform(void)
{
    for (int quantizer = 0; quantizer < 52; quantizer++)
        for (int k = 0; k < 2; k++)
            for (int i = 0; i < 16; i++) {
                const int whole = 1 << (15 + quantizer / 6);
                const int offset = whole / (k ? INTRA_PARTS : INTER_PARTS);
                const int most = (whole - 1 - offset) / dividing[quantizer % 6][i];
                vanishing[quantizer][k][i] = (int16_t)(most < INT16_MAX ? most : INT16_MAX);
            }
}

static inline Eight
eight(const uint8_t *from)
{
    Bytes bytes;
    memcpy(&bytes, from, sizeof bytes);
    return __builtin_convertvector(bytes, Eight);
}

static inline void
along(Eight *v)
{
    const Eight outer = v[0] + v[3], inner = v[1] + v[2], slope = v[0] - v[3], bend = v[1] - v[2];
    v[0] = outer + inner, v[1] = slope + slope + bend;
    v[2] = outer - inner, v[3] = slope - bend - bend;
}

/* Rows of two blocks side by side to their columns, by steps that processors have. */
static inline void
transposed(Eight *v)
{
    const Eight a = SHUFFLE(v[0], v[1], 0, 8, 1, 9, 2, 10, 3, 11); /* of the left block */
    const Eight b = SHUFFLE(v[2], v[3], 0, 8, 1, 9, 2, 10, 3, 11);
    const Eight c = SHUFFLE(v[0], v[1], 4, 12, 5, 13, 6, 14, 7, 15); /* of the right one */
    const Eight d = SHUFFLE(v[2], v[3], 4, 12, 5, 13, 6, 14, 7, 15);
    const Eight left = SHUFFLE(a, b, 0, 1, 8, 9, 2, 3, 10, 11);
    const Eight more_left = SHUFFLE(a, b, 4, 5, 12, 13, 6, 7, 14, 15);
    const Eight right = SHUFFLE(c, d, 0, 1, 8, 9, 2, 3, 10, 11);
    const Eight more_right = SHUFFLE(c, d, 4, 5, 12, 13, 6, 7, 14, 15);
    v[0] = SHUFFLE(left, right, 0, 1, 2, 3, 8, 9, 10, 11);
    v[1] = SHUFFLE(left, right, 4, 5, 6, 7, 12, 13, 14, 15);
    v[2] = SHUFFLE(more_left, more_right, 0, 1, 2, 3, 8, 9, 10, 11);
    v[3] = SHUFFLE(more_left, more_right, 4, 5, 6, 7, 12, 13, 14, 15);
}

/* Transform the difference of two blocks side by side from what was predicted of them. A bit for
   each block of which something is left when it is quantized. */
int
transform_pair(const uint8_t *source, int stride, const uint8_t *predicted, int width,
               const How *how, int16_t into[2][16])
{
    const int16_t *limits = vanishing[how->quantizer][how->parts == INTRA_PARTS];
    Eight v[4], some = {0};
    for (int y = 0; y < 4; y++)
        v[y] = eight(source + y * stride) - eight(predicted + y * width);
    along(v);
    transposed(v);
    along(v);
    for (int x = 0; x < 4; x++, limits += 4) {
        const int16_t l = x || !how->first ? limits[0] : INT16_MAX;
        const Eight most = {l, limits[1], limits[2], limits[3], l, limits[1], limits[2], limits[3]};
        some |= (v[x] > most) | (-v[x] > most);
        memcpy(into[0] + 4 * x, &v[x], 8);
        memcpy(into[1] + 4 * x, (const char *)&v[x] + 8, 8);
    }
    int64_t halves[2];
    memcpy(halves, &some, sizeof halves);
    return (halves[0] != 0) | (halves[1] != 0) << 1;
}

/* -- Levels ---------------------------------------------------------------------------------- */

static int16_t
divided(int value, int factor, int offset, int shift)
{
    int size = (abs(value) * factor + offset) >> shift;
    return (int16_t)(value < 0 ? -size : size);
}

FOR_EVERY_PROCESSOR void
quantize(const int16_t *coefficients, const How *how, int16_t *levels)
{
    const int shift = 15 + how->quantizer / 6, offset = (1 << shift) / how->parts;
    const int *factors = dividing[how->quantizer % 6];
    int sizes[16];
    for (int i = 0; i < 16; i++)
        sizes[i] = (abs(coefficients[i]) * factors[i] + offset) >> shift;
    if (how->first)
        sizes[0] = 0;
    for (int i = 0; i < 16; i++) {
        const int at = zigzag[i];
        levels[i] = (int16_t)(coefficients[at] < 0 ? -sizes[at] : sizes[at]);
    }
}

/* Add what levels restore to what was predicted (8.5.12, 8.5.14). The first coefficient is `dc`,
   already restored, where that is given. */
FOR_EVERY_PROCESSOR void
show_block(const int16_t *levels, const int *dc, int quantizer, const uint8_t *predicted, int width,
           uint8_t *into, int stride)
{
    const int *factors = restoring[quantizer % 6], scale = 1 << quantizer / 6;
    int c[16], rows[16], any = 0;
    for (int i = 0; i < 16; i++)
        any |= levels[i];
    if (!any && !(dc && *dc)) {
        for (int y = 0; y < 4; y++)
            memcpy(into + y * stride, predicted + y * width, 4);
        return;
    }
    for (int i = 0; i < 16; i++)
        c[zigzag[i]] = levels[i];
    for (int i = 0; i < 16; i++)
        c[i] *= factors[i] * scale;
    if (dc)
        c[0] = *dc;
    for (int y = 0; y < 4; y++) {
        const int *r = c + y;
        const int even = r[0] + r[8], odd = r[0] - r[8];
        const int low = (r[4] >> 1) - r[12], high = r[4] + (r[12] >> 1);
        rows[y] = even + high, rows[4 + y] = odd + low;
        rows[8 + y] = odd - low, rows[12 + y] = even - high;
    }
    for (int x = 0; x < 4; x++) {
        const int *r = rows + 4 * x;
        const int even = r[0] + r[2], odd = r[0] - r[2];
        const int low = (r[1] >> 1) - r[3], high = r[1] + (r[3] >> 1);
        c[x] = even + high, c[4 + x] = odd + low, c[8 + x] = odd - low, c[12 + x] = even - high;
    }
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++) {
            const int value = predicted[y * width + x] + ((c[4 * y + x] + 32) >> 6);
            into[y * stride + x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
}

/* Sums and differences of four by four numbers, in rows and columns. */
static void
hadamard(int *v)
{
    for (int step = 1, next = 4; step <= 4; step += 3, next = 1)
        for (int i = 0; i < 4; i++) {
            int *a = v + i * next;
            int outer = a[0] + a[3 * step], inner = a[step] + a[2 * step];
            int slope = a[0] - a[3 * step], bend = a[step] - a[2 * step];
            a[0] = outer + inner, a[step] = slope + bend;
            a[2 * step] = outer - inner, a[3 * step] = slope - bend;
        }
}

/* The constant parts of a macroblock's blocks, row by row (8.5.10). */
void
quantize_luma_dc(const int16_t *dc, int quantizer, int16_t *levels)
{
    const int shift = 16 + quantizer / 6, offset = (1 << shift) / 3;
    int v[16];
    for (int i = 0; i < 16; i++)
        v[i] = dc[i % 4 * 4 + i / 4];
    hadamard(v);
    for (int i = 0; i < 16; i++)
        levels[i] = divided((v[zigzag[i]] + 1) >> 1, dividing[quantizer % 6][0], offset, shift);
}

void
restore_luma_dc(const int16_t *levels, int quantizer, int *dc)
{
    const int factor = restoring[quantizer % 6][0] * 16, shift = quantizer / 6;
    int v[16];
    for (int i = 0; i < 16; i++)
        v[zigzag[i]] = levels[i];
    hadamard(v);
    for (int i = 0; i < 16; i++) {
        const int value = v[i % 4 * 4 + i / 4] * factor;
        dc[i] = (value + (1 << (5 - shift))) >> (6 - shift); /* for quantizers up to 35 */
    }
}

/* Those of one chroma plane (8.5.11). */
static void
crossed(int *v)
{
    const int a = v[0], b = v[1], c = v[2], d = v[3];
    v[0] = a + b + c + d, v[1] = a - b + c - d, v[2] = a + b - c - d, v[3] = a - b - c + d;
}

void
quantize_chroma_dc(const int16_t *dc, int quantizer, int parts, int16_t *levels)
{
    const int shift = 16 + quantizer / 6, offset = (1 << shift) / parts;
    int v[4] = {dc[0], dc[1], dc[2], dc[3]};
    crossed(v);
    for (int i = 0; i < 4; i++)
        levels[i] = divided(v[i], dividing[quantizer % 6][0], offset, shift);
}

void
restore_chroma_dc(const int16_t *levels, int quantizer, int *dc)
{
    for (int i = 0; i < 4; i++)
        dc[i] = levels[i];
    crossed(dc);
    for (int i = 0; i < 4; i++)
        dc[i] = (dc[i] * restoring[quantizer % 6][0] * 16 * (1 << quantizer / 6)) >> 5;
}
