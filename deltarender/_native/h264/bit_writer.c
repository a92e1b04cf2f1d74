/* Bits in a row, and NAL units. */

#include "h264.h"

static bool
has_room(Bits *bits)
{
    if (bits->size + 8 > bits->room) {
        size_t room = bits->room ? 2 * bits->room : 1 << 16;
        uint8_t *bytes = bits->count < 0 ? NULL : PyMem_RawRealloc(bits->bytes, room);
        if (bytes == NULL) {
            bits->count = -1;
            return false;
        }
        bits->bytes = bytes, bits->room = room;
    }
    return true;
}

/* At most 32 bits. */
void
put(Bits *bits, unsigned value, int count)
{
    if (!has_room(bits))
        return;
    bits->held = bits->held << count | value;
    bits->count += count;
    while (bits->count >= 8) {
        bits->count -= 8;
        bits->bytes[bits->size++] = (uint8_t)(bits->held >> bits->count);
    }
}

/* An Exp-Golomb number (9.1). */
void
put_ue(Bits *bits, unsigned value)
{
    int length = 0;
    while ((value + 1) >> length > 1)
        length++;
    put(bits, 0, length);
    put(bits, value + 1, length + 1);
}

/* One with a sign (9.1.1). */
void
put_se(Bits *bits, int value)
{
    put_ue(bits, value > 0 ? 2u * (unsigned)value - 1 : 2u * (unsigned)-value);
}

/* The end of a payload: a one, then zeros up to a whole byte (7.3.2.11). */
void
finish(Bits *bits)
{
    put(bits, 1, 1);
    if (bits->count > 0)
        put(bits, 0, 8 - bits->count);
}

/* Write the payload as a NAL unit behind a start code, with a 3 wherever it would else hold the
   beginning of another one (7.4.1). Takes at most 5 bytes and one and a half times the payload. */
size_t
as_unit(const Bits *bits, int head, uint8_t *into)
{
    const uint8_t start[] = {0, 0, 0, 1, (uint8_t)head};
    uint8_t *to = into + sizeof start;
    memcpy(into, start, sizeof start);
    int zeros = 0;
    for (size_t i = 0; i < bits->size; i++) {
        if (zeros == 2 && bits->bytes[i] <= 3)
            *to++ = 3, zeros = 0;
        zeros = bits->bytes[i] ? 0 : zeros + 1;
        *to++ = bits->bytes[i];
    }
    return (size_t)(to - into);
}
