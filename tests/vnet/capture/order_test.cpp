#include "vnet/capture/order.hpp"

#include <gtest/gtest.h>

#include "tests/vnet/capture/address.hpp"

namespace bulkhead::vnet::capture {
namespace {

Order order_of_readings() {
    Order order;
    order.seconds = std::chrono::seconds(60);
    order.packets = 1000;
    order.bytes = 65'536;
    const Rule rule{{address("\x0a\x14\x01\x0a"), address("\x0a\x14\x01\x0b")}, {}, 6, 8883};
    order.places.push_back({.interface = "bhrobot-cell-0", .sent = {rule}, .delivered = {rule}});
    order.places.push_back({.interface = "bhit-admin-0", .all = true});
    return order;
}

TEST(Order, is_read_as_it_was_written) {
    EXPECT_EQ(to_text(order_of_readings()),
              "limits 60 1000 65536\n"
              "interface bhrobot-cell-0\n"
              "sent 6 8883 00000000000000000000ffff0a14010a,00000000000000000000ffff0a14010b *\n"
              "delivered 6 8883 00000000000000000000ffff0a14010a,00000000000000000000ffff0a14010b *\n"
              "interface bhit-admin-0\n"
              "all\n");
    const auto again = read_order(to_text(order_of_readings()));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(*again, order_of_readings());
}

TEST(Order, that_is_none_of_ours_is_refused_with_its_line) {
    const std::string begin = "limits 1 1 1\ninterface a\n";
    for (const std::string wrong : {"", "interface a\n", "limits 1 1 1\n", "limits 0 1 1\ninterface a\n",
                                    "limits 1 1 1\nall\n", "limits 1 1\ninterface a\n"})
        EXPECT_FALSE(read_order(wrong)) << wrong;
    for (const std::string line :
         {"sent 6 1 *", "sent 6 65536 * *", "sent 256 1 * *", "sent 6 1 0a14010a *",
          "sent 6 1 zz000000000000000000ffff0a14010a *", "taken 6 1 * *", "all of it"}) {
        const auto read = read_order(begin + line + "\n");
        ASSERT_FALSE(read) << line;
        EXPECT_EQ(read.error().where, "order:3") << line;
    }
    EXPECT_TRUE(read_order(begin + "sent 6 1 * *\n"));
}

TEST(Order, of_more_interfaces_than_a_process_holds_is_refused) {
    std::string text = "limits 1 1 1\n";
    for (std::size_t i = 0; i < most_places; ++i) text += "interface bh" + std::to_string(i) + "\n";
    EXPECT_TRUE(read_order(text));
    EXPECT_FALSE(read_order(text + "interface one-more\n"));
}

}  // namespace
}  // namespace bulkhead::vnet::capture
