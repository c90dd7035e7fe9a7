"""An async handler that knows who is there just now."""

import asyncio

VISITORS = set()


async def serve(visitor: str):
    VISITORS.add(visitor)
    try:
        await asyncio.sleep(0)
        return len(VISITORS)
    finally:
        VISITORS.discard(visitor)
