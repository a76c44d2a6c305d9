#include "console/server/http/metrics.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace bulkhead::console::http {
namespace {

struct Sample {
    std::string labels;
    std::uint64_t value = 0;
};

template <class Samples>
void write(std::string& text, std::string_view name, std::string_view type, std::string_view help,
           const Samples& samples) {
    const std::string own(name);
    text += "# HELP " + own + " " + std::string(help) + "\n# TYPE " + own + " " + std::string(type) + "\n";
    for (const auto& sample : samples) {
        text += own;
        if (!sample.labels.empty()) text += "{" + sample.labels + "}";
        text += " " + std::to_string(sample.value) + "\n";
    }
}

void write(std::string& text, std::string_view name, std::string_view type, std::string_view help,
           std::initializer_list<Sample> samples) {
    write<std::initializer_list<Sample>>(text, name, type, help, samples);
}

std::uint64_t rest(std::uint64_t all, std::uint64_t part) {
    return all > part ? all - part : 0;
}

// Format 0.0.4: any UTF-8, but for these three.
std::string quoted(const std::string& value) {
    std::string text = "\"";
    for (const char c : valid_utf8(value)) {
        if (c == '\n')
            text += "\\n";
        else if (c == '\\' || c == '"')
            text += {'\\', c};
        else
            text += c;
    }
    return text + "\"";
}

using Labels = std::initializer_list<std::pair<const char*, const std::string&>>;

std::string labels_of(const Labels& labels) {
    std::string text;
    for (const auto& [name, value] : labels)
        text += (text.empty() ? "" : ",") + std::string(name) + "=" + quoted(value);
    return text;
}

// All samples of a metric must stand together, so each is gathered over all gateways.
class SwitchMetrics {
  public:
    explicit SwitchMetrics(std::size_t of_each) : of_each_(of_each) {}

    void add(const std::string& gateway, const api::PartitionList& partitions,
             const api::ConduitList& conduits, const api::RouterList& routers) {
        left_ = of_each_;
        for (const auto& router : routers.items()) add_router(gateway, router);
        for (const auto& partition : partitions.items()) add_drops(gateway, partition);
        for (const auto& conduit : conduits.items()) add_conduit(gateway, conduit);
    }

    std::string text() const {
        std::string text;
        for (const auto& metric : metrics_)
            if (!metric.samples.empty()) write(text, metric.name, metric.type, metric.help, metric.samples);
        write(text, "bulkhead_switch_samples_omitted", "gauge",
              "Samples of gateways' switches that are left out because there are too many.",
              {{"", omitted_}});
        return text;
    }

  private:
    enum Which { packets, bytes, connections, dropped, asked, refused, drops, healthy, used, count };
    struct Metric {
        const char* name;
        const char* type;
        const char* help;
        std::vector<Sample> samples;
    };

    void put(Which which, const std::string& labels, std::uint64_t value) {
        if (left_ == 0) {
            ++omitted_;
            return;
        }
        --left_;
        metrics_[which].samples.push_back({labels, value});
    }
    void add_conduit(const std::string& gateway, const api::ConduitView& conduit) {
        const auto labels = labels_of({{"gateway", gateway}, {"conduit", conduit.name()}});
        put(packets, labels, conduit.packets());
        put(bytes, labels, conduit.bytes());
        put(connections, labels, conduit.connections());
        put(dropped, labels, conduit.dropped());
        if (!conduit.has_guard()) return;
        put(asked, labels, conduit.guard().passed());
        put(refused, labels, conduit.guard().refused() + conduit.guard().broken());
    }
    void add_drops(const std::string& gateway, const api::PartitionView& partition) {
        std::map<std::string, std::uint64_t> sums;
        for (const auto& interface : partition.interfaces())
            for (const auto& [reason, frames] : interface.dropped()) sums[reason] += frames;
        for (const auto& [reason, frames] : sums)
            put(drops, labels_of({{"gateway", gateway}, {"partition", partition.name()}, {"reason", reason}}),
                frames);
    }
    void add_router(const std::string& gateway, const api::RouterView& router) {
        for (const auto& uplink : router.uplinks()) {
            const auto labels =
                labels_of({{"gateway", gateway}, {"tenant", router.tenant()}, {"uplink", uplink.name()}});
            put(healthy, labels, uplink.healthy() ? 1 : 0);
            put(used, labels, uplink.used() ? 1 : 0);
        }
    }

    std::size_t of_each_;
    std::size_t left_ = 0;  // of the gateway that is being added
    std::uint64_t omitted_ = 0;
    std::array<Metric, count> metrics_{
        {{"bulkhead_conduit_packets_total", "counter", "Packets that passed over a conduit, both ways.", {}},
         {"bulkhead_conduit_bytes_total", "counter", "Bytes that passed over a conduit, both ways.", {}},
         {"bulkhead_conduit_connections_total",
          "counter",
          "Connections that were opened over a conduit.",
          {}},
         {"bulkhead_conduit_dropped_packets_total",
          "counter",
          "Packets of a conduit's connections that did not pass.",
          {}},
         {"bulkhead_conduit_requests_passed_total",
          "counter",
          "Requests that a conduit's guard let pass.",
          {}},
         {"bulkhead_conduit_requests_refused_total",
          "counter",
          "Requests that a conduit's guard refused, or that were none.",
          {}},
         {"bulkhead_partition_dropped_frames_total",
          "counter",
          "Frames at a partition's interfaces that were dropped, by reason (vnet/README.md).",
          {}},
         {"bulkhead_uplink_healthy", "gauge", "Whether a tenant's uplink answers its probes.", {}},
         {"bulkhead_uplink_used", "gauge", "Whether a tenant's router sends over this uplink.", {}}}};
};

}  // namespace

std::string metrics_text(const Fleet::Counts& counts) {
    std::string text;
    write(text, "bulkhead_gateways", "gauge", "Enrolled gateways by connection.",
          {{R"(connection="connected")", counts.connected},
           {R"(connection="disconnected")", rest(counts.gateways, counts.connected)}});
    write(text, "bulkhead_partitions", "gauge", "Partitions of all gateways by health.",
          {{R"(health="ok")", counts.partitions_ok},
           {R"(health="not_ok")", rest(counts.partitions, counts.partitions_ok)}});
    write(text, "bulkhead_attestation", "gauge", "Hosts and partitions by what was proved of them.",
          {{R"(attestation="trusted")", counts.trusted},
           {R"(attestation="untrusted")", counts.untrusted},
           {R"(attestation="stale")", counts.stale},
           {R"(attestation="unknown")", counts.unknown}});
    write(text, "bulkhead_attestation_rounds_total", "counter", "Attestation rounds that were judged.",
          {{"", counts.rounds}});
    write(text, "bulkhead_events_total", "counter", "Events that gateways have delivered.",
          {{"", counts.events}});
    write(text, "bulkhead_events_dropped_total", "counter", "Events that a gateway's spool could not keep.",
          {{"", counts.events_dropped}});
    write(text, "bulkhead_sessions", "gauge", "Sessions of people and scripts.", {{"", counts.sessions}});
    return text;
}

std::string switch_metrics_text(Fleet& fleet, const Fleet::Counts& counts, std::size_t most) {
    // As many as the largest gateway has: all conduits, and all reasons of all partitions.
    constexpr std::size_t largest = 20'000;
    SwitchMetrics metrics(std::min(largest, most / std::max<std::size_t>(1, counts.connected)));
    fleet.each_switch([&](const std::string& gateway, const auto& partitions, const auto& conduits,
                          const auto& routers) { metrics.add(gateway, partitions, conduits, routers); });
    return metrics.text();
}

}  // namespace bulkhead::console::http
