#include "console/server/commands.hpp"

#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "console/server/fleet_core.hpp"
#include "console/store/sqlite_store.hpp"

namespace bulkhead::console {
namespace {

constexpr std::size_t key_file_limit = 64 * 1024;
constexpr const char* default_address = "127.0.0.1:7443";

// The fleet without lines: of the database alone.
struct Offline {
    std::unique_ptr<Store> store;
    std::unique_ptr<Authority> authority;
    SystemClock clock;
    Roster roster;
    Lines lines;
    Watchers watchers;
    std::unique_ptr<FleetCore> fleet;
    Viewer viewer{"uid:" + std::to_string(::geteuid()), Role::it_admin, {}};
};

Result<std::unique_ptr<Offline>> open(const std::filesystem::path& state) {
    auto offline = std::make_unique<Offline>();
    BULKHEAD_TRY_ASSIGN(offline->store, SqliteStore::open(state / database_name));
    AuthorityOptions options;
    options.folder = state;
    options.names = {"localhost"};
    BULKHEAD_TRY_ASSIGN(offline->authority,
                        Authority::open(*offline->store, offline->clock, std::move(options)));
    const auto address = read_file(state / address_name, key_file_limit);
    offline->fleet =
        std::make_unique<FleetCore>(FleetParts{*offline->store, offline->roster, offline->lines,
                                               offline->watchers, *offline->authority, offline->clock},
                                    FleetOptions{address ? std::string(trimmed(*address)) : default_address});
    return offline;
}

Result<> create_token(Offline& offline, const Options& options, std::ostream& out, std::ostream& notes) {
    BULKHEAD_TRY_ASSIGN(const auto token,
                        offline.fleet->create_token_for(offline.viewer, options.token_lifetime, options.ek));
    notes << "Good for one gateway until " << token.expires << ". On the gateway: bulkhead enroll 'STRING'\n";
    out << token.join << "\n";
    return {};
}

Result<> add_user(Offline& offline, const Options& options, std::ostream& out, std::ostream& notes) {
    const auto role = role_named(options.role);
    if (!role)
        return fail(Code::invalid, "there is no role '" + options.role + "'", "--role",
                    "it-admin, ot-operator, vendor or auditor");
    BULKHEAD_TRY_ASSIGN(
        const auto password,
        offline.fleet->add_user(offline.viewer, {options.subject, *role, options.tenant, {}, {}}));
    notes << "The password, shown this once:\n";
    out << password << "\n";
    return {};
}

Result<> list_users(Offline& offline, std::ostream& out) {
    BULKHEAD_TRY_ASSIGN(const auto users, offline.fleet->users(offline.viewer));
    for (const auto& user : users)
        out << user.name << "\t" << to_string(user.role) << "\t" << (user.tenant.empty() ? "-" : user.tenant)
            << "\t" << (user.last_sign_in.empty() ? "never" : user.last_sign_in) << "\n";
    return {};
}

Result<> reset_user(Offline& offline, const Options& options, std::ostream& out, std::ostream& notes) {
    BULKHEAD_TRY_ASSIGN(const auto password, offline.fleet->reset_password(offline.viewer, options.subject));
    notes << "The new password, shown this once:\n";
    out << password << "\n";
    return {};
}

Result<> trust(Offline& offline, const Options& options, std::ostream& out) {
    BULKHEAD_TRY_ASSIGN(const auto pem, read_file(options.subject, key_file_limit));
    BULKHEAD_TRY_ASSIGN(const auto id, offline.fleet->trust_key(offline.viewer, pem, options.subject));
    out << id << "\n";
    return {};
}

Result<> list_keys(Offline& offline, std::ostream& out) {
    BULKHEAD_TRY_ASSIGN(const auto keys, offline.store->it_keys());
    for (const auto& key : keys) out << key.id << "\t" << key.added_at << "\t" << key.actor << "\n";
    return {};
}

Result<> list_gateways(Offline& offline, std::ostream& out) {
    BULKHEAD_TRY_ASSIGN(const auto rows, offline.store->gateways());
    for (const auto& row : rows)
        out << row.name << "\t" << row.anchor << "\t" << row.enrolled_at << "\t"
            << (row.last_seen.empty() ? "never" : row.last_seen) << "\n";
    return {};
}

}  // namespace

Result<> run_command(const Options& options, std::ostream& out, std::ostream& notes) {
    BULKHEAD_TRY_ASSIGN(const auto offline, open(options.state));
    switch (options.verb) {
        case Verb::serve:
            return fail(Code::internal, "serve is no command");
        case Verb::token_create:
            return create_token(*offline, options, out, notes);
        case Verb::user_add:
            return add_user(*offline, options, out, notes);
        case Verb::user_list:
            return list_users(*offline, out);
        case Verb::user_reset:
            return reset_user(*offline, options, out, notes);
        case Verb::user_remove:
            return offline->fleet->remove_user(offline->viewer, options.subject);
        case Verb::trust_add:
            return trust(*offline, options, out);
        case Verb::trust_list:
            return list_keys(*offline, out);
        case Verb::gateway_list:
            return list_gateways(*offline, out);
        case Verb::gateway_remove:
            return offline->fleet->remove_gateway(offline->viewer, options.subject);
    }
    return fail(Code::internal, "an unknown command");
}

}  // namespace bulkhead::console
