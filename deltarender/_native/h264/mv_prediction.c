/* Motion vectors predicted from those of neighboring macroblocks (8.4.1). */

#include "h264.h"

bool
same_mv(MotionVector a, MotionVector b)
{
    return a.x == b.x && a.y == b.y;
}

static int
median(int a, int b, int c)
{
    return a > b ? (b > c ? b : a > c ? c : a) : (a > c ? a : b > c ? c : b);
}

/* Median luma motion vector prediction (8.4.1.3). All macroblocks have the same reference picture,
   so that only intra and unavailable neighbors are left out. */
MotionVector
predict_mv(const MacroblockContext *mb)
{
    const Macroblock *corner = mb->above_right ? mb->above_right : mb->above_left;
    if (!mb->above && !corner)
        return mb->left && !mb->left->is_intra ? mb->left->mv : (MotionVector){0, 0};
    const Macroblock *neighbors[3] = {mb->left, mb->above, corner};
    MotionVector mvs[3] = {{0, 0}}, only = {0, 0};
    int count = 0;
    for (int i = 0; i < 3; i++)
        if (neighbors[i] && !neighbors[i]->is_intra)
            mvs[i] = only = neighbors[i]->mv, count++;
    if (count == 1)
        return only;
    return (MotionVector){median(mvs[0].x, mvs[1].x, mvs[2].x),
                          median(mvs[0].y, mvs[1].y, mvs[2].y)};
}

/* Whether a left or upper neighbor makes the motion vector of P_Skip zero: it is unavailable, or
   not intra and has a zero motion vector (8.4.1.1). */
bool
has_zero_mv(const Macroblock *neighbor)
{
    return !neighbor ||
           (!neighbor->is_intra && neighbor->mv.x == 0 && neighbor->mv.y == 0);
}

/* The motion vector that a decoder derives for P_Skip (8.4.1.1). */
MotionVector
predict_skip_mv(const MacroblockContext *mb)
{
    return has_zero_mv(mb->left) || has_zero_mv(mb->above) ? (MotionVector){0, 0} : predict_mv(mb);
}
