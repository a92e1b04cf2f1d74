#: First the values, link by link.
x = 2.0
u = 3 * x + 1
y = u**2

#: Each link has its slope.
du_dx = 3.0
dy_du = 2 * u

#: The chain rule multiplies them. That gives {dy_dx}.
dy_dx = dy_du * du_dx
print(dy_du, "*", du_dx, "=", dy_dx)
