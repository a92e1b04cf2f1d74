/* Part of a picture in perspective, interpolated by cubics, with the results of Pillow's
   Image.transform to the last bit. Pillow computes the whole target, however little is seen. */

#include "manim.h"

typedef struct {
    const uint8_t *pixels; /* four bytes each, row by row */
    int width, height;
} Source;

static inline int
clip(int value, int size)
{
    return value < 0 ? 0 : value < size ? value : size - 1;
}

/* The cubic through b and c, with slopes from their neighbours, at a distance from b. */
static inline double
cubic(double a, double b, double c, double d, double distance)
{
    return b + distance * ((-a + c) + distance * ((2 * (a - b) + c - d) +
                                                  distance * (-a + b - c + d)));
}

static inline void
interpolate_pixel(const Source *source, double x, double y, uint8_t *output)
{
    const int left = (int)floor(x - 0.5), top = (int)floor(y - 0.5);
    const double across = (x - 0.5) - left, down = (y - 0.5) - top;
    int offsets[4];
    double rows[4][4];
    for (int i = 0; i < 4; i++)
        offsets[i] = 4 * clip(left - 1 + i, source->width);
    for (int i = 0; i < 4; i++) {
        const int number = top - 1 + i;
        if (i > 0 && (number < 0 || number >= source->height)) {
            memcpy(rows[i], rows[i - 1], sizeof rows[i]);
            continue;
        }
        const uint8_t *row =
            source->pixels + 4 * (size_t)source->width * (size_t)clip(number, source->height);
        const uint8_t *a = row + offsets[0], *b = row + offsets[1], *c = row + offsets[2],
                      *d = row + offsets[3];
        for (int channel = 0; channel < 4; channel++)
            rows[i][channel] = cubic(a[channel], b[channel], c[channel], d[channel], across);
    }
    for (int channel = 0; channel < 4; channel++) {
        const double value =
            cubic(rows[0][channel], rows[1][channel], rows[2][channel], rows[3][channel], down);
        output[channel] = value <= 0.0 ? 0 : value >= 255.0 ? 255 : (uint8_t)value;
    }
}

/* The rectangle of the target; what lies outside of the source stays transparent. */
CPU_DISPATCH static void
transform_rect(const Source *source, const double *k, Rect rect, uint8_t *output)
{
    for (int row = rect.top; row < rect.bottom; row++) {
        for (int column = rect.left; column < rect.right; column++, output += 4) {
            const double u = column + 0.5, v = row + 0.5;
            const double x = (k[0] * u + k[1] * v + k[2]) / (k[6] * u + k[7] * v + 1);
            const double y = (k[3] * u + k[4] * v + k[5]) / (k[6] * u + k[7] * v + 1);
            if (x >= 0.0 && x < source->width && y >= 0.0 && y < source->height)
                interpolate_pixel(source, x, y, output);
        }
    }
}

PyObject *
transform_image(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyArrayObject *array;
    double k[8];
    Rect rect;
    if (!PyArg_ParseTuple(args, "O!(dddddddd)(iiii)", &PyArray_Type, &array, &k[0], &k[1], &k[2],
                          &k[3], &k[4], &k[5], &k[6], &k[7], &rect.left, &rect.top, &rect.right,
                          &rect.bottom))
        return NULL;
    const bool fits = PyArray_TYPE(array) == NPY_UBYTE && PyArray_ISCARRAY_RO(array) &&
                      PyArray_NDIM(array) == 3 && PyArray_DIM(array, 2) == 4 &&
                      PyArray_DIM(array, 0) < INT_MAX && PyArray_DIM(array, 1) < INT_MAX;
    if (!fits || rect.right < rect.left || rect.bottom < rect.top) {
        PyErr_SetString(PyExc_ValueError, "needs contiguous bytes (height, width, 4), and a rect");
        return NULL;
    }
    const Source source = {PyArray_DATA(array), (int)PyArray_DIM(array, 1),
                           (int)PyArray_DIM(array, 0)};
    const npy_intp shape[3] = {(npy_intp)rect.bottom - rect.top, (npy_intp)rect.right - rect.left,
                               4};
    PyObject *result = PyArray_ZEROS(3, shape, NPY_UBYTE, 0);
    if (result == NULL)
        return NULL;
    uint8_t *output = PyArray_DATA((PyArrayObject *)result);
    Py_BEGIN_ALLOW_THREADS
    transform_rect(&source, k, rect, output);
    Py_END_ALLOW_THREADS
    return result;
}
