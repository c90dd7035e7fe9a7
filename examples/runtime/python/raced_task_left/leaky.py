"""Each line that a client sends leaves a task that waits for the end of the server."""

import asyncio

CLOSING = asyncio.Event()


async def relay(lines: asyncio.Queue):
    count = 0
    while not CLOSING.is_set():
        done, _ = await asyncio.wait(
            {asyncio.ensure_future(CLOSING.wait()), asyncio.ensure_future(lines.get())},
            return_when=asyncio.FIRST_COMPLETED,
        )
        if None in [task.result() for task in done]:
            break
        count += 1
    return count


async def serve(text: str):
    lines = asyncio.Queue()
    for line in (text, None):
        lines.put_nowait(line)
    return await relay(lines)
