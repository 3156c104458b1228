"""Routes of Services and their work: `/v1/services`, `/v1/executions`, `/v1/calls`, and the streams."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mesg.marketplace.domain.errors import InvalidInput
from mesg.marketplace.domain.identity import parse_digest, parse_peer_id
from mesg.node.api.http import shapes
from mesg.node.api.http.requests import fields_of
from mesg.node.api.http.streams import StreamAnswer
from mesg.node.api.http.values import hash_text, listed, versioned
from mesg.node.doors import CallRequest, Counter, ServiceView

TAIL_MAX = 10_000
"""The most log lines of the past that one request gives."""
EXECUTIONS_MAX = 1_000
"""The most executions that one answer lists."""
CALL_S_MAX = 3_600.0
"""The longest deadline of a call."""


def service_routes(counter: Counter) -> list[Route]:
    """Return the routes."""
    return [*_deployment_routes(counter), *_call_routes(counter), *_stream_routes(counter)]


def _answer(view: ServiceView, status: int = 200) -> Response:
    return JSONResponse(versioned(shapes.service(view)), status)


def _deployment_routes(counter: Counter) -> list[Route]:
    async def get_services(_request: Request) -> Response:
        return JSONResponse(listed(map(shapes.service, await counter.services())))

    async def deploy(request: Request) -> Response:
        fields = await fields_of(request)
        source, environment = fields.text("source"), fields.texts("environment")
        fields.close()
        return _answer(await counter.deploy(source, environment), 201)

    async def get_service(request: Request) -> Response:
        return _answer(await counter.service(request.path_params["service"]))

    async def delete_service(request: Request) -> Response:
        delete_data = request.query_params.get("deleteData", "false") == "true"
        await counter.delete_service(request.path_params["service"], delete_data=delete_data)
        return Response(status_code=204)

    async def start_service(request: Request) -> Response:
        (await fields_of(request)).close()
        return _answer(await counter.start_service(request.path_params["service"]))

    async def stop_service(request: Request) -> Response:
        (await fields_of(request)).close()
        return _answer(await counter.stop_service(request.path_params["service"]))

    async def host(request: Request) -> Response:
        fields = await fields_of(request)
        environment = fields.texts("environment")
        fields.close()
        return _answer(await counter.host(request.path_params["service"], environment))

    return [
        Route("/v1/services", get_services),
        Route("/v1/services", deploy, methods=["POST"]),
        Route("/v1/services/{service}", get_service),
        Route("/v1/services/{service}", delete_service, methods=["DELETE"]),
        Route("/v1/services/{service}/start", start_service, methods=["POST"]),
        Route("/v1/services/{service}/stop", stop_service, methods=["POST"]),
        Route("/v1/services/{service}/host", host, methods=["POST"]),
    ]


def _call_routes(counter: Counter) -> list[Route]:
    async def execute(request: Request) -> Response:
        digest = await counter.execute(await _call_request(request))
        return JSONResponse(versioned({"execution": hash_text(digest)}), 202)

    async def call(request: Request) -> Response:
        found = await counter.call(await _call_request(request))
        return JSONResponse(versioned(shapes.outcome(found)))

    async def get_executions(request: Request) -> Response:
        most = _whole(request, "most", 50)
        if not 0 < most <= EXECUTIONS_MAX:
            raise InvalidInput(f"most must be 1 to {EXECUTIONS_MAX}", where="most")
        found = await counter.executions(most=most)
        return JSONResponse(listed(map(shapes.outcome, found)))

    async def get_execution(request: Request) -> Response:
        digest = parse_digest(request.path_params["execution"])
        return JSONResponse(versioned(shapes.outcome(await counter.execution(digest))))

    return [
        Route("/v1/executions", execute, methods=["POST"]),
        Route("/v1/executions", get_executions),
        Route("/v1/executions/{execution}", get_execution),
        Route("/v1/calls", call, methods=["POST"]),
    ]


async def _call_request(request: Request) -> CallRequest:
    fields = await fields_of(request)
    asked = CallRequest(
        service=fields.text("service"),
        task=fields.text("task"),
        inputs=fields.json_object("inputs"),
        tags=fields.text_list("tags"),
        max_price=fields.amount("maxPrice") if fields.has("maxPrice") else None,
        timeout_s=fields.number("timeoutSeconds", 30.0),
        peer=parse_peer_id(fields.text("peer")) if fields.has("peer") else None,
        execution=parse_digest(fields.text("execution")) if fields.has("execution") else None,
    )
    fields.close()
    if asked.timeout_s > CALL_S_MAX:
        raise InvalidInput(f"a call lasts at most {CALL_S_MAX:.0f} s", where="/timeoutSeconds")
    return asked


def _stream_routes(counter: Counter) -> list[Route]:
    async def logs(request: Request) -> Response:
        follow = request.query_params.get("follow", "false") == "true"
        tail = _whole(request, "tail", 100)
        if tail > TAIL_MAX:
            raise InvalidInput(f"at most {TAIL_MAX} lines of the past", where="tail")
        service = request.path_params["service"]
        return StreamAnswer(
            lambda: counter.service_logs(service, follow=follow, tail=tail), shapes.log_line
        )

    async def results(request: Request) -> Response:
        query, service = request.query_params, request.path_params["service"]
        task, output, tags = query.get("task", ""), query.get("output", ""), query.getlist("tag")
        return StreamAnswer(
            lambda: counter.results(service, task=task, output=output, tags=tags),
            shapes.execution,
        )

    async def events(request: Request) -> Response:
        service, event = request.path_params["service"], request.query_params.get("event", "")
        after = _cursor(request)
        wants_sse = "text/event-stream" in request.headers.get("accept", "")
        return StreamAnswer(
            lambda: counter.events(service, event=event, after=after),
            shapes.event,
            (lambda one: str(one.sequence)) if wants_sse else None,
        )

    return [
        Route("/v1/services/{service}/logs", logs),
        Route("/v1/services/{service}/results", results),
        Route("/v1/services/{service}/events", events),
    ]


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise InvalidInput(f"{name} must be a whole number", where=name)
    return int(text)


def _cursor(request: Request) -> int | None:
    """Return the sequence to resume behind: Last-Event-ID, else `after`, else None."""
    text = request.headers.get("last-event-id") or request.query_params.get("after")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise InvalidInput("the cursor must be an event's sequence", where="after")
    return int(text)
