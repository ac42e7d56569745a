import time
from pathlib import Path
async def test_t(greenroom):
    t=time.perf_counter()
    c=greenroom.candidate("Ana")
    await c.says("/start"); await c.hears("Welcome")
    print("first", time.perf_counter()-t)
    for i in range(3):
        t=time.perf_counter()
        await c.says("/help"); await c.hears("What I can do")
        print("help", time.perf_counter()-t)
    t=time.perf_counter()
    a=await greenroom.linked("Bo", background=False)
    print("link", time.perf_counter()-t); t=time.perf_counter()
    from tests.loopback.greenroom import gives_background
    await gives_background(a)
    print("bg", time.perf_counter()-t); t=time.perf_counter()
    for i in range(20):
        await a.says("/help"); await a.hears("What I can do")
    print("20 help", time.perf_counter()-t)
    t=time.perf_counter()
    await greenroom.restarts()
    await a.says("/help"); await a.hears("What I can do")
    print("restart", time.perf_counter()-t)
