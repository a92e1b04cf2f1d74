/* A coder of H.264 that touches only what has changed.

   The features are those of the Constrained Baseline profile that drawn pictures gain by: one
   reference, macroblocks predicted whole from it or block by block from their neighbours, no
   deblocking. A picture is told where it differs from the last one; all other macroblocks are
   skipped and cost nothing.

   bits.c       bits in a row, NAL units      motion.c      prediction from the last picture
   headers.c    parameter sets, slice heads   residual.c    what a prediction leaves over
   vlc.c        coefficients as codes         neighbours.c  macroblocks coded by their neighbours
   transform.c  differences to levels, back   macroblock.c  the others, and the choice
   intra.c      prediction from neighbours    picture.c     all of a picture
                                              coder.c       the type in Python

   Numbers of sections, tables and equations are those of Rec. ITU-T H.264 (08/2021). */

#include "../native.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef struct {
    uint8_t *bytes;
    size_t size, room;
    uint64_t held; /* bits not yet in `bytes`, the last one lowest */
    int count;     /* of bits held; -1 once memory has run out */
} Bits;

typedef struct {
    uint8_t *at;
    int width, height; /* of whole macroblocks */
} Plane;

typedef struct {
    int x, y; /* quarters of a pixel */
} Vector;

enum { BLOCKS = 16 };

/* What the neighbours of a macroblock need to know of it. */
typedef struct {
    Vector vector;
    bool intra, plain;         /* plain: as it is where nothing is coded */
    int8_t modes[BLOCKS];      /* of blocks predicted one by one; else 2 */
    uint8_t counts[3][BLOCKS]; /* coefficients of blocks, row by row: 4 by 4 of luma, 2 by 2 */
} Macroblock;

/* What moves is coded more coarsely, and made good once it rests. */
typedef struct {
    uint8_t changes, still; /* pictures with a change, since it last rested; pictures without, since */
    bool coarse;            /* whether it is to be made good */
} Pace;

typedef struct {
    int width, height;                    /* as shown */
    int columns, rows;                    /* of macroblocks */
    Plane source[3], shown[3], wanted[3]; /* to be coded; decoded last; decoded now */
    bool *changed;                        /* macroblocks of the source, since they were coded */
    Macroblock *blocks;
    Pace *paces;
    int quantizer, key_quantizer, moving_quantizer;
    int patience;     /* pictures in a row without a change after which a macroblock rests */
    int number, keys; /* of pictures since the last key, in NUMBER_BITS; of the last key */
    Bits bits;
} Coder;

/* The coefficients of a macroblock, quantized, each block in zigzag order. */
typedef struct {
    int16_t luma[BLOCKS][16], luma_dc[16];
    int16_t chroma[2][4][16], chroma_dc[2][4];
} Levels;

/* A macroblock being coded. */
typedef struct {
    Coder *coder;
    int column, row;
    int quantizer, last_quantizer; /* its own; of the last macroblock that told of one */
    Macroblock *here, *left, *above, *corner, *beyond; /* beyond: above and to the right; or NULL */
    Levels levels;
} Work;

/* bits.c */
void put(Bits *bits, unsigned value, int count);
void put_ue(Bits *bits, unsigned value);
void put_se(Bits *bits, int value);
void finish(Bits *bits);
size_t as_unit(const Bits *bits, int head, uint8_t *into);

/* headers.c */
enum { NUMBER_BITS = 4 };
void put_sequence(Bits *bits, const Coder *coder, unsigned rate, unsigned scale, int level);
void put_picture_set(Bits *bits, const Coder *coder);
void put_slice_head(Bits *bits, const Coder *coder, bool key);

/* vlc.c */
enum { CHROMA_DC = -1 };
int put_block(Bits *bits, const int16_t *levels, int count, int context);

/* transform.c */
enum { INTER_PARTS = 6, INTRA_PARTS = 3 };
typedef struct {
    int quantizer;
    int parts; /* what is over 1 - 1 / parts of a step is a step more */
    int first; /* the first coefficient in zigzag order that is taken: 0, or 1 */
} How;
void begin_transform(void);
int transform_pair(const uint8_t *source, int stride, const uint8_t *predicted, int width,
                   const How *how, int16_t into[2][16]);
void quantize(const int16_t *coefficients, const How *how, int16_t *levels);
void show_block(const int16_t *levels, const int *dc, int quantizer, const uint8_t *predicted,
                int width, uint8_t *into, int stride);
void quantize_luma_dc(const int16_t *dc, int quantizer, int16_t *levels);
void restore_luma_dc(const int16_t *levels, int quantizer, int *dc);
void quantize_chroma_dc(const int16_t *dc, int quantizer, int parts, int16_t *levels);
void restore_chroma_dc(const int16_t *levels, int quantizer, int *dc);

/* residual.c */
extern const uint8_t order[BLOCKS];
int take_luma(Work *work, const uint8_t *predicted);
void take_square(Work *work, const uint8_t *predicted, int *restored);
int take_chroma(Work *work, uint8_t (*predicted)[64], int parts);
int pattern_of(const Levels *levels);
void show_luma(const Work *work, const uint8_t *predicted, const int *dc);
void show_chroma(const Work *work, uint8_t (*predicted)[64]);
void put_luma(Work *work, int pattern, bool apart);
void put_chroma(Work *work, int kind);

/* intra.c */
enum { VERTICAL, HORIZONTAL, EVEN, PLANE }; /* of macroblocks; the first three of blocks, too */
enum { DOWN_LEFT = 3, DOWN_RIGHT, VERTICAL_RIGHT, HORIZONTAL_DOWN, VERTICAL_LEFT, HORIZONTAL_UP,
       MODES };
enum { LEFT = 1, ABOVE = 2, CORNER = 4, BEYOND = 8 }; /* neighbours that are there */
enum { EDGE = 15 };
typedef struct {
    int has, level;            /* neighbours that are there; their mean */
    uint8_t numbers[3 * EDGE]; /* pixels from below on the left to above on the right, both ends
                                  twice; means of each and the next; of each and both beside it */
} Edge;
void begin_intra(void);
void read_edge(Edge *edge, const uint8_t *at, int stride, int has);
bool predict_small(int mode, const Edge *edge, uint8_t *into);
bool predict_square(int mode, int size, const uint8_t *at, int stride, int has, uint8_t *into);

/* motion.c */
enum { PRICE = 4, ENOUGH = 48 }; /* of a bit, in differences of pixels; what is good enough */
bool rests(const Macroblock *block);
Vector expected_vector(const Work *work);
Vector skip_vector(const Work *work);
void predict_luma(const Coder *coder, int x, int y, Vector vector, uint8_t *into);
void predict_chroma(const Coder *coder, int plane, int x, int y, Vector vector, uint8_t *into);
int find_motion(const Work *work, int otherwise, Vector *found, uint8_t *predicted);

/* Sums of differences: of rows of sixteen pixels, and of eight pixels. */
static inline int
distance_of_16(const uint8_t *a, int a_stride, const uint8_t *b, int b_stride, int rows)
{
#ifdef __SSE2__
    __m128i halves = _mm_setzero_si128();
    for (int y = 0; y < rows; y++, a += a_stride, b += b_stride) {
        const __m128i one = _mm_loadu_si128((const __m128i *)a);
        halves = _mm_add_epi32(halves, _mm_sad_epu8(one, _mm_loadu_si128((const __m128i *)b)));
    }
    return _mm_cvtsi128_si32(halves) + _mm_extract_epi16(halves, 4);
#else
    int total = 0;
    for (int y = 0; y < rows; y++, a += a_stride, b += b_stride)
        for (int i = 0; i < 16; i++)
            total += abs(a[i] - b[i]);
    return total;
#endif
}

static inline int
distance_of_8(const uint8_t *a, const uint8_t *b)
{
#ifdef __SSE2__
    const __m128i one = _mm_loadl_epi64((const __m128i *)a);
    return _mm_cvtsi128_si32(_mm_sad_epu8(one, _mm_loadl_epi64((const __m128i *)b)));
#else
    int total = 0;
    for (int i = 0; i < 8; i++)
        total += abs(a[i] - b[i]);
    return total;
#endif
}

/* neighbours.c */
int take_blocks(Work *work, int limit);
void code_blocks(Work *work, bool key, unsigned *skipped);
int take_best_square(const Work *work, uint8_t *predicted, int *cost);
void code_square(Work *work, bool key, unsigned *skipped, int mode, const uint8_t *luma);

/* macroblock.c */
uint8_t *pixels(Plane plane, const Work *work);
void put_type(Work *work, unsigned *skipped, int type);
void put_quantizer(Work *work);
void code_macroblock(Work *work, bool key, bool changed, unsigned *skipped);

/* picture.c */
void take_samples(Coder *coder, Rect r, const uint8_t *samples);
void code_picture(Coder *coder, bool key);
