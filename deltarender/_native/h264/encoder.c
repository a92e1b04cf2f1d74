/* The coder as a type of Python. */

#include "h264.h"

enum { MOST_SIDE = 16384 }; /* pixels */
enum { REST = 20 };         /* a twentieth of a second without a change is rest */
enum { KEY_UNIT = 0x65, UNIT = 0x41, SEQUENCE = 0x67, PICTURE_SET = 0x68 }; /* heads of NAL units */

typedef struct {
    PyObject_HEAD
    Coder coder;
    unsigned rate, scale;
} PyCoder;

static bool
make_planes(Coder *coder, Plane *planes)
{
    for (int k = 0; k < 3; k++) {
        const int size = k ? 8 : 16;
        planes[k].width = coder->columns * size, planes[k].height = coder->rows * size;
        planes[k].at = PyMem_RawCalloc((size_t)planes[k].width, (size_t)planes[k].height);
        if (planes[k].at == NULL)
            return false;
    }
    return true;
}

/* Chroma has the quantizer of luma up to 29; below 12 coefficients may be too large to be coded. */
static bool
usable(int quantizer)
{
    return quantizer >= 12 && quantizer <= 29;
}

static int
coder_init(PyCoder *self, PyObject *args, PyObject *Py_UNUSED(named))
{
    Coder *coder = &self->coder;
    if (coder->blocks != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "a coder is made once");
        return -1;
    }
    if (!PyArg_ParseTuple(args, "iiII(iii):Coder", &coder->width, &coder->height, &self->rate,
                          &self->scale, &coder->quantizer, &coder->key_quantizer,
                          &coder->moving_quantizer))
        return -1;
    const bool fits = coder->width >= 2 && coder->height >= 2 && coder->width <= MOST_SIDE &&
                      coder->height <= MOST_SIDE && !((coder->width | coder->height) & 1);
    if (!fits || !self->rate || !self->scale || !usable(coder->quantizer) ||
        !usable(coder->key_quantizer) || !usable(coder->moving_quantizer)) {
        PyErr_SetString(PyExc_ValueError, "width and height are to be even, 2 to 16384, the rate "
                                          "positive, quantizers 12 to 29");
        return -1;
    }
    coder->columns = (coder->width + 15) / 16, coder->rows = (coder->height + 15) / 16;
    const size_t count = (size_t)coder->columns * coder->rows;
    coder->changed = PyMem_RawCalloc(count, sizeof *coder->changed);
    coder->blocks = PyMem_RawCalloc(count, sizeof *coder->blocks);
    coder->paces = PyMem_RawCalloc(count, sizeof *coder->paces);
    coder->patience = 1 + (int)(self->rate / self->scale / REST);
    if (coder->changed == NULL || coder->blocks == NULL || coder->paces == NULL ||
        !make_planes(coder, coder->source) || !make_planes(coder, coder->shown) ||
        !make_planes(coder, coder->wanted)) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static void
coder_dealloc(PyCoder *self)
{
    Coder *coder = &self->coder;
    for (int k = 0; k < 3; k++) {
        PyMem_RawFree(coder->source[k].at);
        PyMem_RawFree(coder->shown[k].at);
        PyMem_RawFree(coder->wanted[k].at);
    }
    PyMem_RawFree(coder->changed);
    PyMem_RawFree(coder->blocks);
    PyMem_RawFree(coder->paces);
    PyMem_RawFree(coder->bits.bytes);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *
coder_put(PyCoder *self, PyObject *args)
{
    Rect r;
    PyArrayObject *samples;
    if (!PyArg_ParseTuple(args, "(iiii)O!:put", &r.left, &r.top, &r.right, &r.bottom,
                          &PyArray_Type, &samples))
        return NULL;
    const bool within = r.left >= 0 && r.top >= 0 && r.left < r.right && r.top < r.bottom &&
                        r.right <= self->coder.width && r.bottom <= self->coder.height;
    const npy_intp area = within ? (npy_intp)(r.right - r.left) * (r.bottom - r.top) : 0;
    const bool enough = PyArray_TYPE(samples) == NPY_UINT8 && PyArray_IS_C_CONTIGUOUS(samples) &&
                        PyArray_SIZE(samples) >= area * 3 / 2;
    if (!within || !enough || (r.left | r.top | r.right | r.bottom) & 1) {
        PyErr_SetString(PyExc_ValueError, "not a rectangle with even edges within the picture, "
                                          "or too few samples for it");
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS;
    take_samples(&self->coder, r, PyArray_DATA(samples));
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

/* What has been written as a NAL unit, in bytes. */
static PyObject *
unit(const Bits *bits, int head)
{
    if (bits->count < 0)
        return PyErr_NoMemory();
    uint8_t *made = PyMem_RawMalloc(bits->size + bits->size / 2 + 8);
    if (made == NULL)
        return PyErr_NoMemory();
    const size_t size = as_unit(bits, head, made);
    PyObject *result = PyBytes_FromStringAndSize((char *)made, (Py_ssize_t)size);
    PyMem_RawFree(made);
    return result;
}

static PyObject *
coder_code(PyCoder *self, PyObject *args)
{
    int key, first;
    if (!PyArg_ParseTuple(args, "pp:code", &key, &first))
        return NULL;
    if (key) {
        /* Two keys in a row must differ: a first one, with which another coder may begin, is 0. */
        self->coder.keys = first ? 0 : self->coder.keys == 1 ? 2 : 1;
        self->coder.number = 0;
    }
    Py_BEGIN_ALLOW_THREADS;
    code_picture(&self->coder, key);
    Py_END_ALLOW_THREADS;
    return unit(&self->coder.bits, key ? KEY_UNIT : UNIT);
}

/* The least level whose limits (table A-1) the picture and its rate keep to. */
static int
level_of(const Coder *coder, double rate)
{
    static const struct {
        int level, blocks, a_second;
    } levels[] = {
        {30, 1620, 40500},   {31, 3600, 108000},   {32, 5120, 216000},    {40, 8192, 245760},
        {42, 8704, 522240},  {50, 22080, 589824},  {51, 36864, 983040},   {52, 36864, 2073600},
        {60, 139264, 4177920}, {61, 139264, 8355840},
    };
    const int blocks = coder->columns * coder->rows;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (blocks <= levels[i].blocks && blocks * rate <= levels[i].a_second)
            return levels[i].level;
    return 62;
}

static PyObject *
coder_sets(PyCoder *self, PyObject *Py_UNUSED(ignored))
{
    Bits bits = {0};
    const int level = level_of(&self->coder, (double)self->rate / self->scale);
    put_sequence(&bits, &self->coder, self->rate, self->scale, level);
    PyObject *sequence = unit(&bits, SEQUENCE);
    bits.size = 0, bits.count = 0;
    put_picture_set(&bits, &self->coder);
    PyObject *picture = sequence ? unit(&bits, PICTURE_SET) : NULL;
    PyMem_RawFree(bits.bytes);
    if (picture == NULL)
        Py_CLEAR(sequence);
    else
        PyBytes_ConcatAndDel(&sequence, picture);
    return sequence;
}

static PyObject *
coder_shown(PyCoder *self, PyObject *Py_UNUSED(ignored))
{
    const Coder *coder = &self->coder;
    const npy_intp size[1] = {(npy_intp)coder->width * coder->height * 3 / 2};
    PyObject *result = PyArray_SimpleNew(1, size, NPY_UINT8);
    uint8_t *to = result == NULL ? NULL : PyArray_DATA((PyArrayObject *)result);
    for (int k = 0; k < 3 && to != NULL; k++) {
        const int fine = k ? 2 : 1, width = coder->width / fine, height = coder->height / fine;
        for (int y = 0; y < height; y++, to += width)
            memcpy(to, coder->shown[k].at + (size_t)y * coder->shown[k].width, (size_t)width);
    }
    return result;
}

static PyMethodDef coder_methods[] = {
    {"shown", (PyCFunction)coder_shown, METH_NOARGS, NULL},
    {"put", (PyCFunction)coder_put, METH_VARARGS, NULL},
    {"code", (PyCFunction)coder_code, METH_VARARGS, NULL},
    {"sets", (PyCFunction)coder_sets, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject coder_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "deltarender._native.Coder",
    .tp_basicsize = sizeof(PyCoder),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)coder_init,
    .tp_dealloc = (destructor)coder_dealloc,
    .tp_methods = coder_methods,
};

bool
begin_coder(PyObject *module)
{
    begin_intra();
    begin_transform();
    return PyType_Ready(&coder_type) == 0 &&
           PyModule_AddObjectRef(module, "Coder", (PyObject *)&coder_type) == 0;
}
