/* Conversion of RGBA to planar YUV 4:2:0 (yuv420p), limited range. The matrix is that which players
   assume if they ignore a file's tags: ITU-R BT.709 for pictures of MIN_HD_HEIGHT rows and more, else
   BT.601. A chroma sample is the mean of four pixels. */

#include "../native.h"

/* Weights of red, green and blue: of luma in 2^-15, of the color differences in 2^-17, for sums of
   four pixels. */
typedef struct {
    int luma[3], cb[3], cr[3];
} Matrix;

/* The weights 0.299, 0.587 and 0.114 or 0.2126, 0.7152 and 0.0722, times 219 / 255; those of the
   color differences times 224 / 255. */
static const Matrix bt601 = {{8414, 16519, 3208}, {-4857, -9535, 14392}, {14392, -12052, -2340}};
static const Matrix bt709 = {{5983, 20127, 2032}, {-3298, -11094, 14392}, {14392, -13072, -1320}};

CPU_DISPATCH static void
convert_luma_row(const Matrix *matrix, const uint32_t *restrict rgba, uint8_t *restrict luma,
                 int width)
{
    const int wr = matrix->luma[0], wg = matrix->luma[1], wb = matrix->luma[2];
    for (int x = 0; x < width; x++) {
        const int r = rgba[x] & 255, g = rgba[x] >> 8 & 255, b = rgba[x] >> 16 & 255;
        luma[x] = (uint8_t)((wr * r + wg * g + wb * b + (16 << 15) + (1 << 14)) >> 15);
    }
}

/* Convert two rows of pixels to one row of chroma samples. */
CPU_DISPATCH static void
convert_chroma_row(const Matrix *matrix, const uint32_t *restrict upper,
                   const uint32_t *restrict lower, uint8_t *restrict cb, uint8_t *restrict cr,
                   int width)
{
    const int br = matrix->cb[0], bg = matrix->cb[1], bb = matrix->cb[2];
    const int rr = matrix->cr[0], rg = matrix->cr[1], wb = matrix->cr[2];
    const int offset = (128 << 17) + (1 << 16);
    for (int x = 0; x < width; x++) {
        /* Red and blue are summed in one number, since sums of four need 10 of its 16 bits. */
        const uint32_t p = upper[2 * x], q = upper[2 * x + 1];
        const uint32_t s = lower[2 * x], t = lower[2 * x + 1];
        const uint32_t rb = (p & 0xff00ff) + (q & 0xff00ff) + (s & 0xff00ff) + (t & 0xff00ff);
        const int g = (int)((p >> 8 & 255) + (q >> 8 & 255) + (s >> 8 & 255) + (t >> 8 & 255));
        const int r = (int)(rb & 1023), b = (int)(rb >> 16 & 1023);
        cb[x] = (uint8_t)((br * r + bg * g + bb * b + offset) >> 17);
        cr[x] = (uint8_t)((rr * r + rg * g + wb * b + offset) >> 17);
    }
}

/* Convert an even number of rows and columns; the planes Y, Cb and Cr follow each other. */
static void
convert_rect(const Matrix *matrix, const uint8_t *rgba, npy_intp stride, int width, int height,
             uint8_t *output)
{
    const size_t chroma_width = (size_t)width / 2;
    uint8_t *cb = output + (size_t)width * height;
    uint8_t *cr = cb + chroma_width * height / 2;
    for (int y = 0; y < height; y += 2, cb += chroma_width, cr += chroma_width) {
        const uint32_t *upper = (const uint32_t *)(rgba + y * stride);
        const uint32_t *lower = (const uint32_t *)(rgba + (y + 1) * stride);
        convert_luma_row(matrix, upper, output + (size_t)y * width, width);
        convert_luma_row(matrix, lower, output + (size_t)(y + 1) * width, width);
        convert_chroma_row(matrix, upper, lower, cb, cr, width / 2);
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
    const Matrix *matrix = PyArray_DIM(pixels, 0) >= MIN_HD_HEIGHT ? &bt709 : &bt601;
    Py_BEGIN_ALLOW_THREADS;
    convert_rect(matrix, rgba, stride, width, height, PyArray_DATA(output));
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}
