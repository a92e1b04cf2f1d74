"""Functions of one or two variables, from formulas or code, evaluated by autograd."""
