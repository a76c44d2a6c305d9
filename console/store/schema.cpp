#include "console/store/schema.hpp"

#include <array>

namespace bulkhead::console {
namespace {

// One entry for each version, never changed after a release. Bytes are base64 or hexadecimal text, so that
// PostgreSQL's TEXT can hold them.
constexpr std::array<storage::Migration, 3> all{
    R"sql(
    CREATE TABLE writer (one INTEGER PRIMARY KEY CHECK (one = 1), program TEXT NOT NULL);

    CREATE TABLE ca (
        one INTEGER PRIMARY KEY CHECK (one = 1), certificate TEXT NOT NULL, key TEXT NOT NULL, made_at TEXT NOT NULL);
    CREATE TABLE it_key (id TEXT PRIMARY KEY, pem TEXT NOT NULL, actor TEXT NOT NULL, added_at TEXT NOT NULL);

    CREATE TABLE gateway (
        name               TEXT PRIMARY KEY,
        ek_public          TEXT NOT NULL UNIQUE,
        ak_public          TEXT NOT NULL,
        anchor             TEXT NOT NULL,
        serial             TEXT NOT NULL,
        next_serial        TEXT NOT NULL DEFAULT '',
        not_after          BIGINT NOT NULL,
        enrolled_at        TEXT NOT NULL,
        actor              TEXT NOT NULL,
        last_seen          TEXT NOT NULL DEFAULT '',
        box_key            TEXT NOT NULL DEFAULT '',
        generation         BIGINT NOT NULL DEFAULT 0,
        envelope           TEXT NOT NULL DEFAULT '',
        generation_applied BIGINT NOT NULL DEFAULT 0,
        envelope_applied   TEXT NOT NULL DEFAULT '',
        desired_error      TEXT NOT NULL DEFAULT '',
        known_host         TEXT NOT NULL DEFAULT '',
        results            TEXT NOT NULL DEFAULT '',
        last_event         BIGINT NOT NULL DEFAULT 0,
        events_dropped     BIGINT NOT NULL DEFAULT 0);
    CREATE TABLE report (
        gateway TEXT PRIMARY KEY REFERENCES gateway (name) ON DELETE CASCADE, report TEXT NOT NULL);

    CREATE TABLE token (
        hash       TEXT PRIMARY KEY,
        ek         TEXT NOT NULL,
        actor      TEXT NOT NULL,
        created_at TEXT NOT NULL,
        expires    BIGINT NOT NULL,
        used_by    TEXT NOT NULL DEFAULT '');

    CREATE TABLE person (
        name         TEXT PRIMARY KEY,
        role         TEXT NOT NULL,
        tenant       TEXT NOT NULL,
        password     TEXT NOT NULL,
        actor        TEXT NOT NULL,
        created_at   TEXT NOT NULL,
        last_sign_in TEXT NOT NULL DEFAULT '');
    CREATE TABLE session (
        number     INTEGER PRIMARY KEY AUTOINCREMENT,
        hash       TEXT NOT NULL UNIQUE,
        person     TEXT NOT NULL REFERENCES person (name) ON DELETE CASCADE,
        address    TEXT NOT NULL,
        created_at TEXT NOT NULL,
        expires    BIGINT NOT NULL);
    CREATE INDEX session_person ON session (person, number);

    -- `id` is the gateway's own: delivered again, an event is the same one.
    CREATE TABLE event (
        place        INTEGER PRIMARY KEY AUTOINCREMENT,
        gateway      TEXT NOT NULL REFERENCES gateway (name) ON DELETE CASCADE,
        id           BIGINT NOT NULL,
        time         TEXT NOT NULL,
        boot_id      TEXT NOT NULL,
        monotonic_ms BIGINT NOT NULL,
        code         TEXT NOT NULL,
        tenant       TEXT NOT NULL,
        actor        TEXT NOT NULL,
        operation    TEXT NOT NULL,
        partition    TEXT NOT NULL,
        text         TEXT NOT NULL,
        UNIQUE (gateway, id));
    CREATE INDEX event_gateway ON event (gateway, place);
    CREATE INDEX event_tenant ON event (tenant, place);

    CREATE TABLE history (
        place     INTEGER PRIMARY KEY AUTOINCREMENT,
        gateway   TEXT NOT NULL REFERENCES gateway (name) ON DELETE CASCADE,
        partition TEXT NOT NULL,
        tenant    TEXT NOT NULL,
        kind      TEXT NOT NULL,
        time      TEXT NOT NULL,
        value     TEXT NOT NULL,
        reason    TEXT NOT NULL);
    CREATE INDEX history_of ON history (gateway, partition, kind, place);

    CREATE TABLE audit (
        id      INTEGER PRIMARY KEY AUTOINCREMENT,
        time    TEXT NOT NULL,
        actor   TEXT NOT NULL,
        tenant  TEXT NOT NULL,
        action  TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail  TEXT NOT NULL);
    )sql",
    // What grows is bounded for a whole gateway, and by the kind of a record.
    R"sql(
    CREATE INDEX history_gateway ON history (gateway, place);
    CREATE INDEX audit_action ON audit (action, id);
    )sql",
    // Where a gateway comes from that is on its way to another state.
    R"sql(
    ALTER TABLE gateway ADD COLUMN envelope_reached TEXT NOT NULL DEFAULT '';
    )sql"};

}  // namespace

std::span<const storage::Migration> migrations() {
    return all;
}

}  // namespace bulkhead::console
