"""Routes of the market that look or sell: `/v1/market/services`, `/v1/market/earnings`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mesg.marketplace.domain.errors import InvalidInput
from mesg.marketplace.domain.money import ZERO
from mesg.marketplace.domain.offer import OfferKind, OfferTerms
from mesg.node.api.http import market_shapes as shapes
from mesg.node.api.http.acts import done, trade_of
from mesg.node.api.http.requests import TEXT_MAX, Fields, fields_of
from mesg.node.api.http.values import amount, listed, versioned
from mesg.node.doors import Counter

_SERVICES = "/v1/market/services"


def market_routes(counter: Counter) -> list[Route]:
    """Return the routes."""
    return [*_looking(counter), *_selling(counter), *_earning(counter)]


def _looking(counter: Counter) -> list[Route]:
    async def search(request: Request) -> Response:
        text = request.query_params.get("text", "")
        if len(text) > TEXT_MAX:
            raise InvalidInput("the search text is too long", where="text")
        return JSONResponse(listed(map(shapes.listing, await counter.search(text))))

    async def show(request: Request) -> Response:
        found = await counter.show(request.path_params["service"])
        return JSONResponse(versioned(shapes.listing(found)))

    async def fee(request: Request) -> Response:
        due = await counter.publish_fee(request.path_params["service"])
        return JSONResponse(versioned({"fee": amount(due)}))

    return [
        Route(_SERVICES, search),
        Route(f"{_SERVICES}/{{service}}", show),
        Route(f"{_SERVICES}/{{service}}/fee", fee),
    ]


def _selling(counter: Counter) -> list[Route]:
    async def publish(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        max_fee = fields.amount("maxFee") if fields.has("maxFee") else None
        fields.close()
        return done(await trade.publish(request.path_params["service"], max_fee=max_fee))

    async def create_offer(request: Request) -> Response:
        fields = await fields_of(request)
        trade, terms = trade_of(counter, fields), _terms(fields)
        fields.close()
        return done(await trade.create_offer(request.path_params["service"], terms))

    async def disable_offer(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        fields.close()
        service, offer = request.path_params["service"], request.path_params["offer"]
        return done(await trade.disable_offer(service, offer))

    async def transfer(request: Request) -> Response:
        fields = await fields_of(request)
        trade, to = trade_of(counter, fields), fields.account("to")
        fields.close()
        return done(await trade.transfer_service(request.path_params["service"], to))

    return [
        Route(f"{_SERVICES}/{{service}}/publish", publish, methods=["POST"]),
        Route(f"{_SERVICES}/{{service}}/offers", create_offer, methods=["POST"]),
        Route(
            f"{_SERVICES}/{{service}}/offers/{{offer:int}}/disable",
            disable_offer,
            methods=["POST"],
        ),
        Route(f"{_SERVICES}/{{service}}/transfer", transfer, methods=["POST"]),
    ]


def _earning(counter: Counter) -> list[Route]:
    async def earnings(request: Request) -> Response:
        told = await counter.earnings(request.query_params.get("service"))
        return JSONResponse(versioned(shapes.earnings(told)))

    async def settle(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        service = fields.text("service") if fields.has("service") else None
        fields.close()
        return done(await trade.settle(service))

    return [
        Route("/v1/market/earnings", earnings),
        Route("/v1/market/earnings/settle", settle, methods=["POST"]),
    ]


def _terms(fields: Fields) -> OfferTerms:
    kinds = {kind.name.lower(): kind for kind in OfferKind}
    kind = fields.text("kind")
    if kind not in kinds:
        raise InvalidInput(f"kind must be one of {', '.join(kinds)}", where="/kind")
    return OfferTerms(
        kind=kinds[kind],
        price=fields.amount("price"),
        price_per_event=fields.amount("pricePerEvent", ZERO),
        duration_s=fields.whole("durationSeconds", 0),
        close_delay_s=fields.whole("closeDelaySeconds", 0),
        valid_until_unix_s=fields.whole("validUntilUnix", 0),
        author_bps=fields.whole("authorBps", 0),
        treasury_bps=fields.whole("treasuryBps", 0),
        referrer_bps=fields.whole("referrerBps", 0),
        hosted_only=fields.flag("hostedOnly"),
        seats=fields.whole("seats", 1 if kind == "pass" else 0),
    )
