"""What all acts have in common: `"dryRun": true` only tries them, and answers with what would be sent."""

from starlette.responses import JSONResponse, Response

from mesg.node.api.http import market_shapes as shapes
from mesg.node.api.http.requests import Fields
from mesg.node.api.http.values import versioned
from mesg.node.doors import Counter, DoneView, Trade


def trade_of(counter: Counter, fields: Fields) -> Trade:
    """Return who does it: the counter, or its rehearsal for a dry run."""
    return counter.rehearsal() if fields.flag("dryRun") else counter


def done(view: DoneView) -> Response:
    """Answer what happened, or would have."""
    return JSONResponse(versioned(shapes.done(view)))
