"""A way to a node on which answers are held up, cut off halfway, or come in drops."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

CHUNK = 65_536
DROP_SECONDS = 0.5  # between two drops of an answer


class Proxy:
    """Passes on what is sent to `127.0.0.1:port`; safe to be changed while it does."""

    def __init__(self, host: str, port: int) -> None:
        """`host` and `port` are where the node is."""
        self._node = host, port
        self.delay = 0.0  # seconds that every piece of an answer is held up
        self.cuts = False  # whether an answer ends after its first half
        self.drips = False  # whether an answer comes a byte at a time, after its headers
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self.open()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Take connections, if it does not."""
        if self.is_closed:
            self._wait(self._open())

    @property
    def is_closed(self) -> bool:
        """Whether it takes none."""
        return self._server is None

    def close(self) -> None:
        """Refuse connections, and break those that there are, as a machine does whose node died."""
        self._wait(self._close())

    def end(self) -> None:
        """Close it for good."""
        self.close()
        self._wait(self._ended())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)  # type: ignore[arg-type]

    async def _open(self) -> None:
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()

    async def _ended(self) -> None:
        """Let all that passes something on end."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            from_node, to_node = await asyncio.open_connection(*self._node)
            both = {writer, to_node}
            self._writers |= both
            try:
                await asyncio.gather(
                    self._pass(reader, to_node), self._pass_answers(from_node, writer)
                )
            finally:
                self._writers -= both
                to_node.transport.abort()
        writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(CHUNK):
            writer.write(piece)
            await writer.drain()
        writer.close()

    async def _pass_answers(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while piece := await reader.read(CHUNK):
            await asyncio.sleep(self.delay)
            if self.cuts:
                writer.write(piece[: len(piece) // 2])
                await writer.drain()
                break
            if self.drips:
                headers, end, body = piece.partition(b"\r\n\r\n")
                writer.write(headers + end)
                for byte in body:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(DROP_SECONDS)
            else:
                writer.write(piece)
                await writer.drain()
        writer.close()
