#include "vnet/alias.hpp"

#include <gtest/gtest.h>

namespace bulkhead::vnet {
namespace {

model::Port example() {
    model::Port port;
    port.name = model::PortName("bh00000001-2");
    port.partition = model::PartitionName("robot-cell");
    port.index = 2;
    port.zone = model::ZoneName("acme-cell");
    return port;
}

Link link_with(const std::string& alias, const std::string& kind = "tun") {
    Link link;
    link.name = "bh00000001-2";
    link.kind = kind;
    link.alias = alias;
    return link;
}

TEST(Alias, tells_the_port_it_was_made_for) {
    const model::Layout layout;
    EXPECT_EQ(port_of(layout, link_with(alias_of(layout, example()))), example());
}

TEST(Alias, is_not_ours_if_it_has_another_owner_another_kind_or_another_shape) {
    const model::Layout layout;
    model::Layout other;
    other.owner = "bulkhead-test";
    EXPECT_FALSE(port_of(layout, link_with(alias_of(other, example()))));
    EXPECT_FALSE(port_of(other, link_with(alias_of(layout, example()))));
    EXPECT_FALSE(port_of(layout, link_with(alias_of(layout, example()), "veth")));
    for (const char* alias :
         {"", "bulkhead", "bulkhead:bulkhead:a:b", "bulkhead:bulkhead:a:x:z", "bulkhead:bulkhead:a:0:z:more"})
        EXPECT_FALSE(port_of(layout, link_with(alias))) << alias;
}

}  // namespace
}  // namespace bulkhead::vnet
