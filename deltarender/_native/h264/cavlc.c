/* CAVLC: residual blocks as variable-length codes (7.3.5.3.2, 9.2). */

#include "h264.h"

#include "cavlc_tables.h"

static void
write_code(BitWriter *bits, VlcCode code)
{
    write_bits(bits, code.bits, code.length);
}

static void
write_coeff_token(BitWriter *bits, int total_coeff, int trailing_ones, int nc)
{
    if (nc >= 8)
        write_bits(bits, total_coeff ? (unsigned)((total_coeff - 1) << 2 | trailing_ones) : 3, 6);
    else {
        const int table = nc == NC_CHROMA_DC ? 3 : nc < 2 ? 0 : nc < 4 ? 1 : 2;
        write_code(bits, coeff_token[table][total_coeff][trailing_ones]);
    }
}

/* Write level_prefix and level_suffix of a levelCode (9.2.2.1). A level_prefix of 15 is the largest
   in the Baseline profile; QPs below 12, which could need more, are refused. */
static void
write_level(BitWriter *bits, unsigned level_code, int suffix_length)
{
    if (suffix_length == 0 && level_code < 14)
        write_bits(bits, 1, (int)level_code + 1);
    else if (suffix_length == 0 && level_code < 30)
        write_bits(bits, 1, 15), write_bits(bits, level_code - 14, 4);
    else if (suffix_length > 0 && level_code < 15u << suffix_length) {
        write_bits(bits, 1, (int)(level_code >> suffix_length) + 1);
        write_bits(bits, level_code & ((1u << suffix_length) - 1), suffix_length);
    }
    else {
        write_bits(bits, 1, 16);
        write_bits(bits, level_code - (suffix_length ? 15u << suffix_length : 30), 12);
    }
}

/* Write the levels after the trailing ones, the highest frequency first (9.2.2). */
static void
write_levels(BitWriter *bits, const int *levels, int total_coeff, int trailing_ones)
{
    int suffix_length = total_coeff > 10 && trailing_ones < 3;
    for (int i = trailing_ones; i < total_coeff; i++) {
        const int size = abs(levels[i]);
        unsigned level_code = 2 * (unsigned)size - (levels[i] > 0 ? 2 : 1);
        if (i == trailing_ones && trailing_ones < 3)
            level_code -= 2; /* it cannot be 1 or -1, or it would be a trailing one */
        write_level(bits, level_code, suffix_length);
        if (suffix_length == 0)
            suffix_length = 1;
        if (size > 3 << (suffix_length - 1) && suffix_length < 6)
            suffix_length++;
    }
}

/* Write a block of `max_coefficients` levels in zigzag order. `nc` selects the code table: it is
   the number of coefficients to be expected (9.2.1), or NC_CHROMA_DC. Returns TotalCoeff. */
int
write_residual_block(BitWriter *bits, const int16_t *levels, int max_coefficients, int nc)
{
    int nonzero[16], runs[16], total_coeff = 0, trailing_ones = 0, zeros_left = 0;
    for (int i = max_coefficients - 1; i >= 0; i--) {
        if (levels[i])
            nonzero[total_coeff] = levels[i], runs[total_coeff++] = 0;
        else if (total_coeff)
            runs[total_coeff - 1]++, zeros_left++;
    }
    while (trailing_ones < total_coeff && trailing_ones < 3 && abs(nonzero[trailing_ones]) == 1)
        trailing_ones++;
    write_coeff_token(bits, total_coeff, trailing_ones, nc);
    for (int i = 0; i < trailing_ones; i++)
        write_bits(bits, nonzero[i] < 0, 1); /* trailing_ones_sign_flag */
    write_levels(bits, nonzero, total_coeff, trailing_ones);
    if (total_coeff && total_coeff < max_coefficients)
        write_code(bits, nc == NC_CHROMA_DC ? total_zeros_chroma_dc[total_coeff - 1][zeros_left]
                                            : total_zeros[total_coeff - 1][zeros_left]);
    for (int i = 0; i < total_coeff - 1 && zeros_left > 0; i++) {
        write_code(bits, run_before[(zeros_left < 7 ? zeros_left : 7) - 1][runs[i]]);
        zeros_left -= runs[i];
    }
    return total_coeff;
}
