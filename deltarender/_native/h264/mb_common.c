/* What macroblocks of all types share: the place of their samples, mb_type and mb_qp_delta. */

#include "h264.h"

/* The first sample of the current macroblock in a plane. */
uint8_t *
mb_samples(Plane plane, const MacroblockContext *mb)
{
    const int size = plane.width / mb->encoder->mb_columns;
    return plane.samples + ((size_t)mb->mb_y * plane.width + mb->mb_x) * size;
}

/* Write mb_type, in P slices after mb_skip_run (7.3.4, 7.3.5). */
void
write_mb_type(MacroblockContext *mb, int type)
{
    if (!mb->idr) {
        write_ue(&mb->encoder->bits, mb->skip_run);
        mb->skip_run = 0;
    }
    write_ue(&mb->encoder->bits, (unsigned)type);
}

void
write_mb_qp_delta(MacroblockContext *mb)
{
    write_se(&mb->encoder->bits, mb->qp - mb->prev_qp);
    mb->prev_qp = mb->qp;
}
