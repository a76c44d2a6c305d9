#include "partition-manager/apply/events.hpp"

#include <algorithm>

#include "storage/value.hpp"

namespace bulkhead::apply {
namespace {

using storage::as_text;
using storage::Row;
using storage::Value;

constexpr std::size_t longest_page = 1000;

StoredEvent event_of(const Row& row) {
    return {static_cast<std::uint64_t>(row.number(0)),
            row.text(1),
            row.text(2),
            static_cast<std::uint64_t>(row.number(3)),
            {row.text(4), row.text(6), model::TenantName(row.text(5)), OperationId(row.text(7)),
             model::PartitionName(row.text(8)), row.text(9)}};
}

}  // namespace

Result<std::uint64_t> Events::append(const Event& event) {
    std::uint64_t id = 0;
    const auto monotonic =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.monotonic().time_since_epoch());
    const auto written = database_.transaction([&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(
            const auto rows,
            database_.query(
                "INSERT INTO event (time, boot_id, monotonic_ms, code, tenant, actor, operation, partition, "
                "text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                {as_text(rfc3339(clock_.utc())), as_text(boot_id_), Value{std::int64_t{monotonic.count()}},
                 as_text(event.code), as_text(event.tenant.str()), as_text(event.actor),
                 as_text(event.operation.str()), as_text(event.partition.str()), as_text(event.text)}));
        id = static_cast<std::uint64_t>(rows.front().number(0));
        // Ids have no gaps but at the old end, so the bound on ids is one on their count.
        if (id <= bound_) return {};
        return database_.run("DELETE FROM event WHERE id <= ?",
                             {Value{static_cast<std::int64_t>(id - bound_)}});
    });
    BULKHEAD_TRY(written);
    appended_();
    return id;
}

Result<EventPage> Events::page(const EventFilter& filter) {
    const auto limit = std::clamp<std::size_t>(filter.limit, 1, longest_page);
    const std::string query =
        "SELECT id, time, boot_id, monotonic_ms, code, tenant, actor, operation, partition, text FROM event "
        "WHERE id > ?1 AND (?2 = '' OR partition = ?2) AND (?3 = '' OR tenant = ?3) ORDER BY id " +
        std::string(filter.after ? "ASC" : "DESC") + " LIMIT ?4";
    BULKHEAD_TRY_ASSIGN(
        auto rows,
        database_.query(query, {Value{static_cast<std::int64_t>(filter.after.value_or(0))},
                                as_text(filter.partition.str()), as_text(filter.tenant.str()),
                                Value{static_cast<std::int64_t>(limit + (filter.after ? 1 : 0))}}));
    if (!filter.after) std::ranges::reverse(rows);
    EventPage page;
    for (const auto& row : rows) {
        if (page.events.size() == limit) {
            page.next = page.events.back().id;
            break;
        }
        page.events.push_back(event_of(row));
    }
    return page;
}

}  // namespace bulkhead::apply
