#include "benchmarks/fleet/enrolled.hpp"

#include "base/clock.hpp"
#include "console/server/authority.hpp"
#include "console/server/commands.hpp"
#include "console/store/sqlite_store.hpp"
#include "partition-manager/uplink/box_key.hpp"
#include "partition-manager/uplink/identity.hpp"

namespace bulkhead::benchmarks {
namespace {

Result<> enrol_one(const Enrolment& enrolment, const std::string& name, console::Store& store,
                   const console::Authority& authority, const Clock& clock) {
    BULKHEAD_TRY_ASSIGN(const auto identity, uplink::Identity::open(enrolment.folder / name));
    BULKHEAD_TRY_ASSIGN(const auto key, identity->key());
    BULKHEAD_TRY_ASSIGN(const auto public_key, crypto::public_key_of(key));
    BULKHEAD_TRY_ASSIGN(const auto issued, authority.issue(name, public_key));
    BULKHEAD_TRY_ASSIGN(const auto box, uplink::open_box_key(identity->folder(), nullptr));
    console::GatewayRow row;
    row.name = name;
    row.ek_public = "simulated EK of " + name;
    row.ak_public = "simulated AK of " + name;
    row.anchor = "software";
    row.serial = issued.serial;
    row.not_after = issued.not_after.time_since_epoch().count();
    row.enrolled_at = rfc3339(clock.utc());
    row.actor = "bench-fleet";
    row.box_key = box.pair.public_key;  // known already: there is no TPM to sign it
    BULKHEAD_TRY(store.add_gateway(row));
    return identity->put({.gateway = name,
                          .console = enrolment.console,
                          .pin = authority.pin(),
                          .ca_pem = authority.certificate(),
                          .certificate = issued.certificate,
                          .trust_anchor = row.anchor,
                          .known_time = row.enrolled_at});
}

}  // namespace

std::string gateway_name(std::size_t number) {
    return "simulated-" + std::to_string(number);
}

Result<> enrol(const Enrolment& enrolment) {
    const SystemClock clock;
    BULKHEAD_TRY_ASSIGN(const auto store,
                        console::SqliteStore::open(enrolment.state / console::database_name));
    console::AuthorityOptions options;
    options.folder = enrolment.state;
    BULKHEAD_TRY_ASSIGN(const auto authority, console::Authority::open(*store, clock, std::move(options)));
    return store->transaction([&]() -> Result<> {
        for (std::size_t number = 0; number < enrolment.gateways; ++number)
            BULKHEAD_TRY(enrol_one(enrolment, gateway_name(number), *store, *authority, clock));
        return {};
    });
}

}  // namespace bulkhead::benchmarks
