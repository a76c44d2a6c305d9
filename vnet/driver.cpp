#include "vnet/driver.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "base/log.hpp"
#include "vnet/alias.hpp"
#include "vnet/tap.hpp"

namespace bulkhead::vnet {
namespace {

constexpr std::array<std::string_view, switch_drop_count> drop_names{
#define BULKHEAD_DROP_NAME(name) #name,
    SWITCH_DROPS(BULKHEAD_DROP_NAME)
#undef BULKHEAD_DROP_NAME
};

// A folder per format of the maps: a build never reads what it does not understand.
std::filesystem::path pins_of(const model::Layout& layout) {
    return layout.bpf / ("format-" + std::to_string(SWITCH_FORMAT));
}

// Two switches of one owner would fight for the taps.
Result<> refuse_other_formats(const model::Layout& layout) {
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator(layout.bpf, ec))
        if (entry.path() != pins_of(layout))
            return fail(Code::conflict, "the switch in the kernel was made by another version of Bulkhead",
                        entry.path().string(), pins_of(layout).filename().string(),
                        "stop all partitions, then take the switch down and start again");
    return {};
}

PortTraffic as_traffic(const switch_port_counters& counters) {
    PortTraffic traffic{counters.received, counters.delivered, {}};
    for (std::size_t i = 0; i < drop_names.size(); ++i)
        if (counters.dropped[i] != 0) traffic.dropped[std::string(drop_names[i])] = counters.dropped[i];
    return traffic;
}

Result<> remove_tap(Links& links, const Link& link) {
    BULKHEAD_TRY(links.set_up(link, false));
    return links.remove(link);
}

}  // namespace

SwitchDriver::SwitchDriver(model::Layout layout, std::unique_ptr<Program> program, Links links)
    : layout_(std::move(layout)),
      program_(std::move(program)),
      links_(std::move(links)),
      ports_(*program_),
      rules_(*program_) {
}

Result<std::unique_ptr<SwitchDriver>> SwitchDriver::open(const model::Layout& layout) {
    BULKHEAD_TRY(ensure_bpffs(layout.bpf));
    BULKHEAD_TRY(refuse_other_formats(layout));
    BULKHEAD_TRY_ASSIGN(auto program, Program::open(pins_of(layout)));
    BULKHEAD_TRY_ASSIGN(auto links, Links::open());
    std::unique_ptr<SwitchDriver> driver(new SwitchDriver(layout, std::move(program), std::move(links)));
    if (driver->program_->replaces()) BULKHEAD_TRY(driver->replace_programs());
    BULKHEAD_TRY_ASSIGN(const auto ports, driver->ports_.all());
    BULKHEAD_TRY(driver->rules_.sweep(ports));
    return driver;
}

// The pins change last: a crash before that leaves the whole replacement to the next start.
Result<> SwitchDriver::replace_programs() {
    BULKHEAD_TRY_ASSIGN(const auto ports, ports_.all());
    for (const PortRecord& record : ports) {
        BULKHEAD_TRY_ASSIGN(const auto link, links_.find(record.port.name.str()));
        if (link && port_of(layout_, *link)) BULKHEAD_TRY(program_->guard(link->ifindex));
    }
    log::info("replaced the switch's programs", {{"ports", std::to_string(ports.size())}});
    return program_->keep();
}

bool SwitchDriver::handles(const model::Action& action) const {
    return std::holds_alternative<model::CreatePort>(action) ||
           std::holds_alternative<model::DeletePort>(action) ||
           std::holds_alternative<model::OpenConduit>(action) ||
           std::holds_alternative<model::CloseConduit>(action);
}

Result<> SwitchDriver::observe(model::Observed& observed) {
    BULKHEAD_TRY_ASSIGN(const auto links, links_.all());
    BULKHEAD_TRY_ASSIGN(const auto records, ports_.all());
    for (const Link& link : links)
        if (const auto port = port_of(layout_, link)) observed.ports[port->name] = {*port, false};
    for (const PortRecord& record : records) {
        const auto link = std::ranges::find(links, record.port.name.str(), &Link::name);
        bool whole = false;
        if (link != links.end()) {
            BULKHEAD_TRY_ASSIGN(whole, is_whole(record, *link));
        }
        observed.ports[record.port.name] = {record.port, whole};
    }
    BULKHEAD_TRY_ASSIGN(auto rules, rules_.all(records));
    observed.rules.merge(rules);
    return {};
}

Result<> SwitchDriver::execute(const model::Action& action) {
    if (const auto* create_port = std::get_if<model::CreatePort>(&action)) return create(create_port->port);
    if (const auto* delete_port = std::get_if<model::DeletePort>(&action)) return remove(delete_port->port);
    BULKHEAD_TRY_ASSIGN(const auto ports, ports_.all());
    if (const auto* open_conduit = std::get_if<model::OpenConduit>(&action))
        return rules_.open(open_conduit->rules, ports);
    if (const auto* close_conduit = std::get_if<model::CloseConduit>(&action))
        return rules_.close(close_conduit->rules, ports);
    return fail(Code::internal, "the switch got a step that is not its own: " + model::subject(action));
}

Result<bool> SwitchDriver::is_whole(const PortRecord& record, const Link& link) const {
    if (link.alias != alias_of(layout_, record.port) || !port_of(layout_, link)) return false;
    if (!link.up || link.master != 0 || !is_hushed(link.name)) return false;
    BULKHEAD_TRY_ASSIGN(const bool guarded, program_->guards(link.ifindex));
    if (!guarded) return false;
    return ports_.admits(record, link.ifindex);
}

// On record, down, guarded, admitted, up: wherever this ends early, no frame passes and observe() tells.
Result<> SwitchDriver::create(const model::Port& port) {
    BULKHEAD_TRY_ASSIGN(auto link, links_.find(port.name.str()));
    if (link && !port_of(layout_, *link))
        return fail(Code::conflict, "a network interface that is not ours has the name of a port",
                    port.name.str(), "no interface of that name", "ip link delete " + port.name.str());
    BULKHEAD_TRY_ASSIGN(const auto before, ports_.find(port.name));
    if (before && before->port == port && link) {
        BULKHEAD_TRY_ASSIGN(const bool whole, is_whole(*before, *link));
        if (whole) return {};
    }
    if (link) BULKHEAD_TRY(links_.set_up(*link, false));
    if (before) BULKHEAD_TRY(ports_.expel(before->slot));
    if (before && before->port != port) {
        // Rules hold the old address; they are opened again for the new one.
        BULKHEAD_TRY_ASSIGN(const auto ports, ports_.all());
        BULKHEAD_TRY(rules_.close(before->slot, ports));
    }
    BULKHEAD_TRY_ASSIGN(const PortRecord record, ports_.record(port));
    if (!link) {
        BULKHEAD_TRY_ASSIGN(link, make_tap(port));
    }
    BULKHEAD_TRY(links_.set_alias(*link, alias_of(layout_, port)));
    if (link->master != 0) BULKHEAD_TRY(links_.release(*link));
    BULKHEAD_TRY(hush(link->name));
    BULKHEAD_TRY(program_->guard(link->ifindex));
    BULKHEAD_TRY(ports_.admit(record, link->ifindex));
    return links_.set_up(*link, true);
}

// It stays only once it says whose it is.
Result<Link> SwitchDriver::make_tap(const model::Port& port) {
    BULKHEAD_TRY_ASSIGN(const Fd tap, open_tap(port.name.str()));
    BULKHEAD_TRY_ASSIGN(const auto link, links_.find(port.name.str()));
    if (!link) return fail(Code::internal, "a tap that was made is not there", port.name.str());
    BULKHEAD_TRY(links_.set_alias(*link, alias_of(layout_, port)));
    BULKHEAD_TRY(persist(tap));
    return *link;
}

Result<> SwitchDriver::remove(const model::PortName& name) {
    BULKHEAD_TRY_ASSIGN(const auto ports, ports_.all());
    const auto record =
        std::ranges::find_if(ports, [&](const PortRecord& each) { return each.port.name == name; });
    if (record != ports.end()) {
        BULKHEAD_TRY(ports_.expel(record->slot));
        BULKHEAD_TRY(rules_.close(record->slot, ports));
    }
    BULKHEAD_TRY_ASSIGN(const auto link, links_.find(name.str()));
    if (link && port_of(layout_, *link)) BULKHEAD_TRY(remove_tap(links_, *link));
    return record == ports.end() ? Result<>() : ports_.forget(record->slot);
}

Result<Traffic> SwitchDriver::traffic() const {
    Traffic traffic;
    BULKHEAD_TRY_ASSIGN(const auto ports, ports_.all());
    for (const PortRecord& record : ports) {
        BULKHEAD_TRY_ASSIGN(const auto counters, program_->port_counters().sum(record.slot));
        traffic.ports[record.port.name] = as_traffic(counters);
    }
    BULKHEAD_TRY_ASSIGN(const auto strangers, program_->port_counters().sum(0));
    traffic.strangers = as_traffic(strangers);
    BULKHEAD_TRY_ASSIGN(const auto conduits, rules_.counters());
    for (const auto& [conduit, counters] : conduits)
        traffic.conduits[conduit] = {counters.packets, counters.bytes};
    return traffic;
}

Result<> destroy_switch(const model::Layout& layout) {
    BULKHEAD_TRY_ASSIGN(auto links, Links::open());
    BULKHEAD_TRY_ASSIGN(const auto all, links.all());
    for (const Link& link : all)
        if (port_of(layout, link)) BULKHEAD_TRY(remove_tap(links, link));
    std::error_code ec;
    std::filesystem::remove_all(layout.bpf, ec);
    if (ec) return fail(Code::io, "can't remove the pins: " + ec.message(), layout.bpf.string());
    return {};
}

}  // namespace bulkhead::vnet
