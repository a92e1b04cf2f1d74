def newton(x):
    guess = x
    for _ in range(5):
        guess = (guess + x / guess) / 2
    return guess
