"""The deployment as an operator of a new chain does it: a script, a keystore file, any chain."""

import subprocess
import sys
from pathlib import Path

import pytest
import trio

from mesg.marketplace.chain.deployment import parse_deployment
from mesg.marketplace.chain.devchain import open_devchain
from mesg.node.keystore import Keystore

ROOT = Path(__file__).parents[2]
CHAIN_ID = 4_711

pytestmark = pytest.mark.chain


async def test_a_new_chain_gets_the_market_once_and_is_written_down(tmp_path: Path) -> None:
    async with open_devchain(ROOT / "contracts", options=("--chain-id", str(CHAIN_ID))) as chain:
        keystore = Keystore(tmp_path / "keys", scrypt_n=2)
        wallet = await keystore.keep("deployer", "secret", secret=chain.private_keys[0])
        (tmp_path / "password").write_text("secret\n")
        treasury = str(wallet.address)
        command = [
            *(sys.executable, "-m", "deploying", "--rpc", chain.url),
            *("--treasury", treasury, "--supply-to", treasury),
            *("--keystore", str(wallet.path), "--password-file", str(tmp_path / "password")),
            *("--write-to", str(tmp_path)),
        ]
        runs = [await trio_run(command) for _ in range(2)]

    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr + runs[1].stderr
    assert runs[0].stdout == runs[1].stdout
    market, block = parse_deployment((tmp_path / f"{CHAIN_ID}.json").read_text())
    assert (market.chain_id, block) == (CHAIN_ID, 0)
    assert str(market.pay) in runs[0].stdout


async def trio_run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    done = await trio.run_process(
        command, capture_stdout=True, capture_stderr=True, check=False, cwd=ROOT / "scripts"
    )
    return subprocess.CompletedProcess(
        command, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
