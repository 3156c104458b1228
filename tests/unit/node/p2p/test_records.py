"""Keys of the DHT are those that js-libp2p computes."""

from mesg.node.p2p.records import cid_text, multihash


def test_the_key_is_the_cid_that_other_implementations_compute() -> None:
    # What py-cid makes of the same bytes: CIDv1, raw, sha2-256, in base32.
    expected = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"

    assert cid_text(b"hello world") == expected
    assert multihash(b"hello world").hex() == (
        "1220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
    )
