// The part of the store that is about what happened.
#include <algorithm>

#include "console/store/sql.hpp"
#include "console/store/sqlite_store.hpp"
#include "console/store/value.hpp"

namespace bulkhead::console {
namespace {

constexpr std::size_t longest_page = 1000;

bulkhead::v1alpha1::Event event_of(const storage::Row& row) {
    bulkhead::v1alpha1::Event event;
    event.set_gateway(row.text(1));
    event.set_id(unsigned_of(row, 2));
    event.set_time(row.text(3));
    event.set_boot_id(row.text(4));
    event.set_monotonic_ms(unsigned_of(row, 5));
    event.set_code(row.text(6));
    event.set_tenant(row.text(7));
    event.set_actor(row.text(8));
    event.set_operation(row.text(9));
    event.set_partition(row.text(10));
    event.set_text(row.text(11));
    return event;
}

// A pattern of LIKE for "holds this text", in lower case; empty for an empty one.
std::string pattern_of(const std::string& search) {
    if (search.empty()) return {};
    std::string pattern = "%";
    for (const char c : search) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return pattern + '%';
}

// Greater ids than `last`, ascending.
Result<> check_order(const std::vector<bulkhead::v1alpha1::Event>& events) {
    for (std::size_t i = 1; i < events.size(); ++i)
        if (events[i].id() <= events[i - 1].id())
            return fail(Code::invalid,
                        "event " + std::to_string(events[i].id()) + " comes after " +
                            std::to_string(events[i - 1].id()),
                        "the gateway's spool", "ascending ids");
    return {};
}

}  // namespace

Result<std::uint64_t> SqliteStore::add_events(const std::string& gateway,
                                              const std::vector<bulkhead::v1alpha1::Event>& events,
                                              std::uint64_t dropped) {
    BULKHEAD_TRY(check_order(events));
    std::uint64_t last = 0;
    const auto stored = transaction([&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto have, count(sql::last_event, {as_text(gateway)}));
        last = have;
        for (const auto& event : events) {
            if (event.id() <= have) continue;
            BULKHEAD_TRY(database_->run(
                sql::add_event,
                {as_text(gateway), as_number(event.id()), as_text(event.time()), as_text(event.boot_id()),
                 as_number(event.monotonic_ms()), as_text(event.code()), as_text(event.tenant()),
                 as_text(event.actor()), as_text(event.operation()), as_text(event.partition()),
                 as_text(event.text())}));
            last = event.id();
        }
        // What was lost before a message that is here already was counted with it.
        const bool again = !events.empty() && events.front().id() <= have;
        if (last == have && (again || dropped == 0)) return {};
        BULKHEAD_TRY(database_->run(sql::set_last_event,
                                    {as_text(gateway), as_number(last), as_number(again ? 0 : dropped)}));
        return database_->run(sql::trim_events, {as_text(gateway), as_number(bounds_.events_of_a_gateway)});
    });
    BULKHEAD_TRY(stored);
    return last;
}

Result<EventRows> SqliteStore::events(const EventQuery& query) {
    const auto limit = std::clamp<std::size_t>(query.limit, 1, longest_page);
    const auto& statements = !query.gateway.empty()  ? sql::events_of_a_gateway
                             : !query.tenant.empty() ? sql::events_of_a_tenant
                                                     : sql::events_of_all;
    BULKHEAD_TRY_ASSIGN(
        auto rows,
        reader_->query(query.newest ? statements.newest : statements.next,
                       {as_number(query.newest ? 0 : query.after), as_text(query.gateway),
                        as_text(query.partition), as_text(query.tenant), as_text(query.code),
                        as_text(pattern_of(query.search)), as_number(limit + (query.newest ? 0 : 1))}));
    if (query.newest) std::ranges::reverse(rows);
    EventRows page;
    for (std::size_t i = 0; i < rows.size() && i < limit; ++i) page.items.push_back(event_of(rows[i]));
    if (rows.size() > limit) page.next = unsigned_of(rows[limit - 1], 0);
    return page;
}

Result<> SqliteStore::add_history(const HistoryRow& row) {
    return transaction([&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto newest, database_->query(sql::newest_history,
                                                                {as_text(row.gateway), as_text(row.partition),
                                                                 as_text(row.kind)}));
        if (!newest.empty() && newest.front().text(0) == row.value && newest.front().text(1) == row.reason)
            return {};
        BULKHEAD_TRY(
            database_->run(sql::add_history,
                           {as_text(row.gateway), as_text(row.partition), as_text(row.tenant),
                            as_text(row.kind), as_text(row.time), as_text(row.value), as_text(row.reason)}));
        BULKHEAD_TRY(database_->run(sql::trim_history,
                                    {as_text(row.gateway), as_text(row.partition), as_text(row.kind),
                                     as_number(bounds_.history_of_a_partition)}));
        return database_->run(sql::trim_history_of_gateway,
                              {as_text(row.gateway), as_number(bounds_.history_of_a_gateway)});
    });
}

Result<std::vector<HistoryRow>> SqliteStore::history(const std::string& gateway, const std::string& partition,
                                                     std::size_t limit) {
    BULKHEAD_TRY_ASSIGN(const auto rows,
                        database_->query(sql::history, {as_text(gateway), as_text(partition),
                                                        as_number(std::min(limit, longest_page))}));
    std::vector<HistoryRow> all;
    for (const auto& row : rows)
        all.push_back(
            {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.text(6)});
    return all;
}

}  // namespace bulkhead::console
