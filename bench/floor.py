"""The floor: the leanest websocket server that answers a stream with audio from memory. ``python -m bench.floor``"""

import asyncio
import base64

from websockets.asyncio.server import ServerConnection, serve

PAYLOAD = base64.b64encode(b"\x7f" * 800).decode()
MEDIA = f'{{"event":"media","streamSid":"MZ1","media":{{"payload":"{PAYLOAD}"}}}}'
CLEAR = '{"event":"clear","streamSid":"MZ1"}'


async def answer(socket: ServerConnection) -> None:
    """One message of audio on ``start``; on a key ``clear`` and another."""
    async for message in socket:
        if '"start"' in message:
            await socket.send(MEDIA)
        elif '"dtmf"' in message:
            await socket.send(CLEAR)
            await socket.send(MEDIA)


async def main() -> None:
    async with serve(answer, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print(f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/twilio", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
