def squares(weights, bias, rows):
    outputs = rows @ weights + bias
    return (outputs**2).mean()
