"""Faults over HTTP, for tests whose program runs in another process."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.playground.bot_api import BotApi
from bot.playground.faults import ANY_METHOD, Fault, FaultKind, Faults


class Control:
    """`POST /playground/faults` {kind, method, chat_id, times, seconds, status}, `DELETE` clears them;
    `POST /playground/redeliver` {count}; `GET /playground/calls`, the Bot API calls so far."""

    def __init__(self, faults: Faults, api: BotApi) -> None:
        self.faults = faults
        self.api = api

    async def plan(self, request: Request) -> Response:
        body = await request.json()
        try:
            fault = Fault(
                FaultKind(body["kind"]),
                str(body.get("method", ANY_METHOD)),
                None if body.get("chat_id") is None else int(body["chat_id"]),
                int(body.get("times", 1)),
                float(body.get("seconds", 1)),
                int(body.get("status", 502)),
            )
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": f"no such fault: {error}"}, 400)
        self.faults.plan(fault)
        return JSONResponse({}, 201)

    async def clear(self, request: Request) -> Response:
        self.faults.clear()
        return JSONResponse({})

    async def redeliver(self, request: Request) -> Response:
        body = await request.json()
        return JSONResponse({"updates": self.faults.redeliver(int(body.get("count", 1)))})

    async def calls(self, request: Request) -> Response:
        return JSONResponse(
            [
                {"method": call.method, "chat_id": call.chat_id, "error": call.error, "fault": call.fault}
                for call in self.api.calls
            ]
        )
