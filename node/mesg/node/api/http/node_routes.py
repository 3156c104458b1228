"""Routes of the node itself and its wallet: `/v1/node`, `/v1/wallet`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mesg.node.api.http import market_shapes, shapes
from mesg.node.api.http.requests import fields_of
from mesg.node.api.http.values import listed, versioned
from mesg.node.doors import Counter


def node_routes(counter: Counter) -> list[Route]:
    """Return the routes."""

    async def get_node(_request: Request) -> Response:
        return JSONResponse(versioned(shapes.node(await counter.node())))

    async def get_peers(_request: Request) -> Response:
        return JSONResponse(listed(map(shapes.peer, counter.peers())))

    async def stop_node(request: Request) -> Response:
        (await fields_of(request)).close()
        await counter.stop_node()
        return JSONResponse(versioned({"stopping": True}), 202)

    async def unlock(request: Request) -> Response:
        fields = await fields_of(request)
        password = fields.text("password")
        fields.close()
        await counter.unlock(password)
        return JSONResponse(versioned({"wallet": "unlocked"}))

    async def get_balances(_request: Request) -> Response:
        return JSONResponse(versioned(market_shapes.balances(await counter.balances())))

    async def collect(request: Request) -> Response:
        (await fields_of(request)).close()
        return JSONResponse(versioned(market_shapes.done(await counter.collect())))

    return [
        Route("/v1/node", get_node),
        Route("/v1/node/peers", get_peers),
        Route("/v1/node/stop", stop_node, methods=["POST"]),
        Route("/v1/wallet/unlock", unlock, methods=["POST"]),
        Route("/v1/wallet/balances", get_balances),
        Route("/v1/wallet/collect", collect, methods=["POST"]),
    ]
