/* Coefficients as codes of changing length: CAVLC (7.3.5.3.2, 9.2). */

#include "h264.h"

typedef struct {
    uint8_t length, bits;
} Code;

/* Table 9-5: how many coefficients, and how many ones at the end; for contexts 0, 2, 4 and the
   constant part of chroma. From context 8 on the code is six bits that count. */
static const Code tokens[4][17][4] = {
    {
        {{1, 1}},
        {{6, 5}, {2, 1}},
        {{8, 7}, {6, 4}, {3, 1}},
        {{9, 7}, {8, 6}, {7, 5}, {5, 3}},
        {{10, 7}, {9, 6}, {8, 5}, {6, 3}},
        {{11, 7}, {10, 6}, {9, 5}, {7, 4}},
        {{13, 15}, {11, 6}, {10, 5}, {8, 4}},
        {{13, 11}, {13, 14}, {11, 5}, {9, 4}},
        {{13, 8}, {13, 10}, {13, 13}, {10, 4}},
        {{14, 15}, {14, 14}, {13, 9}, {11, 4}},
        {{14, 11}, {14, 10}, {14, 13}, {13, 12}},
        {{15, 15}, {15, 14}, {14, 9}, {14, 12}},
        {{15, 11}, {15, 10}, {15, 13}, {14, 8}},
        {{16, 15}, {15, 1}, {15, 9}, {15, 12}},
        {{16, 11}, {16, 14}, {16, 13}, {15, 8}},
        {{16, 7}, {16, 10}, {16, 9}, {16, 12}},
        {{16, 4}, {16, 6}, {16, 5}, {16, 8}},
    },
    {
        {{2, 3}},
        {{6, 11}, {2, 2}},
        {{6, 7}, {5, 7}, {3, 3}},
        {{7, 7}, {6, 10}, {6, 9}, {4, 5}},
        {{8, 7}, {6, 6}, {6, 5}, {4, 4}},
        {{8, 4}, {7, 6}, {7, 5}, {5, 6}},
        {{9, 7}, {8, 6}, {8, 5}, {6, 8}},
        {{11, 15}, {9, 6}, {9, 5}, {6, 4}},
        {{11, 11}, {11, 14}, {11, 13}, {7, 4}},
        {{12, 15}, {11, 10}, {11, 9}, {9, 4}},
        {{12, 11}, {12, 14}, {12, 13}, {11, 12}},
        {{12, 8}, {12, 10}, {12, 9}, {11, 8}},
        {{13, 15}, {13, 14}, {13, 13}, {12, 12}},
        {{13, 11}, {13, 10}, {13, 9}, {13, 12}},
        {{13, 7}, {14, 11}, {13, 6}, {13, 8}},
        {{14, 9}, {14, 8}, {14, 10}, {13, 1}},
        {{14, 7}, {14, 6}, {14, 5}, {14, 4}},
    },
    {
        {{4, 15}},
        {{6, 15}, {4, 14}},
        {{6, 11}, {5, 15}, {4, 13}},
        {{6, 8}, {5, 12}, {5, 14}, {4, 12}},
        {{7, 15}, {5, 10}, {5, 11}, {4, 11}},
        {{7, 11}, {5, 8}, {5, 9}, {4, 10}},
        {{7, 9}, {6, 14}, {6, 13}, {4, 9}},
        {{7, 8}, {6, 10}, {6, 9}, {4, 8}},
        {{8, 15}, {7, 14}, {7, 13}, {5, 13}},
        {{8, 11}, {8, 14}, {7, 10}, {6, 12}},
        {{9, 15}, {8, 10}, {8, 13}, {7, 12}},
        {{9, 11}, {9, 14}, {8, 9}, {8, 12}},
        {{9, 8}, {9, 10}, {9, 13}, {8, 8}},
        {{10, 13}, {9, 7}, {9, 9}, {9, 12}},
        {{10, 9}, {10, 12}, {10, 11}, {10, 10}},
        {{10, 5}, {10, 8}, {10, 7}, {10, 6}},
        {{10, 1}, {10, 4}, {10, 3}, {10, 2}},
    },
    {
        {{2, 1}},
        {{6, 7}, {1, 1}},
        {{6, 4}, {6, 6}, {3, 1}},
        {{6, 3}, {7, 3}, {7, 2}, {6, 5}},
        {{6, 2}, {8, 3}, {8, 2}, {7, 0}},
    },
};

/* Tables 9-7 and 9-8: zeros before the last coefficient, by the number of coefficients. */
static const Code zeros_in_all[15][16] = {
    {{1, 1}, {3, 3}, {3, 2}, {4, 3}, {4, 2}, {5, 3}, {5, 2}, {6, 3}, {6, 2},
     {7, 3}, {7, 2}, {8, 3}, {8, 2}, {9, 3}, {9, 2}, {9, 1}},
    {{3, 7}, {3, 6}, {3, 5}, {3, 4}, {3, 3}, {4, 5}, {4, 4}, {4, 3}, {4, 2},
     {5, 3}, {5, 2}, {6, 3}, {6, 2}, {6, 1}, {6, 0}},
    {{4, 5}, {3, 7}, {3, 6}, {3, 5}, {4, 4}, {4, 3}, {3, 4}, {3, 3}, {4, 2},
     {5, 3}, {5, 2}, {6, 1}, {5, 1}, {6, 0}},
    {{5, 3}, {3, 7}, {4, 5}, {4, 4}, {3, 6}, {3, 5}, {3, 4}, {4, 3}, {3, 3},
     {4, 2}, {5, 2}, {5, 1}, {5, 0}},
    {{4, 5}, {4, 4}, {4, 3}, {3, 7}, {3, 6}, {3, 5}, {3, 4}, {3, 3}, {4, 2},
     {5, 1}, {4, 1}, {5, 0}},
    {{6, 1}, {5, 1}, {3, 7}, {3, 6}, {3, 5}, {3, 4}, {3, 3}, {3, 2}, {4, 1}, {3, 1}, {6, 0}},
    {{6, 1}, {5, 1}, {3, 5}, {3, 4}, {3, 3}, {2, 3}, {3, 2}, {4, 1}, {3, 1}, {6, 0}},
    {{6, 1}, {4, 1}, {5, 1}, {3, 3}, {2, 3}, {2, 2}, {3, 2}, {3, 1}, {6, 0}},
    {{6, 1}, {6, 0}, {4, 1}, {2, 3}, {2, 2}, {3, 1}, {2, 1}, {5, 1}},
    {{5, 1}, {5, 0}, {3, 1}, {2, 3}, {2, 2}, {2, 1}, {4, 1}},
    {{4, 0}, {4, 1}, {3, 1}, {3, 2}, {1, 1}, {3, 3}},
    {{4, 0}, {4, 1}, {2, 1}, {1, 1}, {3, 1}},
    {{3, 0}, {3, 1}, {1, 1}, {2, 1}},
    {{2, 0}, {2, 1}, {1, 1}},
    {{1, 0}, {1, 1}},
};

/* Table 9-9 (a). */
static const Code zeros_in_chroma_dc[3][4] = {
    {{1, 1}, {2, 1}, {3, 1}, {3, 0}},
    {{1, 1}, {2, 1}, {2, 0}},
    {{1, 1}, {1, 0}},
};

/* Table 9-10: zeros right before a coefficient, by how many are left. */
static const Code zeros_before[7][15] = {
    {{1, 1}, {1, 0}},
    {{1, 1}, {2, 1}, {2, 0}},
    {{2, 3}, {2, 2}, {2, 1}, {2, 0}},
    {{2, 3}, {2, 2}, {2, 1}, {3, 1}, {3, 0}},
    {{2, 3}, {2, 2}, {3, 3}, {3, 2}, {3, 1}, {3, 0}},
    {{2, 3}, {3, 0}, {3, 1}, {3, 3}, {3, 2}, {3, 5}, {3, 4}},
    {{3, 7}, {3, 6}, {3, 5}, {3, 4}, {3, 3}, {3, 2}, {3, 1}, {4, 1}, {5, 1},
     {6, 1}, {7, 1}, {8, 1}, {9, 1}, {10, 1}, {11, 1}},
};

static void
put_code(Bits *bits, Code code)
{
    put(bits, code.bits, code.length);
}

static void
put_token(Bits *bits, int total, int ones, int context)
{
    if (context >= 8)
        put(bits, total ? (unsigned)((total - 1) << 2 | ones) : 3, 6);
    else {
        int table = context < 0 ? 3 : context < 2 ? 0 : context < 4 ? 1 : 2;
        put_code(bits, tokens[table][total][ones]);
    }
}

/* A coefficient's value (9.2.2.1); `length` is the present one of suffixes. */
static void
put_level(Bits *bits, unsigned code, int length)
{
    if (length == 0 && code < 14)
        put(bits, 1, (int)code + 1);
    else if (length == 0 && code < 30)
        put(bits, 1, 15), put(bits, code - 14, 4);
    else if (length > 0 && code < 15u << length)
        put(bits, 1, (int)(code >> length) + 1), put(bits, code & ((1u << length) - 1), length);
    else
        put(bits, 1, 16), put(bits, code - (length ? 15u << length : 30), 12);
}

static void
put_levels(Bits *bits, const int *values, int total, int ones)
{
    int length = total > 10 && ones < 3;
    for (int i = ones; i < total; i++) {
        int size = abs(values[i]);
        unsigned code = 2 * (unsigned)size - (values[i] > 0 ? 2 : 1);
        put_level(bits, i == ones && ones < 3 ? code - 2 : code, length);
        if (length == 0)
            length = 1;
        if (size > 3 << (length - 1) && length < 6)
            length++;
    }
}

/* Code a block of `count` coefficients in zigzag order; `context` is the number of coefficients
   to be expected from its neighbours, or CHROMA_DC. The number of those that are not zero. */
int
put_block(Bits *bits, const int16_t *levels, int count, int context)
{
    int values[16], runs[16], total = 0, ones = 0, zeros = 0, run = 0;
    for (int i = count - 1; i >= 0; i--) {
        if (levels[i]) {
            values[total] = levels[i], runs[total++] = 0;
            run = 1;
        }
        else if (run)
            runs[total - 1]++, zeros++;
    }
    while (ones < total && ones < 3 && abs(values[ones]) == 1)
        ones++;
    put_token(bits, total, ones, context);
    for (int i = 0; i < ones; i++)
        put(bits, values[i] < 0, 1);
    put_levels(bits, values, total, ones);
    if (total && total < count)
        put_code(bits, context == CHROMA_DC ? zeros_in_chroma_dc[total - 1][zeros]
                                            : zeros_in_all[total - 1][zeros]);
    for (int i = 0; i < total - 1 && zeros > 0; i++) {
        put_code(bits, zeros_before[(zeros < 7 ? zeros : 7) - 1][runs[i]]);
        zeros -= runs[i];
    }
    return total;
}
