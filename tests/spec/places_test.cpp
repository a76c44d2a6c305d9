#include "spec/places.hpp"

#include <gtest/gtest.h>

namespace bulkhead::spec {
namespace {

TEST(Places, each_conduit_is_found_at_its_line) {
    const auto places = places_of_conduits(
        "metadata: {name: x}\nconduits:\n  - {name: readings, from: a}\n  - from: b\n    name: forces\n"
        "  - {from: nameless}\n",
        "factory.yaml");
    ASSERT_EQ(places.size(), 2U);
    EXPECT_EQ(places.at(model::ConduitName("readings")), "factory.yaml:3:5");
    EXPECT_EQ(places.at(model::ConduitName("forces")), "factory.yaml:4:5");
}

TEST(Places, each_device_is_found_where_its_place_is_written) {
    const auto places =
        places_of_devices("devices:\n  - {name: can-1, at: /dev/a}\n  - name: bare\n", "f.yaml");
    ASSERT_EQ(places.size(), 2U);
    EXPECT_EQ(places.at(model::DeviceName("can-1")), "f.yaml:2:23");
    EXPECT_EQ(places.at(model::DeviceName("bare")), "f.yaml:3:5");
}

TEST(Places, there_are_none_in_what_has_no_conduits_or_is_no_yaml) {
    EXPECT_TRUE(places_of_conduits("metadata: {}\n", "x").empty());
    EXPECT_TRUE(places_of_conduits("a: [", "x").empty());
}

}  // namespace
}  // namespace bulkhead::spec
