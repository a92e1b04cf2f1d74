/* Settings and memory of an encoder. */

#include "h264.h"

enum { MAX_SIDE = 16384 };       /* luma samples */
enum { RESTS_PER_SECOND = 20 };  /* a macroblock rests after 1/20 s without a change */

static bool
valid_side(int side)
{
    return side >= 2 && side <= MAX_SIDE && side % 2 == 0;
}

static bool
valid_qp(int qp)
{
    return qp >= MIN_QP && qp <= MAX_QP;
}

/* Whether sizes, rate and QPs are in their ranges. */
bool
valid_settings(const Encoder *encoder)
{
    return valid_side(encoder->width) && valid_side(encoder->height) && encoder->rate &&
           encoder->scale && valid_qp(encoder->qp) && valid_qp(encoder->idr_qp) &&
           valid_qp(encoder->moving_qp);
}

static bool
allocate_planes(const Encoder *encoder, Plane *planes)
{
    for (int k = 0; k < 3; k++) {
        const int mb_size = k ? 8 : 16;
        planes[k].width = encoder->mb_columns * mb_size;
        planes[k].height = encoder->mb_rows * mb_size;
        planes[k].samples = PyMem_RawCalloc((size_t)planes[k].width, (size_t)planes[k].height);
        if (planes[k].samples == NULL)
            return false;
    }
    return true;
}

/* Allocate everything that depends on the settings. False if memory ran out; free_encoder then
   releases what was allocated. */
bool
allocate_encoder(Encoder *encoder)
{
    encoder->mb_columns = (encoder->width + 15) / 16;
    encoder->mb_rows = (encoder->height + 15) / 16;
    encoder->rest_frames = 1 + (int)(encoder->rate / encoder->scale / RESTS_PER_SECOND);
    const size_t count = (size_t)encoder->mb_columns * encoder->mb_rows;
    encoder->mb_changed = PyMem_RawCalloc(count, sizeof *encoder->mb_changed);
    encoder->macroblocks = PyMem_RawCalloc(count, sizeof *encoder->macroblocks);
    encoder->motion_states = PyMem_RawCalloc(count, sizeof *encoder->motion_states);
    return encoder->mb_changed != NULL && encoder->macroblocks != NULL &&
           encoder->motion_states != NULL && allocate_planes(encoder, encoder->source) &&
           allocate_planes(encoder, encoder->reference) &&
           allocate_planes(encoder, encoder->reconstruction);
}

void
free_encoder(Encoder *encoder)
{
    for (int k = 0; k < 3; k++) {
        PyMem_RawFree(encoder->source[k].samples);
        PyMem_RawFree(encoder->reference[k].samples);
        PyMem_RawFree(encoder->reconstruction[k].samples);
    }
    PyMem_RawFree(encoder->mb_changed);
    PyMem_RawFree(encoder->macroblocks);
    PyMem_RawFree(encoder->motion_states);
    PyMem_RawFree(encoder->bits.bytes);
}
