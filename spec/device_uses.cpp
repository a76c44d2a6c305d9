#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "spec/fields.hpp"
#include "spec/guard_rules.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

// S0 to S8 of the SLCAN (Lawicel) protocol, in bits per second: those of CiA 301, too, and one more.
constexpr std::array<std::uint32_t, 9> can_bitrates{10'000,  20'000,  50'000,  100'000,  125'000,
                                                    250'000, 500'000, 800'000, 1'000'000};

// Who uses each device: the partition's name, and the path of the use.
using Owners = std::map<std::string, std::pair<std::string, std::string>>;

void check_owner(Validation& run, const std::string& path, const std::string& device,
                 const std::string& partition, Owners& owners) {
    if (run.devices.refer(run.findings, path, device) == Declared::npos) return;
    const auto [owner, fresh] = owners.try_emplace(device, partition, path);
    if (fresh) return;
    const auto& [name, place] = owner->second;
    run.findings.add(
        path, "device " + in_quotes(device) + " is in use by partition " + in_quotes(name) + " already",
        "one use per device", "remove it here or at " + run.findings.place(place));
}

void check_line(Validation& run, const std::string& path, const std::string& text, model::DeviceKind kind,
                model::DeviceUse& out) {
    if (kind != model::DeviceKind::serial) {
        if (!text.empty())
            run.findings.add(path, "line is of a serial device, and this is " + std::string(what(kind)), {},
                             "remove it");
        return;
    }
    if (text.empty()) return missing(run.findings, path, "a serial line setting such as 9600 8N1");
    if (const auto line = model::parse_line_setting(text))
        out.line = *line;
    else
        run.findings.add(path, line.error());
}

std::chrono::milliseconds check_delay(Validation& run, const std::string& path, std::uint32_t delay) {
    check_range(run.findings, path, delay, 0,
                static_cast<std::uint32_t>(model::Rs485::longest_delay.count()));
    return std::chrono::milliseconds(delay);
}

void check_rs485(Validation& run, const std::string& path, const v1alpha1::DeviceUse& in,
                 model::DeviceKind kind, model::DeviceUse& out) {
    if (!in.has_rs485()) return;
    if (kind != model::DeviceKind::serial)
        return run.findings.add(path, "rs485 is of a serial device, and this is " + std::string(what(kind)),
                                {}, "remove it");
    const auto& rs485 = in.rs485();
    if (rs485.rtsonsend() && rs485.rtsaftersend())
        run.findings.add(path + ".rtsAfterSend", "RTS can't be high while sending and after it",
                         "one of rtsOnSend and rtsAfterSend", "remove one");
    out.line.rs485 = model::Rs485{
        !rs485.rtsaftersend(), check_delay(run, path + ".delayRtsBeforeSend", rs485.delayrtsbeforesend()),
        check_delay(run, path + ".delayRtsAfterSend", rs485.delayrtsaftersend()), rs485.rxduringtx()};
}

model::DeviceProtocol protocol_of(const v1alpha1::DeviceUse& in) {
    switch (in.protocol()) {
        case v1alpha1::DeviceUse::slcan:
            return model::DeviceProtocol::slcan;
        case v1alpha1::DeviceUse::can:
            return model::DeviceProtocol::can;
        case v1alpha1::DeviceUse::modbus:
            return model::DeviceProtocol::modbus;
        default:
            return model::DeviceProtocol::serial;
    }
}

// The bus's speed is of whoever works the controller: the adapter at the end of a line, or the guest's
// driver.
void check_bitrate(Validation& run, const std::string& path, const std::string& with, std::uint32_t bitrate) {
    std::vector<std::string> known;
    for (const auto rate : can_bitrates) known.push_back(std::to_string(rate));
    if (!run.findings.has(path))
        missing(run.findings, path, one_of(known) + with);
    else if (std::ranges::find(can_bitrates, bitrate) == can_bitrates.end())
        run.findings.add(path, "no CAN bus of ours runs at " + std::to_string(bitrate) + " bit/s",
                         one_of(known));
}

bool is_can(model::DeviceProtocol protocol) {
    return protocol == model::DeviceProtocol::slcan || protocol == model::DeviceProtocol::can;
}

// One thing is spoken there, so that nobody has to say so.
model::DeviceProtocol protocol_of_bus(Validation& run, const std::string& path,
                                      const v1alpha1::DeviceUse& in) {
    if (run.findings.has(path) && in.protocol() != v1alpha1::DeviceUse::can)
        run.findings.add(path, "a CAN bus speaks can alone", {}, "remove it");
    return model::DeviceProtocol::can;
}

void check_protocol(Validation& run, const std::string& path, const v1alpha1::DeviceUse& in,
                    model::DeviceKind kind, model::DeviceUse& out) {
    if (kind == model::DeviceKind::can) {
        out.protocol = protocol_of_bus(run, path + ".protocol", in);
        out.bitrate = in.bitrate();
        return check_bitrate(run, path + ".bitrate", "", in.bitrate());
    }
    out.protocol = protocol_of(in);
    const bool serial = kind == model::DeviceKind::serial;
    const std::string is(what(kind));
    if (kind == model::DeviceKind::usb && out.protocol != model::DeviceProtocol::serial)
        return run.findings.add(path + ".protocol", "the host does not know what is spoken to a USB device",
                                {}, "remove it, or assign its serial port: kind: serial");
    if (out.protocol == model::DeviceProtocol::slcan && !serial)
        run.findings.add(path + ".protocol", "slcan is spoken on a serial line, and this is " + is, {},
                         "write protocol: can if it is a CAN controller");
    if (out.protocol == model::DeviceProtocol::can && serial)
        run.findings.add(path + ".protocol", "can is of a CAN controller, and this is a serial line", {},
                         "write protocol: slcan if a CAN adapter is at its end");
    if (out.protocol == model::DeviceProtocol::modbus && !serial)
        run.findings.add(path + ".protocol", "modbus is spoken on a serial line, and this is " + is, {},
                         "remove it");
    if (is_can(out.protocol)) {
        out.bitrate = in.bitrate();
        return check_bitrate(run, path + ".bitrate", serial ? " with protocol: slcan" : " with protocol: can",
                             in.bitrate());
    }
    if (run.findings.has(path + ".bitrate") && kind == model::DeviceKind::usb)
        run.findings.add(path + ".bitrate", "bitrate is of a CAN bus, and this is a USB device", {},
                         "remove it");
    else if (run.findings.has(path + ".bitrate"))
        run.findings.add(
            path + ".bitrate",
            "bitrate is of a CAN bus, and this is " + std::string(serial ? "a serial line" : "none so far"),
            {}, serial ? "remove it, or add protocol: slcan" : "remove it, or add protocol: can");
}

// A guard stands where the host carries the bytes, and knows what they mean.
bool can_be_guarded(Validation& run, const std::string& path, model::DeviceKind kind,
                    const model::DeviceUse& out) {
    if (kind == model::DeviceKind::can) return true;
    if (kind != model::DeviceKind::serial) {
        const bool controller = out.protocol == model::DeviceProtocol::can;
        run.findings.add(
            path, "a guard sees nothing of " + std::string(what(kind)) + ": its guest works it alone", {},
            controller ? "remove it, or mediate the bus instead: kind: can"
                       : "remove it, or pass a serial line with protocol: slcan or modbus instead");
        return false;
    }
    if (out.protocol != model::DeviceProtocol::serial) return true;
    run.findings.add(path, "a guard must know what is spoken on the line", {},
                     "add protocol: modbus, or protocol: slcan");
    return false;
}

model::CanGuard can_guard(Validation& run, const std::string& path, const v1alpha1::Guard& guard) {
    if (!guard.rate().empty())
        run.findings.add(path + ".rate", "on a CAN bus each rule has a rate of its own",
                         "send 0x181 at 100/s");
    return {check_rules(run, path + ".allow", guard, model::parse_can_rule)};
}

void check_guard(Validation& run, const std::string& path, const v1alpha1::DeviceUse& in,
                 model::DeviceKind kind, model::DeviceUse& out) {
    if (kind == model::DeviceKind::can)
        out.rules = model::CanBus{model::everything_on_the_bus(), out.bitrate};
    if (!in.has_guard() || !can_be_guarded(run, path, kind, out)) return;
    const auto& guard = in.guard();
    if (kind == model::DeviceKind::can) {
        out.rules = model::CanBus{can_guard(run, path, guard), out.bitrate};
        return;
    }
    if (out.protocol == model::DeviceProtocol::slcan) {
        out.rules = model::SlcanGuard{can_guard(run, path, guard), out.bitrate};
        return;
    }
    out.rules = check_modbus_guard(run, path, guard);
}

model::OnLoss check_on_loss(Validation& run, const std::string& path, const v1alpha1::OnLoss& in,
                            model::DeviceKind kind) {
    if (in.action().empty()) {
        missing(run.findings, path + ".action", "what becomes of the device: keep, receive-only or detach");
        return model::OnLoss::keep;
    }
    const auto on_loss = model::parse_on_loss(in.action());
    if (!on_loss) {
        run.findings.add(path + ".action", on_loss.error());
        return model::OnLoss::keep;
    }
    if (*on_loss == model::OnLoss::receive_only && kind == model::DeviceKind::usb)
        run.findings.add(path + ".action", "the host does not know what changes a USB device",
                         "keep or detach", "write detach, or assign its serial port: kind: serial");
    if (*on_loss != model::OnLoss::keep && in.because().empty())
        missing(run.findings, path + ".because", "why a device may be taken from a partition that runs");
    else if (!in.because().empty())
        check_required_text(run.findings, path + ".because", in.because(), 256);
    return *on_loss;
}

void check_terms(Validation& run, const std::string& path, const v1alpha1::DeviceUse& in,
                 model::DeviceKind kind, model::DeviceUse& out) {
    if (in.requirement() == v1alpha1::DeviceUse::nothing) {
        if (in.has_onloss())
            run.findings.add(path + ".onLoss", "there is no trust that could be lost", {},
                             "add requires: trusted, or remove it");
        return;
    }
    out.terms.trusted = true;
    if (kind == model::DeviceKind::pci)
        run.findings.add(
            path + ".requires", "the host can't hold a PCI function back from a guest that runs", {},
            "remove it, or choose a mode in which the host carries what is said: kind: serial, usb or can");
    if (in.has_onloss()) out.terms.on_loss = check_on_loss(run, path + ".onLoss", in.onloss(), kind);
}

// How many of a kind a guest has room for.
void check_room(Validation& run, const std::string& list, const model::Partition& partition) {
    for (const auto& [kind, most] : {std::pair(model::DeviceKind::serial, most::serial_devices),
                                     std::pair(model::DeviceKind::pci, most::pci_devices),
                                     std::pair(model::DeviceKind::usb, most::usb_devices),
                                     std::pair(model::DeviceKind::can, most::can_devices)}) {
        const auto count = std::ranges::count_if(
            partition.devices, [&](const auto& use) { return run.out.kind_of(use.device) == kind; });
        if (static_cast<std::size_t>(count) > most)
            run.findings.add(
                list, std::to_string(count) + " " + std::string(to_string(kind)) + " devices are too many",
                "at most " + std::to_string(most));
    }
}

bool is_shared_line(const Validation& run, const model::DeviceUse& use) {
    const auto* device = run.out.find(use.device);
    return device != nullptr && device->kind == model::DeviceKind::serial && device->shared;
}

// Requests can be told apart only where they are known; bytes of several partitions would be nobody's.
void check_turns(Validation& run, const std::string& path, const v1alpha1::DeviceUse& in,
                 model::DeviceUse& out) {
    const bool given = run.findings.has(path + ".answerWithin");
    if (!is_shared_line(run, out)) {
        if (given)
            run.findings.add(path + ".answerWithin", "the turns at a line are of one that is shared", {},
                             "remove it, or write shared: true at the device");
        return;
    }
    if (out.protocol != model::DeviceProtocol::modbus)
        run.findings.add(path + ".device",
                         "device " + in_quotes(in.device()) + " is shared, request by request",
                         "protocol: modbus", "add it, or remove shared from the device");
    out.line.turns = model::Turns{};
    if (!given) return;
    using model::Turns;
    check_range(run.findings, path + ".answerWithin", in.answerwithin(),
                static_cast<std::uint32_t>(Turns::shortest.count()),
                static_cast<std::uint32_t>(Turns::longest.count()));
    out.line.turns->answer_within = std::chrono::milliseconds(in.answerwithin());
}

// The first use of each line that is shared, where it is, and how many there are.
struct SharedUse {
    model::SerialLine line;
    std::string path;
    std::size_t uses = 0;
};
using SharedUses = std::map<std::string, SharedUse>;

void check_one_line(Validation& run, const std::string& path, const model::DeviceUse& use,
                    SharedUses& lines) {
    if (!is_shared_line(run, use)) return;
    const auto& at = run.out.find(use.device)->at;
    auto& first = lines.try_emplace(at, use.line, path, 0).first->second;
    if (++first.uses > most::at_a_line)
        run.findings.add(path + ".device", "too many share the line at " + in_quotes(at),
                         "at most " + std::to_string(most::at_a_line));
    if (first.line == use.line) return;
    run.findings.add(path + ".line",
                     "it is worked as " + to_string(use.line) + ", and the line at " + in_quotes(at) +
                         " has another use: " + to_string(first.line),
                     "the same line, rs485 and answerWithin at all",
                     "mend it here or at " + run.findings.place(first.path + ".line"));
}

// The rate of each bus, and where it was said first.
using Rates = std::map<std::string, std::pair<std::uint32_t, std::string>>;

void check_one_rate(Validation& run, const std::string& path, const model::DeviceUse& use, Rates& rates) {
    const auto* device = run.out.find(use.device);
    if (device == nullptr || device->kind != model::DeviceKind::can || use.bitrate == 0) return;
    const auto [entry, fresh] = rates.try_emplace(device->at, use.bitrate, path);
    const auto& [rate, place] = entry->second;
    if (fresh || rate == use.bitrate) return;
    run.findings.add(path,
                     std::to_string(use.bitrate) + " bit/s, and the bus at " + in_quotes(device->at) +
                         " has another use at " + std::to_string(rate),
                     "one bit rate on a bus", "mend it here or at " + run.findings.place(place));
}

}  // namespace

void validate_device_uses(Validation& run) {
    Owners owners;
    Rates rates;
    SharedUses lines;
    for (std::size_t i = 0; i < run.out.partitions.size(); ++i) {
        const auto& in = run.in.partitions(static_cast<int>(i));
        const std::string list = item("partitions", i) + ".devices";
        const auto count = check_count(run.findings, list, in.devices_size(), most::devices);
        for (std::size_t j = 0; j < count; ++j) {
            const auto& use = in.devices(static_cast<int>(j));
            const std::string path = item(list, j);
            model::DeviceUse out{.device = model::DeviceName(use.device())};
            const auto kind = run.out.kind_of(out.device);
            check_owner(run, path + ".device", use.device(), in.name(), owners);
            check_line(run, path + ".line", use.line(), kind, out);
            check_rs485(run, path + ".rs485", use, kind, out);
            check_protocol(run, path, use, kind, out);
            check_turns(run, path, use, out);
            check_one_line(run, path, out, lines);
            check_guard(run, path + ".guard", use, kind, out);
            check_terms(run, path, use, kind, out);
            check_one_rate(run, path + ".bitrate", out, rates);
            run.out.partitions[i].devices.push_back(std::move(out));
        }
        check_room(run, list, run.out.partitions[i]);
    }
}

}  // namespace bulkhead::spec
