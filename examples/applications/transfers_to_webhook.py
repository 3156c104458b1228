"""When tokens move, compose a sentence and post it: three Services, two of them on other nodes."""

import sys

from mesg.sdk import App


def main(url: str) -> None:
    """Listen for ever; the node of this machine finds, calls and pays the others."""
    with App() as app, app.listen("erc20", "transfer") as transfers:
        print("listening", flush=True)
        for transfer in transfers:
            composed = app.call("transfer-message", "compose", transfer.data)
            posted = app.call("webhook", "call", {"url": url, "data": composed})
            print(posted["statusCode"], composed["message"], flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
