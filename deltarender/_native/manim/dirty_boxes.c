/* Rectangles around the marked tiles of a grid: disjoint, few, and covering every mark. */

#include "native.h"

#define MOST_PARTS 48 /* boxes that are joined pair by pair; more are found on a coarser grid */

static bool
overlap(Rect a, Rect b)
{
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

static Rect
joined(Rect a, Rect b)
{
    return (Rect){a.left < b.left ? a.left : b.left, a.top < b.top ? a.top : b.top,
                  a.right > b.right ? a.right : b.right, a.bottom > b.bottom ? a.bottom : b.bottom};
}

static double
area(Rect r)
{
    return (double)(r.right - r.left) * (r.bottom - r.top);
}

/* Add a box to disjoint ones; those it meets are joined with it, however far that goes. */
static int
add(Rect *parts, int count, Rect box)
{
    for (int i = 0; i < count; i++)
        if (overlap(parts[i], box)) {
            box = joined(parts[i], box);
            parts[i] = parts[--count];
            i = -1;
        }
    parts[count] = box;
    return count + 1;
}

/* The box of all tiles that hang together with one, at corners too; they are unmarked. `stack` has
   room for every tile. */
static Rect
part_at(Grid grid, int *stack, int first)
{
    Rect box = {grid.columns, grid.rows, 0, 0};
    int waiting = 1;
    stack[0] = first, grid.tiles[first] = 0;
    while (waiting) {
        int place = stack[--waiting], row = place / grid.columns, column = place % grid.columns;
        box = joined(box, (Rect){column, row, column + 1, row + 1});
        for (int y = row > 0 ? row - 1 : 0; y <= row + 1 && y < grid.rows; y++)
            for (int x = column > 0 ? column - 1 : 0; x <= column + 1 && x < grid.columns; x++) {
                int near = y * grid.columns + x;
                if (grid.tiles[near])
                    grid.tiles[near] = 0, stack[waiting++] = near;
            }
    }
    return box;
}

/* The disjoint boxes of the parts that hang together; -1 if there are too many of them. */
static int
parts_of(Grid grid, int *stack, Rect *parts)
{
    int count = 0;
    for (int i = 0; i < grid.rows * grid.columns; i++)
        if (grid.tiles[i]) {
            if (count == MOST_PARTS)
                return -1;
            count = add(parts, count, part_at(grid, stack, i));
        }
    return count;
}

/* Join the two boxes whose common box adds the least area. */
static int
join_cheapest(Rect *parts, int count)
{
    double least = INFINITY;
    int one = 0, other = 1;
    for (int i = 0; i < count; i++)
        for (int j = i + 1; j < count; j++) {
            double more = area(joined(parts[i], parts[j])) - area(parts[i]) - area(parts[j]);
            if (more < least)
                least = more, one = i, other = j;
        }
    Rect both = joined(parts[one], parts[other]);
    parts[other] = parts[--count];
    parts[one] = parts[count - 1], count--;
    return add(parts, count, both);
}

static void
coarsen(Grid from, Grid to, int factor)
{
    memset(to.tiles, 0, (size_t)to.rows * to.columns);
    for (int row = 0; row < from.rows; row++)
        for (int column = 0; column < from.columns; column++)
            if (from.tiles[row * from.columns + column])
                to.tiles[row / factor * to.columns + column / factor] = 1;
}

/* A box without the rows and columns at its edges that have no mark. */
static Rect
tightened(Grid grid, Rect box)
{
    Rect tight = {box.right, box.bottom, box.left, box.top};
    for (int row = box.top; row < box.bottom && row < grid.rows; row++)
        for (int column = box.left; column < box.right && column < grid.columns; column++)
            if (grid.tiles[row * grid.columns + column])
                tight = joined(tight, (Rect){column, row, column + 1, row + 1});
    return tight;
}

static int
found(Grid grid, unsigned char *scratch, int *stack, int most, Rect *parts)
{
    int count = -1, factor = 1;
    for (; count < 0; factor *= 2) {
        Grid coarse = {scratch, (grid.rows + factor - 1) / factor,
                       (grid.columns + factor - 1) / factor};
        coarsen(grid, coarse, factor);
        count = parts_of(coarse, stack, parts);
    }
    factor /= 2;
    while (count > most)
        count = join_cheapest(parts, count);
    for (int i = 0; i < count; i++) {
        Rect p = parts[i];
        parts[i] = tightened(grid, (Rect){p.left * factor, p.top * factor, p.right * factor,
                                          p.bottom * factor});
    }
    return count;
}

/* An array of marks as a grid; false, with an exception, if it is of another kind. */
bool
as_grid(PyArrayObject *marks, Grid *grid)
{
    if (PyArray_NDIM(marks) != 2 || PyArray_TYPE(marks) != NPY_BOOL ||
        !PyArray_IS_C_CONTIGUOUS(marks)) {
        PyErr_SetString(PyExc_ValueError, "the marks are to be rows and columns of booleans");
        return false;
    }
    *grid = (Grid){PyArray_DATA(marks), (int)PyArray_DIM(marks, 0), (int)PyArray_DIM(marks, 1)};
    return true;
}

PyObject *
boxes(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyArrayObject *marks;
    int tile, width, height, most;
    Grid grid;
    if (!PyArg_ParseTuple(args, "O!iiii:boxes", &PyArray_Type, &marks, &tile, &width, &height,
                          &most) ||
        !as_grid(marks, &grid))
        return NULL;
    if (most < 1) {
        PyErr_SetString(PyExc_ValueError, "at least one rectangle must be allowed");
        return NULL;
    }
    size_t tiles = (size_t)grid.rows * grid.columns;
    unsigned char *scratch = PyMem_Malloc(tiles + 1);
    int *stack = PyMem_Malloc((tiles + 1) * sizeof *stack);
    PyObject *result = scratch == NULL || stack == NULL ? PyErr_NoMemory() : PyList_New(0);
    Rect parts[MOST_PARTS + 1];
    int count = result == NULL ? 0 : found(grid, scratch, stack, most, parts);
    for (int i = 0; result != NULL && i < count; i++) {
        int right = parts[i].right * tile, bottom = parts[i].bottom * tile;
        PyObject *rect = Py_BuildValue("(iiii)", parts[i].left * tile, parts[i].top * tile,
                                       right < width ? right : width,
                                       bottom < height ? bottom : height);
        if (rect == NULL || PyList_Append(result, rect) < 0)
            Py_CLEAR(result);
        Py_XDECREF(rect);
    }
    PyMem_Free(scratch);
    PyMem_Free(stack);
    return result;
}
