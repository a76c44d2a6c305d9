// Figures of gateways' switches, as Prometheus reads them (text format 0.0.4).
#include "console/server/http/metrics.hpp"

#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "tests/console/server/http/fake_fleet.hpp"

namespace bulkhead::console::http {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

class SwitchMetricsTest : public testing::Test {
  protected:
    SwitchMetricsTest() {
        fleet_.switches = {"press-3", "press-4"};
        auto& conduit = *fleet_.switch_conduits.add_items();
        conduit.set_name("readings");
        conduit.set_packets(std::uint64_t{1} << 60);
        conduit.set_bytes(64);
        conduit.set_connections(2);
        conduit.set_dropped(1);
        conduit.mutable_guard()->set_passed(40);
        conduit.mutable_guard()->set_refused(3);
        conduit.mutable_guard()->set_broken(1);
        auto& partition = *fleet_.switch_partitions.add_items();
        partition.set_name("robot-cell");
        for (int at = 0; at < 2; ++at) (*partition.add_interfaces()->mutable_dropped())["no_conduit"] = 20;
        auto& router = *fleet_.switch_routers.add_items();
        router.set_tenant("acme");
        for (const auto* name : {"plant", "mobile"}) {
            auto& uplink = *router.add_uplinks();
            uplink.set_name(name);
            uplink.set_healthy(true);
            uplink.set_used(std::string(name) == "plant");
        }
    }
    std::string text(std::size_t most = most_switch_samples) {
        return switch_metrics_text(fleet_, {.gateways = 2, .connected = 2}, most);
    }
    static std::size_t samples_in(const std::string& text) {
        return static_cast<std::size_t>(
            std::ranges::count_if(lines_of(text), [](const auto& line) { return !line.starts_with('#'); }));
    }

    FakeFleet fleet_;
};

TEST_F(SwitchMetricsTest, are_of_each_gateway_and_conduit_reason_and_uplink) {
    const auto all = text();
    for (const auto* sample :
         {"\nbulkhead_conduit_packets_total{gateway=\"press-3\",conduit=\"readings\"} 1152921504606846976\n",
          "\nbulkhead_conduit_bytes_total{gateway=\"press-4\",conduit=\"readings\"} 64\n",
          "\nbulkhead_conduit_connections_total{gateway=\"press-3\",conduit=\"readings\"} 2\n",
          "\nbulkhead_conduit_dropped_packets_total{gateway=\"press-3\",conduit=\"readings\"} 1\n",
          "\nbulkhead_conduit_requests_passed_total{gateway=\"press-3\",conduit=\"readings\"} 40\n",
          "\nbulkhead_conduit_requests_refused_total{gateway=\"press-4\",conduit=\"readings\"} 4\n",
          "\nbulkhead_partition_dropped_frames_total{gateway=\"press-3\",partition=\"robot-cell\",reason="
          "\"no_"
          "conduit\"} 40\n",
          "\nbulkhead_uplink_healthy{gateway=\"press-4\",tenant=\"acme\",uplink=\"mobile\"} 1\n",
          "\nbulkhead_uplink_used{gateway=\"press-4\",tenant=\"acme\",uplink=\"plant\"} 1\n",
          "\nbulkhead_uplink_used{gateway=\"press-4\",tenant=\"acme\",uplink=\"mobile\"} 0\n",
          "\nbulkhead_switch_samples_omitted 0\n", "\n# TYPE bulkhead_conduit_bytes_total counter\n",
          "\n# TYPE bulkhead_uplink_used gauge\n"})
        EXPECT_THAT("\n" + all, HasSubstr(sample));
}

// The format wants them so: samples of a metric together, after one line of HELP and TYPE; a series once.
TEST_F(SwitchMetricsTest, each_metric_stands_together_and_no_series_twice) {
    std::set<std::string> metrics, series;
    std::string current;
    for (const auto& line : lines_of(text())) {
        if (line.starts_with("# HELP ")) {
            current = line.substr(7, line.find(' ', 7) - 7);
            EXPECT_TRUE(metrics.insert(current).second) << line;
        } else if (line.starts_with("# TYPE ")) {
            EXPECT_TRUE(line.starts_with("# TYPE " + current + " ")) << line;
            EXPECT_EQ(line.ends_with(" counter"), current.ends_with("_total")) << line;
        } else {
            EXPECT_EQ(line.substr(0, line.find_first_of("{ ")), current);
            EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << line;
        }
    }
    EXPECT_EQ(metrics.size(), 10U);
}

TEST_F(SwitchMetricsTest, label_values_are_escaped) {
    fleet_.switches = {"a\"b\\c\nd\xff"};
    EXPECT_THAT(text(), HasSubstr(R"({gateway="a\"b\\c\nd)"
                                  "\xef\xbf\xbd\","));
    EXPECT_THAT(text(), Not(HasSubstr("c\nd")));
}

TEST_F(SwitchMetricsTest, are_bounded_and_no_gateway_crowds_out_another) {
    for (int at = 0; at < 4000; ++at) fleet_.switch_conduits.add_items()->set_name("c" + std::to_string(at));
    const auto few = text(200);
    EXPECT_EQ(samples_in(few), 200U + 1);
    for (const auto* gateway : {"press-3", "press-4"})
        EXPECT_THAT(few, HasSubstr("bulkhead_uplink_used{gateway=\"" + std::string(gateway) + "\""));
    const auto all = 2U * (4001 * 4 + 2 + 1 + 4);
    EXPECT_THAT(few, HasSubstr("\nbulkhead_switch_samples_omitted " + std::to_string(all - 200) + "\n"));
    EXPECT_EQ(samples_in(text()), all + 1);
}

}  // namespace
}  // namespace bulkhead::console::http
