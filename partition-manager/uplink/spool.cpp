#include "partition-manager/uplink/spool.hpp"

#include "storage/value.hpp"

namespace bulkhead::uplink {
namespace {

using storage::as_number;
using storage::Row;
using storage::Value;

// A gateway that writes an event each millisecond takes 9,000 years to it. SQLite's numbers end at 2^63,
// where no event could be written any more.
constexpr std::uint64_t greatest_id = std::uint64_t{1} << 48U;

Result<std::uint64_t> one_number(storage::Database& database, std::string_view query) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database.query(query));
    return rows.empty() ? 0 : static_cast<std::uint64_t>(rows.front().number(0));
}

void fill(v1alpha1::Event& event, const Row& row, const std::string& gateway) {
    event.set_id(static_cast<std::uint64_t>(row.number(0)));
    event.set_time(row.text(1));
    event.set_boot_id(row.text(2));
    event.set_monotonic_ms(static_cast<std::uint64_t>(row.number(3)));
    event.set_code(row.text(4));
    event.set_tenant(row.text(5));
    event.set_actor(row.text(6));
    event.set_operation(row.text(7));
    event.set_partition(row.text(8));
    event.set_text(row.text(9));
    event.set_gateway(gateway);
}

}  // namespace

Result<> Spool::begin(std::size_t bound) {
    return database_.transaction([&]() -> Result<> {
        BULKHEAD_TRY(database_.run("DELETE FROM spool"));
        BULKHEAD_TRY(database_.run("INSERT INTO spool SELECT * FROM spooled ORDER BY class, id DESC LIMIT ?",
                                   {as_number(bound)}));
        return database_.run(
            "UPDATE uplink SET enrolled = 1, bound = ?, in_flight = 0, in_flight_dropped = 0, "
            "dropped = (SELECT count(*) FROM event) - (SELECT count(*) FROM spool)",
            {as_number(bound)});
    });
}

Result<> Spool::begin_once() {
    BULKHEAD_TRY_ASSIGN(const auto enrolled, one_number(database_, "SELECT enrolled FROM uplink"));
    return enrolled != 0 ? Result<>() : begin();
}

Result<> Spool::end() {
    return database_.transaction([&]() -> Result<> {
        BULKHEAD_TRY(database_.run("DELETE FROM spool"));
        return database_.run(
            "UPDATE uplink SET enrolled = 0, in_flight = 0, in_flight_dropped = 0, dropped = 0");
    });
}

Result<std::optional<v1alpha1::SpooledEvents>> Spool::next(const std::string& gateway) {
    std::optional<v1alpha1::SpooledEvents> batch;
    const auto done = database_.transaction([&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto state, database_.query("SELECT in_flight, dropped FROM uplink"));
        if (state.empty() || state.front().number(0) != 0) return {};
        BULKHEAD_TRY_ASSIGN(
            const auto rows,
            database_.query("SELECT id, time, boot_id, monotonic_ms, code, tenant, actor, operation, "
                            "partition, text FROM spool ORDER BY id LIMIT ?",
                            {as_number(longest_batch)}));
        if (rows.empty()) return {};
        batch.emplace();
        for (const auto& row : rows) fill(*batch->add_items(), row, gateway);
        const auto dropped = static_cast<std::uint64_t>(state.front().number(1));
        batch->set_dropped(dropped);
        return database_.run("UPDATE uplink SET in_flight = ?, in_flight_dropped = ?",
                             {as_number(batch->items().rbegin()->id()), as_number(dropped)});
    });
    if (!done) return std::unexpected(done.error());
    return batch;
}

// Drops that were told are forgotten with the batch that told of them; those since then are not.
Result<> Spool::acknowledge(std::uint64_t id) {
    return database_.transaction([&]() -> Result<> {
        BULKHEAD_TRY(database_.run(
            "UPDATE uplink SET dropped = dropped - in_flight_dropped WHERE in_flight > 0 AND in_flight <= ?",
            {as_number(id)}));
        BULKHEAD_TRY(database_.run("DELETE FROM spool WHERE id <= ?", {as_number(id)}));
        return database_.run("UPDATE uplink SET in_flight = 0, in_flight_dropped = 0");
    });
}

Result<> Spool::resume(std::uint64_t have) {
    if (have > greatest_id)
        return fail(Code::refused, "the console says that it has event " + std::to_string(have), {},
                    "an event that this gateway could have sent");
    return database_.transaction([&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto last,
                            one_number(database_, "SELECT seq FROM sqlite_sequence WHERE name = 'event'"));
        if (have <= last) return acknowledge(have);
        // This database was made anew and counts from 1 again, so the console would take new events for old
        // ones: what waits is counted on behind what the console has.
        BULKHEAD_TRY(database_.run("UPDATE uplink SET in_flight = 0, in_flight_dropped = 0"));
        BULKHEAD_TRY(database_.run("UPDATE spool SET id = -id"));
        BULKHEAD_TRY(database_.run("UPDATE spool SET id = -id + ?", {as_number(have)}));
        BULKHEAD_TRY(database_.run("DELETE FROM sqlite_sequence WHERE name = 'event'"));
        return database_.run("INSERT INTO sqlite_sequence VALUES ('event', ?)", {as_number(have + last)});
    });
}

Result<std::uint64_t> Spool::waiting() {
    return one_number(database_, "SELECT count(*) FROM spool");
}

Result<std::uint64_t> Spool::first() {
    return one_number(database_, "SELECT min(id) FROM spool");
}

}  // namespace bulkhead::uplink
