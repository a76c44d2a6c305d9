// A fleet over a real store, with a clock that is set by hand.
#pragma once

#include <gtest/gtest.h>

#include "console/server/fleet_core.hpp"
#include "console/store/sqlite_store.hpp"
#include "tests/console/folder.hpp"
#include "tests/console/server/plant.hpp"

namespace bulkhead::console {

using std::chrono::seconds;

class SetClock final : public Clock {
  public:
    MonotonicTime monotonic() const override { return MonotonicTime(passed_); }
    UtcTime utc() const override { return UtcTime(std::chrono::days{22'000}) + passed_; }
    void pass(seconds time) { passed_ += time; }

  private:
    seconds passed_{1000};
};

// A gateway's line that remembers what it was told.
class ToldLine final : public Line {
  public:
    void push_desired(std::uint64_t generation, const std::string&) override { pushed = generation; }
    std::unique_ptr<RelayedCall> call(const Caller& caller, const std::string& method, std::string,
                                      RelayEvents) override {
        called = caller.actor + " " + method;
        tenant = caller.tenant;
        return nullptr;
    }
    void tick() override {}
    void end(const Error& why) override { ended = why.what; }
    std::uint64_t pushed = 0;
    std::string called;
    std::string tenant;
    std::string ended;
};

inline const Viewer admin{"root", Role::it_admin, {}};
inline const Viewer oper{"otto", Role::ot_operator, {}};
inline const Viewer vendor{"vera", Role::vendor, "acme"};
inline const Viewer stranger{"sven", Role::vendor, "nobody"};
inline const Viewer auditor{"anna", Role::auditor, {}};

class FleetTest : public testing::Test {
  protected:
    void SetUp() override {
        store = SqliteStore::open(folder / "console.db").value();
        AuthorityOptions options;
        options.folder = folder.path();
        options.names = {"localhost"};
        authority = Authority::open(*store, clock, options).value();
        fleet = std::make_unique<FleetCore>(FleetParts{*store, roster, lines, watchers, *authority, clock},
                                            FleetOptions{"127.0.0.1:7443"});
        ASSERT_TRUE(fleet->trust_key(admin, key.verify_key().pem(), "it.pub"));
    }
    void enrol(const std::string& name, const std::string& site = "hall-2", bool connected = true) {
        GatewayRow row;
        row.name = name;
        row.ek_public = "ek " + name;
        row.anchor = "software";
        row.enrolled_at = "2030-01-01T00:00:00.000Z";
        ASSERT_TRUE(store->add_gateway(row));
        auto state = state_of(row, plant_report(name, site).SerializeAsString());
        state.connected = connected;
        state.last_seen = clock.utc();
        roster.put(std::move(state));
    }
    void attest(const std::string& gateway, const std::string& partition, const std::string& status) {
        roster.change(gateway, [&](GatewayState& state) {
            api::AttestationView view;
            view.set_attestation(status);
            view.set_trust_anchor("software");
            view.set_attested_at(rfc3339(clock.utc()));
            state.attested[partition] = {view, clock.utc()};
        });
    }
    std::vector<std::string> names(const Viewer& viewer, const api::ListRequest& request) {
        std::vector<std::string> found;
        const auto list = fleet->gateways(viewer, request);
        for (const auto& view : list->items()) found.push_back(view.name());
        return found;
    }

    Folder folder;
    SetClock clock;
    std::unique_ptr<SqliteStore> store;
    std::unique_ptr<Authority> authority;
    Roster roster;
    Lines lines;
    Watchers watchers;
    std::unique_ptr<FleetCore> fleet;
    crypto::SigningKey key = crypto::SigningKey::generate();
};

}  // namespace bulkhead::console
