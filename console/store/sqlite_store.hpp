// The store in SQLite: for one console.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "console/store/store.hpp"
#include "storage/database.hpp"

namespace bulkhead::console {

class SqliteStore final : public Store {
  public:
    // Brings the tables up to date. The file is of its owner alone: it holds the CA's key.
    static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& path, Bounds bounds = {});

    Result<> transaction(const std::function<Result<>()>& work) override;

    Result<std::optional<CaRow>> ca() override;
    Result<> set_ca(const CaRow& row) override;
    Result<std::vector<ItKeyRow>> it_keys() override;
    Result<> add_it_key(const ItKeyRow& row) override;

    Result<> add_gateway(const GatewayRow& row) override;
    Result<std::vector<GatewayRow>> gateways() override;
    Result<std::vector<std::string>> gateway_names() override;
    Result<std::optional<GatewayRow>> gateway(const std::string& name) override;
    Result<std::optional<GatewayRow>> gateway_by_ek(const std::string& ek_public) override;
    Result<> remove_gateway(const std::string& name) override;
    Result<> issue_certificate(const std::string& gateway, const std::string& serial,
                               Seconds not_after) override;
    Result<> use_certificate(const std::string& gateway, const std::string& serial) override;
    Result<> set_last_seen(const std::string& gateway, const std::string& time) override;
    Result<> set_box_key(const std::string& gateway, const std::string& key) override;
    Result<> set_desired(const std::string& gateway, std::uint64_t generation,
                         const std::string& envelope) override;
    Result<> set_applied(const std::string& gateway, std::uint64_t generation, const std::string& envelope,
                         const std::string& error) override;
    Result<bool> set_reached(const std::string& gateway) override;
    Result<> set_attested(const std::string& gateway, const std::string& known_host,
                          const std::string& results) override;
    Result<std::string> report(const std::string& gateway) override;
    Result<> set_report(const std::string& gateway, const std::string& report) override;

    Result<> add_token(const TokenRow& row) override;
    Result<TokenRow> check_token(const std::string& hash, const std::string& ek, Seconds now) override;
    Result<> use_token(const std::string& hash, const std::string& gateway) override;

    Result<> add_user(const UserRow& row) override;
    Result<std::vector<UserRow>> users() override;
    Result<std::optional<UserRow>> user(const std::string& name) override;
    Result<> set_password(const std::string& user, const std::string& password) override;
    Result<> set_signed_in(const std::string& user, const std::string& time) override;
    Result<> remove_user(const std::string& name) override;

    Result<> add_session(const SessionRow& row) override;
    Result<std::optional<SessionRow>> session(const std::string& hash, Seconds now) override;
    Result<> remove_session(const std::string& hash) override;
    Result<std::uint64_t> count_sessions(Seconds now) override;

    Result<std::uint64_t> add_events(const std::string& gateway,
                                     const std::vector<bulkhead::v1alpha1::Event>& events,
                                     std::uint64_t dropped) override;
    Result<EventRows> events(const EventQuery& query) override;

    Result<> add_history(const HistoryRow& row) override;
    Result<std::vector<HistoryRow>> history(const std::string& gateway, const std::string& partition,
                                            std::size_t limit) override;

    Result<> add_audit(const AuditEntry& entry) override;
    Result<std::vector<AuditEntry>> audit(std::uint64_t before, std::size_t limit) override;

  private:
    SqliteStore(std::unique_ptr<storage::Database> database, std::unique_ptr<storage::Database> reader,
                Bounds bounds)
        : database_(std::move(database)), reader_(std::move(reader)), bounds_(bounds) {}
    // Of a query that counts.
    Result<std::uint64_t> count(const char* sql, std::initializer_list<storage::Value> arguments);
    // Of a change that names what it changed; Code::not_found if that is nothing.
    Result<> changed(const char* sql, std::initializer_list<storage::Value> arguments,
                     const std::string& what, const std::string& mend);

    std::unique_ptr<storage::Database> database_;
    // Of its own: a search through all events takes seconds, and no gateway may wait for it.
    std::unique_ptr<storage::Database> reader_;
    Bounds bounds_;
};

}  // namespace bulkhead::console
