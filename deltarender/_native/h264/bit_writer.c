/* Bit writer: fixed-length codes, Exp-Golomb codes and NAL units. */

#include "h264.h"

void
reset_bits(BitWriter *bits)
{
    bits->size = 0, bits->pending_count = 0, bits->out_of_memory = false;
}

/* Make room for the 8 bytes that one call of write_bits can at most complete. */
static bool
reserve(BitWriter *bits)
{
    if (bits->size + 8 > bits->capacity) {
        const size_t capacity = bits->capacity ? 2 * bits->capacity : 1 << 16;
        uint8_t *bytes = bits->out_of_memory ? NULL : PyMem_RawRealloc(bits->bytes, capacity);
        if (bytes == NULL) {
            bits->out_of_memory = true;
            return false;
        }
        bits->bytes = bytes, bits->capacity = capacity;
    }
    return true;
}

/* Write the lowest `count` bits, at most 32, of `value`, the other bits of which are 0. */
void
write_bits(BitWriter *bits, unsigned value, int count)
{
    if (!reserve(bits))
        return;
    bits->pending = bits->pending << count | value;
    bits->pending_count += count;
    while (bits->pending_count >= 8) {
        bits->pending_count -= 8;
        bits->bytes[bits->size++] = (uint8_t)(bits->pending >> bits->pending_count);
    }
}

/* Write an unsigned Exp-Golomb code, ue(v) (9.1). */
void
write_ue(BitWriter *bits, unsigned value)
{
    int leading_zeros = 0;
    while ((value + 1) >> leading_zeros > 1)
        leading_zeros++;
    write_bits(bits, 0, leading_zeros);
    write_bits(bits, value + 1, leading_zeros + 1);
}

/* Write a signed Exp-Golomb code, se(v) (9.1.1). */
void
write_se(BitWriter *bits, int value)
{
    write_ue(bits, value > 0 ? 2u * (unsigned)value - 1 : 2u * (unsigned)-value);
}

/* End the RBSP: a one, then zeros up to the next byte (7.3.2.11). */
void
write_rbsp_trailing_bits(BitWriter *bits)
{
    write_bits(bits, 1, 1);
    if (bits->pending_count > 0)
        write_bits(bits, 0, 8 - bits->pending_count);
}

/* Write the RBSP as a NAL unit: start code (B.1), header byte, and the payload with emulation
   prevention bytes, since 0, 0 and a byte up to 3 could be taken for a start code (7.4.1). `output`
   needs 5 bytes and one and a half times the RBSP. Returns the number of bytes written. */
size_t
write_nal_unit(const BitWriter *bits, int header, uint8_t *output)
{
    const uint8_t start[] = {0, 0, 0, 1, (uint8_t)header};
    uint8_t *end = output + sizeof start;
    memcpy(output, start, sizeof start);
    int zeros = 0;
    for (size_t i = 0; i < bits->size; i++) {
        if (zeros == 2 && bits->bytes[i] <= 3)
            *end++ = 3, zeros = 0;
        zeros = bits->bytes[i] ? 0 : zeros + 1;
        *end++ = bits->bytes[i];
    }
    return (size_t)(end - output);
}
