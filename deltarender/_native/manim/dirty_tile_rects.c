/* Rectangles around the marked tiles of a grid: few, disjoint, and covering every mark. */

#include "manim.h"

/* Rectangles that are merged pair by pair. If there are more, a coarser grid is taken. */
enum { MAX_COMPONENTS = 48 };
enum { MAX_PIXELS = 1 << 24 }; /* a side of a picture */

static bool
overlap(Rect a, Rect b)
{
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/* The smallest rectangle that contains two others. */
static Rect
rect_union(Rect a, Rect b)
{
    return (Rect){a.left < b.left ? a.left : b.left, a.top < b.top ? a.top : b.top,
                  a.right > b.right ? a.right : b.right, a.bottom > b.bottom ? a.bottom : b.bottom};
}

static double
area(Rect r)
{
    return (double)(r.right - r.left) * (r.bottom - r.top);
}

/* Add a rectangle to disjoint ones; it is merged with those it overlaps, again and again, as the
   union may overlap others. Returns the new count. */
static int
add_disjoint(Rect *rects, int count, Rect rect)
{
    for (int i = 0; i < count; i++)
        if (overlap(rects[i], rect)) {
            rect = rect_union(rects[i], rect);
            rects[i] = rects[--count];
            i = -1;
        }
    rects[count] = rect;
    return count + 1;
}

/* Flood fill: the bounding box of the marked tiles connected with one, by sides or corners; their
   marks are removed. `stack` has room for every tile. */
static Rect
take_component(TileGrid grid, int *stack, int first)
{
    Rect box = {grid.columns, grid.rows, 0, 0};
    int size = 1;
    stack[0] = first, grid.marks[first] = 0;
    while (size) {
        const int tile = stack[--size], row = tile / grid.columns, column = tile % grid.columns;
        box = rect_union(box, (Rect){column, row, column + 1, row + 1});
        for (int y = row > 0 ? row - 1 : 0; y <= row + 1 && y < grid.rows; y++)
            for (int x = column > 0 ? column - 1 : 0; x <= column + 1 && x < grid.columns; x++) {
                const int neighbor = y * grid.columns + x;
                if (grid.marks[neighbor])
                    grid.marks[neighbor] = 0, stack[size++] = neighbor;
            }
    }
    return box;
}

/* The disjoint bounding boxes of all components; -1 if there are too many of them. */
static int
find_components(TileGrid grid, int *stack, Rect *rects)
{
    int count = 0;
    for (int i = 0; i < grid.rows * grid.columns; i++)
        if (grid.marks[i]) {
            if (count == MAX_COMPONENTS)
                return -1;
            count = add_disjoint(rects, count, take_component(grid, stack, i));
        }
    return count;
}

/* Merge the two rectangles whose union adds the least area. Returns the new count. */
static int
merge_cheapest(Rect *rects, int count)
{
    double least = INFINITY;
    int first = 0, second = 1;
    for (int i = 0; i < count; i++)
        for (int j = i + 1; j < count; j++) {
            const Rect both = rect_union(rects[i], rects[j]);
            const double added = area(both) - area(rects[i]) - area(rects[j]);
            if (added < least)
                least = added, first = i, second = j;
        }
    const Rect both = rect_union(rects[first], rects[second]);
    rects[second] = rects[--count];
    rects[first] = rects[count - 1], count--;
    return add_disjoint(rects, count, both);
}

/* Mark the coarse tiles that contain a marked tile. */
static void
coarsen(TileGrid from, TileGrid to, int factor)
{
    memset(to.marks, 0, (size_t)to.rows * to.columns);
    for (int row = 0; row < from.rows; row++)
        for (int column = 0; column < from.columns; column++)
            if (from.marks[row * from.columns + column])
                to.marks[row / factor * to.columns + column / factor] = 1;
}

/* A rectangle without the rows and columns at its sides that have no mark. */
static Rect
shrink_to_marks(TileGrid grid, Rect rect)
{
    Rect tight = {rect.right, rect.bottom, rect.left, rect.top};
    for (int row = rect.top; row < rect.bottom && row < grid.rows; row++)
        for (int column = rect.left; column < rect.right && column < grid.columns; column++)
            if (grid.marks[row * grid.columns + column])
                tight = rect_union(tight, (Rect){column, row, column + 1, row + 1});
    return tight;
}

/* Find at most `max_count` rectangles, in tiles. `scratch` and `stack` have room for every tile. */
static int
find_rects(TileGrid grid, unsigned char *scratch, int *stack, int max_count, Rect *rects)
{
    int count = -1, factor = 1;
    for (; count < 0; factor *= 2) {
        const TileGrid coarse = {scratch, (grid.rows + factor - 1) / factor,
                                 (grid.columns + factor - 1) / factor};
        coarsen(grid, coarse, factor);
        count = find_components(coarse, stack, rects);
    }
    factor /= 2;
    while (count > max_count)
        count = merge_cheapest(rects, count);
    for (int i = 0; i < count; i++) {
        const Rect r = rects[i];
        rects[i] = shrink_to_marks(grid, (Rect){r.left * factor, r.top * factor,
                                                r.right * factor, r.bottom * factor});
    }
    return count;
}

/* -- The Python function ------------------------------------------------------------------- */

/* View an array of booleans as a grid of tiles. False with a ValueError set if it is not a
   contiguous table, or if pixels of such a grid cannot be numbered by an int. */
bool
tile_grid_from_array(PyArrayObject *array, int tile_size, TileGrid *grid)
{
    if (PyArray_NDIM(array) != 2 || PyArray_TYPE(array) != NPY_BOOL ||
        !PyArray_IS_C_CONTIGUOUS(array)) {
        PyErr_SetString(PyExc_ValueError,
                        "marks must be a contiguous array (rows, columns) of bool");
        return false;
    }
    const npy_intp rows = PyArray_DIM(array, 0), columns = PyArray_DIM(array, 1);
    if (tile_size < 1 || rows > MAX_PIXELS / tile_size || columns > MAX_PIXELS / tile_size ||
        rows * columns > INT_MAX) {
        PyErr_SetString(PyExc_ValueError, "tiles must have at least 1 pixel a side, and a picture "
                                          "at most 16777216 pixels a side");
        return false;
    }
    *grid = (TileGrid){PyArray_DATA(array), (int)rows, (int)columns};
    return true;
}

/* A list of tuples in pixels; a tile has `tile_size` pixels a side. */
static PyObject *
rects_to_list(const Rect *rects, int count, int tile_size, int width, int height)
{
    PyObject *list = PyList_New(count);
    for (int i = 0; list != NULL && i < count; i++) {
        const int right = rects[i].right * tile_size, bottom = rects[i].bottom * tile_size;
        PyObject *rect = Py_BuildValue("(iiii)", rects[i].left * tile_size,
                                       rects[i].top * tile_size, right < width ? right : width,
                                       bottom < height ? bottom : height);
        if (rect == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, rect);
    }
    return list;
}

PyObject *
bounding_rects(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyArrayObject *marks;
    int tile_size, width, height, max_count;
    TileGrid grid;
    if (!PyArg_ParseTuple(args, "O!iiii:bounding_rects", &PyArray_Type, &marks, &tile_size, &width,
                          &height, &max_count) ||
        !tile_grid_from_array(marks, tile_size, &grid))
        return NULL;
    if (max_count < 1) {
        PyErr_SetString(PyExc_ValueError, "the number of rectangles must be at least 1");
        return NULL;
    }
    const size_t tiles = (size_t)grid.rows * grid.columns;
    unsigned char *scratch = PyMem_Malloc(tiles + 1);
    int *stack = PyMem_Malloc((tiles + 1) * sizeof *stack);
    PyObject *result = NULL;
    if (scratch == NULL || stack == NULL)
        PyErr_NoMemory();
    else {
        Rect rects[MAX_COMPONENTS + 1];
        const int count = find_rects(grid, scratch, stack, max_count, rects);
        result = rects_to_list(rects, count, tile_size, width, height);
    }
    PyMem_Free(scratch);
    PyMem_Free(stack);
    return result;
}
