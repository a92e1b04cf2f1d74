/* Parameter sets (7.3.2) and heads of slices (7.3.3). */

#include "h264.h"

enum { BASELINE = 66, CONSTRAINED = 0xc0, BT709 = 1, BT601 = 6 };
enum { P_SLICE = 5, I_SLICE = 7, MIDDLE = 26 };

/* Colours (E.1.1): primaries and curve of BT.709, the matrix of BT.601 in limited range. */
static void
put_colours(Bits *bits)
{
    put(bits, 1, 1);     /* the kind of signal is told */
    put(bits, 5, 3);     /* as a format of no special kind */
    put(bits, 0, 1);     /* limited range */
    put(bits, 1, 1);     /* colours are told */
    put(bits, BT709, 8);
    put(bits, BT709, 8);
    put(bits, BT601, 8);
}

/* `rate` / `scale` pictures a second. */
void
put_sequence(Bits *bits, const Coder *coder, unsigned rate, unsigned scale, int level)
{
    const int right = (16 * coder->columns - coder->width) / 2;
    const int bottom = (16 * coder->rows - coder->height) / 2;
    put(bits, BASELINE, 8);
    put(bits, CONSTRAINED, 8);
    put(bits, (unsigned)level, 8);
    put_ue(bits, 0);               /* the set's number */
    put_ue(bits, NUMBER_BITS - 4);
    put_ue(bits, 2);               /* shown in the order of coding */
    put_ue(bits, 1);               /* reference */
    put(bits, 0, 1);               /* numbers have no gaps */
    put_ue(bits, (unsigned)coder->columns - 1);
    put_ue(bits, (unsigned)coder->rows - 1);
    put(bits, 3, 2);               /* frames only; direct prediction by 8 by 8, which none uses */
    put(bits, right || bottom, 1);
    if (right || bottom) {
        put_ue(bits, 0), put_ue(bits, (unsigned)right);
        put_ue(bits, 0), put_ue(bits, (unsigned)bottom);
    }
    put(bits, 1, 1); /* more follows: E.1.1 */
    put(bits, 1, 1), put(bits, 1, 8); /* square pixels */
    put(bits, 0, 1); /* whether edges may be hidden is not told */
    put_colours(bits);
    put(bits, 0, 1); /* samples of colour lie in the usual places */
    put(bits, 1, 1); /* time: two units a picture */
    put(bits, scale, 32);
    put(bits, 2 * rate, 32);
    put(bits, 1, 1); /* at a constant rate */
    put(bits, 0, 3); /* no buffers to be modelled, no structure told */
    put(bits, 3, 2); /* limits are told; vectors may point beyond the picture */
    put_ue(bits, 0), put_ue(bits, 0);   /* no limit to bytes and bits */
    put_ue(bits, 13), put_ue(bits, 10); /* vectors across and down, powers of two */
    put_ue(bits, 0), put_ue(bits, 1);   /* nothing is reordered, one picture is kept */
    finish(bits);
}

void
put_picture_set(Bits *bits, const Coder *coder)
{
    put_ue(bits, 0), put_ue(bits, 0); /* numbers of this set and of the sequence's */
    put(bits, 0, 2);                  /* CAVLC, no order of fields */
    put_ue(bits, 0);                  /* one group of slices */
    put_ue(bits, 0), put_ue(bits, 0); /* one reference */
    put(bits, 0, 3);                  /* no weights */
    put_se(bits, coder->quantizer - MIDDLE);
    put_se(bits, 0); /* of SP pictures */
    put_se(bits, 0); /* chroma is as luma */
    put(bits, 4, 3); /* slices tell of deblocking; all neighbours may predict; no redundancy */
    finish(bits);
}

void
put_slice_head(Bits *bits, const Coder *coder, bool key)
{
    put_ue(bits, 0); /* the first macroblock */
    put_ue(bits, key ? I_SLICE : P_SLICE);
    put_ue(bits, 0); /* its set */
    put(bits, (unsigned)coder->number, NUMBER_BITS);
    if (key) {
        put_ue(bits, (unsigned)coder->keys);
        put(bits, 0, 2); /* earlier pictures need not be shown, nothing is kept for long */
    }
    else
        put(bits, 0, 3); /* one reference, in the usual order, forgotten in the usual order */
    put_se(bits, key ? coder->key_quantizer - coder->quantizer : 0);
    put_ue(bits, 1); /* no deblocking */
}
