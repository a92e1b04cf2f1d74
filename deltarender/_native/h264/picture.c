/* Pictures, each as the changes of the one before. */

#include "h264.h"

/* -- The source ---------------------------------------------------------------------------- */

/* Take over a part of one plane; `size` pixels of it make a macroblock's side. */
static void
take_part(Coder *coder, Plane plane, int size, Rect r, const uint8_t *from)
{
    const int width = r.right - r.left;
    for (int y = r.top; y < r.bottom; y++, from += width)
        for (int x = r.left, next; x < r.right; x = next) {
            next = (x / size + 1) * size < r.right ? (x / size + 1) * size : r.right;
            uint8_t *to = plane.at + (size_t)y * plane.width + x;
            if (memcmp(to, from + x - r.left, (size_t)(next - x))) {
                memcpy(to, from + x - r.left, (size_t)(next - x));
                coder->changed[y / size * coder->columns + x / size] = true;
            }
        }
}

/* Beyond the picture its last rows and columns go on. */
static void
fill_up(Plane plane, int width, int height, Rect r)
{
    for (int y = r.top; y < r.bottom && r.right == width; y++) {
        uint8_t *row = plane.at + (size_t)y * plane.width;
        memset(row + width, row[width - 1], (size_t)(plane.width - width));
    }
    const uint8_t *last = plane.at + (size_t)(height - 1) * plane.width;
    for (int y = height; y < plane.height && r.bottom == height; y++)
        memcpy(plane.at + (size_t)y * plane.width, last, (size_t)plane.width);
}

/* Let the picture to be coded next show other samples in a rectangle. */
void
take_samples(Coder *coder, Rect r, const uint8_t *samples)
{
    for (int k = 0; k < 3; k++) {
        const int fine = k ? 2 : 1;
        const Rect part = {r.left / fine, r.top / fine, r.right / fine, r.bottom / fine};
        take_part(coder, coder->source[k], 16 / fine, part, samples);
        fill_up(coder->source[k], coder->width / fine, coder->height / fine, part);
        samples += (size_t)(part.right - part.left) * (part.bottom - part.top);
    }
}

/* -- Pictures ------------------------------------------------------------------------------ */

static Macroblock *
block_at(const Coder *coder, int column, int row)
{
    bool inside = column >= 0 && column < coder->columns && row >= 0;
    return inside ? coder->blocks + (size_t)row * coder->columns + column : NULL;
}

static void
copy_macroblock(const Coder *coder, int column, int row)
{
    for (int k = 0; k < 3; k++) {
        const Plane from = coder->wanted[k], to = coder->shown[k];
        const int size = k ? 8 : 16;
        for (int y = row * size; y < (row + 1) * size; y++) {
            size_t at = (size_t)y * from.width + (size_t)column * size;
            memcpy(to.at + at, from.at + at, (size_t)size);
        }
    }
}

enum { MOVING = 3 }; /* changes after which it is taken to move */

/* Find what moves; let what has come to rest be coded once more. */
static void
set_paces(Coder *coder, bool key)
{
    for (int i = 0; i < coder->columns * coder->rows; i++) {
        Pace *pace = coder->paces + i;
        if (key)
            *pace = (Pace){0, 0, false};
        else if (coder->changed[i])
            pace->still = 0, pace->changes += pace->changes < MOVING;
        else if (pace->changes && ++pace->still >= coder->patience) {
            coder->changed[i] = pace->coarse;
            *pace = (Pace){0, 0, false};
        }
    }
}

static int
quantizer_of(const Coder *coder, bool key, int place)
{
    Pace *pace = coder->paces + place;
    pace->coarse = pace->changes == MOVING;
    return key ? coder->key_quantizer : pace->coarse ? coder->moving_quantizer : coder->quantizer;
}

/* Code the picture into `bits`; a key stands alone. */
void
code_picture(Coder *coder, bool key)
{
    static const Macroblock nothing = {
        .plain = true,
        .modes = {EVEN, EVEN, EVEN, EVEN, EVEN, EVEN, EVEN, EVEN,
                  EVEN, EVEN, EVEN, EVEN, EVEN, EVEN, EVEN, EVEN},
    };
    Work work = {.coder = coder, .last_quantizer = key ? coder->key_quantizer : coder->quantizer};
    unsigned skipped = 0;
    coder->bits.size = 0, coder->bits.count = 0;
    put_slice_head(&coder->bits, coder, key);
    set_paces(coder, key);
    for (int row = 0; row < coder->rows; row++)
        for (int column = 0; column < coder->columns; column++) {
            const int place = row * coder->columns + column;
            const bool changed = coder->changed[place];
            work.here = block_at(coder, column, row);
            work.left = block_at(coder, column - 1, row);
            work.above = block_at(coder, column, row - 1);
            if (!work.here->plain)
                *work.here = nothing;
            if (!key && !changed && (rests(work.left) || rests(work.above))) {
                skipped++; /* so are most; the rest need not be set up for it */
                continue;
            }
            if (key || changed)
                work.quantizer = quantizer_of(coder, key, place);
            work.column = column, work.row = row, work.here->plain = false;
            work.corner = block_at(coder, column - 1, row - 1);
            work.beyond = block_at(coder, column + 1, row - 1);
            code_macroblock(&work, key, changed, &skipped);
        }
    if (skipped)
        put_ue(&coder->bits, skipped);
    finish(&coder->bits);
    for (int row = 0; row < coder->rows; row++)
        for (int column = 0; column < coder->columns; column++) {
            bool *changed = coder->changed + row * coder->columns + column;
            if (*changed || key)
                copy_macroblock(coder, column, row);
            *changed = false;
        }
    coder->number = (coder->number + 1) % (1 << NUMBER_BITS);
}
