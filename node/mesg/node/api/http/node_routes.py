"""Routes of the node itself: `/v1/node`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mesg.node.api.http import shapes
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

    return [
        Route("/v1/node", get_node),
        Route("/v1/node/peers", get_peers),
        Route("/v1/node/stop", stop_node, methods=["POST"]),
    ]
