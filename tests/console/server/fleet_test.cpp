// The fleet over a real store: what is listed, for whom, and how old it may be.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <thread>

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

TEST_F(FleetTest, pages_show_each_gateway_once_though_the_list_changes) {
    for (const char* name : {"a", "b", "c", "d", "e"}) enrol(name);
    api::ListRequest request;
    request.set_page_size(2);
    auto page = *fleet->gateways(admin, request);
    EXPECT_EQ(page.total(), 5u);
    EXPECT_EQ(page.items(1).name(), "b");
    roster.remove("b");
    roster.remove("a");
    request.set_page_token(page.next());
    page = *fleet->gateways(admin, request);
    EXPECT_EQ(page.items(0).name(), "c");
    request.set_page_token(page.next());
    page = *fleet->gateways(admin, request);
    EXPECT_EQ(page.items_size(), 1);
    EXPECT_EQ(page.next(), "");
}

TEST_F(FleetTest, gateways_are_filtered_and_sorted_by_the_server) {
    enrol("a", "hall-1");
    enrol("b", "hall-2");
    enrol("c", "hall-1", false);
    const auto with = [&](auto change) {
        api::ListRequest request;
        change(request);
        return names(admin, request);
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(with([](auto& r) { r.set_sort("-name"); }), (Names{"c", "b", "a"}));
    EXPECT_EQ(with([](auto& r) { r.set_sort("site"); }), (Names{"a", "c", "b"}));
    EXPECT_EQ(with([](auto& r) { r.set_sort("health"); }), (Names{"c", "a", "b"}));
    EXPECT_EQ(with([](auto& r) { r.set_site("hall-1"); }), (Names{"a", "c"}));
    EXPECT_EQ(with([](auto& r) { r.set_search("HALL-2"); }), (Names{"b"}));
    EXPECT_EQ(with([](auto& r) { r.set_health("unknown"); }), (Names{"c"}));
    EXPECT_EQ(with([](auto& r) { r.add_labels("line=3"); }), (Names{"a", "b", "c"}));
    EXPECT_EQ(with([](auto& r) { r.add_labels("line=4"); }), (Names{}));
    api::ListRequest wrong;
    wrong.set_sort("colour");
    EXPECT_EQ(fleet->gateways(admin, wrong).error().code, Code::invalid);
    wrong.set_sort("name");
    wrong.set_page_token("?");
    EXPECT_EQ(fleet->gateways(admin, wrong).error().code, Code::invalid);
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

TEST_F(FleetTest, a_desired_state_needs_its_signature_and_goes_out_at_once) {
    enrol("press-3");
    const auto line = std::make_shared<ToldLine>();
    lines.put("press-3", line);
    const auto code = [&](const std::string& envelope) {
        const auto set = fleet->set_desired(admin, envelope);
        return set ? "ok" : std::string(code_name(set.error().front().code));
    };
    EXPECT_EQ(code(signed_desired(crypto::SigningKey::generate(), "press-3", 1)), "refused");
    EXPECT_NE(code("{}"), "ok");
    EXPECT_EQ(line->pushed, 0u);
    EXPECT_EQ(code(signed_desired(key, "press-3", 2)), "ok");
    EXPECT_EQ(line->pushed, 2u);
    EXPECT_EQ(code(signed_desired(key, "press-3", 2)), "conflict");
    EXPECT_EQ(code(signed_desired(key, "press-9", 1)), "not_found");
    EXPECT_EQ(fleet->audit(admin, 0, 1)->front().action, "desired.set");
}

TEST_F(FleetTest, why_a_gateway_refused_is_told_in_its_own_words_until_the_next_generation) {
    enrol("press-3");
    ASSERT_TRUE(fleet->set_desired(admin, signed_desired(key, "press-3", 2)));
    api::DesiredResult said;
    auto& error = *said.add_errors();
    error.set_code("locked");
    error.set_what("partition historian is locked");
    error.set_where("machine/historian");
    error.set_mend("bulkhead unlock historian");
    roster.change("press-3", [&](GatewayState& state) { state.refusal = refusal_of(said); });
    const auto view = fleet->gateways(admin, {})->items(0);
    ASSERT_EQ(view.desired_errors_size(), 1);
    EXPECT_EQ(view.desired_errors(0).SerializeAsString(), error.SerializeAsString());
    EXPECT_EQ(view.reason(),
              "it did not take generation 2: partition historian is locked; bulkhead unlock historian");
    const auto acme = fleet->gateways({"vera", Role::vendor, "acme"}, {})->items(0);
    EXPECT_EQ(acme.desired_errors_size(), 0) << "historian is another tenant's";
    EXPECT_EQ(acme.reason().find("historian"), std::string::npos) << acme.reason();
    ASSERT_TRUE(fleet->set_desired(admin, signed_desired(key, "press-3", 3)));
    EXPECT_EQ(fleet->gateways(admin, {})->items(0).desired_errors_size(), 0);
}

TEST(Refusal, is_bounded_and_comes_back_from_the_store_as_it_was) {
    api::DesiredResult said;
    for (int i = 0; i < 1000; ++i) said.add_errors()->set_what(std::string(100'000, 'x') + "\x1b[2J");
    const auto refusal = refusal_of(said);
    EXPECT_LT(to_text(refusal).size(), 200'000U);
    const auto again = refusal_from_text(to_text(refusal));
    ASSERT_EQ(again.size(), refusal.size());
    EXPECT_EQ(again.back().SerializeAsString(), refusal.back().SerializeAsString());
    EXPECT_EQ(summary_of(refusal_from_text("words of an older console")), "words of an older console");
    EXPECT_TRUE(refusal_from_text(to_text({})).empty());
}

TEST_F(FleetTest, people_sign_in_and_wrong_passwords_must_wait) {
    const auto password = *fleet->add_user(admin, {"vera", Role::vendor, "acme", {}, {}});
    EXPECT_EQ(fleet->add_user(admin, {"vera", Role::vendor, "acme", {}, {}}).error().code, Code::conflict);
    EXPECT_EQ(fleet->add_user(admin, {"victor", Role::vendor, {}, {}, {}}).error().code, Code::invalid);
    const auto signed_in = fleet->sign_in("vera", password, "10.0.0.1");
    ASSERT_TRUE(signed_in);
    const auto viewer = fleet->viewer_of(signed_in->session);
    ASSERT_TRUE(viewer);
    EXPECT_EQ(viewer->tenant, "acme");
    EXPECT_FALSE(fleet->viewer_of(signed_in->session + "x"));
    fleet->sign_out(signed_in->session);
    EXPECT_FALSE(fleet->viewer_of(signed_in->session));
    EXPECT_EQ(fleet->sign_in("vera", "wrong", "10.0.0.1").error().what,
              fleet->sign_in("nobody", "wrong", "10.0.0.1").error().what);
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(fleet->sign_in("vera", "wrong", "10.0.1." + std::to_string(i)));
    EXPECT_EQ(fleet->sign_in("vera", password, "10.0.0.2").error().code, Code::unavailable);
    clock.pass(seconds{301});
    EXPECT_TRUE(fleet->sign_in("vera", password, "10.0.0.2"));
    clock.pass(std::chrono::hours{13});
    EXPECT_EQ(fleet->counts()->sessions, 0u);
}

TEST_F(FleetTest, a_stranger_who_guesses_does_not_lock_out_who_works) {
    const auto password = *fleet->add_user(admin, {"vera", Role::vendor, "acme", {}, {}});
    ASSERT_TRUE(fleet->sign_in("vera", password, "10.0.0.1"));
    for (int i = 0; i < 6; ++i) EXPECT_FALSE(fleet->sign_in("vera", "wrong", "10.0.9.9"));
    EXPECT_EQ(fleet->sign_in("vera", password, "10.0.9.9").error().code, Code::unavailable);
    EXPECT_TRUE(fleet->sign_in("vera", password, "10.0.0.1"));
    // From there too, guessing is slow.
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(fleet->sign_in("vera", "wrong", "10.0.0.1"));
    EXPECT_EQ(fleet->sign_in("vera", password, "10.0.0.1").error().code, Code::unavailable);
}

// Each takes 32 MiB and a tenth of a second, and needs no account.
TEST_F(FleetTest, few_passwords_are_hashed_at_once) {
    constexpr int all = 64;
    std::atomic<int> busy = 0;
    std::barrier together(all);
    {
        std::vector<std::jthread> strangers;
        for (int i = 0; i < all; ++i)
            strangers.emplace_back([&, number = std::to_string(i)] {
                together.arrive_and_wait();
                const auto signed_in = fleet->sign_in("nobody-" + number, "wrong", "10.0.0." + number);
                if (signed_in.error().what == "too many sign-ins at once") ++busy;
            });
    }
    EXPECT_GT(busy, 0);
    EXPECT_LT(busy, all);
}

TEST_F(FleetTest, a_session_ends_with_its_time) {
    const auto password = *fleet->add_user(admin, {"anna", Role::auditor, {}, {}, {}});
    const auto signed_in = fleet->sign_in("anna", password, "10.0.0.1");
    clock.pass(std::chrono::hours{12} - seconds{1});
    EXPECT_TRUE(fleet->viewer_of(signed_in->session));
    clock.pass(seconds{1});
    EXPECT_FALSE(fleet->viewer_of(signed_in->session));
}

TEST_F(FleetTest, wrong_old_passwords_hold_up_their_user_alone) {
    const auto password = *fleet->add_user(admin, {"anna", Role::auditor, {}, {}, {}});
    const auto of_vera = *fleet->add_user(admin, {"vera", Role::vendor, "acme", {}, {}});
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(fleet->change_password(auditor, "wrong", "a new password"));
    EXPECT_EQ(fleet->change_password(auditor, password, "a new password").error().code, Code::unavailable);
    EXPECT_TRUE(fleet->change_password(vendor, of_vera, "a new password"));
    EXPECT_TRUE(fleet->sign_in("anna", password, "10.0.0.1"));
}

TEST_F(FleetTest, a_password_is_changed_by_who_knows_the_old_one) {
    const auto password = *fleet->add_user(admin, {"anna", Role::auditor, {}, {}, {}});
    EXPECT_EQ(fleet->change_password(auditor, "wrong", "a new password").error().code, Code::refused);
    EXPECT_EQ(fleet->change_password(auditor, password, "short").error().code, Code::invalid);
    ASSERT_TRUE(fleet->change_password(auditor, password, "a new password"));
    EXPECT_FALSE(fleet->sign_in("anna", password, "10.0.0.1"));
    EXPECT_TRUE(fleet->sign_in("anna", "a new password", "10.0.0.1"));
}

TEST_F(FleetTest, the_last_admin_stays) {
    ASSERT_TRUE(fleet->add_user(admin, {"admin", Role::it_admin, {}, {}, {}}));
    EXPECT_EQ(fleet->remove_user(admin, "admin").error().code, Code::refused);
    ASSERT_TRUE(fleet->add_user(admin, {"second", Role::it_admin, {}, {}, {}}));
    EXPECT_TRUE(fleet->remove_user(admin, "admin"));
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
