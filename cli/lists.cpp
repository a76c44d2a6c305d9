#include "cli/lists.hpp"

#include <map>

#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/fleet_column.hpp"
#include "cli/joined.hpp"

namespace bulkhead::cli {
namespace {

std::string devices_of(const api::PartitionView& partition) {
    std::vector<std::string> devices;
    for (const auto& device : partition.devices())
        devices.push_back(device.guest_path().empty() ? device.name()
                                                      : device.name() + " " + device.guest_path());
    return joined(devices);
}

std::string addresses_of(const api::PartitionView& partition) {
    std::vector<std::string> addresses;
    for (const auto& interface : partition.interfaces()) addresses.push_back(interface.address());
    return joined(addresses);
}

std::string age(std::uint64_t seconds) {
    return human_age(
        std::chrono::seconds(static_cast<std::int64_t>(std::min<std::uint64_t>(seconds, 1ULL << 40))));
}

Style style_of_state(const std::string& state) {
    return state == "running" ? Style::plain : state == "failed" ? Style::bad : Style::warn;
}

Style style_of_phase(const std::string& phase) {
    return phase == "applied" ? Style::good : Style::warn;
}

// Of one that no spec declares: whether it could be assigned.
Cell device_state(const api::DeviceView& device) {
    if (!device.error().empty()) return {"faulty", Style::bad};
    if (device.gate() == "closed") return {"withheld", Style::warn};
    if (device.gate() == "receive-only") return {device.gate(), Style::warn};
    if (device.name().empty()) return device.obstacles().empty() ? Cell("free", Style::good) : Cell("kept");
    return device.present() ? Cell("present", Style::good) : Cell("absent", Style::bad);
}

// The part of the id after its kind, if no spec could name it otherwise.
std::string device_place(const api::DeviceView& device) {
    return device.at().empty() ? device.id().substr(device.id().find(':') + 1) : device.at();
}

// What it is, and of one that nobody declared, why it can't be assigned.
std::string device_words(const api::DeviceView& device) {
    std::string text = device.title();
    if (!device.name().empty()) return text;
    for (const auto& obstacle : device.obstacles())
        text += (text == device.title() ? ": " : "; ") + obstacle.why();
    return text;
}

// What passed since the device was assigned: bytes, or the frames of a CAN bus.
std::string carried(const api::DeviceView& device, std::uint64_t bytes, std::uint64_t frames) {
    if (device.token() == 0) return "";
    return device.has_can() ? std::to_string(frames) + " frames" : std::to_string(bytes) + " B";
}

}  // namespace

// What attestation rests on. A software TPM shows the path and proves nothing about this machine, and is
// called so.
std::string tpm_words(const std::string& anchor) {
    if (anchor.empty()) return "none";
    return anchor == "software" ? "software (demo)" : anchor;
}

std::string gateway_line(const api::Status& status, bool colour) {
    const auto clean = [](const std::string& text) { return printable(text, 256); };
    std::string line = styled("GATEWAY", Style::bold, colour) + " " +
                       (status.gateway().empty() ? "(no spec yet)" : clean(status.gateway()));
    if (!status.site().empty()) line += "   " + clean(status.site());
    if (!status.accelerator().empty()) {
        line += "   accelerator " + clean(status.accelerator());
        if (!status.accelerator_reason().empty()) line += " (" + clean(status.accelerator_reason()) + ")";
    }
    const auto& anchor = status.attestation().trust_anchor();
    if (!anchor.empty()) line += "   TPM " + clean(tpm_words(anchor));
    if (status.generation() != 0)
        line += "   generation " + std::to_string(status.generation()) + " " +
                styled(clean(status.phase()), style_of_phase(status.phase()), colour);
    if (!status.reason().empty()) line += ": " + clean(status.reason());
    return line + "\n";
}

Style style_of_health(const api::PartitionView& partition) {
    const auto& health = partition.health();
    return health == "ok" ? Style::good : health == "degraded" ? Style::bad : Style::warn;
}

Cell attestation_cell(const std::string& attestation, const std::string& anchor, const std::string& at,
                      std::uint64_t age_seconds) {
    if (attestation.empty()) return {};
    std::string text = attestation;
    if (!anchor.empty()) text += " (" + anchor + ")";
    if (!at.empty()) text += ", " + age(age_seconds) + " ago";
    const bool trusted = attestation == "trusted";
    return {std::move(text), trusted && anchor == "hardware" ? Style::good
                             : attestation == "untrusted"    ? Style::bad
                             : trusted                       ? Style::plain
                                                             : Style::warn};
}

std::vector<Cell> remarks(const api::PartitionView& partition) {
    std::vector<Cell> lines;
    if (!partition.reason().empty()) {
        const bool bad = partition.health() == "degraded" || partition.state() == "failed";
        const std::string subject = partition.state() == "failed" ? "failed" : partition.health();
        lines.emplace_back("! " + partition.name() + " " + subject + ": " + partition.reason(),
                           bad ? Style::bad : Style::warn);
    }
    if (partition.has_lock())
        lines.emplace_back("! " + partition.name() + " locked by " + partition.lock().by() + ": " +
                               partition.lock().reason(),
                           Style::warn);
    if (partition.attestation() == "untrusted")
        lines.emplace_back("! " + partition.name() + " untrusted: " + partition.attestation_reason(),
                           Style::bad);
    for (const auto& condition : partition.conditions()) {
        if (condition == "locked" && partition.has_lock()) continue;
        const bool held = condition == "held";
        lines.emplace_back("! " + partition.name() + " " + condition +
                               (held ? ": stopped by a person; bulkhead start " + partition.name() : ""),
                           Style::warn);
    }
    return lines;
}

Table gateway_table(const api::GatewayList& list, bool wide) {
    std::vector<Table::Column> columns{{"GATEWAY"},    {"SITE"},        {"CONNECTION"}, {"HEALTH"},
                                       {"PARTITIONS"}, {"ATTESTATION"}, {"GENERATION"}, {"LAST SEEN"}};
    if (wide)
        for (const auto* title : {"APPLIED", "PHASE", "LABELS", "VERSION", "ACCELERATOR", "EVENTS DROPPED"})
            columns.push_back({title});
    Table table(columns);
    for (const auto& gateway : list.items()) {
        const bool ok = gateway.health() == "ok";
        const auto& attested = gateway.attestation();
        std::vector<Cell> cells{
            gateway.name(),
            gateway.site(),
            {gateway.connection(), gateway.connection() == "connected" ? Style::plain : Style::warn},
            {gateway.health(), ok ? Style::good : Style::warn},
            std::to_string(gateway.partitions_ok()) + "/" + std::to_string(gateway.partitions()),
            attestation_cell(attested.attestation(), attested.trust_anchor(), attested.attested_at(),
                             attested.age_seconds()),
            gateway.generation() == 0 ? "" : std::to_string(gateway.generation()),
            gateway.last_seen().empty() ? "" : age(gateway.last_seen_seconds()) + " ago"};
        if (wide) {
            std::string labels;
            for (const auto& [key, value] :
                 std::map<std::string, std::string>(gateway.labels().begin(), gateway.labels().end()))
                labels += (labels.empty() ? "" : ",") + key + "=" + value;
            for (const auto& text :
                 {std::to_string(gateway.generation_applied()), gateway.phase(), labels, gateway.version(),
                  gateway.accelerator(), std::to_string(gateway.events_dropped())})
                cells.emplace_back(text);
        }
        table.row(std::move(cells));
        if (!gateway.reason().empty())
            table.beneath(
                {"! " + gateway.name() + " " + gateway.health() + ": " + gateway.reason(), Style::warn});
        if (!gateway.break_glass().empty())
            table.beneath({"! " + gateway.name() + " break-glass: " + gateway.break_glass(), Style::warn});
    }
    return table;
}

Table partition_table(const api::PartitionList& list, bool wide) {
    const bool fleet = is_of_a_fleet(list);
    bool attested = false;  // an older manager says nothing of it
    for (const auto& partition : list.items()) attested |= !partition.attestation().empty();
    std::vector<Table::Column> columns{{"PARTITION"}, {"TENANT", 2}, {"STATE"}, {"HEALTH", 2}, {"SINCE"}};
    if (attested) columns.push_back({"ATTESTATION"});
    for (const auto* title : {"DEVICES", "ZONE"}) columns.push_back({title});
    if (wide)
        for (const auto* title : {"ADDRESS", "CPUS", "MEMORY", "IMAGE", "STARTS AGAIN", "APPLICATION"})
            columns.push_back({title});
    columns.push_back({"LAST READING"});
    Table table(with_gateway(std::move(columns), fleet));
    for (const auto& partition : list.items()) {
        std::vector<Cell> cells{
            partition.name(),
            partition.tenant(),
            {partition.state(), style_of_state(partition.state())},
            {partition.health(), style_of_health(partition)},
            partition.since().empty() && partition.since_seconds() == 0 ? "" : age(partition.since_seconds()),
        };
        if (attested)
            cells.push_back(attestation_cell(partition.attestation(), partition.trust_anchor(),
                                             partition.attested_at(), partition.attestation_age_seconds()));
        cells.emplace_back(devices_of(partition));
        cells.emplace_back(joined(partition.zones()));
        if (wide)
            for (const auto& text :
                 {addresses_of(partition), std::to_string(partition.cpus()), partition.memory(),
                  partition.image(), std::to_string(partition.restarts()),
                  partition.application().name() + " " + partition.application().state()})
                cells.emplace_back(std::string(trimmed(text)));
        cells.emplace_back(partition.application().last_output());
        put_gateway(cells, partition, fleet);
        table.row(std::move(cells));
        for (auto& remark : remarks(partition)) table.beneath(std::move(remark));
    }
    return table;
}

Table device_table(const api::DeviceList& list, bool wide) {
    std::vector<Table::Column> columns{{"DEVICE"}, {"KIND"},     {"PARTITION"}, {"TENANT"},
                                       {"STATE"},  {"IN GUEST"}, {"LINE"}};
    if (wide)
        for (const auto* title : {"NODE", "DRIVER", "GROUP", "TOKEN", "TO DEVICE", "TO GUEST", "REFUSED"})
            columns.push_back({title});
    columns.push_back({"AT"});
    columns.push_back({"WHAT"});
    const bool fleet = is_of_a_fleet(list);
    Table table(with_gateway(std::move(columns), fleet));
    for (const auto& device : list.items()) {
        if (device.board() && device.name().empty() && !wide) continue;
        const bool free = device.partition().empty() && !device.name().empty();
        std::vector<Cell> cells{
            device.name(),   device.kind(),        free ? Cell("(free)") : Cell(device.partition()),
            device.tenant(), device_state(device), device.guest_path(),
            device.line()};
        if (wide) {
            cells.emplace_back(device.node());
            cells.emplace_back(device.driver());
            cells.emplace_back(device.group());
            cells.emplace_back(device.token() == 0 ? "" : std::to_string(device.token()));
            cells.emplace_back(
                carried(device, device.to_device_bytes(), device.has_can() ? device.can().to_bus() : 0));
            cells.emplace_back(
                carried(device, device.to_guest_bytes(), device.has_can() ? device.can().to_guest() : 0));
            cells.emplace_back(device.has_guard() ? std::to_string(device.guard().refused()) : "");
        }
        cells.emplace_back(device_place(device));
        cells.emplace_back(device_words(device));
        put_gateway(cells, device, fleet);
        table.row(std::move(cells));
        if (!device.error().empty())
            table.beneath({"! " + device.name() + ": " + device.error(), Style::bad});
        if (!device.name().empty())
            for (const auto& obstacle : device.obstacles())
                table.beneath({"! " + device.name() + ": " + obstacle.why(), Style::warn});
    }
    return table;
}

Table zone_table(const api::ZoneList& list, bool) {
    const bool fleet = is_of_a_fleet(list);
    Table table(with_gateway({{"ZONE"}, {"TENANT"}, {"SUBNET"}, {"MEMBERS"}}, fleet));
    for (const auto& zone : list.items()) {
        std::vector<Cell> cells{zone.name(), zone.tenant(), zone.subnet(), joined(zone.members())};
        put_gateway(cells, zone, fleet);
        table.row(std::move(cells));
    }
    return table;
}

// Requests, where a guard knows them.
Cell refused_cell(const api::ConduitView& conduit) {
    if (!conduit.has_guard()) return Cell("");
    const auto refused = conduit.guard().refused();
    return {std::to_string(refused), refused == 0 ? Style::plain : Style::warn};
}

Table conduit_table(const api::ConduitList& list, bool wide) {
    std::vector<Table::Column> columns{{"CONDUIT"}, {"FROM"},    {"TO"},          {"ALLOW"},
                                       {"STATE"},   {"PACKETS"}, {"CONNECTIONS"}, {"DROPPED"}};
    const bool guarded = std::ranges::any_of(list.items(), &api::ConduitView::has_guard);
    if (guarded) columns.push_back({"REFUSED"});
    if (wide) columns.push_back({"BYTES"});
    columns.push_back({"BECAUSE"});
    const bool fleet = is_of_a_fleet(list);
    Table table(with_gateway(std::move(columns), fleet));
    for (const auto& conduit : list.items()) {
        std::vector<Cell> cells{
            conduit.name(),
            conduit.from(),
            conduit.to(),
            joined(conduit.allow()),
            conduit.open() ? Cell("open", Style::good) : Cell("closed", Style::warn),
            std::to_string(conduit.packets()),
            std::to_string(conduit.connections()),
            {std::to_string(conduit.dropped()), conduit.dropped() == 0 ? Style::plain : Style::warn}};
        if (guarded) cells.push_back(refused_cell(conduit));
        if (wide) cells.emplace_back(std::to_string(conduit.bytes()));
        cells.emplace_back(conduit.because());
        put_gateway(cells, conduit, fleet);
        table.row(std::move(cells));
        if (!conduit.guard().problem().empty())
            table.beneath({"! " + conduit.name() + ": its guard: " + conduit.guard().problem(), Style::bad});
    }
    return table;
}

Table bundle_table(const api::BundleList& list) {
    Table table({{"BUNDLE"}, {"SIZE"}, {"PUSHED"}, {"PARTITIONS"}});
    for (const auto& bundle : list.items())
        table.row(
            {bundle.reference(), std::to_string(bundle.size_bytes()) + " B", bundle.pushed_at(),
             bundle.partitions().empty() ? Cell("(none)", Style::warn) : Cell(joined(bundle.partitions()))});
    return table;
}

Table event_table(const api::EventList& list, bool wide) {
    std::vector<Table::Column> columns{{"TIME"}, {"PARTITION"}, {"EVENT"}, {"BY"}};
    if (wide)
        for (const auto* title : {"ID", "TENANT", "OPERATION"}) columns.push_back({title});
    columns.push_back({"TEXT"});
    const bool fleet = is_of_a_fleet(list);
    Table table(with_gateway(std::move(columns), fleet));
    for (const auto& event : list.items()) {
        std::vector<Cell> cells{event.time(), event.partition(), event.code(), event.actor()};
        if (wide) {
            cells.emplace_back(std::to_string(event.id()));
            cells.emplace_back(event.tenant());
            cells.emplace_back(event.operation());
        }
        cells.emplace_back(event.text());
        put_gateway(cells, event, fleet);
        table.row(std::move(cells));
    }
    return table;
}

Table capability_table(const api::Diagnosis& diagnosis) {
    Table table({{"CAPABILITY"}, {"HERE"}, {"DETAIL"}});
    for (const auto& item : diagnosis.items()) {
        const auto verdict = item.verdict();
        table.row({item.name(),
                   verdict == api::Capability::yes  ? Cell("yes", Style::good)
                   : verdict == api::Capability::no ? Cell("no", Style::dim)
                                                    : Cell("MISSING", Style::bad),
                   item.detail()});
        if (!item.mend().empty() && verdict != api::Capability::yes) table.beneath("mend: " + item.mend());
    }
    return table;
}

}  // namespace bulkhead::cli
