// The part of the store that is about gateways.
#include "console/store/sql.hpp"
#include "console/store/sqlite_store.hpp"
#include "console/store/value.hpp"

namespace bulkhead::console {
namespace {

constexpr auto list_gateways = "bulkhead get gateways";

GatewayRow gateway_of(const storage::Row& row) {
    GatewayRow gateway;
    gateway.name = row.text(0);
    gateway.ek_public = bytes_of(row, 1);
    gateway.ak_public = bytes_of(row, 2);
    gateway.anchor = row.text(3);
    gateway.serial = row.text(4);
    gateway.next_serial = row.text(5);
    gateway.not_after = row.number(6);
    gateway.enrolled_at = row.text(7);
    gateway.actor = row.text(8);
    gateway.last_seen = row.text(9);
    gateway.box_key = bytes_of(row, 10);
    gateway.generation = unsigned_of(row, 11);
    gateway.envelope = row.text(12);
    gateway.generation_applied = unsigned_of(row, 13);
    gateway.envelope_applied = row.text(14);
    gateway.desired_error = row.text(15);
    gateway.known_host = row.text(16);
    gateway.results = bytes_of(row, 17);
    gateway.last_event = unsigned_of(row, 18);
    gateway.events_dropped = unsigned_of(row, 19);
    gateway.envelope_reached = row.text(20);
    return gateway;
}

std::optional<GatewayRow> first_of(const std::vector<storage::Row>& rows) {
    if (rows.empty()) return std::nullopt;
    return gateway_of(rows.front());
}

std::string gateway_words(const std::string& gateway) {
    return "gateway '" + gateway + "'";
}

}  // namespace

Result<> SqliteStore::add_gateway(const GatewayRow& row) {
    return transaction([&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto same_name, gateway(row.name));
        if (same_name)
            return fail(Code::conflict,
                        "a gateway '" + row.name + "' is enrolled already, since " + same_name->enrolled_at,
                        {}, "another name",
                        "bulkhead-console gateway remove " + row.name + ", if it was replaced");
        BULKHEAD_TRY_ASSIGN(const auto same_ek, gateway_by_ek(row.ek_public));
        if (same_ek)
            return fail(
                Code::conflict, "this TPM is enrolled already, as gateway '" + same_ek->name + "'", {},
                "one gateway for each TPM",
                "bulkhead-console gateway remove " + same_ek->name + ", if it shall have another name");
        return database_->run(
            sql::add_gateway,
            {as_text(row.name), as_bytes(row.ek_public), as_bytes(row.ak_public), as_text(row.anchor),
             as_text(row.serial), as_number(row.not_after), as_text(row.enrolled_at), as_text(row.actor)});
    });
}

Result<std::vector<GatewayRow>> SqliteStore::gateways() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::gateways));
    std::vector<GatewayRow> all;
    for (const auto& row : rows) all.push_back(gateway_of(row));
    return all;
}

Result<std::vector<std::string>> SqliteStore::gateway_names() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::gateway_names));
    std::vector<std::string> names;
    for (const auto& row : rows) names.push_back(row.text(0));
    return names;
}

Result<std::optional<GatewayRow>> SqliteStore::gateway(const std::string& name) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::gateway, {as_text(name)}));
    return first_of(rows);
}

Result<std::optional<GatewayRow>> SqliteStore::gateway_by_ek(const std::string& ek_public) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::gateway_by_ek, {as_bytes(ek_public)}));
    return first_of(rows);
}

Result<> SqliteStore::remove_gateway(const std::string& name) {
    return changed(sql::remove_gateway, {as_text(name)}, gateway_words(name), list_gateways);
}

Result<> SqliteStore::issue_certificate(const std::string& gateway, const std::string& serial,
                                        Seconds not_after) {
    return changed(sql::issue_certificate, {as_text(gateway), as_text(serial), as_number(not_after)},
                   gateway_words(gateway), list_gateways);
}

Result<> SqliteStore::use_certificate(const std::string& gateway, const std::string& serial) {
    return database_->run(sql::use_certificate, {as_text(gateway), as_text(serial)});
}

Result<> SqliteStore::set_last_seen(const std::string& gateway, const std::string& time) {
    return database_->run(sql::set_last_seen, {as_text(gateway), as_text(time)});
}

Result<> SqliteStore::set_box_key(const std::string& gateway, const std::string& key) {
    return database_->run(sql::set_box_key, {as_text(gateway), as_bytes(key)});
}

Result<> SqliteStore::set_desired(const std::string& gateway, std::uint64_t generation,
                                  const std::string& envelope) {
    return transaction([&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto row, this->gateway(gateway));
        if (!row)
            return fail(Code::not_found, "there is no " + gateway_words(gateway), {}, {}, list_gateways);
        if (generation <= row->generation)
            return fail(
                Code::conflict,
                "generation " + std::to_string(generation) + " is not new: " + gateway_words(gateway) +
                    " has " + std::to_string(row->generation),
                {}, "a greater one", "bulkhead sign --generation " + std::to_string(row->generation + 1));
        return database_->run(sql::set_desired, {as_text(gateway), as_number(generation), as_text(envelope)});
    });
}

Result<> SqliteStore::set_applied(const std::string& gateway, std::uint64_t generation,
                                  const std::string& envelope, const std::string& error) {
    return database_->run(sql::set_applied,
                          {as_text(gateway), as_number(generation), as_text(envelope), as_text(error)});
}

Result<bool> SqliteStore::set_reached(const std::string& gateway) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::set_reached, {as_text(gateway)}));
    return !rows.empty();
}

Result<> SqliteStore::set_attested(const std::string& gateway, const std::string& known_host,
                                   const std::string& results) {
    return database_->run(sql::set_attested, {as_text(gateway), as_text(known_host), as_bytes(results)});
}

Result<std::string> SqliteStore::report(const std::string& gateway) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::report, {as_text(gateway)}));
    return rows.empty() ? std::string() : bytes_of(rows.front(), 0);
}

Result<> SqliteStore::set_report(const std::string& gateway, const std::string& report) {
    return database_->run(sql::set_report, {as_text(gateway), as_bytes(report)});
}

}  // namespace bulkhead::console
