"""The node's own doors: what a Service (`Desk`) and an Application (`Counter`) may ask of it.

The API rooms call these and nothing else; the use cases implement them.
"""

from mesg.node.doors.counter import Counter
from mesg.node.doors.desk import Desk, TaskOrder, TaskOutput
from mesg.node.doors.trade import Trade
from mesg.node.doors.views import (
    CallOutcome,
    CallRequest,
    ChannelView,
    DoneView,
    EarningsView,
    ListingView,
    NodeView,
    PassView,
    ProviderView,
    ServiceEarnings,
    ServiceView,
)

__all__ = [
    "CallOutcome",
    "CallRequest",
    "ChannelView",
    "Counter",
    "Desk",
    "DoneView",
    "EarningsView",
    "ListingView",
    "NodeView",
    "PassView",
    "ProviderView",
    "ServiceEarnings",
    "ServiceView",
    "TaskOrder",
    "TaskOutput",
    "Trade",
]
