/* Motion vectors predicted from those of neighboring blocks (8.4.1). All of them have the same
   reference picture, so that only intra and unavailable neighbors are left out. */

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

/* A quarter of a macroblock; `mb` is NULL if it is not available. */
typedef struct {
    const Macroblock *mb;
    int quarter;
} Neighbor;

static bool
is_inter(Neighbor neighbor)
{
    return neighbor.mb && !neighbor.mb->is_intra;
}

/* Its motion vector, 0 without one. */
static MotionVector
mv_of(Neighbor neighbor)
{
    return is_inter(neighbor) ? neighbor.mb->mv[neighbor.quarter] : (MotionVector){0, 0};
}

/* Median prediction from the neighbors to the left, above, and above right or else above left
   (8.4.1.3). */
static MotionVector
median_mv(Neighbor left, Neighbor above, Neighbor corner)
{
    if (!above.mb && !corner.mb)
        return mv_of(left);
    const int count = is_inter(left) + is_inter(above) + is_inter(corner);
    const MotionVector a = mv_of(left), b = mv_of(above), c = mv_of(corner);
    if (count == 1)
        return is_inter(left) ? a : is_inter(above) ? b : c;
    return (MotionVector){median(a.x, b.x, c.x), median(a.y, b.y, c.y)};
}

/* The neighbor above right of a part, or else that above left (6.4.11.7). `first` is the part's
   first quarter. */
static Neighbor
corner_of(const MacroblockContext *mb, Partitioning partitioning, int first)
{
    const bool is_wide = partitioning == PART_16X16 || partitioning == PART_16X8;
    if (first < 2) {
        const bool is_outer = is_wide || first == 1;
        const Macroblock *right = is_outer ? mb->above_right : mb->above;
        if (right)
            return (Neighbor){right, is_outer ? 2 : 3};
        return first == 0 ? (Neighbor){mb->above_left, 3} : (Neighbor){mb->above, 2};
    }
    if (first == 2 && !is_wide)
        return (Neighbor){mb->current, 1};
    return first == 2 ? (Neighbor){mb->left, 1} : (Neighbor){mb->current, 0};
}

/* Predict the motion vector of the part whose first quarter is `first`; those before it are in
   `mb->current`. */
MotionVector
predict_mv(const MacroblockContext *mb, Partitioning partitioning, int first)
{
    const Neighbor left = {first % 2 ? mb->current : mb->left, first ^ 1};
    const Neighbor above = {first / 2 ? mb->current : mb->above, first ^ 2};
    const Neighbor corner = corner_of(mb, partitioning, first);
    if (partitioning == PART_16X8 && is_inter(first ? left : above))
        return mv_of(first ? left : above);
    if (partitioning == PART_8X16 && is_inter(first ? corner : left))
        return mv_of(first ? corner : left);
    return median_mv(left, above, corner);
}

/* Whether a left or upper neighbor makes the motion vector of P_Skip zero: it is unavailable, or
   not intra and has a zero motion vector (8.4.1.1). `quarter` is the one beside the macroblock's
   first. */
static bool
has_zero_mv(const Macroblock *neighbor, int quarter)
{
    return !neighbor || (!neighbor->is_intra && neighbor->mv[quarter].x == 0 &&
                         neighbor->mv[quarter].y == 0);
}

/* Whether the motion vector of P_Skip is zero because of one neighbor. */
bool
has_zero_skip_mv(const MacroblockContext *mb)
{
    return has_zero_mv(mb->left, 1) || has_zero_mv(mb->above, 2);
}

/* The motion vector that a decoder derives for P_Skip (8.4.1.1). */
MotionVector
predict_skip_mv(const MacroblockContext *mb)
{
    return has_zero_skip_mv(mb) ? (MotionVector){0, 0} : predict_mv(mb, PART_16X16, 0);
}
