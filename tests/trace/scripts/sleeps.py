import time
from time import sleep

print("a")
time.sleep(30)
sleep(20)
print("b")
