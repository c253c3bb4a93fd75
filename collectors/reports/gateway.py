"""The only way out of a browser: a SOCKS5 relay on loopback that asks the policy of the check before it connects.

It resolves a name once, and connects to an address that was found allowed, so a name that leads elsewhere the second
time gains nothing. It counts what comes in and ends everything at the limit of the check.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

from collectors.reach import Reach
from collectors.reports.passage import Passage
from collectors.web import RefusedAddressError

Resolve = Callable[[str, int], list[str]]

HANDSHAKE_SECONDS = 10.0
RESOLVE_SECONDS = 10.0
CONNECT_SECONDS = 10.0
END_SECONDS = 5.0
CHUNK_BYTES = 65_536
RESOLVERS = 16  # names that lead nowhere take seconds, each on a thread of its own
GRANTED, NOT_ALLOWED, UNREACHABLE, NO_SUCH_COMMAND = 0, 2, 4, 7
CONNECT = 1
IPV4, NAME, IPV6 = 1, 3, 4


def addresses(host: str, port: int) -> list[str]:
    """All addresses of a host; raises OSError. Names below `localhost` are this machine, whatever a resolver says."""
    is_local = host == "localhost" or host.endswith(".localhost")
    found = socket.getaddrinfo("localhost" if is_local else host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Gateway:
    """A relay with a thread of its own. `resolve` is a seam: how names become addresses."""

    def __init__(self, resolve: Resolve = addresses) -> None:
        self._resolve = resolve
        self._passage = Passage(None, 0)
        self._resolvers = ThreadPoolExecutor(RESOLVERS, "gateway-resolver")
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gateway", daemon=True)
        self._thread.start()
        opening = asyncio.start_server(self._accept, "127.0.0.1", 0, limit=CHUNK_BYTES)
        self._server = asyncio.run_coroutine_threadsafe(opening, self._loop).result(END_SECONDS)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def begin(self, reach: Reach, most_bytes: int) -> Passage:
        """Let one check through, until `end` or the next `begin`; what is left of the one before is cut off."""
        passage = Passage(reach, most_bytes)
        self._replace(passage)
        return passage

    def end(self) -> None:
        """Let nothing through."""
        self._replace(Passage(None, 0))

    def close(self) -> None:
        """Stop for good."""
        if self._loop.is_closed():
            return
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(END_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(END_SECONDS)
        if not self._loop.is_running():
            self._loop.close()
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    def _replace(self, passage: Passage) -> None:
        before, self._passage = self._passage, passage
        self._loop.call_soon_threadsafe(before.cut)

    async def _shut(self) -> None:
        self._server.close()
        self._passage.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = self._loop.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        passage = self._passage
        passage.join(writer)
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                host, port = await _asked(reader, writer)
            incoming, outgoing = await self._connected(passage, host, port, writer)
            passage.join(outgoing)
            try:
                await _relay(passage, (reader, writer), (incoming, outgoing))
            finally:
                passage.leave(outgoing)
        except (OSError, EOFError, RefusedAddressError, ValueError):
            pass  # the browser has been told, or is gone
        finally:
            passage.leave(writer)

    async def _connected(
        self, passage: Passage, host: str, port: int, writer: StreamWriter
    ) -> tuple[StreamReader, StreamWriter]:
        """A connection to an allowed address; RefusedAddressError and OSError are raised once the browser is told."""
        try:
            connected = await self._connect(passage, host, port)
        except RefusedAddressError:
            await _answer(writer, NOT_ALLOWED)
            raise
        except OSError as error:
            passage.note_unreached(host, port, _reason(error))
            await _answer(writer, UNREACHABLE)
            raise
        passage.join(connected[1])
        await _answer(writer, GRANTED)
        return connected

    async def _connect(self, passage: Passage, host: str, port: int) -> tuple[StreamReader, StreamWriter]:
        resolving = self._loop.run_in_executor(self._resolvers, self._resolve, host, port)
        try:
            found = await asyncio.wait_for(resolving, RESOLVE_SECONDS)
        except (TimeoutError, UnicodeError) as error:
            raise socket.gaierror(socket.EAI_NONAME, "no answer") from error
        failure: OSError = socket.gaierror(socket.EAI_NONAME, "no address")
        for address in passage.allowed(host, port, found):
            opening = asyncio.open_connection(address, port, limit=CHUNK_BYTES)
            try:
                return await asyncio.wait_for(opening, CONNECT_SECONDS)
            except OSError as error:
                failure = error
        raise failure


async def _asked(reader: StreamReader, writer: StreamWriter) -> tuple[str, int]:
    """Host and port of a CONNECT; raises ValueError for anything else."""
    version, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    if version != 5:
        raise ValueError("not SOCKS5")
    writer.write(b"\x05\x00")
    _, command, _, kind = await reader.readexactly(4)
    if command != CONNECT or kind not in (IPV4, NAME, IPV6):
        await _answer(writer, NO_SUCH_COMMAND)
        raise ValueError("not a CONNECT")
    if kind == NAME:
        host = (await reader.readexactly((await reader.readexactly(1))[0])).decode("ascii").strip("[]")
    elif kind == IPV4:
        host = str(IPv4Address(await reader.readexactly(4)))
    else:
        host = str(IPv6Address(await reader.readexactly(16)))
    return host, struct.unpack("!H", await reader.readexactly(2))[0]


async def _answer(writer: StreamWriter, code: int) -> None:
    writer.write(bytes((5, code, 0, IPV4, 0, 0, 0, 0, 0, 0)))
    await writer.drain()


async def _relay(
    passage: Passage, browser: tuple[StreamReader, StreamWriter], server: tuple[StreamReader, StreamWriter]
) -> None:
    """Both ways until both have ended; a side that breaks off ends the other."""
    ways = (
        asyncio.ensure_future(_pass_on(browser[0], server[1], lambda _: True)),
        asyncio.ensure_future(_pass_on(server[0], browser[1], passage.count)),
    )
    try:
        await asyncio.gather(*ways)
    finally:
        for way in ways:
            way.cancel()


async def _pass_on(reader: StreamReader, writer: StreamWriter, may_pass: Callable[[int], bool]) -> None:
    while data := await reader.read(CHUNK_BYTES):
        if not may_pass(len(data)):
            return
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


def _reason(error: OSError) -> str:
    """Why a place was not reached, in words that follow its name."""
    if isinstance(error, socket.gaierror):
        return "has no address that can be found"
    if isinstance(error, TimeoutError):
        return f"gave no answer within {CONNECT_SECONDS:g} s"
    if isinstance(error, ConnectionRefusedError):
        return "refused the connection"
    return f"cannot be reached ({os.strerror(error.errno).lower()})" if error.errno else "cannot be reached"
