/* The Python type H264Encoder; ../../_native.pyi documents its methods. */

#include "h264.h"

/* Header bytes of NAL units: nal_ref_idc and nal_unit_type (7.3.1, table 7-1). */
enum { NAL_SLICE = 0x41, NAL_IDR_SLICE = 0x65, NAL_SPS = 0x67, NAL_PPS = 0x68 };

typedef struct {
    PyObject_HEAD
    Encoder encoder; /* all zero until __init__ succeeds */
    bool busy;       /* a method runs, perhaps without the GIL */
} EncoderObject;

static bool
is_initialized(const EncoderObject *self)
{
    return self->encoder.macroblocks != NULL;
}

/* Parse the arguments of __init__; false with an exception set. */
static bool
parse_settings(PyObject *args, Encoder *encoder)
{
    long long rate, scale; /* the format for unsigned integers does not check for overflow */
    if (!PyArg_ParseTuple(args, "iiLL(iii):H264Encoder", &encoder->width, &encoder->height, &rate,
                          &scale, &encoder->qp, &encoder->idr_qp, &encoder->moving_qp))
        return false;
    const bool fits = rate >= 1 && rate <= INT32_MAX && scale >= 1 && scale <= INT32_MAX;
    encoder->rate = fits ? (unsigned)rate : 0, encoder->scale = fits ? (unsigned)scale : 0;
    if (valid_settings(encoder))
        return true;
    PyErr_SetString(PyExc_ValueError,
                    "width and height must be even and 2 to 16384, rate and scale 1 to 2147483647, "
                    "quantizers 12 to 35");
    return false;
}

static int
encoder_init(EncoderObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    Encoder encoder = {0};
    if (is_initialized(self)) {
        PyErr_SetString(PyExc_RuntimeError, "an encoder cannot be initialized twice");
        return -1;
    }
    if (!parse_settings(args, &encoder))
        return -1;
    if (!allocate_encoder(&encoder)) {
        free_encoder(&encoder);
        PyErr_NoMemory();
        return -1;
    }
    self->encoder = encoder;
    return 0;
}

static void
encoder_dealloc(EncoderObject *self)
{
    free_encoder(&self->encoder);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *
encoder_update_rect(EncoderObject *self, PyObject *args)
{
    Rect r;
    PyArrayObject *samples;
    if (!PyArg_ParseTuple(args, "(iiii)O!:update_rect", &r.left, &r.top, &r.right, &r.bottom,
                          &PyArray_Type, &samples))
        return NULL;
    const bool within = r.left >= 0 && r.top >= 0 && r.left < r.right && r.top < r.bottom &&
                        r.right <= self->encoder.width && r.bottom <= self->encoder.height;
    const npy_intp area = within ? (npy_intp)(r.right - r.left) * (r.bottom - r.top) : 0;
    const bool enough = PyArray_TYPE(samples) == NPY_UINT8 && PyArray_IS_C_CONTIGUOUS(samples) &&
                        PyArray_SIZE(samples) >= area * 3 / 2;
    if (!within || !enough || (r.left | r.top | r.right | r.bottom) & 1) {
        PyErr_SetString(PyExc_ValueError, "the rectangle must have even edges within the picture, "
                                          "and the array must hold all its samples");
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS;
    update_source(&self->encoder, r, PyArray_DATA(samples));
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

/* The bits written so far as a NAL unit, a bytes object. */
static PyObject *
nal_unit_bytes(const BitWriter *bits, int header)
{
    uint8_t *unit = NULL;
    if (!bits->out_of_memory)
        unit = PyMem_RawMalloc(bits->size + bits->size / 2 + 8);
    if (unit == NULL)
        return PyErr_NoMemory();
    const size_t size = write_nal_unit(bits, header, unit);
    PyObject *result = PyBytes_FromStringAndSize((char *)unit, (Py_ssize_t)size);
    PyMem_RawFree(unit);
    return result;
}

static PyObject *
encoder_encode(EncoderObject *self, PyObject *args)
{
    Encoder *encoder = &self->encoder;
    int idr, first;
    if (!PyArg_ParseTuple(args, "pp:encode", &idr, &first))
        return NULL;
    if (idr) {
        /* Two IDR pictures in a row must differ in idr_pic_id (7.4.3). Streams may be joined before
           a first picture, so that 0 is kept for these, and 1 for pictures of x264. */
        encoder->idr_pic_id = first ? 0 : encoder->idr_pic_id == 2 ? 3 : 2;
        encoder->frame_num = 0;
    }
    Py_BEGIN_ALLOW_THREADS;
    encode_picture(encoder, idr);
    Py_END_ALLOW_THREADS;
    return nal_unit_bytes(&encoder->bits, idr ? NAL_IDR_SLICE : NAL_SLICE);
}

static PyObject *
encoder_parameter_sets(EncoderObject *self, PyObject *Py_UNUSED(ignored))
{
    BitWriter bits = {0};
    write_sps(&bits, &self->encoder);
    PyObject *result = nal_unit_bytes(&bits, NAL_SPS);
    for (int id = CABAC_PPS; id <= CAVLC_PPS && result; id++) {
        reset_bits(&bits);
        write_pps(&bits, &self->encoder, id);
        PyObject *pps = nal_unit_bytes(&bits, NAL_PPS);
        if (pps == NULL)
            Py_CLEAR(result);
        else
            PyBytes_ConcatAndDel(&result, pps);
    }
    PyMem_RawFree(bits.bytes);
    return result;
}

static PyObject *
encoder_reference(EncoderObject *self, PyObject *Py_UNUSED(ignored))
{
    const Encoder *encoder = &self->encoder;
    const npy_intp size[1] = {(npy_intp)encoder->width * encoder->height * 3 / 2};
    PyObject *result = PyArray_SimpleNew(1, size, NPY_UINT8);
    uint8_t *to = result == NULL ? NULL : PyArray_DATA((PyArrayObject *)result);
    for (int k = 0; k < 3 && to != NULL; k++) {
        const Plane plane = encoder->reference[k];
        const int subsampling = k ? 2 : 1;
        const int width = encoder->width / subsampling, height = encoder->height / subsampling;
        for (int y = 0; y < height; y++, to += width)
            memcpy(to, plane.samples + (size_t)y * plane.width, (size_t)width);
    }
    return result;
}

/* -- Guarded methods ----------------------------------------------------------------------- */

/* Call a method if the encoder is initialized and no other thread uses it. A flag is enough, since
   it is read and written with the GIL held. */
static PyObject *
call_exclusively(EncoderObject *self, PyObject *args,
                 PyObject *(*method)(EncoderObject *, PyObject *))
{
    if (!is_initialized(self) || self->busy) {
        PyErr_SetString(PyExc_RuntimeError,
                        self->busy ? "the encoder is in use by another thread; each thread needs "
                                     "its own encoder, or a lock"
                                   : "the encoder is not initialized: H264Encoder.__init__ failed "
                                     "or was not called");
        return NULL;
    }
    self->busy = true;
    PyObject *result = method(self, args);
    self->busy = false;
    return result;
}

static PyObject *
guarded_update_rect(EncoderObject *self, PyObject *args)
{
    return call_exclusively(self, args, encoder_update_rect);
}

static PyObject *
guarded_encode(EncoderObject *self, PyObject *args)
{
    return call_exclusively(self, args, encoder_encode);
}

static PyObject *
guarded_parameter_sets(EncoderObject *self, PyObject *args)
{
    return call_exclusively(self, args, encoder_parameter_sets);
}

static PyObject *
guarded_reference(EncoderObject *self, PyObject *args)
{
    return call_exclusively(self, args, encoder_reference);
}

static PyMethodDef encoder_methods[] = {
    {"update_rect", (PyCFunction)guarded_update_rect, METH_VARARGS, NULL},
    {"encode", (PyCFunction)guarded_encode, METH_VARARGS, NULL},
    {"parameter_sets", (PyCFunction)guarded_parameter_sets, METH_NOARGS, NULL},
    {"reference", (PyCFunction)guarded_reference, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject encoder_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "deltarender._native.H264Encoder",
    .tp_basicsize = sizeof(EncoderObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)encoder_init,
    .tp_dealloc = (destructor)encoder_dealloc,
    .tp_methods = encoder_methods,
};

bool
add_encoder_type(PyObject *module)
{
    init_intra_tables();
    init_transform_tables();
    return PyType_Ready(&encoder_type) == 0 &&
           PyModule_AddObjectRef(module, "H264Encoder", (PyObject *)&encoder_type) == 0;
}
