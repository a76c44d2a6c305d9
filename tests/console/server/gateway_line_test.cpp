// A gateway's line without gRPC: what a gateway says, a hostile one too.
#include "console/server/gateway_line.hpp"

#include <gtest/gtest.h>

#include "console/store/sqlite_store.hpp"
#include "tests/console/folder.hpp"
#include "tests/console/server/plant.hpp"

namespace bulkhead::console {
namespace {

class LineTest : public testing::Test {
  protected:
    void SetUp() override {
        store_ = SqliteStore::open(folder_ / "console.db").value();
        AuthorityOptions options;
        options.folder = folder_.path();
        options.names = {"localhost"};
        authority_ = Authority::open(*store_, clock_, options).value();
        enrolment_ = std::make_unique<Enrolment>(
            EnrolmentParts{*store_, roster_, watchers_, *authority_, clock_}, std::string());
        GatewayRow row;
        row.name = "press-3";
        row.ek_public = "ek";
        row.ak_public = "ak";
        row.enrolled_at = "2030-01-01T00:00:00.000Z";
        ASSERT_TRUE(store_->add_gateway(row));
        roster_.put(state_of(row, {}));
        begin();
        greet();
        ASSERT_TRUE(ended_.what.empty()) << ended_.text();
    }
    // Takes over from one that is still there, which is ended.
    void begin() {
        line_ = std::make_shared<GatewayLine>(
            LineParts{*store_, roster_, lines_, watchers_, leases_, *enrolment_, clock_, {}, {}},
            PeerIdentity{"press-3", "01", "key", {}},
            GatewayLine::Wire{[this](api::FromConsole message) { sent_.push_back(std::move(message)); },
                              [this](const Error& why) { ended_ = why; }});
        line_->begin();
        sent_.clear();
        ended_ = {};
    }
    void greet() {
        api::FromGateway message;
        message.mutable_hello()->set_gateway("press-3");
        line_->received(message);
    }
    // IT signs, as the fleet has it stored and told to the line that it finds.
    void sign(std::uint64_t generation) {
        const auto envelope = "signed " + std::to_string(generation);
        ASSERT_TRUE(store_->set_desired("press-3", generation, envelope));
        if (const auto line = lines_.find("press-3")) line->push_desired(generation, envelope);
    }
    // What was sent, a word each.
    std::string sent() const {
        std::string words;
        for (const auto& message : sent_)
            words += message.has_welcome()     ? "welcome "
                     : message.has_desired()   ? message.desired().envelope() + " "
                     : message.has_call()      ? "call "
                     : message.has_challenge() ? "challenge "
                                               : "else ";
        return words;
    }
    // Why the line ended; empty: it goes on.
    std::string after(const api::GatewayReport& report) {
        ended_ = {};
        api::FromGateway message;
        *message.mutable_report() = report;
        line_->received(message);
        return ended_.what;
    }
    std::shared_ptr<void> listen(const std::string& tenant, std::vector<std::string>& heard) {
        return watchers_.add({"vera", Role::vendor, tenant}, [&heard](const Change& change) {
            heard.push_back(change.kind + " " + change.partition);
        });
    }

    Folder folder_;
    SystemClock clock_;
    std::unique_ptr<SqliteStore> store_;
    std::unique_ptr<Authority> authority_;
    std::unique_ptr<Enrolment> enrolment_;
    Roster roster_;
    Lines lines_;
    Watchers watchers_;
    Leases leases_;
    Error ended_;
    std::vector<api::FromConsole> sent_;
    std::shared_ptr<GatewayLine> line_;
};

// A gateway hears nothing before its welcome: what IT signed in that moment would reach it at its next line
// only, and a person's call would never end.
TEST_F(LineTest, says_nothing_before_the_welcome_and_nothing_is_lost_by_it) {
    begin();
    sign(7);
    const auto call =
        line_->call({"user:anna", {}}, "SetLock", "request", {[](const auto&) {}, [](const auto&) {}});
    line_->tick();
    EXPECT_EQ(sent(), "");
    greet();
    EXPECT_EQ(sent(), "welcome signed 7 call challenge ");
}

TEST_F(LineTest, ends_when_too_much_waits_for_its_hello) {
    begin();
    std::uint64_t waiting = 0;
    while (waiting < Outlet::most_waiting) line_->push_desired(++waiting, "signed");
    EXPECT_EQ(ended_.what, "");
    line_->push_desired(++waiting, "signed");
    EXPECT_EQ(ended_.what, "it says no hello, and too much waits for it");
    EXPECT_EQ(sent(), "");
}

TEST_F(LineTest, sends_a_desired_state_once_and_no_older_one_after_it) {
    sign(8);
    line_->push_desired(8, "signed 8");
    line_->push_desired(7, "signed 7");
    EXPECT_EQ(sent(), "welcome challenge signed 8 ");
    begin();
    greet();
    sign(9);
    EXPECT_EQ(sent(), "welcome signed 8 challenge signed 9 ");
}

TEST_F(LineTest, takes_a_report_as_large_as_any_gateways_and_none_larger) {
    auto report = plant_report("press-3");
    const auto add = [&] {
        auto& partition = *report.mutable_partitions()->add_items();
        partition.set_name("p" + std::to_string(report.partitions().items_size()));
        partition.set_tenant("acme");
    };
    while (report.partitions().items_size() < 64) add();
    EXPECT_EQ(after(report), "");
    add();
    EXPECT_EQ(after(report), "65 partitions");
    report = plant_report("press-3");
    report.mutable_status()->set_reason(std::string(std::size_t{4} * 1024 * 1024, 'x'));
    EXPECT_NE(after(report).find("bytes"), std::string::npos);
}

TEST_F(LineTest, takes_no_name_that_a_spec_could_not_have_given) {
    for (const auto& name :
         {std::string("<img src=x onerror=alert(1)>"), std::string("a\x1b[2Jb"), std::string(),
          std::string("%zz"), std::string(64, 'a'), std::string("../../etc")}) {
        auto report = plant_report("press-3");
        report.mutable_partitions()->mutable_items(0)->set_name(name);
        EXPECT_NE(after(report), "") << name;
        report = plant_report("press-3");
        report.mutable_devices()->mutable_items(0)->set_name(name);
        EXPECT_NE(after(report), "") << name;
    }
    auto report = plant_report("press-3");
    report.mutable_partitions()->mutable_items(0)->set_tenant("ac me");
    EXPECT_NE(after(report), "");
    // Of two of one name, who sees the second one?
    report = plant_report("press-3");
    report.mutable_partitions()->mutable_items(1)->set_name("robot-cell");
    EXPECT_NE(after(report), "");
    EXPECT_TRUE(roster_.find("press-3")->report->partitions().items().empty());
}

// What was found on a bus has an id alone, and never a tenant that would see it.
TEST_F(LineTest, bounds_what_a_report_says_of_devices_that_no_spec_has) {
    const auto with = [&](int count, const auto& edit) {
        auto report = plant_report("press-3");
        for (int at = 0; at < count; ++at) {
            auto& found = *report.mutable_devices()->add_items();
            found.set_id("pci:" + std::to_string(at));
            found.set_title("CAN controller");
            found.add_obstacles()->set_why("shares IOMMU group 7 with 0000:00:1f.3");
        }
        edit(*report.mutable_devices()->mutable_items(1));
        return after(report);
    };
    EXPECT_EQ(with(3, [](auto&) {}), "");
    EXPECT_EQ(with(576, [](auto&) {}), "577 devices");
    EXPECT_NE(with(3, [](auto& found) { found.set_id("pci:1"); }), "") << "one id twice";
    EXPECT_NE(with(3, [](auto& found) { found.set_id(""); }), "");
    EXPECT_NE(with(3, [](auto& found) { found.set_tenant("acme"); }), "");
    EXPECT_NE(with(3, [](auto& found) { found.set_title("\x1b[2J"); }), "");
    EXPECT_NE(with(3, [](auto& found) { found.set_serial_number(std::string(200, 'x')); }), "");
    EXPECT_NE(with(3, [](auto& found) { found.mutable_obstacles(0)->set_why("a\nb"); }), "");
    EXPECT_NE(with(3, [](auto& found) { found.add_group_members(std::string(5000, 'x')); }), "");
}

TEST_F(LineTest, bounds_what_a_report_says_of_the_guards_of_conduits) {
    const auto with = [&](const auto& edit) {
        auto report = plant_report("press-3");
        edit(*report.mutable_conduits()->mutable_items(0)->mutable_guard());
        return after(report);
    };
    EXPECT_EQ(with([](auto& guard) { guard.set_last("unit 1, function 6: no rule allows this"); }), "");
    EXPECT_NE(with([](auto& guard) { guard.set_last("\x1b[2J"); }), "");
    EXPECT_NE(with([](auto& guard) { guard.set_rules(std::string(9000, 'x')); }), "");
    EXPECT_NE(with([](auto& guard) { guard.set_problem("a\nb"); }), "");
}

// Of a hostile gateway: more routers, denials and reasons than any has, and texts that are none.
TEST_F(LineTest, bounds_what_a_report_says_of_the_switch) {
    const auto with = [&](const auto& edit) {
        auto report = plant_report("press-3");
        auto& router = *report.mutable_routers()->add_items();
        router.set_tenant("acme");
        router.set_state("working");
        router.add_names("example.com");
        router.add_forwards("plant tcp/8443 -> collector:443");
        router.add_uplinks()->set_name("plant");
        auto& denial = *report.mutable_denials()->add_items();
        denial.set_from("robot-cell/cell");
        denial.set_to("router of management");
        denial.set_reason("no_conduit");
        denial.set_last("2031-05-04T12:00:00.000Z");
        edit(report, router, denial);
        return after(report);
    };
    EXPECT_EQ(with([](auto&, auto&, auto&) {}), "");
    const auto many = [](int count, const auto& add) {
        for (int at = 0; at < count; ++at) add(at);
    };
    const std::string long_text(5000, 'x');
    EXPECT_EQ(with([&](auto& report, auto&, auto& denial) {
                  many(100, [&](int) { *report.mutable_denials()->add_items() = denial; });
              }),
              "101 denials");
    EXPECT_EQ(with([&](auto& report, auto&, auto&) {
                  many(64, [&](int at) {
                      report.mutable_routers()->add_items()->set_tenant("t" + std::to_string(at));
                  });
              }),
              "65 routers");
    EXPECT_EQ(with([&](auto&, auto& router, auto&) {
                  many(16, [&](int at) { router.add_uplinks()->set_name("u" + std::to_string(at)); });
              }),
              "17 uplinks");
    EXPECT_EQ(with([&](auto&, auto& router, auto&) { many(256, [&](int) { router.add_names("a"); }); }),
              "257 names");
    EXPECT_NE(with([&](auto&, auto& router, auto&) { many(65, [&](int) { router.add_forwards("a"); }); }),
              "");
    EXPECT_NE(with([&](auto&, auto& router, auto&) { many(65, [&](int) { router.add_zones("a"); }); }), "");
    EXPECT_NE(
        with([](auto& report, auto& router, auto&) { *report.mutable_routers()->add_items() = router; }), "")
        << "one tenant twice";
    EXPECT_NE(with([](auto&, auto& router, auto&) { router.set_tenant("<b>"); }), "");
    EXPECT_NE(with([](auto&, auto& router, auto&) { router.mutable_uplinks(0)->set_name(""); }), "");
    EXPECT_NE(with([](auto&, auto& router, auto&) { router.add_uplinks()->set_name("plant"); }), "");
    EXPECT_NE(with([](auto&, auto& router, auto&) { router.set_state("a\x1b[2Jb"); }), "");
    EXPECT_NE(with([&](auto&, auto& router, auto&) { router.set_problem(long_text); }), "");
    EXPECT_NE(with([&](auto&, auto& router, auto&) { router.mutable_uplinks(0)->set_address(long_text); }),
              "");
    EXPECT_NE(with([&](auto&, auto&, auto& denial) { denial.set_from(long_text); }), "");
    EXPECT_NE(with([](auto&, auto&, auto& denial) { denial.set_to("a\nb"); }), "");
    EXPECT_NE(with([](auto&, auto&, auto& denial) { denial.set_reason("a\x1b[2Jb"); }), "");
    for (const auto* last : {"", "soon", "9999", "2031-05-04T12:00:00.000Z and more"})
        EXPECT_NE(with([&](auto&, auto&, auto& denial) { denial.set_last(last); }), "") << last;
    const auto dropped = [&](int count, const std::string& reason) {
        return with([&](auto& report, auto&, auto&) {
            auto& drops = *report.mutable_partitions()->mutable_items(0)->add_interfaces()->mutable_dropped();
            many(count, [&](int at) { drops[reason + std::to_string(at)] = 1; });
        });
    };
    EXPECT_EQ(dropped(64, "reason"), "");
    EXPECT_EQ(dropped(65, "reason"), "65 reasons of drops");
    EXPECT_NE(dropped(1, long_text), "");
}

TEST_F(LineTest, cuts_long_texts_of_events_and_takes_their_control_characters) {
    api::FromGateway message;
    auto& event = *message.mutable_events()->add_items();
    event.set_id(1);
    event.set_code(std::string(1000, 'c'));
    event.set_text("\x1b]0;owned\x07" + std::string(100'000, 'x'));
    line_->received(message);
    const auto stored = store_->events({}).value().items;
    ASSERT_EQ(stored.size(), 1u);
    EXPECT_EQ(stored.front().code().size(), 128u);
    EXPECT_EQ(stored.front().text().size(), 4096u);
    EXPECT_TRUE(stored.front().text().starts_with("]0;owned"));
}

TEST_F(LineTest, counts_an_event_once_however_often_it_is_delivered) {
    api::FromGateway message;
    for (std::uint64_t id = 1; id <= 3; ++id) message.mutable_events()->add_items()->set_id(id);
    line_->received(message);
    line_->received(message);
    EXPECT_EQ(roster_.events(), 3u);
}

// Anybody who knows its name may begin a gateway's renewal.
TEST_F(LineTest, a_flood_of_renewals_holds_up_no_gateway) {
    api::RenewalRequest request;
    request.set_gateway("press-3");
    request.set_csr(crypto::make_csr(crypto::generate_tls_key().value(), "press-3").value());
    for (int count = 0; count < 1100; ++count) ASSERT_TRUE(enrolment_->begin_renewal(request));
    const auto own = enrolment_->begin_renewal(request);
    api::RenewalProof proof;
    proof.set_session(own->session());
    // The challenge is still there: it is the quote that is wrong.
    EXPECT_NE(enrolment_->complete_renewal(proof).error().what,
              enrolment_->complete_renewal(proof).error().what);
}

TEST_F(LineTest, tells_who_had_the_only_partition_that_is_gone) {
    auto report = plant_report("press-3");
    ASSERT_EQ(after(report), "");
    std::vector<std::string> heard;
    const auto watch = listen("acme", heard);
    report.mutable_partitions()->mutable_items()->DeleteSubrange(0, 1);
    ASSERT_EQ(after(report), "");
    EXPECT_EQ(heard, (std::vector<std::string>{"partition robot-cell", "gateway "}));
}

}  // namespace
}  // namespace bulkhead::console
