/* Attribute names as interned strings, which makes each look-up a comparison of pointers. */

#include "manim.h"

bool
intern_names(const AttributeName *names)
{
    for (; names->text != NULL; names++)
        if ((*names->variable = PyUnicode_InternFromString(names->text)) == NULL)
            return false;
    return true;
}
