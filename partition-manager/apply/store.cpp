#include "partition-manager/apply/store.hpp"

#include "storage/value.hpp"

namespace bulkhead::apply {
namespace {

using storage::as_text;
using storage::Row;
using storage::Value;

std::optional<StoredSpec> spec_of(const std::vector<Row>& rows) {
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return StoredSpec{row.text(0), row.text(1), static_cast<std::uint64_t>(row.number(2)),
                      row.number(3) != 0};
}

}  // namespace

Result<std::optional<StoredSpec>> Store::spec() {
    BULKHEAD_TRY_ASSIGN(const auto rows,
                        database_.query("SELECT document, document_name, generation, applied FROM spec "
                                        "WHERE in_force = 1 ORDER BY generation DESC LIMIT 1"));
    return spec_of(rows);
}

Result<std::optional<StoredSpec>> Store::last_applied() {
    BULKHEAD_TRY_ASSIGN(const auto rows,
                        database_.query("SELECT document, document_name, generation, applied FROM spec "
                                        "WHERE applied = 1 ORDER BY generation DESC LIMIT 1"));
    return spec_of(rows);
}

Result<std::uint64_t> Store::put_spec(const std::string& document, const std::string& document_name) {
    std::uint64_t generation = 0;
    const auto written = database_.transaction([&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto present, spec());
        if (present && present->document == document) {
            generation = present->generation;
            return database_.run("UPDATE spec SET document_name = ? WHERE generation = ?",
                                 {as_text(document_name), Value{static_cast<std::int64_t>(generation)}});
        }
        BULKHEAD_TRY_ASSIGN(const auto rows, database_.query("SELECT max(generation) FROM spec"));
        generation = static_cast<std::uint64_t>(rows.front().number(0)) + 1;
        BULKHEAD_TRY(database_.run("UPDATE spec SET in_force = 0"));
        BULKHEAD_TRY(database_.run(
            "INSERT INTO spec (generation, document, document_name, stored_at) VALUES (?, ?, ?, ?)",
            {Value{static_cast<std::int64_t>(generation)}, as_text(document), as_text(document_name),
             as_text(rfc3339(clock_.utc()))}));
        // Enough to say what changed, and to look back.
        return database_.run(
            "DELETE FROM spec WHERE in_force = 0 AND generation <= (SELECT max(generation) FROM spec) - 20 "
            "AND generation < (SELECT coalesce(max(generation), 0) FROM spec WHERE applied = 1)");
    });
    BULKHEAD_TRY(written);
    return generation;
}

Result<> Store::mark_applied(std::uint64_t generation) {
    return database_.run("UPDATE spec SET applied = 1 WHERE generation = ?",
                         {Value{static_cast<std::int64_t>(generation)}});
}

Result<> Store::forget_spec() {
    return database_.run("UPDATE spec SET in_force = 0, applied = 0");
}

Result<std::map<model::PartitionName, std::string>> Store::uids() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_.query("SELECT partition, uid FROM uid"));
    std::map<model::PartitionName, std::string> uids;
    for (const auto& row : rows) uids.emplace(row.text(0), row.text(1));
    return uids;
}

Result<> Store::put_uids(const std::map<model::PartitionName, std::string>& uids) {
    return database_.transaction([&]() -> Result<> {
        for (const auto& [partition, uid] : uids)
            BULKHEAD_TRY(database_.run("INSERT OR REPLACE INTO uid VALUES (?, ?)",
                                       {as_text(partition.str()), as_text(uid)}));
        return {};
    });
}

Result<std::set<model::PartitionName>> Store::holds() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_.query("SELECT partition FROM hold"));
    std::set<model::PartitionName> holds;
    for (const auto& row : rows) holds.emplace(row.text(0));
    return holds;
}

Result<> Store::hold(const model::PartitionName& partition, const std::string& by) {
    return database_.run("INSERT OR REPLACE INTO hold VALUES (?, ?, ?)",
                         {as_text(partition.str()), as_text(by), as_text(rfc3339(clock_.utc()))});
}

Result<> Store::release_hold(const model::PartitionName& partition) {
    return database_.run("DELETE FROM hold WHERE partition = ?", {as_text(partition.str())});
}

Result<std::map<model::PartitionName, RuntimeLock>> Store::locks() {
    BULKHEAD_TRY_ASSIGN(const auto rows,
                        database_.query("SELECT partition, locked_by, reason, since FROM runtime_lock"));
    std::map<model::PartitionName, RuntimeLock> locks;
    for (const auto& row : rows)
        locks.emplace(row.text(0), RuntimeLock{row.text(1), row.text(2), row.text(3)});
    return locks;
}

Result<> Store::lock(const model::PartitionName& partition, const std::string& by,
                     const std::string& reason) {
    return database_.run(
        "INSERT OR REPLACE INTO runtime_lock VALUES (?, ?, ?, ?)",
        {as_text(partition.str()), as_text(by), as_text(reason), as_text(rfc3339(clock_.utc()))});
}

Result<> Store::unlock(const model::PartitionName& partition) {
    return database_.run("DELETE FROM runtime_lock WHERE partition = ?", {as_text(partition.str())});
}

Result<std::map<model::DeviceName, model::Assignment>> Store::assignments() {
    BULKHEAD_TRY_ASSIGN(
        const auto rows,
        database_.query(
            "SELECT device, partition, token, at, line, kind, rules, expect, terms FROM assignment"));
    std::map<model::DeviceName, model::Assignment> assignments;
    for (const auto& row : rows) {
        model::Assignment assignment{model::DeviceName(row.text(0)),
                                     model::PartitionName(row.text(1)),
                                     static_cast<std::uint64_t>(row.number(2)),
                                     row.text(3),
                                     {}};
        BULKHEAD_TRY_ASSIGN(assignment.line, model::parse_serial_line(row.text(4)));
        BULKHEAD_TRY_ASSIGN(assignment.kind, model::parse_device_kind(row.text(5)));
        BULKHEAD_TRY_ASSIGN(assignment.rules, model::parse_line_rules(row.text(6)));
        BULKHEAD_TRY_ASSIGN(assignment.expect, model::parse_usb_identity(row.text(7)));
        BULKHEAD_TRY_ASSIGN(assignment.terms, model::parse_device_terms(row.text(8)));
        assignments.emplace(assignment.device, assignment);
    }
    return assignments;
}

Result<std::uint64_t> Store::next_token() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_.query("SELECT token FROM fence"));
    if (rows.empty()) return fail(Code::corrupt, "the fencing token is missing", database_.path().string());
    return static_cast<std::uint64_t>(rows.front().number(0)) + 1;
}

Result<std::map<model::PartitionName, std::uint32_t>> Store::starts() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_.query("SELECT partition, count FROM starts"));
    std::map<model::PartitionName, std::uint32_t> starts;
    for (const auto& row : rows) starts.emplace(row.text(0), static_cast<std::uint32_t>(row.number(1)));
    return starts;
}

Result<> Store::count_start(const model::PartitionName& partition) {
    return database_.run(
        "INSERT INTO starts VALUES (?, 1) ON CONFLICT (partition) DO UPDATE SET count = count + 1",
        {as_text(partition.str())});
}

Result<> Store::retain(const std::set<model::PartitionName>& partitions) {
    return database_.transaction([&]() -> Result<> {
        for (const std::string table : {"uid", "hold", "runtime_lock", "starts"}) {
            BULKHEAD_TRY_ASSIGN(const auto rows, database_.query("SELECT partition FROM " + table));
            for (const auto& row : rows)
                if (!partitions.contains(model::PartitionName(row.text(0))))
                    BULKHEAD_TRY(database_.run("DELETE FROM " + table + " WHERE partition = ?",
                                               {as_text(row.text(0))}));
        }
        return {};
    });
}

}  // namespace bulkhead::apply
