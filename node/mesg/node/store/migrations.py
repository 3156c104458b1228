"""The database's shape, step by step, for ever: a step that was released is never changed."""

_FIRST = """
CREATE TABLE execution (
    id BLOB PRIMARY KEY, service TEXT NOT NULL, version BLOB NOT NULL, task TEXT NOT NULL,
    inputs TEXT NOT NULL, tags TEXT NOT NULL, state TEXT NOT NULL, peer TEXT,
    output_key TEXT NOT NULL, outputs TEXT NOT NULL, failure TEXT,
    charged TEXT NOT NULL, created_at_unix_ns INTEGER NOT NULL, finished_at_unix_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX execution_unfinished ON execution (state) WHERE state IN ('created', 'running');
CREATE INDEX execution_created ON execution (created_at_unix_ns);
CREATE TABLE receipt (
    execution BLOB PRIMARY KEY REFERENCES execution (id), version BLOB NOT NULL,
    inputs BLOB NOT NULL, outputs BLOB NOT NULL, status INTEGER NOT NULL, channel BLOB NOT NULL,
    lane INTEGER NOT NULL, charged TEXT NOT NULL, cumulative TEXT NOT NULL, signature BLOB NOT NULL
) STRICT;
CREATE TABLE channel (
    id BLOB PRIMARY KEY, role TEXT NOT NULL, payer BLOB NOT NULL, signer BLOB NOT NULL,
    operator BLOB NOT NULL, service TEXT NOT NULL, offer_index INTEGER NOT NULL,
    offer_digest BLOB NOT NULL, author_bps INTEGER NOT NULL, treasury_bps INTEGER NOT NULL,
    referrer_bps INTEGER NOT NULL, close_delay_s INTEGER NOT NULL, salt BLOB NOT NULL,
    referrer BLOB NOT NULL
) STRICT;
CREATE TABLE given_lane (
    channel BLOB NOT NULL REFERENCES channel (id), lane INTEGER NOT NULL, reserved TEXT NOT NULL,
    promised TEXT NOT NULL, charged TEXT NOT NULL, clean_calls INTEGER NOT NULL,
    PRIMARY KEY (channel, lane)
) STRICT;
CREATE TABLE given_flight (
    channel BLOB NOT NULL, lane INTEGER NOT NULL, execution BLOB NOT NULL, most TEXT NOT NULL,
    PRIMARY KEY (channel, lane, execution)
) STRICT;
CREATE TABLE taken_lane (
    channel BLOB NOT NULL REFERENCES channel (id), lane INTEGER NOT NULL, reserved TEXT NOT NULL,
    promised TEXT NOT NULL, signature BLOB NOT NULL, charged TEXT NOT NULL,
    PRIMARY KEY (channel, lane)
) STRICT;
CREATE TABLE taken_flight (
    channel BLOB NOT NULL, lane INTEGER NOT NULL, execution BLOB NOT NULL, most TEXT NOT NULL,
    PRIMARY KEY (channel, lane, execution)
) STRICT;
CREATE TABLE deployment (
    service TEXT PRIMARY KEY, manifest BLOB NOT NULL, package BLOB NOT NULL,
    environment TEXT NOT NULL, deployed_at_unix_ns INTEGER NOT NULL, origin TEXT NOT NULL,
    is_wanted INTEGER NOT NULL
) STRICT;
CREATE TABLE event (
    service TEXT NOT NULL, sequence INTEGER NOT NULL, key TEXT NOT NULL, data TEXT NOT NULL,
    emitted_at_unix_ns INTEGER NOT NULL, peer TEXT NOT NULL, PRIMARY KEY (service, sequence)
) STRICT;
CREATE TABLE chain_cursor (
    id INTEGER PRIMARY KEY CHECK (id = 1), next_block INTEGER NOT NULL, recent TEXT NOT NULL
) STRICT;
CREATE TABLE market_change (
    block INTEGER NOT NULL, log_index INTEGER NOT NULL, block_digest BLOB NOT NULL,
    service_number TEXT NOT NULL, kind TEXT NOT NULL, change TEXT NOT NULL,
    PRIMARY KEY (block, log_index)
) STRICT;
CREATE INDEX market_change_service ON market_change (service_number);
CREATE TABLE market_name (service_number TEXT PRIMARY KEY, sid TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE market_text (sid TEXT PRIMARY KEY, words TEXT NOT NULL) STRICT;
"""

_CHANNEL_CLOSING = "ALTER TABLE channel ADD COLUMN is_closing INTEGER NOT NULL DEFAULT 0;"

_EARNED_VOUCHER = """
ALTER TABLE taken_lane ADD COLUMN earned TEXT NOT NULL DEFAULT '0';
ALTER TABLE taken_lane ADD COLUMN earned_signature BLOB NOT NULL DEFAULT x'';
"""

_HOLDERS = """
CREATE TABLE market_pass (
    block INTEGER NOT NULL, log_index INTEGER NOT NULL, block_digest BLOB NOT NULL,
    service_number TEXT NOT NULL, account BLOB NOT NULL, PRIMARY KEY (block, log_index)
) STRICT;
CREATE INDEX market_pass_service ON market_pass (service_number);
DELETE FROM market_change;
DELETE FROM market_name;
DELETE FROM chain_cursor;
"""
# Offers have seats since then and holders of passes are kept: the market is read anew.

MIGRATIONS = (_FIRST, _CHANNEL_CLOSING, _EARNED_VOUCHER, _HOLDERS)
