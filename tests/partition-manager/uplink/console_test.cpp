// The uplink against the real console, over TLS on the loopback, with a real TPM (swtpm). The gateway's clock
// stands in 1970 throughout: it must not matter.
#include <gmock/gmock.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <future>
#include <mutex>
#include <sstream>
#include <thread>

#include "base/file.hpp"
#include "bulkhead/v1alpha1/control.grpc.pb.h"
#include "console/server/centre.hpp"
#include "console/server/commands.hpp"
#include "partition-manager/apply/events.hpp"
#include "partition-manager/daemon/anchor_attestor.hpp"
#include "partition-manager/uplink/desired_check.hpp"
#include "partition-manager/uplink/uplink.hpp"
#include "spec/desired.hpp"
#include "tests/attestation/software_tpm.hpp"
#include "tests/partition-manager/apply/fixture.hpp"

namespace bulkhead::uplink {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const console::Viewer admin{"anna", console::Role::it_admin, {}};

// Runs in real time from 1970 on: a dead battery.
struct LostClock final : Clock {
    MonotonicTime monotonic() const override { return std::chrono::steady_clock::now(); }
    UtcTime utc() const override {
        return UtcTime(std::chrono::duration_cast<std::chrono::milliseconds>(monotonic() - begin));
    }
    const MonotonicTime begin = std::chrono::steady_clock::now();
};

// A console that can go and come back at its address.
class RunningConsole {
  public:
    explicit RunningConsole(std::filesystem::path state) : state_(std::move(state)) {
        options_.listen = "127.0.0.1:0";
        std::filesystem::create_directories(state_);
    }
    ~RunningConsole() { stop(); }
    void start() {
        auto opened = console::Centre::open(state_, options_, clock_);
        ASSERT_TRUE(opened) << opened.error().text();
        centre = std::move(*opened);
        options_.listen = "127.0.0.1:" + std::to_string(centre->port());
        ticking_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                centre->tick();
                std::this_thread::sleep_for(50ms);
            }
        });
    }
    void stop() {
        ticking_ = {};
        centre.reset();
    }
    void trust(const std::filesystem::path& key) {
        console::Options options;
        options.state = state_;
        options.verb = console::Verb::trust_add;
        options.subject = key.string();
        std::ostringstream out;
        const auto done = console::run_command(options, out, out);
        ASSERT_TRUE(done) << done.error().text();
    }
    void issue_for(std::chrono::seconds lifetime) { options_.certificate_lifetime = lifetime; }
    std::string join() { return centre->fleet().create_token(admin, 1h).value().join; }

    std::unique_ptr<console::Centre> centre;

  private:
    const std::filesystem::path state_;
    console::ServeOptions options_;
    SystemClock clock_;
    std::jthread ticking_;
};

// The gateway's own service, as far as the console may reach it.
class OwnControl final : public v1alpha1::Control::Service {
  public:
    grpc::Status SetLock(grpc::ServerContext* context, const v1alpha1::SetLockRequest* request,
                         v1alpha1::SetLockReply*) override {
        const auto& metadata = context->client_metadata();
        const auto found = metadata.find(actor_key);
        const std::scoped_lock lock(mutex);
        actor = found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
        partition = request->partition();
        if (request->reason() == "refuse me")
            return {grpc::StatusCode::FAILED_PRECONDITION, "locked already"};
        return {};
    }
    std::mutex mutex;
    std::string actor, partition;
};

struct ConsoleTest : testing::Test {
    void SetUp() override {
        auto opened = trust::HostAnchor::open(tpm.tcti());
        ASSERT_TRUE(opened) << opened.error().text();
        anchor = std::move(*opened);
        attestor = std::make_unique<daemon::AnchorAttestor>(*anchor);
        identity = Identity::open(folder / "uplink").value();
        grpc::ServerBuilder builder;
        builder.RegisterService(&control);
        server = builder.BuildAndStart();
        events.on_append([this] { uplink->poke(); });
        make_uplink();
    }
    void TearDown() override {
        if (uplink) uplink->stop();
        console.stop();
    }
    void make_uplink() {
        uplink = std::make_unique<Uplink>(UplinkParts{
            *identity, spool, clock, attestor.get(), nullptr,
            [this] {
                v1alpha1::GatewayReport report;
                report.mutable_status()->set_gateway("press-line-3");
                report.mutable_status()->set_signed_generation(taken);
                auto& partition = *report.mutable_partitions()->add_items();
                partition.set_name("robot-cell");
                partition.set_tenant("acme");
                partition.set_state("running");
                return report;
            },
            [this] { return taken.load(); },
            [this](const std::string& envelope, const std::function<void(Errors)>& done) {
                const auto accepted =
                    check_desired(envelope, identity->it_keys().value(), "press-line-3", taken, "signed");
                if (accepted) taken = accepted->desired.generation;
                done(accepted ? Errors() : Errors{accepted.error()});
            },
            [this] { return server->InProcessChannel({}); }});
    }
    void join() {
        const auto string = crypto::parse_join_string(console.join());
        ASSERT_TRUE(string) << string.error().text();
        const auto joined = uplink->join(*string, it.verify_key().pem(), "press-line-3");
        ASSERT_TRUE(joined) << joined.error().text();
    }
    template <class Condition>
    testing::AssertionResult comes_true(Condition condition, std::chrono::seconds limit = 30s) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end)
                return testing::AssertionFailure()
                       << "not within " << limit.count() << " s; the uplink: " << uplink->state().text;
            std::this_thread::sleep_for(20ms);
        }
        return testing::AssertionSuccess();
    }
    bool connected() const { return uplink->state().text == "connected"; }
    std::vector<std::string> texts_at_console() {
        v1alpha1::ListEventsRequest request;
        request.set_gateway("press-line-3");
        request.set_limit(1000);
        std::vector<std::string> texts;
        if (const auto list = console.centre->fleet().events(admin, request))
            for (const auto& event : list->items()) texts.push_back(event.text());
        return texts;
    }
    void happen(const std::string& text) {
        ASSERT_TRUE(events.append({"partition.started", "manager", {}, {}, {}, text}));
    }

    apply::Folder folder;
    testing_support::SoftwareTpm tpm;
    RunningConsole console{folder / "console"};
    std::unique_ptr<storage::Database> database = apply::Fixture::opened(folder);
    LostClock clock;
    apply::Events events{*database, clock, "boot"};
    Spool spool{*database};
    std::unique_ptr<trust::HostAnchor> anchor;
    std::unique_ptr<daemon::AnchorAttestor> attestor;
    std::unique_ptr<Identity> identity;
    const crypto::SigningKey it = crypto::SigningKey::generate();
    OwnControl control;
    std::unique_ptr<grpc::Server> server;
    std::atomic<std::uint64_t> taken = 0;
    std::unique_ptr<Uplink> uplink;
};

TEST_F(ConsoleTest, one_string_joins_and_the_line_stands) {
    console.start();
    uplink->start();
    join();
    EXPECT_TRUE(comes_true([&] { return connected(); }));
    EXPECT_EQ(uplink->state().console, console.centre->address());
    EXPECT_TRUE(comes_true([&] {
        const auto list = console.centre->fleet().gateways(admin, {});
        return list && list->items_size() == 1 && list->items(0).connection() == "connected";
    }));
}

TEST_F(ConsoleTest, a_wrong_pin_is_refused_and_the_token_is_not_spent) {
    console.start();
    auto string = crypto::parse_join_string(console.join()).value();
    auto wrong = string;
    wrong.pin[0] = wrong.pin[0] == 'a' ? 'b' : 'a';
    const auto refused = uplink->join(wrong, it.verify_key().pem(), "press-line-3");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("pin"));
    EXPECT_FALSE(identity->membership());
    EXPECT_TRUE(uplink->join(string, it.verify_key().pem(), "press-line-3"));
    const auto again = uplink->join(string, it.verify_key().pem(), "press-line-4");
    EXPECT_FALSE(again);
}

// Else it would be enrolled for good, and its events would reach nobody.
TEST_F(ConsoleTest, a_gateway_that_can_not_keep_its_events_has_not_joined) {
    console.start();
    ASSERT_TRUE(database->script("DROP TABLE spool"));
    const auto string = crypto::parse_join_string(console.join()).value();
    EXPECT_FALSE(uplink->join(string, it.verify_key().pem(), "press-line-3"));
    EXPECT_FALSE(identity->membership());
}

TEST_F(ConsoleTest, moves_to_another_console_with_all_of_its_events) {
    RunningConsole former{folder / "former"};
    former.start();
    uplink->start();
    const auto string = crypto::parse_join_string(former.join()).value();
    ASSERT_TRUE(uplink->join(string, it.verify_key().pem(), "press-line-3"));
    ASSERT_TRUE(comes_true([&] { return connected(); }));
    std::vector<std::string> sent;
    for (int i = 0; i < 300; ++i) {
        sent.push_back(std::to_string(i));
        happen(sent.back());
    }
    console.start();
    join();
    EXPECT_TRUE(comes_true([&] { return texts_at_console() == sent; }));
    EXPECT_EQ(uplink->state().console, console.centre->address());
}

TEST_F(ConsoleTest, every_event_arrives_once_and_in_order_though_the_line_is_cut_under_them) {
    console.start();
    uplink->start();
    join();
    std::vector<std::string> sent;
    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 60; ++i) {
            happen(std::to_string(round) + "/" + std::to_string(i));
            sent.push_back(std::to_string(round) + "/" + std::to_string(i));
            // In the middle of what is being delivered.
            if (i == 20 && round % 2 == 1) console.stop();
        }
        if (!console.centre) console.start();
        ASSERT_TRUE(comes_true([&] { return spool.waiting().value() == 0; }, 90s));
    }
    EXPECT_EQ(texts_at_console(), sent);
}

TEST_F(ConsoleTest, takes_what_it_signed_and_not_what_a_stolen_console_signed) {
    console.start();
    uplink->start();
    join();
    const crypto::SigningKey thief = crypto::SigningKey::generate();
    for (const auto& [name, key] : {std::pair("it.pub", &it), std::pair("thief.pub", &thief)}) {
        ASSERT_TRUE(write_file_atomically(folder / name, key->verify_key().pem()));
        console.trust(folder / name);
    }
    const auto factory = read_file(FACTORY_FILE, 1 << 20).value();
    const auto sign = [&](std::uint64_t generation, const crypto::SigningKey& key) {
        spec::Desired desired;
        desired.gateway = model::GatewayName("press-line-3");
        desired.generation = generation;
        desired.document = factory;
        desired.document_name = "factory.yaml";
        desired.references = "{}";
        desired.signed_at = "2031-05-04T12:00:00Z";
        return spec::sign_desired(desired, key);
    };
    const auto set = console.centre->fleet().set_desired(admin, sign(7, it));
    ASSERT_TRUE(set) << set.error().front().text();
    EXPECT_TRUE(comes_true([&] { return taken == 7U; }));
    const auto stolen = console.centre->fleet().set_desired(admin, sign(9, thief));
    ASSERT_TRUE(stolen) << stolen.error().front().text();
    happen("after it");
    EXPECT_TRUE(comes_true([&] { return texts_at_console().size() == 1; }));
    EXPECT_EQ(taken, 7U);
}

TEST_F(ConsoleTest, a_persons_call_reaches_the_gateways_own_service_under_that_name) {
    console.start();
    uplink->start();
    join();
    ASSERT_TRUE(comes_true([&] { return connected(); }));
    ASSERT_TRUE(comes_true([&] {
        const auto list = console.centre->fleet().partitions(admin, {});
        return list && list->items_size() == 1;
    }));
    const auto call = [&](const std::string& method, const std::string& reason) {
        v1alpha1::SetLockRequest request;
        request.set_partition("robot-cell");
        request.set_locked(true);
        request.set_reason(reason);
        auto ended = std::make_shared<std::promise<Errors>>();
        auto future = ended->get_future();
        auto made = console.centre->fleet().call(
            admin, "press-line-3", "robot-cell", method, request.SerializeAsString(),
            {[](const std::string&) {}, [ended](const Errors& errors) { ended->set_value(errors); }});
        if (!made) return Errors{made.error()};
        (*made)->half_close();
        return future.wait_for(10s) == std::future_status::ready
                   ? future.get()
                   : Errors{{Code::timeout, "no end", {}, {}, {}}};
    };
    const auto done = call("SetLock", "tool change");
    EXPECT_TRUE(done.empty()) << done.front().text();
    {
        const std::scoped_lock lock(control.mutex);
        EXPECT_THAT(control.actor, HasSubstr("anna"));
        EXPECT_EQ(control.partition, "robot-cell");
    }
    const auto refused = call("SetLock", "refuse me");
    ASSERT_FALSE(refused.empty());
    EXPECT_THAT(refused.front().text(), HasSubstr("locked already"));
    EXPECT_FALSE(call("Apply", "").empty());
    EXPECT_TRUE(connected());
}

struct ShortLived : ConsoleTest {
    ShortLived() { console.issue_for(4s); }
    std::string certificate() const { return identity->membership()->certificate; }
    void wait_until_after(double part) {
        const auto facts = crypto::read_certificate(certificate(), "").value();
        const auto issued = facts.not_after - 4s;
        while (std::chrono::system_clock::now() < issued + std::chrono::duration<double>(4 * part))
            std::this_thread::sleep_for(20ms);
    }
};

TEST_F(ShortLived, past_half_its_life_the_certificate_is_renewed_on_the_line) {
    console.start();
    join();
    const auto before = certificate();
    wait_until_after(0.6);
    uplink->start();
    EXPECT_TRUE(comes_true([&] { return certificate() != before; }));
    // A starved machine may need more than one: they live for 4 s, and by the TPM there is one in 30 s.
    EXPECT_TRUE(comes_true([&] { return connected(); }, 120s));
}

TEST_F(ShortLived, an_expired_gateway_comes_back_by_its_tpm) {
    console.start();
    join();
    const auto before = certificate();
    wait_until_after(1.5);
    console.stop();
    console.issue_for(24h);  // the next one is there to be used, however late this machine is
    console.start();
    uplink->start();
    EXPECT_TRUE(comes_true([&] { return connected(); }));
    EXPECT_NE(certificate(), before);
}

}  // namespace
}  // namespace bulkhead::uplink
