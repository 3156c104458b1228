"""Routes of passes: bought, given, cancelled, their seats."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mesg.marketplace.domain.errors import InvalidInput
from mesg.marketplace.domain.identity import NOBODY, AccountAddress
from mesg.node.api.http import market_shapes as shapes
from mesg.node.api.http.acts import done, trade_of
from mesg.node.api.http.requests import Fields, fields_of
from mesg.node.api.http.values import versioned
from mesg.node.doors import Counter

_SERVICE = "/v1/market/services/{service}"


def pass_routes(counter: Counter) -> list[Route]:
    """Return the routes."""

    async def show(request: Request) -> Response:
        text = request.query_params.get("account")
        account = None if text is None else AccountAddress.parse(text)
        held = await counter.pass_of(request.path_params["service"], account)
        return JSONResponse(versioned(shapes.held_pass(held)))

    async def buy(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        offer = fields.whole("offer") if fields.has("offer") else None
        max_price = fields.amount("maxPrice")
        beneficiary = fields.account("for") if fields.has("for") else None
        referrer = fields.account("referrer") if fields.has("referrer") else NOBODY
        fields.close()
        bought = await trade.buy(
            request.path_params["service"],
            offer_index=offer,
            max_price=max_price,
            beneficiary=beneficiary,
            referrer=referrer,
        )
        return done(bought)

    async def cancel(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        fields.close()
        return done(await trade.cancel_pass(request.path_params["service"]))

    return [
        Route(f"{_SERVICE}/pass", show),
        Route(f"{_SERVICE}/passes", buy, methods=["POST"]),
        Route(f"{_SERVICE}/pass/cancel", cancel, methods=["POST"]),
        *_seat_routes(counter),
    ]


def _seat_routes(counter: Counter) -> list[Route]:
    def number_of(fields: Fields) -> int:
        number = fields.whole("number")
        if not 0 < number < 2**16:
            raise InvalidInput("seats are numbered from 1", where="/number")
        return number

    async def give(request: Request) -> Response:
        fields = await fields_of(request)
        trade, number = trade_of(counter, fields), number_of(fields)
        account = fields.account("account") if fields.has("account") else None
        fields.close()
        service = request.path_params["service"]
        return done(await trade.give_seat(service, number=number, account=account))

    async def take(request: Request) -> Response:
        fields = await fields_of(request)
        trade, number = trade_of(counter, fields), number_of(fields)
        holder = fields.account("holder")
        fields.close()
        service = request.path_params["service"]
        return done(await trade.take_seat(service, holder=holder, number=number))

    async def leave(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        fields.close()
        return done(await trade.leave_seat(request.path_params["service"]))

    return [
        Route(f"{_SERVICE}/seats", give, methods=["POST"]),
        Route(f"{_SERVICE}/seats/take", take, methods=["POST"]),
        Route(f"{_SERVICE}/seats/leave", leave, methods=["POST"]),
    ]
