"""Routes of channels: `/v1/channels`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mesg.marketplace.domain.identity import parse_peer_id
from mesg.node.api.http import market_shapes as shapes
from mesg.node.api.http.acts import done, trade_of
from mesg.node.api.http.requests import fields_of
from mesg.node.api.http.values import listed
from mesg.node.doors import Counter


def channel_routes(counter: Counter) -> list[Route]:
    """Return the routes."""

    async def get_channels(_request: Request) -> Response:
        return JSONResponse(listed(map(shapes.channel, await counter.channels())))

    async def open_channel(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        service, amount = fields.text("service"), fields.amount("amount")
        peer = parse_peer_id(fields.text("peer")) if fields.has("peer") else None
        fields.close()
        return done(await trade.open_channel(service, amount=amount, peer=peer))

    async def top_up(request: Request) -> Response:
        fields = await fields_of(request)
        trade, amount = trade_of(counter, fields), fields.amount("amount")
        fields.close()
        return done(await trade.top_up(request.path_params["channel"], amount))

    async def claim(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        fields.close()
        return done(await trade.claim())

    return [
        Route("/v1/channels", get_channels),
        Route("/v1/channels", open_channel, methods=["POST"]),
        Route("/v1/channels/claim", claim, methods=["POST"]),
        Route("/v1/channels/{channel}/topup", top_up, methods=["POST"]),
        *_ending(counter),
    ]


def _ending(counter: Counter) -> list[Route]:
    async def close_channel(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        cooperative = fields.flag("cooperative", default=True)
        fields.close()
        channel = request.path_params["channel"]
        return done(await trade.close_channel(channel, cooperative=cooperative))

    async def withdraw(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        channel = fields.text("channel") if fields.has("channel") else None
        to_wallet = fields.flag("toWallet", default=True)
        fields.close()
        return done(await trade.finish_channels(channel, to_wallet=to_wallet))

    return [
        Route("/v1/channels/withdraw", withdraw, methods=["POST"]),
        Route("/v1/channels/{channel}/close", close_channel, methods=["POST"]),
    ]
