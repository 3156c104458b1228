"""Keys of the DHT are those that other implementations compute."""

from libp2p.bitswap.cid import compute_cid_v1_obj

from mesg.node.p2p.records import multihash


def test_the_key_is_the_multihash_of_the_cid_that_others_compute() -> None:
    assert multihash(b"hello world").hex() == (
        "1220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
    )
    assert multihash(b"weather.acme") == compute_cid_v1_obj(b"weather.acme").multihash
