/* CABAC: binary decisions as one number by arithmetic coding (9.3.4). */

#include "h264.h"

#include "cabac_tables.h"

/* Free bits of `low` at the beginning; with fewer than the minimum, a byte is taken out. */
enum { SPARE_BITS = 23, MIN_SPARE_BITS = 12 };

/* Begin the data of a slice: contexts get the states that `qp` suggests (9.3.1.1). */
void
start_cabac(Cabac *cabac, BitWriter *bits, bool idr, int qp)
{
    for (int i = 0; i < CONTEXTS; i++) {
        const int8_t *init = context_init[!idr][i];
        int state = ((init[0] * qp) >> 4) + init[1];
        state = state < 1 ? 1 : state > 126 ? 126 : state;
        cabac->states[i] = (uint8_t)(state < 64 ? (63 - state) << 1 : (state - 64) << 1 | 1);
    }
    cabac->bits = bits;
    cabac->low = 0, cabac->range = 510, cabac->spare_bits = SPARE_BITS, cabac->held_bytes = 0;
}

/* Write the bytes held back, to which `carry` is added: the first one and others of value 255. */
static void
write_held_bytes(Cabac *cabac, unsigned carry)
{
    for (; cabac->held_bytes > 0; cabac->held_bytes--) {
        write_bits(cabac->bits, (cabac->first_held + carry) & 255, 8);
        cabac->first_held = 255;
    }
}

/* Take the highest byte out of `low`. It is held back, as a later carry may change it. */
static void
take_byte(Cabac *cabac)
{
    const unsigned byte = cabac->low >> (24 - cabac->spare_bits);
    cabac->spare_bits += 8;
    cabac->low &= UINT32_MAX >> cabac->spare_bits;
    if (byte != 255) {
        write_held_bytes(cabac, byte >> 8);
        cabac->first_held = byte & 255;
    }
    else if (cabac->held_bytes == 0)
        cabac->first_held = 255;
    cabac->held_bytes++;
}

static inline void
shift_out(Cabac *cabac, int count)
{
    cabac->low <<= count;
    cabac->spare_bits -= count;
    if (cabac->spare_bits < MIN_SPARE_BITS)
        take_byte(cabac);
}

/* Encode a decision in a context (9.3.4.2). */
void
encode_bin(Cabac *cabac, int context, bool bin)
{
    const unsigned state = cabac->states[context];
    const unsigned lps_range = lps_ranges[state >> 1][cabac->range >> 6 & 3];
    cabac->range -= lps_range;
    if (bin == (state & 1)) {
        cabac->states[context] = (uint8_t)(state < 124 ? state + 2 : state);
        if (cabac->range >= 256)
            return;
        cabac->range <<= 1;
        shift_out(cabac, 1);
    }
    else {
        const int shift = __builtin_clz(lps_range) - 23;
        cabac->low += cabac->range;
        cabac->range = lps_range << shift;
        cabac->states[context] =
            (uint8_t)(lps_transitions[state >> 1] << 1 | (state < 2 ? bin : state & 1));
        shift_out(cabac, shift);
    }
}

/* Encode a bit that is 0 or 1 with equal probability (9.3.4.4). */
void
encode_bypass(Cabac *cabac, bool bin)
{
    cabac->low <<= 1;
    if (bin)
        cabac->low += cabac->range;
    if (--cabac->spare_bits < MIN_SPARE_BITS)
        take_byte(cabac);
}

/* Encode a value in Exp-Golomb code of order `k` without contexts (9.3.2.3). */
void
encode_bypass_golomb(Cabac *cabac, unsigned value, int k)
{
    for (; value >= 1u << k; k++) {
        encode_bypass(cabac, true);
        value -= 1u << k;
    }
    encode_bypass(cabac, false);
    while (k-- > 0)
        encode_bypass(cabac, value >> k & 1);
}

/* Encode end_of_slice_flag, or that mb_type is not I_PCM (9.3.4.5). */
void
encode_terminate(Cabac *cabac, bool bin)
{
    cabac->range -= 2;
    if (bin) {
        cabac->low += cabac->range;
        cabac->range = 2 << 7;
        shift_out(cabac, 7);
    }
    else if (cabac->range < 256) {
        cabac->range <<= 1;
        shift_out(cabac, 1);
    }
}

/* Write what is held back, after the end of the slice; the bit that follows is the stop bit. */
void
finish_cabac(Cabac *cabac)
{
    write_held_bytes(cabac, cabac->low >> (32 - cabac->spare_bits));
    const int count = 24 - cabac->spare_bits;
    write_bits(cabac->bits, cabac->low >> 8 & ((1u << count) - 1), count);
}
