def hooks(x, y):
    def tenfold(gradient):
        return 10 * gradient

    def clamp(gradient):
        return gradient.clamp(max=5)

    h = 3 * x
    h.register_hook(tenfold)
    x.register_hook(clamp)
    z = h**2 + x * y
    return z
