#include "console/store/store.hpp"

#include <gtest/gtest.h>

#include "console/store/schema.hpp"
#include "console/store/sql.hpp"
#include "storage/migration.hpp"
#include "tests/console/store/factories.hpp"

namespace bulkhead::console {
namespace {

using bulkhead::v1alpha1::Event;

class StoreTest : public testing::TestWithParam<Factory> {
  protected:
    void SetUp() override { open(); }
    void open(const Bounds& bounds = {}) {
        store.reset();
        auto opened = GetParam().open(folder, bounds);
        ASSERT_TRUE(opened) << opened.error().text();
        store = std::move(*opened);
    }
    static GatewayRow gateway(const std::string& name, const std::string& ek) {
        GatewayRow row;
        row.name = name;
        row.ek_public = ek;
        row.ak_public = std::string("ak\0\xff", 4) + name;
        row.anchor = "software";
        row.serial = "0A";
        row.not_after = 1'900'000'000;
        row.enrolled_at = "2031-05-04T12:00:00.000Z";
        row.actor = "user:admin";
        return row;
    }
    void enrol(const std::string& name) { ASSERT_TRUE(store->add_gateway(gateway(name, "ek of " + name))); }
    static std::vector<Event> events(std::uint64_t first, std::uint64_t last,
                                     const std::string& tenant = "acme") {
        std::vector<Event> all;
        for (auto id = first; id <= last; ++id) {
            Event event;
            event.set_id(id);
            event.set_code("partition.started");
            event.set_tenant(tenant);
            event.set_partition("robot-cell");
            event.set_text("Event 100% " + std::to_string(id));
            all.push_back(event);
        }
        return all;
    }
    std::vector<std::uint64_t> ids(const EventQuery& query) {
        std::vector<std::uint64_t> found;
        const auto page = store->events(query);
        EXPECT_TRUE(page);
        if (page)
            for (const auto& event : page->items) found.push_back(event.id());
        return found;
    }

    Folder folder;
    std::unique_ptr<Store> store;
};

TEST_P(StoreTest, keeps_the_ca_that_it_got_first) {
    EXPECT_FALSE(store->ca().value());
    ASSERT_TRUE(store->set_ca({"certificate", "key", "now"}));
    EXPECT_EQ(store->set_ca({"other", "key", "now"}).error().code, Code::conflict);
    open();
    EXPECT_EQ(store->ca().value(), (CaRow{"certificate", "key", "now"}));
}

TEST_P(StoreTest, refuses_one_name_or_one_tpm_twice_and_says_which) {
    enrol("press-3");
    const auto same_name = store->add_gateway(gateway("press-3", "another"));
    ASSERT_FALSE(same_name);
    EXPECT_NE(same_name.error().text().find("a gateway 'press-3' is enrolled already"), std::string::npos);
    const auto same_ek = store->add_gateway(gateway("press-4", "ek of press-3"));
    ASSERT_FALSE(same_ek);
    EXPECT_NE(same_ek.error().text().find("this TPM is enrolled already, as gateway 'press-3'"),
              std::string::npos);
    EXPECT_EQ(store->gateway_names().value(), std::vector<std::string>{"press-3"});
}

TEST_P(StoreTest, keeps_bytes_as_they_are) {
    enrol("press-3");
    ASSERT_TRUE(store->set_report("press-3", std::string("\0\xff\x80", 3)));
    ASSERT_TRUE(store->set_report("press-3", std::string("\0\xff\x81", 3)));
    open();
    EXPECT_EQ(store->gateway("press-3").value()->ak_public, std::string("ak\0\xffpress-3", 11));
    EXPECT_EQ(store->report("press-3").value(), std::string("\0\xff\x81", 3));
    EXPECT_EQ(store->report("press-4").value(), "");
}

TEST_P(StoreTest, a_renewed_certificate_replaces_the_old_one_when_it_is_used) {
    enrol("press-3");
    ASSERT_TRUE(store->issue_certificate("press-3", "0B", 2'000'000'000));
    EXPECT_EQ(store->gateway("press-3").value()->serial, "0A");
    ASSERT_TRUE(store->use_certificate("press-3", "0A"));  // still the old one
    EXPECT_EQ(store->gateway("press-3").value()->next_serial, "0B");
    ASSERT_TRUE(store->use_certificate("press-3", "0B"));
    EXPECT_EQ(store->gateway("press-3").value()->serial, "0B");
    EXPECT_EQ(store->gateway("press-3").value()->next_serial, "");
    EXPECT_EQ(store->issue_certificate("press-9", "0B", 1).error().code, Code::not_found);
}

TEST_P(StoreTest, a_desired_state_is_replaced_by_a_newer_one_only) {
    enrol("press-3");
    ASSERT_TRUE(store->set_desired("press-3", 4, "{4}"));
    EXPECT_EQ(store->set_desired("press-3", 4, "{again}").error().code, Code::conflict);
    EXPECT_EQ(store->set_desired("press-3", 3, "{old}").error().code, Code::conflict);
    EXPECT_EQ(store->set_desired("press-4", 1, "{}").error().code, Code::not_found);
    EXPECT_EQ(store->gateway("press-3").value()->envelope, "{4}");
}

TEST_P(StoreTest, a_state_in_force_is_reached_once) {
    enrol("press-3");
    EXPECT_FALSE(store->set_reached("press-3").value()) << "none is in force";
    ASSERT_TRUE(store->set_applied("press-3", 4, "{4}", ""));
    EXPECT_EQ(store->gateway("press-3").value()->envelope_reached, "");
    EXPECT_TRUE(store->set_reached("press-3").value());
    EXPECT_FALSE(store->set_reached("press-3").value());
    ASSERT_TRUE(store->set_applied("press-3", 5, "{5}", ""));
    EXPECT_EQ(store->gateway("press-3").value()->envelope_reached, "{4}");
}

TEST_P(StoreTest, what_is_of_a_gateway_goes_with_it) {
    enrol("press-3");
    ASSERT_TRUE(store->add_events("press-3", events(1, 3), 0));
    ASSERT_TRUE(store->set_report("press-3", "report"));
    ASSERT_TRUE(store->remove_gateway("press-3"));
    EXPECT_EQ(store->remove_gateway("press-3").error().code, Code::not_found);
    EXPECT_TRUE(ids({}).empty());
    enrol("press-3");
    EXPECT_EQ(store->report("press-3").value(), "");
    EXPECT_EQ(store->add_events("press-3", events(1, 2), 0).value(), 2u);
}

TEST_P(StoreTest, a_token_serves_once_before_it_expires_and_for_its_tpm) {
    ASSERT_TRUE(store->add_token({"any", "", "user:admin", "now", 100, ""}));
    ASSERT_TRUE(store->add_token({"tied", "e1", "user:admin", "now", 100, ""}));
    EXPECT_NE(store->check_token("none", "e1", 50).error().what.find("no such token"), std::string::npos);
    EXPECT_NE(store->check_token("any", "e1", 100).error().what.find("expired"), std::string::npos);
    EXPECT_NE(store->check_token("tied", "e2", 50).error().what.find("for the TPM"), std::string::npos);
    EXPECT_TRUE(store->check_token("tied", "e1", 50));
    ASSERT_TRUE(store->check_token("any", "e2", 50));
    ASSERT_TRUE(store->use_token("any", "press-3"));
    EXPECT_FALSE(store->use_token("any", "press-4"));
    EXPECT_NE(store->check_token("any", "e1", 50).error().what.find("used already, by gateway 'press-3'"),
              std::string::npos);
}

TEST_P(StoreTest, events_delivered_again_are_stored_once) {
    enrol("press-3");
    EXPECT_EQ(store->add_events("press-3", events(1, 5), 0).value(), 5u);
    EXPECT_EQ(store->add_events("press-3", events(3, 8), 2).value(), 8u);
    EXPECT_EQ(store->add_events("press-3", events(3, 8), 2).value(), 8u);
    EXPECT_EQ(ids({}), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(store->gateway("press-3").value()->events_dropped, 0u);
    EXPECT_EQ(store->add_events("press-3", events(20, 21), 11).value(), 21u);
    EXPECT_EQ(store->gateway("press-3").value()->events_dropped, 11u);
}

TEST_P(StoreTest, refuses_events_out_of_order_and_keeps_none_of_them) {
    enrol("press-3");
    auto wrong = events(1, 3);
    wrong[2].set_id(2);
    EXPECT_EQ(store->add_events("press-3", wrong, 0).error().code, Code::invalid);
    EXPECT_TRUE(ids({}).empty());
}

TEST_P(StoreTest, events_are_filtered_and_paged_without_gaps) {
    enrol("press-3");
    enrol("press-4");
    ASSERT_TRUE(store->add_events("press-3", events(1, 5), 0));
    ASSERT_TRUE(store->add_events("press-4", events(1, 5, "other"), 0));
    EXPECT_EQ(ids({.gateway = "press-4", .limit = 2}), (std::vector<std::uint64_t>{4, 5}));
    EXPECT_EQ(ids({.tenant = "acme", .code = "partition.", .search = "EVENT 100% 3"}),
              (std::vector<std::uint64_t>{3}));
    EXPECT_TRUE(ids({.code = "artition"}).empty());
    EXPECT_TRUE(ids({.search = "_"}).empty());
    std::vector<std::uint64_t> walked;
    EventQuery query{.newest = false, .limit = 4};
    do {
        const auto page = store->events(query).value();
        for (const auto& event : page.items) walked.push_back(event.id());
        query.after = page.next;
    } while (query.after != 0);
    EXPECT_EQ(walked, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 1, 2, 3, 4, 5}));
}

TEST_P(StoreTest, what_grows_is_bounded_for_each_gateway) {
    open({.events_of_a_gateway = 3,
          .history_of_a_partition = 2,
          .history_of_a_gateway = 4,
          .audit = 2,
          .sessions_of_a_user = 2,
          .open_tokens = 1});
    enrol("quiet");
    enrol("noisy");
    ASSERT_TRUE(store->add_events("quiet", events(1, 2), 0));
    ASSERT_TRUE(store->add_events("noisy", events(1, 50), 0));
    EXPECT_EQ(ids({.gateway = "quiet"}), (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(ids({.gateway = "noisy"}), (std::vector<std::uint64_t>{48, 49, 50}));
    for (int i = 0; i < 5; ++i) {
        const auto text = std::to_string(i);
        ASSERT_TRUE(store->add_history({"quiet", "cell", "acme", "health", text, "ok", text}));
        ASSERT_TRUE(store->add_audit({0, text, "a", "", "b", "", ""}));
    }
    EXPECT_EQ(store->history("quiet", "cell", 100).value().size(), 2u);
    EXPECT_EQ(store->audit(0, 100).value().size(), 2u);
    EXPECT_EQ(store->audit(0, 1).value().front().time, "4");
    // Partitions whose names never come again.
    for (const char* name : {"a", "b", "c", "d", "e"})
        ASSERT_TRUE(store->add_history({"noisy", name, "acme", "health", "t", "ok", ""}));
    EXPECT_TRUE(store->history("noisy", "a", 100).value().empty());
    EXPECT_EQ(store->history("noisy", "b", 100).value().size(), 1u);
    EXPECT_EQ(store->history("quiet", "cell", 100).value().size(), 2u);
    ASSERT_TRUE(store->add_token({"a", "", "", "", 100, ""}));
    EXPECT_EQ(store->add_token({"b", "", "", "", 100, ""}).error().code, Code::refused);
}

TEST_P(StoreTest, what_strangers_can_put_on_record_pushes_out_no_change) {
    open({.audit = 100, .refused_sign_ins = 3});
    ASSERT_TRUE(store->add_audit({0, "first", "user:anna", "", "user.added", "bert", ""}));
    for (int i = 0; i < 200; ++i)
        ASSERT_TRUE(store->add_audit({0, std::to_string(i), "console:", "", sign_in_refused, "x", ""}));
    const auto rows = store->audit(0, 1000).value();
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_EQ(rows.front().time, "199");
    EXPECT_EQ(rows.back().action, "user.added");
}

TEST_P(StoreTest, history_holds_changes_only) {
    enrol("press-3");
    for (const char* value : {"ok", "ok", "degraded", "ok"})
        ASSERT_TRUE(store->add_history({"press-3", "cell", "acme", "health", "t", value, ""}));
    ASSERT_TRUE(store->add_history({"press-3", "cell", "acme", "attestation", "t", "trusted", ""}));
    const auto rows = store->history("press-3", "cell", 10).value();
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_EQ(rows[0].value, "trusted");
    EXPECT_EQ(rows[2].value, "degraded");
}

TEST_P(StoreTest, a_new_password_or_a_removed_user_ends_the_sessions) {
    for (const char* name : {"anna", "bert"}) {
        ASSERT_TRUE(store->add_user({name, "auditor", "", "hash", "console", "now", ""}));
        ASSERT_TRUE(store->add_session({std::string("s-") + name, name, "127.0.0.1", "now", 100}));
    }
    EXPECT_EQ(store->add_user({"anna", "vendor", "", "", "", "", ""}).error().code, Code::conflict);
    EXPECT_TRUE(store->session("s-anna", 99).value());
    EXPECT_FALSE(store->session("s-anna", 100).value());
    ASSERT_TRUE(store->add_session({"again", "anna", "127.0.0.1", "now", 200}));
    ASSERT_TRUE(store->add_session({"his", "bert", "127.0.0.1", "now", 200}));
    ASSERT_TRUE(store->set_password("anna", "hash 2"));
    EXPECT_FALSE(store->session("again", 0).value());
    EXPECT_EQ(store->count_sessions(0).value(), 1u);
    ASSERT_TRUE(store->remove_user("bert"));
    EXPECT_FALSE(store->session("his", 0).value());
    EXPECT_EQ(store->remove_user("bert").error().code, Code::not_found);
    EXPECT_EQ(store->set_password("bert", "x").error().code, Code::not_found);
}

TEST_P(StoreTest, a_transaction_that_fails_leaves_nothing) {
    const auto done = store->transaction([&]() -> Result<> {
        BULKHEAD_TRY(store->add_audit({0, "t", "a", "", "b", "", ""}));
        return fail(Code::invalid, "no");
    });
    EXPECT_FALSE(done);
    EXPECT_TRUE(store->audit(0, 10).value().empty());
}

TEST_P(StoreTest, two_processes_may_use_it) {
    auto other = GetParam().open(folder, {});
    ASSERT_TRUE(other) << other.error().text();
    ASSERT_TRUE((*other)->add_it_key({"SHA256:a", "pem", "user:root", "now"}));
    EXPECT_EQ(store->it_keys().value().size(), 1u);
}

// A fleet of a thousand gateways has millions of events.
TEST(SqliteEvents, of_a_gateway_or_a_tenant_are_found_by_an_index) {
    const Folder folder;
    const auto database = storage::Database::open(folder / "console.db").value();
    ASSERT_TRUE(storage::migrate(*database, migrations(), "test"));
    const auto plan_of = [&](const char* statement) {
        const storage::Value none{std::string("x")}, zero{std::int64_t{0}};
        const auto rows = database->query("EXPLAIN QUERY PLAN " + std::string(statement),
                                          {zero, none, none, none, none, none, zero});
        std::string plan;
        for (const auto& row : rows.value()) plan += row.text(3) + "\n";
        return plan;
    };
    for (const auto* statement : {sql::events_of_a_gateway.newest, sql::events_of_a_gateway.next})
        EXPECT_NE(plan_of(statement).find("USING INDEX event_gateway (gateway=? AND place>?)"),
                  std::string::npos)
            << plan_of(statement);
    for (const auto* statement : {sql::events_of_a_tenant.newest, sql::events_of_a_tenant.next})
        EXPECT_NE(plan_of(statement).find("USING INDEX event_tenant (tenant=? AND place>?)"),
                  std::string::npos)
            << plan_of(statement);
}

INSTANTIATE_TEST_SUITE_P(on, StoreTest, testing::Values(sqlite_factory()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace bulkhead::console
