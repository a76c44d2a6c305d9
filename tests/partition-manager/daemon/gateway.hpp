// The engine and what people ask of it, over a gateway that exists in memory only. The database is real.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "partition-manager/daemon/requests.hpp"
#include "tests/fake/driver.hpp"
#include "tests/partition-manager/apply/fixture.hpp"

namespace bulkhead::daemon {

// The fake gateway behind a libvirt that may be away.
class Machine final : public model::Driver {
  public:
    std::string_view name() const override { return "machine"; }
    bool handles(const model::Action&) const override { return true; }
    Result<> observe(model::Observed& observed) override {
        if (away) return fail(Code::unavailable, "libvirt can't be reached");
        return fake.observe(observed);
    }
    Result<> execute(const model::Action& action) override {
        if (away) return fail(Code::unavailable, "libvirt can't be reached");
        return fake.execute(action);
    }
    fake::World& world() { return fake.world(); }
    model::ObservedMachine& machine(const std::string& name) {
        return world().observed.machines.at(model::PartitionName(name));
    }
    unsigned starts_of(const std::string& name) { return world().starts[model::PartitionName(name)]; }

    fake::Driver fake;
    bool away = false;
};

// One life of the daemon.
struct Life {
    Life(storage::Database& given, const Clock& given_clock, Machine& machine)
        : database(given),
          clock(given_clock),
          executor({&machine}, journal, clock,
                   {std::chrono::seconds(0), std::chrono::seconds(0), [](auto) {}}) {}

    storage::Database& database;
    const Clock& clock;
    apply::Store store{database, clock};
    apply::Journal journal{database, clock};
    apply::Events events{database, clock, "boot"};
    apply::Executor executor;
    Board board;
    policies::Policy policy =
        policies::read_policy(read_file(POLICY_FILE, 1 << 20).value(), "gateway.yaml").value();
    std::map<model::ImageName, Error> refused_images;
    images::BundleVerdicts bundles;
    std::stop_source stop;
    Engine engine{
        {database, store, journal, events, executor, clock, board, policy,
         [] { return Result<std::map<model::ImageName, model::Image>>(fake::new_world().observed.images); },
         [this] { return refused_images; }, stop.get_token(),
         [this](const model::Spec&) { return bundles; }}};
    apply::Ownership ownership{database, clock};
    std::vector<crypto::VerifyKey> it_keys;
    Requests requests{engine, store, policy,
                      Authority{ownership, [this] { return Result<std::vector<crypto::VerifyKey>>(it_keys); },
                                [] { return std::string("press-line-3"); }}};
};

struct Gateway : testing::Test {
    Gateway() { restart(); }

    // The daemon ends, and another one begins with what was remembered.
    void restart() {
        life.reset();
        life = std::make_unique<Life>(*database, clock, machine);
        const auto loaded = life->engine.load();
        ASSERT_TRUE(loaded) << loaded.error().text();
    }
    auto apply(const std::string& document, const model::Permits& permits = {},
               const OperationSink& sink = {}) {
        return life->requests.apply({document, "factory.yaml"}, permits, "uid:0", sink);
    }
    void apply_factory() {
        const auto done = apply(factory);
        ASSERT_TRUE(done) << done.error().front().text();
    }
    auto set_run(const std::string& partition, Requests::Run run) {
        return life->requests.set_run(model::PartitionName(partition), run, "uid:0", {});
    }
    auto lock(const std::string& partition, const std::string& reason) {
        return life->requests.lock(model::PartitionName(partition), "uid:7", reason);
    }
    std::chrono::milliseconds reconcile() { return life->engine.reconcile(); }
    Board::Ptr seen() const { return life->board.current(); }
    std::vector<std::string> event_codes() {
        std::vector<std::string> codes;
        const auto page = life->events.page({{}, {}, 0, 1000}).value();
        for (const auto& stored : page.events) codes.push_back(stored.event.code);
        return codes;
    }

    // examples/factory.yaml with one text replaced by another.
    static std::string factory_with(const std::string& text, const std::string& other) {
        std::string document = factory;
        const auto at = document.find(text);
        EXPECT_NE(at, std::string::npos) << text;
        return document.replace(at, text.size(), other);
    }
    static std::string with_more_memory() { return factory_with("memory: 192MiB", "memory: 256MiB"); }

    static inline const std::string factory = read_file(FACTORY_FILE, 1 << 20).value();
    apply::Folder folder;
    apply::FixedClock clock;
    std::unique_ptr<storage::Database> database = apply::Fixture::opened(folder);
    Machine machine;
    std::unique_ptr<Life> life;
};

}  // namespace bulkhead::daemon
