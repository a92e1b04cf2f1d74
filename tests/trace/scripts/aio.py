import asyncio


async def add(a, b):
    await asyncio.sleep(0)
    return a + b


async def main():
    one = await add(1, 2)
    two = await asyncio.gather(add(1, one), add(2, one))
    return two


print(asyncio.run(main()))
