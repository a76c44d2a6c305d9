#include "passthrough/can/bus_care.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "passthrough/inventory/network.hpp"
#include "tests/passthrough/inventory/host.hpp"

namespace bulkhead::passthrough::can {
namespace {

using inventory::testing_support::Host;
using inventory::testing_support::make_lab_gateway;
using testing::ElementsAre;
using testing::IsEmpty;

// Keeps links as a kernel does, refuses what it refuses, and shows their aliases where the kernel does.
class FakeLinks final : public Links {
  public:
    explicit FakeLinks(const Host& host) : host_(host) {}

    Result<std::optional<Link>> find(const std::string& name) override {
        const auto found = links.find(name);
        return found == links.end() ? std::optional<Link>() : found->second;
    }
    Result<> make_virtual(const std::string& name) override {
        said.push_back("make " + name);
        links[name] = {.index = 7, .name = name, .kind = "vcan"};
        return {};
    }
    Result<> remove(const Link& link) override {
        said.push_back("remove " + link.name);
        links.erase(link.name);
        return {};
    }
    Result<> set_up(const Link& link, bool up) override {
        said.push_back(link.name + (up ? " up" : " down"));
        links.at(link.name).up = up;
        return {};
    }
    Result<> set_alias(const Link& link, const std::string& alias) override {
        said.push_back(link.name + " '" + alias + "'");
        links.at(link.name).alias = alias;
        host_.file("sys/class/net/" + link.name + "/ifalias", alias + "\n");
        return {};
    }
    Result<> set_bits(const Link& link, unsigned bitrate, bool listens) override {
        if (links.at(link.name).up) return fail(Code::io, "busy");
        if (listens && !can_listen) return fail(Code::unsupported, "can't");
        said.push_back(link.name + " " + std::to_string(bitrate) + (listens ? " listens" : ""));
        links.at(link.name).bitrate = bitrate;
        links.at(link.name).listens = listens;
        return {};
    }
    Result<> set_restart(const Link& link, unsigned) override {
        return links.at(link.name).up ? Result<>(fail(Code::io, "busy")) : Result<>();
    }

    std::map<std::string, Link> links;
    std::vector<std::string> said;
    bool can_listen = true;

  private:
    const Host& host_;
};

struct BusCareTest : testing::Test {
    BusCareTest() {
        make_lab_gateway(host);
        links.links["can0"] = {.index = 2, .name = "can0", .kind = "can"};
    }
    std::vector<std::string> said() { return std::exchange(links.said, {}); }

    Host host;
    FakeLinks links{host};
    BusCare care{links, "bulkhead", host.tree()};
    const std::string place = "0000:00:02.0";
};

TEST_F(BusCareTest, brings_a_bus_up_marks_it_first_and_gives_it_back_as_it_was) {
    links.links["can0"].alias = "line 3";
    ASSERT_TRUE(care.bring_up(place, {500'000, false}));
    EXPECT_THAT(said(), ElementsAre("can0 'bulkhead-can:bulkhead line 3'", "can0 500000", "can0 up"));
    EXPECT_TRUE(*care.is_up(place, {500'000, false}));
    EXPECT_EQ(host.look().find("can:" + place)->used_by, "");  // only sysfs says so, and it says down
    ASSERT_TRUE(care.bring_up(place, {500'000, false}));
    EXPECT_THAT(said(), IsEmpty());
    ASSERT_TRUE(care.give_back_all_but({place}));
    EXPECT_THAT(said(), IsEmpty());
    ASSERT_TRUE(care.give_back_all_but({"0000:00:03.0"}));
    EXPECT_THAT(said(), ElementsAre("can0 down", "can0 'line 3'"));
    ASSERT_TRUE(care.give_back_all_but({}));
    EXPECT_THAT(said(), IsEmpty());
}

TEST_F(BusCareTest, listens_only_while_nobody_may_send) {
    ASSERT_TRUE(care.bring_up(place, {500'000, true}));
    EXPECT_TRUE(links.links["can0"].listens);
    EXPECT_FALSE(*care.is_up(place, {500'000, false}));
    said();
    ASSERT_TRUE(care.bring_up(place, {500'000, false}));
    EXPECT_THAT(said(), ElementsAre("can0 down", "can0 500000", "can0 up"));
    EXPECT_FALSE(links.links["can0"].listens);
    ASSERT_TRUE(care.bring_up(place, {500'000, true}));
    EXPECT_TRUE(links.links["can0"].listens);
}

TEST_F(BusCareTest, works_a_controller_that_can_not_listen_only_all_the_same) {
    links.can_listen = false;
    ASSERT_TRUE(care.bring_up(place, {500'000, true}));
    EXPECT_TRUE(links.links["can0"].up);
    EXPECT_TRUE(*care.is_up(place, {500'000, true}));
}

TEST_F(BusCareTest, leaves_a_bus_that_somebody_else_works_and_refuses_another_rate) {
    links.links["can0"].up = true;
    links.links["can0"].bitrate = 500'000;
    ASSERT_TRUE(care.bring_up(place, {500'000, true}));
    EXPECT_THAT(said(), IsEmpty());
    EXPECT_TRUE(*care.is_up(place, {500'000, true}));
    const auto refused = care.bring_up(place, {250'000, false});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::refused);
    EXPECT_EQ(refused.error().text(),
              "0000:00:02.0: can0 is up at 500000 bit/s, and it was not us who brought it up; wanted 250000 "
              "bit/s, or that it is down; ip link set can0 down");
    EXPECT_FALSE(*care.is_up(place, {250'000, false}));
    ASSERT_TRUE(care.give_back_all_but({}));
    EXPECT_THAT(said(), IsEmpty());
}

TEST_F(BusCareTest, goes_on_from_a_crash_after_each_step) {
    // Marked, and no more.
    links.links["can0"].alias = "bulkhead-can:bulkhead";
    ASSERT_TRUE(care.bring_up(place, {500'000, false}));
    EXPECT_THAT(said(), ElementsAre("can0 500000", "can0 up"));
    // Somebody set it down meanwhile.
    links.links["can0"].up = false;
    EXPECT_FALSE(*care.is_up(place, {500'000, false}));
    ASSERT_TRUE(care.bring_up(place, {500'000, false}));
    EXPECT_TRUE(*care.is_up(place, {500'000, false}));
}

TEST_F(BusCareTest, of_another_manager_is_somebody_elses) {
    links.links["can0"].alias = "bulkhead-can:bulkhead-2";
    host.file("sys/class/net/can0/ifalias", "bulkhead-can:bulkhead-2\n");
    links.links["can0"].up = true;
    links.links["can0"].bitrate = 125'000;
    EXPECT_FALSE(care.bring_up(place, {500'000, false}));
    ASSERT_TRUE(care.give_back_all_but({}));
    EXPECT_THAT(said(), IsEmpty());
}

TEST_F(BusCareTest, takes_a_bus_that_is_not_there_for_one_that_may_come) {
    ASSERT_TRUE(care.bring_up("1-7:1.0", {500'000, false}));
    EXPECT_TRUE(*care.is_up("1-7:1.0", {500'000, false}));
    EXPECT_THAT(said(), IsEmpty());
}

TEST_F(BusCareTest, makes_a_port_once_and_removes_no_strangers) {
    ASSERT_TRUE(care.make_port("bhc00000001"));
    ASSERT_TRUE(care.make_port("bhc00000001"));
    EXPECT_THAT(said(),
                ElementsAre("make bhc00000001", "bhc00000001 'bulkhead-can:bulkhead'", "bhc00000001 up"));
    EXPECT_TRUE(*care.has_port("bhc00000001"));
    ASSERT_TRUE(care.remove_port("bhc00000001"));
    ASSERT_TRUE(care.remove_port("bhc00000001"));
    EXPECT_THAT(said(), ElementsAre("remove bhc00000001"));
    links.links["bhc00000002"] = {.index = 9, .name = "bhc00000002", .kind = "vcan", .alias = "mine"};
    EXPECT_FALSE(care.make_port("bhc00000002"));
    ASSERT_TRUE(care.remove_port("bhc00000002"));
    EXPECT_THAT(said(), IsEmpty());
}

}  // namespace
}  // namespace bulkhead::passthrough::can
