#include "partition-manager/apply/schema.hpp"

#include <array>

#include "base/file.hpp"

namespace bulkhead::apply {
namespace {

// One entry for each version, never changed after a release.
constexpr std::array<storage::Migration, 8> all{
    R"sql(
    CREATE TABLE writer (one INTEGER PRIMARY KEY CHECK (one = 1), program TEXT NOT NULL);

    CREATE TABLE spec (
        generation    INTEGER PRIMARY KEY,
        document      TEXT NOT NULL,
        document_name TEXT NOT NULL,
        stored_at     TEXT NOT NULL,
        applied       INTEGER NOT NULL DEFAULT 0,
        in_force      INTEGER NOT NULL DEFAULT 1);

    CREATE TABLE uid (partition TEXT PRIMARY KEY, uid TEXT NOT NULL UNIQUE);
    CREATE TABLE hold (partition TEXT PRIMARY KEY, held_by TEXT NOT NULL, since TEXT NOT NULL);
    CREATE TABLE runtime_lock (
        partition TEXT PRIMARY KEY, locked_by TEXT NOT NULL, reason TEXT NOT NULL, since TEXT NOT NULL);
    CREATE TABLE starts (partition TEXT PRIMARY KEY, count INTEGER NOT NULL);

    -- The greatest fencing token ever given out.
    CREATE TABLE fence (one INTEGER PRIMARY KEY CHECK (one = 1), token INTEGER NOT NULL);
    INSERT INTO fence VALUES (1, 0);
    CREATE TABLE assignment (
        device    TEXT PRIMARY KEY,
        partition TEXT NOT NULL,
        token     INTEGER NOT NULL UNIQUE,
        at        TEXT NOT NULL,
        line      TEXT NOT NULL);

    CREATE TABLE operation (
        number     INTEGER PRIMARY KEY AUTOINCREMENT,
        id         TEXT NOT NULL UNIQUE,
        kind       TEXT NOT NULL,
        actor      TEXT NOT NULL,
        generation INTEGER NOT NULL,
        permits    TEXT NOT NULL,
        begun_at   TEXT NOT NULL,
        ended_at   TEXT,
        error      TEXT);
    CREATE INDEX operation_ended ON operation (ended_at);
    -- Restarts that a person asked for and that have not stopped the partition yet.
    CREATE TABLE asked_restart (
        operation TEXT NOT NULL REFERENCES operation (id) ON DELETE CASCADE,
        partition TEXT NOT NULL,
        PRIMARY KEY (operation, partition));
    CREATE TABLE step (
        operation TEXT NOT NULL REFERENCES operation (id) ON DELETE CASCADE,
        place     INTEGER NOT NULL,
        payload   TEXT NOT NULL,
        state     TEXT NOT NULL,
        error     TEXT NOT NULL DEFAULT '',
        changed_at TEXT NOT NULL,
        PRIMARY KEY (operation, place));

    CREATE TABLE event (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        time         TEXT NOT NULL,
        boot_id      TEXT NOT NULL,
        monotonic_ms INTEGER NOT NULL,
        code         TEXT NOT NULL,
        tenant       TEXT NOT NULL,
        actor        TEXT NOT NULL,
        operation    TEXT NOT NULL,
        partition    TEXT NOT NULL,
        text         TEXT NOT NULL);
    CREATE INDEX event_partition ON event (partition, id);
    CREATE INDEX event_tenant ON event (tenant, id);
    )sql",
    R"sql(
    -- The log of this boot, as it was extended into the host TPM's PCR 13: CEL-CBOR records in hexadecimal.
    CREATE TABLE measurement (sequence INTEGER PRIMARY KEY, record TEXT NOT NULL);
    -- How often a partition's TPM was made, and how often the partition was started with it.
    CREATE TABLE vtpm (
        uid        TEXT PRIMARY KEY,
        generation INTEGER NOT NULL DEFAULT 0,
        starts     INTEGER NOT NULL DEFAULT 0);
    -- Starts in the log that no stop has followed yet.
    CREATE TABLE measured_run (
        uid           TEXT PRIMARY KEY,
        partition     TEXT NOT NULL,
        start_number  INTEGER NOT NULL,
        switch_policy TEXT NOT NULL,
        endorsement   TEXT NOT NULL);
    )sql",
    // The line to the console: what waits for it, and whose the spec is.
    R"sql(
    CREATE TABLE uplink (
        one       INTEGER PRIMARY KEY CHECK (one = 1),
        enrolled  INTEGER NOT NULL,
        bound     INTEGER NOT NULL,
        in_flight INTEGER NOT NULL,
        in_flight_dropped INTEGER NOT NULL,
        dropped   INTEGER NOT NULL);
    INSERT INTO uplink VALUES (1, 0, 20000, 0, 0, 0);

    -- Copies of events until the console has them. Class 0 is the last to be dropped.
    CREATE TABLE spool (
        id           INTEGER PRIMARY KEY,
        class        INTEGER NOT NULL,
        time         TEXT NOT NULL,
        boot_id      TEXT NOT NULL,
        monotonic_ms INTEGER NOT NULL,
        code         TEXT NOT NULL,
        tenant       TEXT NOT NULL,
        actor        TEXT NOT NULL,
        operation    TEXT NOT NULL,
        partition    TEXT NOT NULL,
        text         TEXT NOT NULL);
    CREATE INDEX spool_class ON spool (class DESC, id);
    CREATE VIEW spooled AS SELECT id,
        CASE WHEN code GLOB 'attestation.*' OR code = 'partition.health' OR code GLOB 'break-glass.*'
                  OR code GLOB 'desired.*' OR code GLOB 'secret.*' OR code GLOB 'partition.*locked' THEN 0
             WHEN code GLOB 'partition.*' OR code GLOB 'step.*' OR code GLOB 'application.*' THEN 1
             ELSE 2 END AS class,
        time, boot_id, monotonic_ms, code, tenant, actor, operation, partition, text FROM event;
    -- In the transaction of the event itself, so that none is forgotten and the bound always holds.
    CREATE TRIGGER spool_event AFTER INSERT ON event WHEN (SELECT enrolled FROM uplink) = 1 BEGIN
        INSERT INTO spool SELECT * FROM spooled WHERE id = NEW.id;
        UPDATE uplink SET dropped = dropped
            + max(0, (SELECT count(*) FROM spool WHERE id > in_flight) - bound);
        DELETE FROM spool WHERE id IN (
            SELECT id FROM spool WHERE id > (SELECT in_flight FROM uplink) ORDER BY class DESC, id
            LIMIT (SELECT max(0, (SELECT count(*) FROM spool WHERE id > in_flight) - bound) FROM uplink));
    END;

    CREATE TABLE signed_spec (
        one        INTEGER PRIMARY KEY CHECK (one = 1),
        generation INTEGER NOT NULL,
        envelope   TEXT NOT NULL,
        signer     TEXT NOT NULL,
        taken_at   TEXT NOT NULL);
    CREATE TABLE break_glass (
        one    INTEGER PRIMARY KEY CHECK (one = 1),
        reason TEXT NOT NULL,
        actor  TEXT NOT NULL,
        since  TEXT NOT NULL);
    )sql",
    // What is assigned may be no serial line.
    R"sql(
    ALTER TABLE assignment ADD COLUMN kind TEXT NOT NULL DEFAULT 'serial';
    )sql",
    // And a line may have a guard: what may be said there.
    R"sql(
    ALTER TABLE assignment ADD COLUMN rules TEXT NOT NULL DEFAULT '';
    )sql",
    // And of a USB port it may be said what is plugged in there.
    R"sql(
    ALTER TABLE assignment ADD COLUMN expect TEXT NOT NULL DEFAULT '';
    )sql",
    // And what its partition must be to have it.
    R"sql(
    ALTER TABLE assignment ADD COLUMN terms TEXT NOT NULL DEFAULT '';
    )sql",
    // Where the log says that a run's devices are, if they can be moved under it.
    R"sql(
    CREATE TABLE measured_place (
        uid    TEXT NOT NULL REFERENCES measured_run (uid) ON DELETE CASCADE,
        device TEXT NOT NULL,
        at     TEXT NOT NULL,
        PRIMARY KEY (uid, device));
    )sql"};

}  // namespace

std::span<const storage::Migration> migrations() {
    return all;
}

int schema_version() {
    return static_cast<int>(all.size());
}

Result<std::unique_ptr<storage::Database>> open_database(const std::filesystem::path& path) {
    // QEMU's user passes through to volumes and disks, and lists nothing.
    BULKHEAD_TRY(make_folder(path.parent_path(), 0711));
    BULKHEAD_TRY_ASSIGN(auto database, storage::Database::open(path));
    BULKHEAD_TRY(migrate(*database));
    return database;
}

Result<> migrate(storage::Database& database) {
    return storage::migrate(database, all, "bulkheadd " BULKHEAD_VERSION);
}

}  // namespace bulkhead::apply
