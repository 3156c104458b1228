"""Routes of the market: `/v1/market/services`, `/v1/channels`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mesg.marketplace.domain.errors import InvalidInput
from mesg.marketplace.domain.identity import parse_peer_id
from mesg.marketplace.domain.money import ZERO
from mesg.marketplace.domain.offer import OfferKind, OfferTerms
from mesg.node.api.http import market_shapes as shapes
from mesg.node.api.http.requests import TEXT_MAX, Fields, fields_of
from mesg.node.api.http.values import listed, versioned
from mesg.node.doors import Counter, DoneView


def market_routes(counter: Counter) -> list[Route]:
    """Return the routes."""
    return [*_listing_routes(counter), *_channel_routes(counter)]


def _done(view: DoneView) -> Response:
    return JSONResponse(versioned(shapes.done(view)))


def _listing_routes(counter: Counter) -> list[Route]:
    async def search(request: Request) -> Response:
        text = request.query_params.get("text", "")
        if len(text) > TEXT_MAX:
            raise InvalidInput("the search text is too long", where="text")
        return JSONResponse(listed(map(shapes.listing, await counter.search(text))))

    async def show(request: Request) -> Response:
        found = await counter.show(request.path_params["service"])
        return JSONResponse(versioned(shapes.listing(found)))

    async def publish(request: Request) -> Response:
        (await fields_of(request)).close()
        return _done(await counter.publish(request.path_params["service"]))

    async def create_offer(request: Request) -> Response:
        fields = await fields_of(request)
        terms = _terms(fields)
        fields.close()
        return _done(await counter.create_offer(request.path_params["service"], terms))

    async def buy(request: Request) -> Response:
        fields = await fields_of(request)
        offer = fields.whole("offer") if fields.has("offer") else None
        max_price = fields.amount("maxPrice")
        fields.close()
        service = request.path_params["service"]
        return _done(await counter.buy(service, offer_index=offer, max_price=max_price))

    return [
        Route("/v1/market/services", search),
        Route("/v1/market/services/{service}", show),
        Route("/v1/market/services/{service}/publish", publish, methods=["POST"]),
        Route("/v1/market/services/{service}/offers", create_offer, methods=["POST"]),
        Route("/v1/market/services/{service}/passes", buy, methods=["POST"]),
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


def _channel_routes(counter: Counter) -> list[Route]:
    async def get_channels(_request: Request) -> Response:
        return JSONResponse(listed(map(shapes.channel, await counter.channels())))

    async def open_channel(request: Request) -> Response:
        fields = await fields_of(request)
        service, amount = fields.text("service"), fields.amount("amount")
        peer = parse_peer_id(fields.text("peer")) if fields.has("peer") else None
        fields.close()
        return _done(await counter.open_channel(service, amount=amount, peer=peer))

    async def close_channel(request: Request) -> Response:
        fields = await fields_of(request)
        cooperative = fields.flag("cooperative", default=True)
        fields.close()
        channel = request.path_params["channel"]
        return _done(await counter.close_channel(channel, cooperative=cooperative))

    async def claim(request: Request) -> Response:
        (await fields_of(request)).close()
        return _done(await counter.claim())

    return [
        Route("/v1/channels", get_channels),
        Route("/v1/channels", open_channel, methods=["POST"]),
        Route("/v1/channels/claim", claim, methods=["POST"]),
        Route("/v1/channels/{channel}/close", close_channel, methods=["POST"]),
    ]
