"""Routes of the wallet: `/v1/wallet`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mesg.node.api.http import market_shapes as shapes
from mesg.node.api.http.acts import done, trade_of
from mesg.node.api.http.requests import fields_of
from mesg.node.api.http.values import versioned
from mesg.node.doors import Counter


def wallet_routes(counter: Counter) -> list[Route]:
    """Return the routes."""

    async def unlock(request: Request) -> Response:
        fields = await fields_of(request)
        password = fields.text("password")
        fields.close()
        await counter.unlock(password)
        return JSONResponse(versioned({"wallet": "unlocked"}))

    async def get_balances(_request: Request) -> Response:
        return JSONResponse(versioned(shapes.balances(await counter.balances())))

    async def collect(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        fields.close()
        return done(await trade.collect())

    return [
        Route("/v1/wallet/unlock", unlock, methods=["POST"]),
        Route("/v1/wallet/balances", get_balances),
        Route("/v1/wallet/collect", collect, methods=["POST"]),
        *_vault_routes(counter),
    ]


def _vault_routes(counter: Counter) -> list[Route]:
    async def approve(request: Request) -> Response:
        fields = await fields_of(request)
        trade, amount = trade_of(counter, fields), fields.amount("amount")
        fields.close()
        return done(await trade.approve(amount))

    async def deposit(request: Request) -> Response:
        fields = await fields_of(request)
        trade, amount = trade_of(counter, fields), fields.amount("amount")
        fields.close()
        return done(await trade.deposit(amount))

    async def withdraw(request: Request) -> Response:
        fields = await fields_of(request)
        trade = trade_of(counter, fields)
        amount = fields.amount("amount") if fields.has("amount") else None
        to = fields.account("to") if fields.has("to") else None
        fields.close()
        return done(await trade.withdraw(amount, to))

    return [
        Route("/v1/wallet/approve", approve, methods=["POST"]),
        Route("/v1/wallet/deposit", deposit, methods=["POST"]),
        Route("/v1/wallet/withdraw", withdraw, methods=["POST"]),
    ]
