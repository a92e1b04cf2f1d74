#: The inner function gives {u}. Its square is {y}.
x = 2.0
u = 3 * x + 1
y = u**2

#: The inner slope is {du_dx}. The outer one is {dy_du}.
du_dx = 3.0
dy_du = 2 * u

#: The chain rule multiplies them: {dy_dx}.
dy_dx = dy_du * du_dx

print(f"u = {u}, y = {y}")
print(f"{dy_du} * {du_dx} = {dy_dx}")
