/* Intra macroblocks: choice of the prediction modes and syntax of Intra_4x4 and Intra_16x16. */

#include "h264.h"
#include "sad.h"

/* Estimated bits of the macroblock's header, without the modes of its blocks. */
enum { INTRA4X4_BITS = 24, INTRA16X16_BITS = 8 };

/* The macroblock's available neighbors, HAS_* bits. */
static int
available_neighbors(const MacroblockContext *mb)
{
    return (mb->left ? HAS_LEFT : 0) | (mb->above ? HAS_ABOVE : 0) |
           (mb->above_left ? HAS_ABOVE_LEFT : 0) | (mb->above_right ? HAS_ABOVE_RIGHT : 0);
}

/* Those of one of its 4x4 blocks: samples are available if they precede it in decoding order. */
static int
available_block_neighbors(const MacroblockContext *mb, int block)
{
    static const bool above_right_inside[LUMA_BLOCKS] = {1, 1, 1, 0, 1, 0, 1, 0,
                                                         1, 1, 1, 0, 1, 0, 1, 0};
    const int outer = available_neighbors(mb), x = block % 4, y = block / 4;
    const bool left = x || outer & HAS_LEFT, above = y || outer & HAS_ABOVE;
    const bool above_left = x && y ? true
                            : x    ? outer & HAS_ABOVE
                            : y    ? outer & HAS_LEFT
                                   : outer & HAS_ABOVE_LEFT;
    const bool above_right = y       ? above_right_inside[block]
                             : x < 3 ? outer & HAS_ABOVE
                                     : outer & HAS_ABOVE_RIGHT;
    return left * HAS_LEFT | above * HAS_ABOVE | above_left * HAS_ABOVE_LEFT |
           above_right * HAS_ABOVE_RIGHT;
}

/* predIntra4x4PredMode of a block (8.3.1.1). */
static int
predict_intra4x4_mode(const MacroblockContext *mb, int block)
{
    const int x = block % 4, y = block / 4;
    const Macroblock *left = x ? mb->current : mb->left, *above = y ? mb->current : mb->above;
    if (!left || !above)
        return PRED_DC;
    const int left_mode = left->intra4x4_modes[x ? block - 1 : block + 3];
    const int above_mode = above->intra4x4_modes[y ? block - 4 : block + 12];
    return left_mode < above_mode ? left_mode : above_mode;
}

/* -- Intra_4x4 ----------------------------------------------------------------------------- */

/* Store the mode with the lowest cost for a block, and its prediction; returns the cost. */
static int
choose_block_mode(MacroblockContext *mb, int block, const uint8_t *source, const IntraEdge *edge,
                  uint8_t *best)
{
    const int predicted_mode = predict_intra4x4_mode(mb, block);
    uint8_t prediction[16];
    int best_cost = INT32_MAX;
    for (int mode = 0; mode < INTRA4X4_MODES; mode++) {
        if (!predict_luma4x4(mode, edge, prediction))
            continue;
        const int bits = mode == predicted_mode ? 1 : 4;
        const int cost = sad_16(source, 16, prediction, 16, 1) + BIT_COST * bits;
        if (cost < best_cost) {
            best_cost = cost, mb->current->intra4x4_modes[block] = (int8_t)mode;
            memcpy(best, prediction, sizeof prediction);
        }
    }
    return best_cost;
}

/* Choose a block's mode, quantize its residual and reconstruct it, since the next block is
   predicted from it; returns the cost. */
static int
choose_block(MacroblockContext *mb, int block)
{
    const Plane source = mb->encoder->source[0], target = mb->encoder->reconstruction[0];
    const int x = block % 4 * 4, y = block / 4 * 4;
    const uint8_t *from = mb_samples(source, mb) + (size_t)y * source.width + x;
    uint8_t *to = mb_samples(target, mb) + (size_t)y * target.width + x;
    uint8_t best[24] = {0}, samples[24] = {0}; /* transform_pair reads two blocks, 8 bytes a row */
    IntraEdge edge;
    read_intra_edge(&edge, to, target.width, available_block_neighbors(mb, block));
    for (int row = 0; row < 4; row++)
        memcpy(samples + 4 * row, from + (size_t)row * source.width, 4);
    const int cost = choose_block_mode(mb, block, samples, &edge, best);
    const QuantParams params = {mb->qp, INTRA_ROUNDING, 0};
    int16_t coefficients[2][16], *levels = mb->levels.luma[block];
    if (transform_pair(samples, 4, best, 4, &params, coefficients) & 1)
        quantize_block(coefficients[0], &params, levels);
    else
        memset(levels, 0, sizeof mb->levels.luma[block]);
    reconstruct_block(levels, NULL, mb->qp, best, 4, to, target.width);
    return cost;
}

/* Choose the modes of all blocks and reconstruct them; stops early once the cost reaches
   `cost_limit`. Returns the cost. */
int
choose_intra4x4(MacroblockContext *mb, int cost_limit)
{
    int cost = INTRA4X4_BITS * BIT_COST;
    for (int i = 0; i < LUMA_BLOCKS && cost < cost_limit; i++)
        cost += choose_block(mb, block_scan[i]);
    return cost;
}

static void
write_intra4x4_modes(MacroblockContext *mb)
{
    for (int i = 0; i < LUMA_BLOCKS; i++)
        write_intra4x4_mode(mb, mb->current->intra4x4_modes[block_scan[i]],
                            predict_intra4x4_mode(mb, block_scan[i]));
}

/* -- Intra_16x16 and chroma ---------------------------------------------------------------- */

/* Predict one plane; returns the SAD, INT32_MAX if the mode is not available. */
static int
predict_plane(const MacroblockContext *mb, int plane, int mode, uint8_t *prediction)
{
    const Plane source = mb->encoder->source[plane], target = mb->encoder->reconstruction[plane];
    const int size = plane ? 8 : 16;
    const uint8_t *samples = mb_samples(source, mb);
    if (!predict_intra_plane(mode, size, mb_samples(target, mb), target.width,
                             available_neighbors(mb), prediction))
        return INT32_MAX;
    if (plane == 0)
        return sad_16(samples, source.width, prediction, 16, 16);
    int total = 0;
    for (int y = 0; y < 8; y++, samples += source.width, prediction += 8)
        total += sad_8(samples, prediction);
    return total;
}

/* Predict luma in the best Intra_16x16 mode, which is returned; sets its cost. */
int
choose_intra16x16(const MacroblockContext *mb, uint8_t *prediction, int *cost)
{
    uint8_t candidate[256];
    int best_mode = PRED_DC, best_sad = INT32_MAX;
    for (int mode = PRED_VERTICAL; mode <= PRED_PLANE; mode++) {
        const int sad = predict_plane(mb, 0, mode, candidate);
        if (sad < best_sad) {
            best_sad = sad, best_mode = mode;
            memcpy(prediction, candidate, sizeof candidate);
        }
    }
    *cost = best_sad + INTRA16X16_BITS * BIT_COST;
    return best_mode;
}

/* Predict both chroma planes in the best mode, which they share. DC costs least: with others,
   decisions of different values share a context (table 9-34). */
static int
choose_chroma_mode(const MacroblockContext *mb, uint8_t (*prediction)[64])
{
    static const int modes[] = {PRED_DC, PRED_HORIZONTAL, PRED_VERTICAL, PRED_PLANE};
    static const int bits[] = {0, 2, 4, 4};
    uint8_t candidate[2][64];
    int best_mode = PRED_DC, best_cost = INT32_MAX;
    for (int i = 0; i < 4; i++) {
        const int cb = predict_plane(mb, 1, modes[i], candidate[0]);
        if (cb == INT32_MAX)
            continue;
        const int cost = cb + predict_plane(mb, 2, modes[i], candidate[1]) + BIT_COST * bits[i];
        if (cost < best_cost) {
            best_cost = cost, best_mode = modes[i];
            memcpy(prediction, candidate, sizeof candidate);
        }
    }
    return best_mode;
}

/* -- Syntax -------------------------------------------------------------------------------- */

/* Choose and quantize chroma, then write the macroblock (7.3.5), Intra_4x4 if `mode` is negative,
   else Intra_16x16 with this mode. */
static void
encode_intra(MacroblockContext *mb, int mode, int cbp)
{
    static const uint8_t chroma_pred_mode[] = {2, 1, 0, 3}; /* table 7-16, by PRED_* */
    uint8_t chroma[2][64];
    mb->current->is_intra = true, mb->current->is_intra16x16 = mode >= 0;
    const int chroma_mode = choose_chroma_mode(mb, chroma);
    const int chroma_cbp = quantize_chroma(mb, chroma, INTRA_ROUNDING);
    reconstruct_chroma(mb, chroma);
    mb->current->cbp = (int8_t)(cbp | chroma_cbp << 4);
    if (!mb->idr)
        write_skip_flag(mb, false);
    write_intra_mb_type(mb, mode);
    if (mode < 0)
        write_intra4x4_modes(mb);
    write_chroma_mode(mb, chroma_pred_mode[chroma_mode]);
    if (mode < 0)
        write_coded_block_pattern(mb);
    if (mode >= 0 || mb->current->cbp) {
        write_mb_qp_delta(mb);
        write_residual(mb);
    }
    else
        mb->qp_changed = false;
}

/* Encode the modes and levels that choose_intra4x4 left in the context. */
void
encode_intra4x4(MacroblockContext *mb)
{
    encode_intra(mb, -1, luma_cbp(&mb->levels));
}

/* Encode a macroblock with the mode and prediction that choose_intra16x16 found. */
void
encode_intra16x16(MacroblockContext *mb, int mode, const uint8_t *prediction)
{
    int dc[LUMA_BLOCKS];
    memset(mb->current->intra4x4_modes, PRED_DC, sizeof mb->current->intra4x4_modes);
    quantize_luma16x16(mb, prediction, dc);
    reconstruct_luma(mb, prediction, dc);
    const int cbp = luma_cbp(&mb->levels) ? 15 : 0; /* all blocks or none */
    encode_intra(mb, mode, cbp);
}
