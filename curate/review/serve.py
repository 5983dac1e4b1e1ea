"""The page of a review, on loopback alone, under a token, keyboard driven: C is clean, L is a leak, B goes back."""

import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from curate.compliance.pages import render
from curate.review import Review


class Desk:
    """Serves the items of a review one by one until each has a verdict; `address` is to be opened in a browser."""

    def __init__(self, review: Review, port: int = 0) -> None:
        self._review = review
        self._token = secrets.token_urlsafe(24)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/{self._token}/"

    def serve(self) -> None:
        """Answer until `close`."""
        self._server.serve_forever()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Status, type and content for a path: `/TOKEN/`, `/TOKEN/7` or `/TOKEN/7/0.png`; else nothing is there."""
        steps = path.strip("/").split("/")
        if not secrets.compare_digest(steps[0].encode(), self._token.encode()):
            return HTTPStatus.NOT_FOUND, "text/plain", b""
        number = int(steps[1]) if len(steps) > 1 and steps[1].isdigit() else self._next()
        if number >= self._review.items:
            return HTTPStatus.OK, "text/html; charset=utf-8", self._end().encode()
        if len(steps) > 2:
            return self._image(number, steps[2])
        return HTTPStatus.OK, "text/html; charset=utf-8", self._page(number).encode()

    def judge(self, path: str) -> str:
        """Take the verdict that a form posts to `/TOKEN/7/clean` or `/TOKEN/7/leak`; returns where to go on, or ""."""
        steps = path.strip("/").split("/")
        known = len(steps) == 3 and secrets.compare_digest(steps[0].encode(), self._token.encode())
        if not known or steps[2] not in {"clean", "leak"} or not steps[1].isdigit():
            return ""
        if int(steps[1]) < self._review.items:
            self._review.judge(int(steps[1]), leaks=steps[2] == "leak")
        return f"/{self._token}/"

    def _next(self) -> int:
        done = self._review.verdicts()
        return next((each for each in range(self._review.items) if each not in done), self._review.items)

    def _page(self, number: int) -> str:
        item = self._review.item(number)
        return render(
            "review.html.j2",
            self._review.words,
            number=number,
            items=self._review.items,
            done=len(self._review.verdicts()),
            text=item.text,
            images=range(len(item.images)),
            root=f"/{self._token}",
        )

    def _end(self) -> str:
        return render("reviewed.html.j2", self._review.words, outcome=self._review.outcome())

    def _image(self, number: int, name: str) -> tuple[HTTPStatus, str, bytes]:
        images = self._review.item(number).images
        place = name.removesuffix(".png")
        if not place.isdigit() or int(place) >= len(images):
            return HTTPStatus.NOT_FOUND, "text/plain", b""
        return HTTPStatus.OK, "image/png", images[int(place)]


def _handler(desk: Desk) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Show an item or one of its images."""
            status, kind, content = desk.answer(self.path)
            self._send(status, kind, content)

        def do_POST(self) -> None:
            """Take a verdict and go on to the next item."""
            self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 4096))
            where = desk.judge(self.path)
            if not where:
                self._send(HTTPStatus.NOT_FOUND, "text/plain", b"")
                return
            self.send_response(HTTPStatus.SEE_OTHER)
            self.send_header("Location", where)
            self.end_headers()

        def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Paths hold the token: nothing is logged."""

    return Handler
