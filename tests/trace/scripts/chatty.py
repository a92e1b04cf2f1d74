total = 0
for i in range(500):
    total += i
    print("line", i, "total", total)
