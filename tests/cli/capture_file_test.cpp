// A capture's file is what our own reader reads.
#include <gtest/gtest.h>

#include "cli/packet_file.hpp"
#include "vnet/capture/pcapng.hpp"

namespace bulkhead::cli {
namespace {

using vnet::capture::capture_block;
using vnet::capture::capture_head;

TEST(CaptureFile, is_read_again_as_it_was_written) {
    std::string file = capture_head({"bhrobot-cell-0", "bhit-admin-0"});
    for (const auto& [interface, bytes] : {std::pair<std::size_t, std::string>{0, "first"}, {1, "second!!"}})
        file += capture_block({interface, interface == 1, std::chrono::seconds(1), bytes, bytes.size()});
    EXPECT_EQ(read_packets(file, "x"), (std::vector<std::string>{"first", "second!!"}));
    EXPECT_EQ(file.size() % 4, 0U);
    EXPECT_NE(file.find("bhit-admin-0"), std::string::npos);
}

TEST(CaptureFile, a_frame_that_was_cut_says_so) {
    const std::string file =
        capture_head({"x"}) + capture_block({0, false, std::chrono::seconds(1), "abc", 9});
    EXPECT_FALSE(read_packets(file, "x"));
}

}  // namespace
}  // namespace bulkhead::cli
