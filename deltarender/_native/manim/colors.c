/* Colours as an encoder wants them: RGBA to planar YUV 4:2:0, ITU-R BT.601, limited range, which is
   what Manim's own films have. A chroma sample is the mean of the four pixels it stands for. */

#include "native.h"

/* Weights in 2^-15 (2^-17 for sums of four): BT.601's 0.299, 0.587, 0.114 by 219/255, and those of
   blue and red difference by 224/255. */
#define LUMA(r, g, b) ((8414 * (r) + 16519 * (g) + 3208 * (b) + (16 << 15) + (1 << 14)) >> 15)
#define BLUE(r, g, b) ((-4857 * (r)-9535 * (g) + 14392 * (b) + (128 << 17) + (1 << 16)) >> 17)
#define RED(r, g, b) ((14392 * (r)-12052 * (g)-2340 * (b) + (128 << 17) + (1 << 16)) >> 17)

FOR_EVERY_PROCESSOR static void
luma_of(const uint32_t *restrict from, uint8_t *restrict to, int width)
{
    for (int x = 0; x < width; x++) {
        int r = from[x] & 255, g = from[x] >> 8 & 255, b = from[x] >> 16 & 255;
        to[x] = (uint8_t)LUMA(r, g, b);
    }
}

FOR_EVERY_PROCESSOR static void
chroma_of(const uint32_t *restrict one, const uint32_t *restrict two, uint8_t *restrict blue,
          uint8_t *restrict red, int pairs)
{
    for (int x = 0; x < pairs; x++) {
        /* Red and blue are summed in one number, ten bits each; green in another. */
        const uint32_t a = one[2 * x], b = one[2 * x + 1], c = two[2 * x], d = two[2 * x + 1];
        const uint32_t rb = (a & 0xff00ff) + (b & 0xff00ff) + (c & 0xff00ff) + (d & 0xff00ff);
        const int g = (int)((a >> 8 & 255) + (b >> 8 & 255) + (c >> 8 & 255) + (d >> 8 & 255));
        const int r = (int)(rb & 1023), bl = (int)(rb >> 16 & 1023);
        blue[x] = (uint8_t)BLUE(r, g, bl);
        red[x] = (uint8_t)RED(r, g, bl);
    }
}

/* `width` and `height` even; the planes lie one after the other. */
static void
convert(const uint8_t *from, npy_intp stride, int width, int height, uint8_t *to)
{
    uint8_t *blue = to + (size_t)width * height, *red = blue + (size_t)width * height / 4;
    for (int y = 0; y < height; y += 2) {
        const uint32_t *one = (const uint32_t *)(from + y * stride);
        const uint32_t *two = (const uint32_t *)(from + (y + 1) * stride);
        luma_of(one, to + (size_t)y * width, width);
        luma_of(two, to + (size_t)(y + 1) * width, width);
        chroma_of(one, two, blue + (size_t)y / 2 * width / 2, red + (size_t)y / 2 * width / 2,
                  width / 2);
    }
}

PyObject *
to_yuv(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyArrayObject *pixels, *into;
    Rect r;
    if (!PyArg_ParseTuple(args, "O!(iiii)O!:to_yuv", &PyArray_Type, &pixels, &r.left, &r.top,
                          &r.right, &r.bottom, &PyArray_Type, &into))
        return NULL;
    const int width = r.right - r.left, height = r.bottom - r.top;
    const bool fits = PyArray_NDIM(pixels) == 3 && PyArray_TYPE(pixels) == NPY_UINT8 &&
                      PyArray_DIM(pixels, 2) == 4 && PyArray_STRIDE(pixels, 2) == 1 &&
                      PyArray_STRIDE(pixels, 1) == 4 && PyArray_STRIDE(pixels, 0) % 4 == 0 &&
                      r.left >= 0 && r.top >= 0 && width >= 0 && height >= 0 &&
                      r.right <= PyArray_DIM(pixels, 1) && r.bottom <= PyArray_DIM(pixels, 0);
    if (!fits || (r.left | r.top | width | height) & 1 || !PyArray_IS_C_CONTIGUOUS(into) ||
        PyArray_NBYTES(into) < (npy_intp)width * height * 3 / 2) {
        PyErr_SetString(PyExc_ValueError, "not a rectangle with even edges within a picture of RGBA bytes");
        return NULL;
    }
    const npy_intp stride = PyArray_STRIDE(pixels, 0);
    const uint8_t *from = (const uint8_t *)PyArray_DATA(pixels) + r.top * stride + 4 * r.left;
    Py_BEGIN_ALLOW_THREADS;
    convert(from, stride, width, height, PyArray_DATA(into));
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}
