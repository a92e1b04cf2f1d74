/* Sums of absolute differences (SAD), which motion search and mode decision minimize. */

#ifndef DELTARENDER_SAD_H
#define DELTARENDER_SAD_H

#include "h264.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The SAD of two blocks, 16 samples wide and `rows` high. */
static inline int
sad_16(const uint8_t *a, int a_stride, const uint8_t *b, int b_stride, int rows)
{
#ifdef __SSE2__
    __m128i halves = _mm_setzero_si128();
    for (int y = 0; y < rows; y++, a += a_stride, b += b_stride) {
        const __m128i row = _mm_loadu_si128((const __m128i *)a);
        halves = _mm_add_epi32(halves, _mm_sad_epu8(row, _mm_loadu_si128((const __m128i *)b)));
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

/* The SADs of the left and the right half of two blocks, 16 samples wide and `rows` high. */
static inline void
sad_16_halves(const uint8_t *a, int a_stride, const uint8_t *b, int b_stride, int rows, int sads[2])
{
#ifdef __SSE2__
    __m128i halves = _mm_setzero_si128();
    for (int y = 0; y < rows; y++, a += a_stride, b += b_stride) {
        const __m128i row = _mm_loadu_si128((const __m128i *)a);
        halves = _mm_add_epi32(halves, _mm_sad_epu8(row, _mm_loadu_si128((const __m128i *)b)));
    }
    sads[0] = _mm_cvtsi128_si32(halves), sads[1] = _mm_extract_epi16(halves, 4);
#else
    sads[0] = sads[1] = 0;
    for (int y = 0; y < rows; y++, a += a_stride, b += b_stride)
        for (int i = 0; i < 16; i++)
            sads[i / 8] += abs(a[i] - b[i]);
#endif
}

/* The SAD of two rows of 8 samples. */
static inline int
sad_8(const uint8_t *a, const uint8_t *b)
{
#ifdef __SSE2__
    const __m128i row = _mm_loadl_epi64((const __m128i *)a);
    return _mm_cvtsi128_si32(_mm_sad_epu8(row, _mm_loadl_epi64((const __m128i *)b)));
#else
    int total = 0;
    for (int i = 0; i < 8; i++)
        total += abs(a[i] - b[i]);
    return total;
#endif
}

#endif
