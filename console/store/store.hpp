// What the console remembers. One interface, so that a second database can serve the same tests
// (tests/console/store). Every call is atomic, and may come from any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "console/store/rows.hpp"

namespace bulkhead::console {

class Store {
  public:
    virtual ~Store() = default;

    // All of `work` or nothing.
    virtual Result<> transaction(const std::function<Result<>()>& work) = 0;

    virtual Result<std::optional<CaRow>> ca() = 0;
    virtual Result<> set_ca(const CaRow& row) = 0;  // once: a second one is Code::conflict
    virtual Result<std::vector<ItKeyRow>> it_keys() = 0;
    virtual Result<> add_it_key(const ItKeyRow& row) = 0;  // the same again changes nothing

    // Code::conflict, naming which, if the name or the EK is there already.
    virtual Result<> add_gateway(const GatewayRow& row) = 0;
    virtual Result<std::vector<GatewayRow>> gateways() = 0;  // by name
    virtual Result<std::vector<std::string>> gateway_names() = 0;
    virtual Result<std::optional<GatewayRow>> gateway(const std::string& name) = 0;
    virtual Result<std::optional<GatewayRow>> gateway_by_ek(const std::string& ek_public) = 0;
    // With its events, history and report. Code::not_found.
    virtual Result<> remove_gateway(const std::string& name) = 0;
    // Issued, beside the one in use: both are good until the new one is used.
    virtual Result<> issue_certificate(const std::string& gateway, const std::string& serial,
                                       Seconds not_after) = 0;
    virtual Result<> use_certificate(const std::string& gateway, const std::string& serial) = 0;
    virtual Result<> set_last_seen(const std::string& gateway, const std::string& time) = 0;
    virtual Result<> set_box_key(const std::string& gateway, const std::string& key) = 0;
    // Code::conflict unless `generation` is greater than the one that is there.
    virtual Result<> set_desired(const std::string& gateway, std::uint64_t generation,
                                 const std::string& envelope) = 0;
    virtual Result<> set_applied(const std::string& gateway, std::uint64_t generation,
                                 const std::string& envelope, const std::string& error) = 0;
    // What is in force is reached, from now on. False: it was before.
    virtual Result<bool> set_reached(const std::string& gateway) = 0;
    virtual Result<> set_attested(const std::string& gateway, const std::string& known_host,
                                  const std::string& results) = 0;
    virtual Result<std::string> report(const std::string& gateway) = 0;  // empty: none yet
    virtual Result<> set_report(const std::string& gateway, const std::string& report) = 0;

    virtual Result<> add_token(const TokenRow& row) = 0;
    // Good for one use by a gateway with this EK (its SHA-256). Code::refused with the reason, else.
    virtual Result<TokenRow> check_token(const std::string& hash, const std::string& ek, Seconds now) = 0;
    virtual Result<> use_token(const std::string& hash, const std::string& gateway) = 0;

    virtual Result<> add_user(const UserRow& row) = 0;  // Code::conflict
    virtual Result<std::vector<UserRow>> users() = 0;
    virtual Result<std::optional<UserRow>> user(const std::string& name) = 0;
    // Ends the user's sessions too, here and in remove_user. Code::not_found.
    virtual Result<> set_password(const std::string& user, const std::string& password) = 0;
    virtual Result<> set_signed_in(const std::string& user, const std::string& time) = 0;
    virtual Result<> remove_user(const std::string& name) = 0;

    virtual Result<> add_session(const SessionRow& row) = 0;
    // One that has not expired; expired ones are forgotten.
    virtual Result<std::optional<SessionRow>> session(const std::string& hash, Seconds now) = 0;
    virtual Result<> remove_session(const std::string& hash) = 0;
    virtual Result<std::uint64_t> count_sessions(Seconds now) = 0;

    // Stores those that are newer than what it has of this gateway; `dropped` were lost before the first of
    // them. Returns the last one that it has. Events out of order are Code::invalid.
    virtual Result<std::uint64_t> add_events(const std::string& gateway,
                                             const std::vector<bulkhead::v1alpha1::Event>& events,
                                             std::uint64_t dropped) = 0;
    virtual Result<EventRows> events(const EventQuery& query) = 0;

    // Nothing, if the newest row of its kind says the same already.
    virtual Result<> add_history(const HistoryRow& row) = 0;
    // Newest first.
    virtual Result<std::vector<HistoryRow>> history(const std::string& gateway, const std::string& partition,
                                                    std::size_t limit) = 0;

    virtual Result<> add_audit(const AuditEntry& entry) = 0;
    // Newest first, with ids below `before` (0: all).
    virtual Result<std::vector<AuditEntry>> audit(std::uint64_t before, std::size_t limit) = 0;
};

}  // namespace bulkhead::console
