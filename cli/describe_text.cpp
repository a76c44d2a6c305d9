#include "cli/describe_text.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/lists.hpp"
#include "cli/style.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t label_width = 14;

// Labels on the left, values in one column; empty values are left out.
class Sheet {
  public:
    explicit Sheet(bool colour) : colour_(colour) {}

    void line(std::string_view label, const std::string& value, Style style = Style::plain) {
        if (value.empty()) return;
        std::string padded(label);
        padded.resize(std::max(padded.size() + 1, label_width), ' ');
        text_ += styled(padded, Style::bold, colour_) + styled(printable(value, 1024), style, colour_) + "\n";
    }
    // A further line of the value above.
    void more(const std::string& value) {
        text_ += std::string(label_width, ' ') + printable(value, 1024) + "\n";
    }
    std::string text() && { return std::move(text_); }

  private:
    bool colour_;
    std::string text_;
};

template <class Words>
void list(Sheet& sheet, std::string_view label, const Words& words) {
    bool first = true;
    for (const auto& word : words) {
        if (first)
            sheet.line(label, word);
        else
            sheet.more(word);
        first = false;
    }
}

std::string dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string with_reason(const std::string& word, const std::string& reason) {
    return reason.empty() ? word : word + ": " + reason;
}

std::string device_line(const api::DeviceView& device) {
    std::string text = device.name() + " " + device.guest_path() + "  " + device.line() + "  " +
                       (device.present() ? "present" : "absent");
    return device.error().empty() ? text : text + ": " + device.error();
}

std::string obstacle_line(const api::Obstacle& obstacle) {
    return obstacle.mend().empty() ? obstacle.why() : obstacle.why() + ": " + obstacle.mend();
}

template <class Words>
std::string words_of(const Words& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string group_line(const api::DeviceView& device) {
    if (device.group_members().empty()) return device.group();
    return device.group() + ", with " + words_of(device.group_members());
}

std::string rs485_line(const std::string& who) {
    if (who == "driver") return "the driver can turn the line around (TIOCSRS485)";
    if (who == "adapter") return "the adapter's own electronics, if it has such";
    return {};
}

std::string interface_line(const api::InterfaceView& port) {
    std::string text = port.address() + " in " + port.zone() + "  " + port.mac() + "  " + port.name() +
                       "  sent " + std::to_string(port.received()) + ", got " +
                       std::to_string(port.delivered()) + " frames";
    const std::map<std::string, std::uint64_t> dropped(port.dropped().begin(), port.dropped().end());
    for (const auto& [reason, count] : dropped)
        if (count != 0) text += "; dropped " + std::to_string(count) + " (" + reason + ")";
    return text;
}

std::string volume_line(const api::VolumeView& volume) {
    return volume.name() + "  " + volume.size() + " at " + volume.mount() + ", " +
           std::to_string(volume.used_kib()) + " KiB used";
}

// With the refusals first: that is what one looks for.
std::string guard_line(const api::GuardView& guard) {
    std::string text =
        std::to_string(guard.refused()) + " refused, " + std::to_string(guard.passed()) + " passed";
    if (guard.broken() != 0) text += ", " + std::to_string(guard.broken()) + " broken";
    return text;
}

void guard(Sheet& sheet, const api::GuardView& guard) {
    sheet.line("may say", guard.rules());
    sheet.line("guard", guard_line(guard), guard.refused() == 0 ? Style::plain : Style::warn);
    sheet.line("refused last", guard.last());
    sheet.line("not at work", guard.problem(), Style::bad);
}

void agent(Sheet& sheet, const api::AgentView& agent) {
    sheet.line("agent", agent.version() + ", heard " + std::to_string(agent.last_heard_ms()) + " ms ago, " +
                            std::to_string(agent.frames()) + " frames, " + std::to_string(agent.rejected()) +
                            " refused");
    sheet.line("guest",
               agent.kernel() + ", up " +
                   human_age(std::chrono::seconds(static_cast<std::int64_t>(agent.uptime_ms() / 1000))) +
                   ", load " + dash(agent.load()) + ", " +
                   std::to_string(agent.memory_available_kib() / 1024) + " of " +
                   std::to_string(agent.memory_total_kib() / 1024) + " MiB free");
}

void application(Sheet& sheet, const api::ApplicationView& application) {
    if (application.name().empty() && application.state().empty()) return;
    sheet.line("application", dash(application.name()) + " " + application.state() + ", started again " +
                                  std::to_string(application.restarts()) + " times");
    sheet.line("last reading", application.last_output());
    sheet.line("last error", application.last_error(), Style::bad);
}

template <class Items, class Line>
std::vector<std::string> lines_of(const Items& items, const Line& line) {
    std::vector<std::string> lines;
    for (const auto& item : items) lines.push_back(line(item));
    return lines;
}

void bus(Sheet& sheet, const api::CanView& can) {
    const auto number = [](std::uint64_t count) { return std::to_string(count); };
    sheet.line("frames", number(can.to_bus()) + " to the bus, " + number(can.to_guest()) + " to the guest");
    sheet.line("lost",
               number(can.lost_to_bus()) + " to the bus, " + number(can.lost_to_guest()) + " to the guest",
               can.lost_to_bus() + can.lost_to_guest() == 0 ? Style::plain : Style::warn);
    sheet.line("bus",
               (can.state().empty() ? "" : can.state() + "; ") + number(can.errors()) + " error frames, " +
                   number(can.passive()) + " times error passive, " + number(can.bus_off()) +
                   " times bus-off, " + number(can.restarts()) + " restarts",
               can.errors() == 0 ? Style::plain : Style::warn);
}

// 1250 -> 1.2 ms
std::string in_milliseconds(std::uint64_t microseconds) {
    return std::to_string(microseconds / 1000) + "." + std::to_string(microseconds / 100 % 10) + " ms";
}

void turns(Sheet& sheet, const api::TurnsView& turns) {
    const auto number = [](std::uint64_t count) { return std::to_string(count); };
    sheet.line("turns",
               number(turns.turns()) + ", at a line of " + number(turns.devices()) + " devices: " +
                   number(turns.answered()) + " answered, " + number(turns.timed_out()) + " timed out, " +
                   number(turns.given_up()) + " given up, " + number(turns.broken()) + " broken",
               turns.timed_out() + turns.given_up() + turns.broken() == 0 ? Style::plain : Style::warn);
    sheet.line("waited",
               number(turns.waited()) + " times, " +
                   in_milliseconds(turns.waited_microseconds() / std::max<std::uint64_t>(turns.waited(), 1)) +
                   " on average, the longest " + in_milliseconds(turns.longest_wait_microseconds()));
    if (turns.stray_bytes() != 0)
        sheet.line("stray", number(turns.stray_bytes()) + " bytes of the line were late, or nobody's",
                   Style::warn);
}

}  // namespace

std::string describe(const api::PartitionView& partition, bool colour) {
    Sheet sheet(colour);
    sheet.line("partition", partition.name());
    sheet.line("gateway", partition.gateway());
    sheet.line("tenant", partition.tenant());
    sheet.line("uid", partition.uid());
    sheet.line("state", partition.state());
    sheet.line("health", with_reason(partition.health(), partition.reason()), style_of_health(partition));
    const auto attested = attestation_cell(partition.attestation(), partition.trust_anchor(),
                                           partition.attested_at(), partition.attestation_age_seconds());
    sheet.line("attestation", with_reason(attested.text, partition.attestation_reason()), attested.style);
    if (!partition.since().empty())
        sheet.line("since",
                   partition.since() + " (" +
                       human_age(std::chrono::seconds(static_cast<std::int64_t>(partition.since_seconds()))) +
                       ")");
    if (partition.has_lock())
        sheet.line("lock",
                   "by " + partition.lock().by() + " since " + dash(partition.lock().since()) + ": " +
                       partition.lock().reason(),
                   Style::warn);
    list(sheet, "conditions", partition.conditions());
    sheet.line("limits", std::to_string(partition.cpus()) + " cpu, " + dash(partition.memory()));
    sheet.line("image", partition.image());
    sheet.line("digest", partition.image_digest());
    sheet.line("starts again", std::to_string(partition.restarts()));
    application(sheet, partition.application());
    list(sheet, "devices", lines_of(partition.devices(), device_line));
    list(sheet, "interfaces", lines_of(partition.interfaces(), interface_line));
    list(sheet, "volumes", lines_of(partition.volumes(), volume_line));
    if (partition.has_agent()) agent(sheet, partition.agent());
    return std::move(sheet).text();
}

std::string describe(const api::DeviceView& device, bool colour) {
    Sheet sheet(colour);
    const bool declared = !device.name().empty();
    sheet.line("device", device.name());
    sheet.line("id", device.id());
    sheet.line("gateway", device.gateway());
    sheet.line("kind", device.kind());
    sheet.line("at", device.at());
    sheet.line("what", device.title());
    sheet.line("state", with_reason(device.present() ? "present" : "absent", device.error()),
               device.present() && device.error().empty() ? Style::good : Style::bad);
    list(sheet, "not assignable", lines_of(device.obstacles(), obstacle_line));
    sheet.line("partition", declared && device.partition().empty() ? "(free)" : device.partition());
    sheet.line("tenant", device.tenant());
    sheet.line("in guest", device.guest_path());
    sheet.line("line", device.line());
    sheet.line("requires", device.terms());
    sheet.line("gate", device.gate(), device.gate() == "open" ? Style::plain : Style::warn);
    sheet.line("host calls it", device.node());
    sheet.line("driver", device.driver());
    sheet.line("part of", device.parent());
    sheet.line("used by", device.used_by());
    sheet.line("number", device.serial_number());
    sheet.line("RS-485", rs485_line(device.rs485()));
    sheet.line("IOMMU group", group_line(device));
    if (device.kind() == "pci") sheet.line("reset by", dash(words_of(device.resets())));
    if (device.token() == 0) return std::move(sheet).text();
    sheet.line("token", std::to_string(device.token()));
    if (device.kind() == "serial" || device.kind() == "usb")
        sheet.line("bytes", std::to_string(device.to_device_bytes()) + " to the device, " +
                                std::to_string(device.to_guest_bytes()) + " to the guest");
    if (device.has_can()) bus(sheet, device.can());
    if (device.has_turns()) turns(sheet, device.turns());
    if (device.has_guard()) guard(sheet, device.guard());
    return std::move(sheet).text();
}

std::string describe(const api::ZoneView& zone, bool colour) {
    Sheet sheet(colour);
    sheet.line("zone", zone.name());
    sheet.line("gateway", zone.gateway());
    sheet.line("tenant", zone.tenant());
    sheet.line("subnet", zone.subnet());
    list(sheet, "members", zone.members());
    return std::move(sheet).text();
}

std::string describe(const api::ConduitView& conduit, bool colour) {
    Sheet sheet(colour);
    sheet.line("conduit", conduit.name());
    sheet.line("gateway", conduit.gateway());
    sheet.line("from", conduit.from());
    sheet.line("to", conduit.to());
    list(sheet, "allow", conduit.allow());
    sheet.line("state", conduit.open() ? "open" : "closed", conduit.open() ? Style::good : Style::warn);
    sheet.line("passed", std::to_string(conduit.packets()) + " packets, " + std::to_string(conduit.bytes()) +
                             " bytes, both ways");
    if (conduit.has_guard()) guard(sheet, conduit.guard());
    sheet.line("because", conduit.because());
    return std::move(sheet).text();
}

}  // namespace bulkhead::cli
