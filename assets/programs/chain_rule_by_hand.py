#: y = (3x + 1)² is one function inside another. First by hand, with plain numbers.
x = 2.0

#: The inner function gives {u}, the outer one {y}.
u = 3 * x + 1
y = u**2

#: Each link has a slope of its own: u moves {du_dx} times as fast as x ...
du_dx = 3.0
#: ... and y moves 2u = {dy_du} times as fast as u.
dy_du = 2 * u

#: The slope of the whole is their product: {dy_dx}.
dy_dx = dy_du * du_dx

print(f"u = {u}, y = {y}")
print(f"dy/dx = {dy_du} * {du_dx} = {dy_dx}")
