#include "console/server/centre.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/log.hpp"
#include "console/server/commands.hpp"
#include "console/server/enrolment.hpp"
#include "console/server/fleet_core.hpp"
#include "console/server/rpc_server.hpp"
#include "console/store/sqlite_store.hpp"
#include "crypto/join_string.hpp"

namespace bulkhead::console {
namespace {

using std::chrono::seconds;

constexpr std::size_t roots_limit = std::size_t{4} * 1024 * 1024;
constexpr seconds between_syncs{2};
constexpr seconds between_renewals{60};

// Of HOST:PORT; an IPv6 address without its brackets.
std::string host_of(const std::string& listen) {
    const auto host = listen.substr(0, listen.rfind(':'));
    return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

bool is_wildcard(const std::string& host) {
    return host == "0.0.0.0" || host == "::";
}

// The certificate's names: the given one first, then how this machine is reached anyway.
std::vector<std::string> names_of(const std::string& name, const std::string& host) {
    std::vector<std::string> names{name};
    for (const std::string& more : {std::string("localhost"), std::string("127.0.0.1"), host})
        if (!is_wildcard(more) && std::ranges::find(names, more) == names.end()) names.push_back(more);
    return names;
}

}  // namespace

struct Centre::Parts {
    explicit Parts(const Clock& the_clock) : clock(the_clock) {}
    const Clock& clock;
    std::unique_ptr<Store> store;
    std::unique_ptr<Authority> authority;
    Roster roster;
    Lines lines;
    Watchers watchers;
    Leases leases;
    std::unique_ptr<FleetCore> fleet;
    std::unique_ptr<Enrolment> enrolment;
    std::string address;
    std::string first_password;
    MonotonicTime next_sync;
    MonotonicTime next_renewal;
    std::unique_ptr<RpcServer> rpc;  // last: it uses all of the above until it is gone

    Result<> load_roster();
    Result<> make_admin();
    Result<> serve(const std::filesystem::path& state, const ServeOptions& options);
    void forget_removed();
};

Result<> Centre::Parts::load_roster() {
    BULKHEAD_TRY_ASSIGN(const auto rows, store->gateways());
    for (const auto& row : rows) {
        BULKHEAD_TRY_ASSIGN(const auto report, store->report(row.name));
        roster.put(state_of(row, report));
    }
    return {};
}

Result<> Centre::Parts::make_admin() {
    BULKHEAD_TRY_ASSIGN(const auto users, store->users());
    if (!users.empty()) return {};
    BULKHEAD_TRY_ASSIGN(first_password, fleet->add_user({"console:", Role::it_admin, {}},
                                                        {"admin", Role::it_admin, {}, {}, {}}));
    return {};
}

Result<> Centre::Parts::serve(const std::filesystem::path& state, const ServeOptions& options) {
    const LineParts line{*store,   roster,        lines,
                         watchers, leases,        *enrolment,
                         clock,    options.round, options.certificate_lifetime};
    BULKHEAD_TRY_ASSIGN(rpc, RpcServer::open(options.listen, *authority, *fleet, *enrolment, line));
    address = options.address;
    if (address.empty()) {
        const auto host = host_of(options.listen);
        address = crypto::JoinString{
            is_wildcard(host) ? options.name : host,
            static_cast<std::uint16_t>(rpc->port()),
            {},
            {}}.address();
    }
    fleet->set_address(address);
    return write_file_atomically(state / address_name, address + "\n");
}

Result<std::unique_ptr<Centre>> Centre::open(const std::filesystem::path& state, const ServeOptions& options,
                                             const Clock& clock) {
    auto parts = std::make_unique<Parts>(clock);
    if (options.listen.find(':') == std::string::npos)
        return fail(Code::invalid, "'" + options.listen + "' has no port", "--listen", "HOST:PORT");
    BULKHEAD_TRY_ASSIGN(parts->store, SqliteStore::open(state / database_name));
    AuthorityOptions authority;
    authority.folder = state;
    authority.names = names_of(options.name, host_of(options.listen));
    authority.gateway_lifetime = options.certificate_lifetime;
    BULKHEAD_TRY_ASSIGN(parts->authority, Authority::open(*parts->store, clock, std::move(authority)));
    BULKHEAD_TRY(parts->authority->renew_server_certificate());
    std::string roots;
    if (!options.tpm_roots.empty()) {
        BULKHEAD_TRY_ASSIGN(roots, read_file(options.tpm_roots, roots_limit));
    }
    parts->fleet = std::make_unique<FleetCore>(
        FleetParts{*parts->store, parts->roster, parts->lines, parts->watchers, *parts->authority, clock},
        FleetOptions{{}, options.round});
    parts->enrolment = std::make_unique<Enrolment>(
        EnrolmentParts{*parts->store, parts->roster, parts->watchers, *parts->authority, clock},
        std::move(roots));
    BULKHEAD_TRY(parts->load_roster());
    BULKHEAD_TRY(parts->make_admin());
    BULKHEAD_TRY(parts->serve(state, options));
    return std::unique_ptr<Centre>(new Centre(std::move(parts)));
}

Centre::Centre(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
}
Centre::~Centre() = default;

Fleet& Centre::fleet() {
    return *parts_->fleet;
}
int Centre::port() const {
    return parts_->rpc->port();
}
const std::string& Centre::address() const {
    return parts_->address;
}
const std::string& Centre::pin() const {
    return parts_->authority->pin();
}
std::filesystem::path Centre::server_chain() const {
    return parts_->authority->server_chain();
}
std::filesystem::path Centre::server_key() const {
    return parts_->authority->server_key();
}
const std::string& Centre::first_password() const {
    return parts_->first_password;
}

// `bulkhead-console gateway remove` works on the database alone.
void Centre::Parts::forget_removed() {
    const auto names = store->gateway_names();
    if (!names) return log::error("can't read the gateways", {{"error", names.error().text()}});
    for (const auto& state : roster.all()) {
        if (std::ranges::binary_search(*names, state->name)) continue;
        // Enrolled between the two looks?
        if (const auto row = store->gateway(state->name); !row || *row) continue;
        roster.remove(state->name);
        leases.forget(state->name);
        if (const auto line = lines.find(state->name))
            line->end({Code::refused,
                       "the gateway was removed from the console",
                       state->name,
                       {},
                       "enrol it again"});
        watchers.tell({state->name, {}, "gateway"}, tenants_of(*state));
    }
}

void Centre::tick() {
    const auto now = parts_->clock.monotonic();
    for (const auto& line : parts_->lines.all()) line->tick();
    if (now >= parts_->next_sync) {
        parts_->next_sync = now + between_syncs;
        parts_->forget_removed();
    }
    if (now >= parts_->next_renewal) {
        parts_->next_renewal = now + between_renewals;
        if (const auto renewed = parts_->authority->renew_server_certificate(); !renewed)
            log::error("can't renew the console's certificate", {{"error", renewed.error().text()}});
    }
}

}  // namespace bulkhead::console
