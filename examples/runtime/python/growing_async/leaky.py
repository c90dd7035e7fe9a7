"""An async handler that remembers every visitor."""

import asyncio

VISITORS = set()


async def serve(visitor: str):
    await asyncio.sleep(0)
    VISITORS.add(visitor)
    return len(VISITORS)
