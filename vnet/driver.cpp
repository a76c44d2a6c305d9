#include "vnet/driver.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "base/log.hpp"
#include "vnet/alias.hpp"
#include "vnet/kernel_ir.hpp"
#include "vnet/predecessor.hpp"

namespace bulkhead::vnet {
namespace {

constexpr std::size_t most_findings = 1000;  // that wait to be taken

constexpr std::string_view gone = "its interface is gone";

}  // namespace

SwitchDriver::SwitchDriver(const model::Layout& layout, std::unique_ptr<Program> program, Links links)
    : layout_(layout),
      program_(std::move(program)),
      links_(std::move(links)),
      interfaces_(layout, links_),
      ports_(program_->maps(), state_),
      rules_(program_->maps(), state_) {
}

Result<std::unique_ptr<SwitchDriver>> SwitchDriver::open(const model::Layout& layout, Means means) {
    BULKHEAD_TRY(ensure_bpffs(layout.bpf));
    BULKHEAD_TRY(refuse_newer(layout));
    BULKHEAD_TRY_ASSIGN(auto program, Program::open(pins_of(layout), means));
    BULKHEAD_TRY_ASSIGN(auto links, Links::open());
    std::unique_ptr<SwitchDriver> driver(new SwitchDriver(layout, std::move(program), std::move(links)));
    BULKHEAD_TRY(driver->load());
    return driver;
}

Result<> SwitchDriver::load() {
    BULKHEAD_TRY_ASSIGN(const auto findings, vnet::load(program_->maps(), state_, rules_));
    for (const std::string& text : findings.texts) log::info("the switch at the start: " + text);
    BULKHEAD_TRY(replace_predecessor(layout_, *program_, links_));
    return program_->replaces() ? replace_programs() : Result<>();
}

// The pins change last: a crash before that leaves the whole replacement to the next start.
Result<> SwitchDriver::replace_programs() {
    for (const auto& [name, placed] : state_.network.ports) {
        if (!has_interface(placed.port.kind)) continue;
        BULKHEAD_TRY_ASSIGN(const auto link, links_.find(name.str()));
        if (link && port_of(layout_, *link)) BULKHEAD_TRY(program_->guard(link->ifindex));
    }
    log::info("replaced the switch's programs", {{"ports", std::to_string(state_.network.ports.size())}});
    return program_->keep();
}

bool SwitchDriver::handles(const model::Action& action) const {
    return std::holds_alternative<model::CreatePort>(action) ||
           std::holds_alternative<model::DeletePort>(action) ||
           std::holds_alternative<model::OpenConduit>(action) ||
           std::holds_alternative<model::CloseConduit>(action);
}

void SwitchDriver::note(const Findings& findings) {
    for (const std::string& text : findings.texts) {
        log::warning("the switch was tampered with: " + text);
        ++drifts_;
        if (findings_.size() < most_findings) findings_.push_back(text);
    }
}

// A port that was whole, and that nobody here touched since.
void SwitchDriver::note_flaws(const std::map<model::PortName, std::string>& flaws) {
    Findings findings;
    std::set<model::PortName> whole;
    for (const auto& [name, flaw] : flaws) {
        if (flaw.empty()) whole.insert(name);
        if (flaw.empty() || !whole_.contains(name)) continue;
        if (flaw == gone && went_with_its_process(name))
            ++drifts_;
        else
            findings.texts.push_back("port " + name.str() + ": " + flaw);
    }
    whole_ = std::move(whole);
    note(findings);
}

bool SwitchDriver::went_with_its_process(const model::PortName& name) const {
    const auto& port = state_.network.ports.at(name).port;
    const bool has_process = port.kind == model::PortKind::router || port.kind == model::PortKind::guard;
    return has_process && is_there_ && !is_there_(port);
}

Result<> SwitchDriver::observe(model::Observed& observed) {
    const std::lock_guard lock(mutex_);
    return look(observed);
}

Result<bool> SwitchDriver::has_drifted() {
    const std::lock_guard lock(mutex_);
    const auto before = drifts_;
    model::Observed seen;
    BULKHEAD_TRY(look(seen));
    return drifts_ != before;
}

Result<> SwitchDriver::look(model::Observed& observed) {
    BULKHEAD_TRY_ASSIGN(const auto links, links_.all());
    BULKHEAD_TRY_ASSIGN(const auto findings, check(program_->maps(), state_, rules_));
    unsure_ = false;
    note(findings);
    for (const Link& link : links)
        if (const auto port = port_of(layout_, link)) observed.ports[port->name] = {*port, false};
    std::map<model::PortName, std::string> flaws;
    for (const auto& [name, placed] : state_.network.ports) {
        BULKHEAD_TRY_ASSIGN(flaws[name], flaw_of(placed, links));
        if (const auto broken = findings.broken.find(name); broken != findings.broken.end())
            flaws[name] = "its entry in the map " + broken->second + " was changed";
        observed.ports[name] = {placed.port, flaws[name].empty()};
    }
    note_flaws(flaws);
    for (const auto& [rule, placed] : state_.rules) observed.rules.insert(rule);
    return {};
}

Result<> SwitchDriver::execute(const model::Action& action) {
    const std::lock_guard lock(mutex_);
    if (unsure_) {
        BULKHEAD_TRY_ASSIGN(const auto findings, check(program_->maps(), state_, rules_));
        note(findings);
    }
    unsure_ = true;
    if (const auto* create_port = std::get_if<model::CreatePort>(&action))
        BULKHEAD_TRY(create(create_port->port));
    else if (const auto* delete_port = std::get_if<model::DeletePort>(&action))
        BULKHEAD_TRY(remove(delete_port->port));
    else if (const auto* open_conduit = std::get_if<model::OpenConduit>(&action))
        BULKHEAD_TRY(rules_.open(open_conduit->rules, open_conduit->instead));
    else if (const auto* close_conduit = std::get_if<model::CloseConduit>(&action))
        BULKHEAD_TRY(rules_.close(close_conduit->rules));
    else
        return fail(Code::internal, "the switch got a step that is not its own: " + model::subject(action));
    unsure_ = false;
    return {};
}

Result<std::string> SwitchDriver::flaw_of(const PlacedPort& placed, const std::vector<Link>& links) const {
    if (!has_interface(placed.port.kind)) return std::string();
    const auto link = std::ranges::find(links, placed.port.name.str(), &Link::name);
    if (link == links.end()) return std::string(gone);
    BULKHEAD_TRY_ASSIGN(auto flaw, flaw_of(placed, *link));
    if (flaw.empty()) return flaw;
    // One that goes while it is looked at looks like anything.
    BULKHEAD_TRY_ASSIGN(const auto still, links_.find(link->name));
    return still ? flaw : std::string(gone);
}

Result<std::string> SwitchDriver::flaw_of(const PlacedPort& placed, const Link& link) const {
    if (placed.ifindex != link.ifindex) return std::string("another interface has its name");
    if (!interfaces_.is_sound(placed.port, link))
        return std::string("its interface was changed: down, in a bridge, or open to the host");
    BULKHEAD_TRY_ASSIGN(const Held held, program_->guards(link.ifindex));
    if (held == Held::no) return std::string("the switch's programs are not on it");
    if (held == Held::beside_others) return std::string("someone else's program is on it");
    std::optional<Filter> ours;
    if (program_->means() == Means::filters) ours = Filter{filter_priority, filter_handle};
    BULKHEAD_TRY_ASSIGN(const auto others, links_.other_filters(link, ours));
    return std::string(others == 0 ? "" : "someone else's filter is on it");
}

std::set<model::Rule> SwitchDriver::rules_of(const model::PortName& name) const {
    std::set<model::Rule> rules = rules_.of(name);
    for (const auto& [other, placed] : state_.network.ports)
        if (placed.port.wire == name) rules.merge(rules_.of(other));
    return rules;
}

// Its rules name its addresses and its interface, so they are opened anew, in the moment in which it is
// whole.
Result<> SwitchDriver::create(const model::Port& port) {
    if (!has_interface(port.kind)) return create_end(port);
    BULKHEAD_TRY_ASSIGN(const auto link, interfaces_.find(port));
    const auto before = state_.network.ports.find(port.name);
    if (before != state_.network.ports.end() && before->second.port == port && link) {
        BULKHEAD_TRY_ASSIGN(const auto flaw, flaw_of(before->second, *link));
        if (flaw.empty())
            return ports_.admit(port.name, link->ifindex);  // writes what someone changed, if anything
    }
    return stand(port, link);
}

Result<> SwitchDriver::create_end(const model::Port& port) {
    const auto before = state_.network.ports.find(port.name);
    std::set<model::Rule> rules;
    if (before != state_.network.ports.end() && before->second.port != port) rules = rules_of(port.name);
    BULKHEAD_TRY(rules_.close(rules));
    BULKHEAD_TRY(ports_.record(port));
    BULKHEAD_TRY(ports_.admit(port.name, 0));
    return rules_.open(rules);
}

// On record, down, guarded, admitted, up: wherever this ends early, no frame passes and observe() tells.
Result<> SwitchDriver::stand(const model::Port& port, const std::optional<Link>& there) {
    whole_.erase(port.name);
    std::set<model::Rule> rules;
    if (there) BULKHEAD_TRY(links_.set_up(*there, false));
    if (state_.network.ports.contains(port.name)) {
        rules = rules_of(port.name);
        BULKHEAD_TRY(rules_.close(rules));
        BULKHEAD_TRY(ports_.expel(port.name));
    }
    BULKHEAD_TRY(ports_.record(port));
    BULKHEAD_TRY_ASSIGN(const Link link, interfaces_.prepare(port, there));
    BULKHEAD_TRY(program_->release(link.ifindex));  // with whatever someone else put there
    BULKHEAD_TRY(program_->guard(link.ifindex));
    BULKHEAD_TRY(ports_.admit(port.name, link.ifindex));
    BULKHEAD_TRY(rules_.open(rules));
    return interfaces_.set_up(link);
}

Result<> SwitchDriver::remove(const model::PortName& name) {
    const auto placed = state_.network.ports.find(name);
    const bool known = placed != state_.network.ports.end();
    whole_.erase(name);
    if (known) {
        BULKHEAD_TRY(rules_.close(rules_.of(name)));
        BULKHEAD_TRY(rules_.sweep());
        BULKHEAD_TRY(ports_.expel(name));
    }
    BULKHEAD_TRY_ASSIGN(const auto link, links_.find(name.str()));
    if (link)
        if (const auto port = port_of(layout_, *link)) {
            BULKHEAD_TRY(program_->release(link->ifindex));
            BULKHEAD_TRY(interfaces_.give_up(*link, port->kind));
        }
    return known ? ports_.forget(name) : Result<>();
}

Result<Traffic> SwitchDriver::traffic() const {
    const std::lock_guard lock(mutex_);
    return read_traffic(program_->maps(), state_);
}

// What closed rules left behind is done away with first: it is neither meant nor a sign of anything.
Result<Sight> SwitchDriver::see() {
    BULKHEAD_TRY(rules_.sweep());
    Sight sight;
    BULKHEAD_TRY_ASSIGN(sight.there, read_ir(program_->maps().policy));
    sight.wanted = state_.wanted();
    for (const auto& [name, placed] : state_.network.ports) sight.ports[placed.slot] = placed;
    for (const auto& [rule, placed] : state_.rules) sight.rules[placed.number] = rule;
    BULKHEAD_TRY_ASSIGN(const auto links, links_.all());
    for (const auto& [name, placed] : state_.network.ports) {
        BULKHEAD_TRY_ASSIGN(auto flaw, flaw_of(placed, links));
        if (!flaw.empty()) sight.flaws[name] = std::move(flaw);
    }
    return sight;
}

Result<Sight> SwitchDriver::sight() {
    const std::lock_guard lock(mutex_);
    return see();
}

// The twin is loaded before the lock is taken: frames pass without us, but a change would wait.
Result<Trials> SwitchDriver::try_frames(const model::PortName& port, const std::vector<Frame>& frames) {
    BULKHEAD_TRY_ASSIGN(const auto twin, Twin::open(*program_));
    const std::lock_guard lock(mutex_);
    const auto placed = state_.network.ports.find(port);
    if (placed == state_.network.ports.end() || placed->second.ifindex == 0)
        return fail(Code::not_found, "no port of the switch stands on an interface of that name", port.str());
    Trials trials;
    BULKHEAD_TRY_ASSIGN(trials.sight, see());
    BULKHEAD_TRY_ASSIGN(trials.trials, vnet::try_frames(trials.sight, program_->maps(), *twin,
                                                        placed->second.ifindex, frames));
    return trials;
}

Result<std::vector<Flow>> SwitchDriver::flows(std::size_t limit) const {
    const std::lock_guard lock(mutex_);
    return read_flows(program_->maps(), state_, limit);
}

std::vector<std::string> SwitchDriver::take_findings() {
    const std::lock_guard lock(mutex_);
    return std::exchange(findings_, {});
}

Result<> destroy_switch(const model::Layout& layout) {
    BULKHEAD_TRY_ASSIGN(auto links, Links::open());
    BULKHEAD_TRY_ASSIGN(const auto all, links.all());
    Interfaces interfaces(layout, links);
    const Attachments attachments(Program::links_of(pins_of(layout)), best_means());
    for (const Link& link : all) {
        const auto port = port_of(layout, link);
        if (!port) continue;
        if (port->kind == model::PortKind::wire) BULKHEAD_TRY(attachments.clear(link.ifindex));
        BULKHEAD_TRY(interfaces.give_up(link, port->kind));
    }
    std::error_code ec;
    std::filesystem::remove_all(layout.bpf, ec);
    if (ec) return fail(Code::io, "can't remove the pins: " + ec.message(), layout.bpf.string());
    return {};
}

}  // namespace bulkhead::vnet
