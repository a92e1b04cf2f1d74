/* Conversion of RGBA to planar YUV 4:2:0 (yuv420p): matrix of ITU-R BT.601, limited range, as in
   Manim's own files. A chroma sample is the mean of four pixels. */

#include "../native.h"

/* Weights in 2^-15, and in 2^-17 for sums of four: those of BT.601, 0.299, 0.587 and 0.114, times
   219 / 255; those of the color differences times 224 / 255. */
#define LUMA(r, g, b) ((8414 * (r) + 16519 * (g) + 3208 * (b) + (16 << 15) + (1 << 14)) >> 15)
#define CB(r, g, b) ((-4857 * (r)-9535 * (g) + 14392 * (b) + (128 << 17) + (1 << 16)) >> 17)
#define CR(r, g, b) ((14392 * (r)-12052 * (g)-2340 * (b) + (128 << 17) + (1 << 16)) >> 17)

CPU_DISPATCH static void
convert_luma_row(const uint32_t *restrict rgba, uint8_t *restrict luma, int width)
{
    for (int x = 0; x < width; x++) {
        const int r = rgba[x] & 255, g = rgba[x] >> 8 & 255, b = rgba[x] >> 16 & 255;
        luma[x] = (uint8_t)LUMA(r, g, b);
    }
}

/* Convert two rows of pixels to one row of chroma samples. */
CPU_DISPATCH static void
convert_chroma_row(const uint32_t *restrict upper, const uint32_t *restrict lower,
                   uint8_t *restrict cb, uint8_t *restrict cr, int width)
{
    for (int x = 0; x < width; x++) {
        /* Red and blue are summed in one number, since sums of four need 10 of its 16 bits. */
        const uint32_t p = upper[2 * x], q = upper[2 * x + 1];
        const uint32_t s = lower[2 * x], t = lower[2 * x + 1];
        const uint32_t rb = (p & 0xff00ff) + (q & 0xff00ff) + (s & 0xff00ff) + (t & 0xff00ff);
        const int g = (int)((p >> 8 & 255) + (q >> 8 & 255) + (s >> 8 & 255) + (t >> 8 & 255));
        const int r = (int)(rb & 1023), b = (int)(rb >> 16 & 1023);
        cb[x] = (uint8_t)CB(r, g, b);
        cr[x] = (uint8_t)CR(r, g, b);
    }
}

/* Convert an even number of rows and columns; the planes Y, Cb and Cr follow each other. */
static void
convert_rect(const uint8_t *rgba, npy_intp stride, int width, int height, uint8_t *output)
{
    const size_t chroma_width = (size_t)width / 2;
    uint8_t *cb = output + (size_t)width * height;
    uint8_t *cr = cb + chroma_width * height / 2;
    for (int y = 0; y < height; y += 2, cb += chroma_width, cr += chroma_width) {
        const uint32_t *upper = (const uint32_t *)(rgba + y * stride);
        const uint32_t *lower = (const uint32_t *)(rgba + (y + 1) * stride);
        convert_luma_row(upper, output + (size_t)y * width, width);
        convert_luma_row(lower, output + (size_t)(y + 1) * width, width);
        convert_chroma_row(upper, lower, cb, cr, width / 2);
    }
}

/* Whether an array is (height, width, 4) bytes, each row of which can be read as 32-bit pixels. */
static bool
is_rgba_picture(PyArrayObject *array)
{
    return PyArray_NDIM(array) == 3 && PyArray_TYPE(array) == NPY_UINT8 &&
           PyArray_DIM(array, 2) == 4 && PyArray_STRIDE(array, 2) == 1 &&
           PyArray_STRIDE(array, 1) == 4 && PyArray_STRIDE(array, 0) % 4 == 0 &&
           (uintptr_t)PyArray_DATA(array) % 4 == 0;
}

static bool
is_even_rect_within(Rect r, npy_intp width, npy_intp height)
{
    return r.left >= 0 && r.top >= 0 && r.left <= r.right && r.top <= r.bottom &&
           r.right <= width && r.bottom <= height && !((r.left | r.top | r.right | r.bottom) & 1);
}

PyObject *
rgba_to_yuv420p(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyArrayObject *pixels, *output;
    Rect r;
    if (!PyArg_ParseTuple(args, "O!(iiii)O!:rgba_to_yuv420p", &PyArray_Type, &pixels, &r.left,
                          &r.top, &r.right, &r.bottom, &PyArray_Type, &output))
        return NULL;
    if (!is_rgba_picture(pixels) ||
        !is_even_rect_within(r, PyArray_DIM(pixels, 1), PyArray_DIM(pixels, 0))) {
        PyErr_SetString(PyExc_ValueError,
                        "the rectangle must have even edges within a picture of RGBA bytes");
        return NULL;
    }
    const int width = r.right - r.left, height = r.bottom - r.top;
    if (PyArray_TYPE(output) != NPY_UINT8 || !PyArray_IS_C_CONTIGUOUS(output) ||
        !PyArray_ISWRITEABLE(output) ||
        PyArray_NBYTES(output) < (npy_intp)width * height * 3 / 2) {
        PyErr_SetString(PyExc_ValueError, "output must be a contiguous, writeable array of bytes "
                                          "with room for all samples of the rectangle");
        return NULL;
    }
    const npy_intp stride = PyArray_STRIDE(pixels, 0);
    const uint8_t *rgba = (const uint8_t *)PyArray_DATA(pixels) + r.top * stride + 4 * r.left;
    Py_BEGIN_ALLOW_THREADS;
    convert_rect(rgba, stride, width, height, PyArray_DATA(output));
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}
