// The fleet over a real store: what is listed, for whom, and how old it may be.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/console/server/fleet_fixture.hpp"

namespace bulkhead::console {
namespace {

std::string test_of(const std::string& device) {
    api::TestDeviceRequest request;
    request.set_device(device);
    return request.SerializeAsString();
}

std::string capture_of(const std::string& subject) {
    api::CaptureRequest request;
    request.set_subject(subject);
    request.set_seconds(60);
    request.set_packets(100);
    return request.SerializeAsString();
}

// Who may call what: every method of Fleet against every role.
TEST_F(FleetTest, a_role_may_do_what_its_table_says_and_nothing_else) {
    enrol("press-3");
    const auto line = std::make_shared<ToldLine>();
    lines.put("press-3", line);
    const auto code = [](const auto& answer) {
        return answer ? std::string("ok") : std::string(code_name(answer.error().code));
    };
    const auto request_of = [](auto message) {
        message.set_partition("robot-cell");
        return message.SerializeAsString();
    };
    const auto relay = [&](const Viewer& viewer, const std::string& method, const std::string& request) {
        return code(fleet->call(viewer, "press-3", "robot-cell", method, request, {}));
    };
    std::uint64_t generation = 0;
    struct Row {
        const char* method;
        std::function<std::string(const Viewer&)> call;
        std::set<Role> may;
    };
    const auto it_admin = Role::it_admin;
    const auto ot_operator = Role::ot_operator;
    const std::set<Role> all{it_admin, ot_operator, Role::vendor, Role::auditor};
    const std::vector<Row> table{
        {"gateways", [&](const Viewer& v) { return code(fleet->gateways(v, {})); }, all},
        {"partitions", [&](const Viewer& v) { return code(fleet->partitions(v, {})); }, all},
        {"devices", [&](const Viewer& v) { return code(fleet->devices(v, {})); }, all},
        {"zones", [&](const Viewer& v) { return code(fleet->zones(v, {})); }, all},
        {"conduits", [&](const Viewer& v) { return code(fleet->conduits(v, {})); }, all},
        {"routers", [&](const Viewer& v) { return code(fleet->routers(v, {})); }, all},
        {"denials", [&](const Viewer& v) { return code(fleet->denials(v, {})); }, all},
        {"events", [&](const Viewer& v) { return code(fleet->events(v, {})); }, all},
        {"status", [&](const Viewer& v) { return code(fleet->status(v, "press-3")); }, all},
        {"attestation", [&](const Viewer& v) { return code(fleet->attestation(v, "press-3", "robot-cell")); },
         all},
        {"history", [&](const Viewer& v) { return code(fleet->history(v, "press-3", "robot-cell", 10)); },
         all},
        {"audit", [&](const Viewer& v) { return code(fleet->audit(v, 0, 10)); }, {it_admin, Role::auditor}},
        {"set_desired",
         [&](const Viewer& v) {
             const auto set = fleet->set_desired(v, signed_desired(key, "press-3", ++generation));
             return set ? std::string("ok") : std::string(code_name(set.error().front().code));
         },
         {it_admin}},
        {"SetRun",
         [&](const Viewer& v) { return relay(v, "SetRun", request_of(api::SetRunRequest())); },
         {it_admin, ot_operator}},
        {"SetLock",
         [&](const Viewer& v) { return relay(v, "SetLock", request_of(api::SetLockRequest())); },
         {it_admin, ot_operator}},
        {"Logs",
         [&](const Viewer& v) { return relay(v, "Logs", request_of(api::LogsRequest())); },
         {it_admin, ot_operator, Role::vendor}},
        {"Attach",
         [&](const Viewer& v) { return relay(v, "Attach", request_of(api::ConsoleInput())); },
         {it_admin, Role::vendor}},
        {"Capture",
         [&](const Viewer& v) {
             return code(fleet->call(v, "press-3", "", "Capture", capture_of("robot-cell"), {}));
         },
         {it_admin, Role::vendor}},
        {"TestDevice",
         [&](const Viewer& v) {
             return code(fleet->call(v, "press-3", "", "TestDevice", test_of("arm"), {}));
         },
         {it_admin}},
        {"create_token",
         [&](const Viewer& v) { return code(fleet->create_token(v, seconds{60})); },
         {it_admin}},
        {"trust_key",
         [&](const Viewer& v) { return code(fleet->trust_key(v, key.verify_key().pem(), "k")); },
         {it_admin}},
        {"users", [&](const Viewer& v) { return code(fleet->users(v)); }, {it_admin}},
        {"add_user",
         [&](const Viewer& v) {
             return code(fleet->add_user(v, {"of-" + v.user, Role::auditor, {}, {}, {}}));
         },
         {it_admin}},
        {"reset_password",
         [&](const Viewer& v) { return code(fleet->reset_password(v, "of-root")); },
         {it_admin}},
        {"remove_user", [&](const Viewer& v) { return code(fleet->remove_user(v, "of-root")); }, {it_admin}},
        {"remove_gateway",
         [&](const Viewer& v) { return code(fleet->remove_gateway(v, "press-3")); },
         {it_admin}},
    };
    ASSERT_TRUE(fleet->add_user(admin, {"boss", it_admin, {}, {}, {}}));
    for (const auto& row : table)
        // The one who may remove it comes last.
        for (const Viewer& viewer : {oper, vendor, auditor, admin})
            EXPECT_EQ(row.call(viewer), row.may.contains(viewer.role) ? "ok" : "refused")
                << row.method << " as " << to_string(viewer.role);
    EXPECT_NE(line->ended, "");
}

TEST_F(FleetTest, nothing_of_another_tenant_exists_for_a_vendor) {
    enrol("press-3");
    enrol("press-4");
    EXPECT_EQ(fleet->partitions(admin, {})->items_size(), 4);
    EXPECT_EQ(fleet->partitions(vendor, {})->items_size(), 2);
    EXPECT_EQ(fleet->zones(vendor, {})->items_size(), 2);
    EXPECT_EQ(fleet->conduits(vendor, {})->items_size(), 2);  // one end is its own
    EXPECT_EQ(fleet->gateways(vendor, {})->items(0).partitions(), 1u);
    api::ListRequest other;
    other.set_tenant("it");
    EXPECT_EQ(fleet->partitions(vendor, other)->items_size(), 0);
    for (const auto& list :
         {fleet->gateways(stranger, {})->items_size(), fleet->partitions(stranger, {})->items_size(),
          fleet->devices(stranger, {})->items_size(), fleet->zones(stranger, {})->items_size(),
          fleet->conduits(stranger, {})->items_size(), fleet->events(stranger, {})->items_size()})
        EXPECT_EQ(list, 0);
    EXPECT_EQ(fleet->status(stranger, "press-3").error().code, Code::not_found);
    EXPECT_EQ(fleet->attestation(vendor, "press-3", "historian").error().code, Code::not_found);
    EXPECT_EQ(fleet->history(vendor, "press-3", "historian", 1).error().code, Code::not_found);
    EXPECT_EQ(fleet->status(vendor, "press-3")->partitions(), 1u);
}

TEST_F(FleetTest, devices_that_no_spec_has_are_shown_with_their_gateway_and_to_no_vendor) {
    enrol("press-3");
    auto report = *roster.find("press-3")->report;
    auto& found = *report.mutable_devices()->add_items();
    found.set_id("pci:0000:00:02.0");
    roster.change("press-3", [&](GatewayState& state) {
        state.report = std::make_shared<const api::GatewayReport>(report);
    });
    api::ListRequest of_gateway;
    of_gateway.set_gateway("press-3");
    EXPECT_EQ(fleet->devices(admin, {})->items_size(), 1);
    ASSERT_EQ(fleet->devices(admin, of_gateway)->items_size(), 2);
    EXPECT_EQ(fleet->devices(admin, of_gateway)->items(0).name(), "arm");
    EXPECT_EQ(fleet->devices(admin, of_gateway)->items(1).id(), "pci:0000:00:02.0");
    EXPECT_EQ(fleet->devices(admin, of_gateway)->items(0).obstacles_size(), 1);
    const auto vendors = fleet->devices(vendor, of_gateway);
    ASSERT_EQ(vendors->items_size(), 1);
    EXPECT_EQ(vendors->items(0).obstacles_size(), 0) << "they name others";
    of_gateway.set_name("pci:0000:00:02.0");
    EXPECT_EQ(fleet->devices(admin, of_gateway)->items_size(), 1);
}

TEST_F(FleetTest, a_vendor_learns_nothing_of_its_neighbours_from_their_gateway) {
    enrol("press-3");
    const auto asked_for = [&](const char* tenant) {
        api::ListRequest request;
        request.set_tenant(tenant);
        return names(vendor, request).size() +
               static_cast<std::size_t>(fleet->conduits(vendor, request)->items_size());
    };
    EXPECT_EQ(asked_for("acme"), 2u);
    EXPECT_EQ(asked_for("it"), 0u);  // is there, but is not told of
    roster.change("press-3", [&](GatewayState& state) {
        state.refusal = refusal_from_text("partition historian: no such image");
        api::AttestationView host;
        host.set_attestation("untrusted");
        host.set_reason("start-differs");
        host.set_record("7 PARTITION_START historian");
        host.set_expected("historian");
        host.set_seen("historian");
        state.attested[""] = {host, clock.utc()};
    });
    const auto of = [&](const Viewer& viewer) {
        return fleet->gateways(viewer, {})->Utf8DebugString() +
               fleet->status(viewer, "press-3")->Utf8DebugString() +
               fleet->attestation(viewer, "press-3", "")->Utf8DebugString();
    };
    EXPECT_NE(of(auditor).find("historian"), std::string::npos);
    EXPECT_EQ(of(vendor).find("historian"), std::string::npos) << of(vendor);
    EXPECT_NE(of(vendor).find("start-differs"), std::string::npos);
}

TEST_F(FleetTest, a_request_for_another_partition_than_the_call_names_is_refused) {
    enrol("press-3");
    lines.put("press-3", std::make_shared<ToldLine>());
    api::LogsRequest request;
    request.set_partition("historian");
    EXPECT_EQ(
        fleet->call(vendor, "press-3", "robot-cell", "Logs", request.SerializeAsString(), {}).error().code,
        Code::invalid);
    EXPECT_EQ(
        fleet->call(vendor, "press-3", "historian", "Logs", request.SerializeAsString(), {}).error().code,
        Code::not_found);
    EXPECT_EQ(fleet->call(admin, "press-3", "historian", "TearDown", {}, {}).error().code, Code::unsupported);
}

TEST_F(FleetTest, a_vendor_captures_its_own_and_its_gateway_is_told_whose_that_is) {
    enrol("press-3");
    roster.change("press-3", [](GatewayState& state) {
        auto report = std::make_shared<api::GatewayReport>(*state.report);
        for (auto& partition : *report->mutable_partitions()->mutable_items())
            partition.add_interfaces()->set_name("bh" + partition.name() + "-0");
        auto& other = *report->mutable_conduits()->add_items();
        other.set_name("backups");
        other.set_from("historian");
        other.set_to("archive");
        state.report = report;
    });
    const auto line = std::make_shared<ToldLine>();
    lines.put("press-3", line);
    const auto ask = [&](const Viewer& viewer, const std::string& subject) {
        line->called.clear();
        return fleet->call(viewer, "press-3", "", "Capture", capture_of(subject), {});
    };
    for (const auto* own : {"robot-cell", "robot-cell/cell", "interface/robot-cell", "bhrobot-cell-0",
                            "readings", "conduit/readings"}) {
        ASSERT_TRUE(ask(vendor, own)) << own;
        EXPECT_EQ(line->called, "user:vera Capture");
        EXPECT_EQ(line->tenant, "acme");
    }
    const auto absent = ask(vendor, "nothing").error();
    EXPECT_EQ(absent.code, Code::not_found);
    for (const std::string other :
         {"historian", "bhhistorian-0", "backups", "cell", "management", "archive"}) {
        const auto refused = ask(vendor, other);
        ASSERT_FALSE(refused) << other;
        auto expected = absent.text();
        expected.replace(expected.find("nothing"), 7, other);
        EXPECT_EQ(refused.error().text(), expected);
        EXPECT_EQ(line->called, "") << other;
    }
    EXPECT_EQ(ask(stranger, "robot-cell").error().code, Code::not_found);
    // Who sees all is not bound, and what is there is the gateway's to say.
    ASSERT_TRUE(ask(admin, "enp9s0"));
    EXPECT_EQ(line->tenant, "");
    EXPECT_EQ(ask(admin, "").error().code, Code::invalid);
    EXPECT_EQ(ask(admin, "a\nb").error().code, Code::invalid);
    const auto audit = fleet->audit(auditor, 0, 10).value();
    EXPECT_EQ(audit.at(0).action, "switch.capture");
    EXPECT_EQ(audit.at(0).actor, "user:root");
    EXPECT_EQ(audit.at(0).subject, "press-3/enp9s0");
    EXPECT_EQ(audit.at(0).detail, "60 s or 100 packets at most");
    EXPECT_EQ(audit.at(1).actor, "user:vera");
    EXPECT_EQ(audit.at(1).subject, "press-3/conduit/readings");
    EXPECT_EQ(audit.at(1).tenant, "acme");
    EXPECT_EQ(std::ranges::count(audit, "switch.capture", &AuditRow::action), 7);
}

TEST_F(FleetTest, a_test_of_a_line_goes_to_its_gateway_and_is_on_record) {
    enrol("press-3");
    const auto line = std::make_shared<ToldLine>();
    lines.put("press-3", line);
    const auto ask = [&](const std::string& device) {
        return fleet->call(admin, "press-3", "", "TestDevice", test_of(device), {});
    };
    ASSERT_TRUE(ask("arm"));
    EXPECT_EQ(line->called, "user:root TestDevice");
    EXPECT_EQ(line->tenant, "");
    EXPECT_EQ(ask("leg").error().code, Code::not_found);
    EXPECT_EQ(ask("").error().code, Code::invalid);
    EXPECT_EQ(ask("a\nb").error().code, Code::invalid);
    const auto audit = fleet->audit(auditor, 0, 10).value();
    EXPECT_EQ(std::ranges::count(audit, "device.test", &AuditRow::action), 1);
    EXPECT_EQ(audit.at(0).subject, "press-3/arm");
    EXPECT_EQ(audit.at(0).tenant, "acme");
    EXPECT_EQ(audit.at(0).actor, "user:root");
}

TEST_F(FleetTest, events_of_a_vendor_are_its_own) {
    enrol("press-3");
    std::vector<api::Event> events(3);
    for (std::size_t i = 0; i < events.size(); ++i) {
        events[i].set_id(i + 1);
        events[i].set_tenant(i == 1 ? "acme" : "it");
    }
    ASSERT_TRUE(store->add_events("press-3", events, 0));
    EXPECT_EQ(fleet->events(auditor, {})->items_size(), 3);
    ASSERT_EQ(fleet->events(vendor, {})->items_size(), 1);
    EXPECT_EQ(fleet->events(vendor, {})->items(0).id(), 2u);
    api::ListEventsRequest other;
    other.set_tenant("it");
    EXPECT_EQ(fleet->events(vendor, other)->items_size(), 0);
}

TEST_F(FleetTest, what_was_trusted_is_stale_after_three_rounds) {
    enrol("press-3");
    attest("press-3", "robot-cell", "trusted");
    clock.pass(seconds{90});
    EXPECT_EQ(fleet->attestation(admin, "press-3", "robot-cell")->attestation(), "trusted");
    EXPECT_EQ(fleet->attestation(admin, "press-3", "robot-cell")->age_seconds(), 90u);
    clock.pass(seconds{1});
    const auto view = *fleet->attestation(admin, "press-3", "robot-cell");
    EXPECT_EQ(view.attestation(), "stale");
    EXPECT_EQ(view.reason(), "too-old");
    EXPECT_EQ(fleet->counts()->trusted, 0u);
    EXPECT_EQ(fleet->counts()->stale, 1u);
}

TEST_F(FleetTest, what_was_untrusted_stays_so_however_old) {
    enrol("press-3");
    attest("press-3", "robot-cell", "untrusted");
    clock.pass(std::chrono::hours{24});
    const auto view = *fleet->attestation(admin, "press-3", "robot-cell");
    EXPECT_EQ(view.attestation(), "untrusted");
    EXPECT_EQ(view.age_seconds(), 24U * 3600);
    EXPECT_EQ(fleet->counts()->untrusted, 1u);
    EXPECT_EQ(fleet->counts()->stale, 0u);
}

TEST_F(FleetTest, a_lost_line_is_never_green) {
    enrol("press-3");
    attest("press-3", "robot-cell", "trusted");
    attest("press-3", "historian", "untrusted");
    roster.change("press-3", [](GatewayState& state) { state.connected = false; });
    const auto list = *fleet->partitions(admin, {});
    EXPECT_EQ(list.items(1).attestation(), "stale");
    EXPECT_EQ(list.items(1).health(), "unknown");
    EXPECT_NE(list.items(1).reason().find("offline"), std::string::npos);
    EXPECT_EQ(list.items(0).attestation(), "untrusted");  // a lost line makes nothing better
    EXPECT_EQ(fleet->gateways(admin, {})->items(0).health(), "unknown");
    EXPECT_EQ(fleet->gateways(admin, {})->items(0).partitions_ok(), 0u);
    EXPECT_EQ(fleet
                  ->call(admin, "press-3", "robot-cell", "Logs",
                         [] {
                             api::LogsRequest request;
                             request.set_partition("robot-cell");
                             return request.SerializeAsString();
                         }(),
                         {})
                  .error()
                  .code,
              Code::unavailable);
}

TEST_F(FleetTest, watchers_hear_what_they_may_see_until_they_let_go) {
    std::vector<std::string> heard;
    const auto hear = [&](const char* who) {
        return [&heard, who](const Change& change) { heard.push_back(std::string(who) + " " + change.kind); };
    };
    auto of_admin = fleet->watch(admin, hear("admin"));
    const auto of_vendor = fleet->watch(vendor, hear("vendor"));
    watchers.tell({"press-3", "historian", "partition"}, {"it"});
    watchers.tell({"press-3", "robot-cell", "partition"}, {"acme"});
    watchers.tell({{}, {}, "user"}, {});
    of_admin.reset();
    watchers.tell({"press-3", "historian", "partition"}, {"it"});
    EXPECT_EQ(heard, (std::vector<std::string>{"admin partition", "admin partition", "vendor partition",
                                               "admin user"}));
}

}  // namespace
}  // namespace bulkhead::console
