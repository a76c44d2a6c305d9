#include "partition-manager/apply/step_codec.hpp"

#include <array>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "model/json_value.hpp"
#include "model/port_text.hpp"

namespace bulkhead::apply {
namespace {

using Json = nlohmann::json;
using model::Malformed;
using model::value;

template <class Tag>
Json json(const Name<Tag>& name) {
    return name.str();
}
template <class N>
N name(const Json& from) {
    return N(from.get<std::string>());
}

Json json(const model::VolumeId& id) {
    return {{"partition", json(id.partition)}, {"volume", json(id.volume)}};
}
model::VolumeId volume_id(const Json& from) {
    return {name<model::PartitionName>(from.at("partition")), name<model::VolumeName>(from.at("volume"))};
}

Json json(const model::VolumeDisk& disk) {
    return {{"id", json(disk.id)}, {"size", disk.size.count}};
}
model::VolumeDisk volume_disk(const Json& from) {
    return {volume_id(from.at("id")), Bytes{from.at("size").get<std::uint64_t>()}};
}

Json json(const model::Port& port) {
    return Json::parse(model::port_text(port));
}
model::Port port(const Json& from) {
    return value(model::parse_port_text(from.dump()));
}

Json json(const std::set<model::Rule>& rules) {
    auto list = Json::array();
    for (const auto& rule : rules) {
        Json made{{"from", json(rule.from)},
                  {"to", json(rule.to)},
                  {"service", to_string(rule.service)},
                  {"conduit", rule.conduit}};
        if (rule.rate != 0) made["rate"] = rule.rate;
        if (!rule.mirror.empty()) made["mirror"] = json(rule.mirror);
        if (!rule.via.empty()) made["via"] = json(rule.via);
        list.push_back(std::move(made));
    }
    return list;
}
std::set<model::Rule> rules(const Json& from) {
    std::set<model::Rule> set;
    for (const auto& each : from)
        set.insert({name<model::PortName>(each.at("from")), name<model::PortName>(each.at("to")),
                    value(model::parse_service(each.at("service").get<std::string>())),
                    each.at("conduit").get<std::uint32_t>(), each.value("rate", std::uint64_t{0}),
                    model::PortName(each.value("mirror", std::string())),
                    model::PortName(each.value("via", std::string()))});
    return set;
}

Json json(const model::Assignment& a) {
    return {{"device", json(a.device)},
            {"partition", json(a.partition)},
            {"token", a.token},
            {"at", a.at},
            {"line", to_string(a.line)},
            {"kind", std::string(to_string(a.kind))},
            {"rules", to_string(a.rules)},
            {"expect", to_string(a.expect)},
            {"terms", to_string(a.terms)}};
}
// Up to version 3 all were serial.
model::DeviceKind device_kind(const Json& from) {
    return value(model::parse_device_kind(from.value("kind", std::string("serial"))));
}
model::Assignment assignment(const Json& from) {
    return {name<model::DeviceName>(from.at("device")),
            name<model::PartitionName>(from.at("partition")),
            from.at("token").get<std::uint64_t>(),
            from.at("at").get<std::string>(),
            value(model::parse_serial_line(from.at("line").get<std::string>())),
            device_kind(from),
            value(model::parse_line_rules(from.value("rules", std::string()))),
            value(model::parse_usb_identity(from.value("expect", std::string()))),
            value(model::parse_device_terms(from.value("terms", std::string())))};
}

Json json(const model::MachineDevice& device) {
    return {{"name", json(device.name)}, {"kind", std::string(to_string(device.kind))}, {"at", device.at}};
}
// Up to version 3 there were names of serial ones.
std::vector<model::MachineDevice> machine_devices(const Json& from) {
    std::vector<model::MachineDevice> devices;
    for (const auto& each : from.value("serial_devices", Json::array()))
        devices.push_back({name<model::DeviceName>(each)});
    for (const auto& each : from.value("devices", Json::array()))
        devices.push_back(
            {name<model::DeviceName>(each.at("name")), device_kind(each), each.at("at").get<std::string>()});
    return devices;
}

Json json(const model::Image& image) {
    return {{"name", json(image.name)},
            {"digest", image.digest},
            {"kernel", image.kernel.string()},
            {"initrd", image.initrd.string()},
            {"kernel_digest", image.kernel_digest},
            {"initrd_digest", image.initrd_digest},
            {"command_line", image.command_line}};
}
model::Image image(const Json& from) {
    return {name<model::ImageName>(from.at("name")),     from.at("digest").get<std::string>(),
            from.at("kernel").get<std::string>(),        from.at("initrd").get<std::string>(),
            from.at("kernel_digest").get<std::string>(), from.at("initrd_digest").get<std::string>(),
            from.at("command_line").get<std::string>()};
}

template <class T>
Json list(const std::vector<T>& items) {
    auto made = Json::array();
    for (const auto& item : items) made.push_back(json(item));
    return made;
}

Json json(const model::Bundle& bundle) {
    return {{"name", json(bundle.reference.name)},
            {"digest", bundle.reference.digest},
            {"version", bundle.version},
            {"memory", bundle.memory.count},
            {"config", bundle.config},
            {"disk", bundle.disk.string()},
            {"disk_digest", bundle.disk_digest}};
}
model::Bundle bundle(const Json& from) {
    return {{name<model::BundleName>(from.at("name")), from.at("digest").get<std::string>()},
            from.at("version").get<std::string>(),
            Bytes{from.at("memory").get<std::uint64_t>()},
            from.at("config").get<std::set<std::string>>(),
            from.at("disk").get<std::string>(),
            from.at("disk_digest").get<std::string>()};
}

Json json(const model::Machine& m) {
    Json made = {{"name", json(m.name)},
                 {"uid", m.uid},
                 {"tenant", json(m.tenant)},
                 {"cpus", m.cpus},
                 {"pin", m.pin},
                 {"memory", m.memory.count},
                 {"io_weight", m.io_weight},
                 {"image", json(m.image)},
                 {"volumes", list(m.volumes)},
                 {"devices", list(m.devices)},
                 {"ports", list(m.ports)},
                 {"tpm", m.tpm},
                 {"offloads", m.offloads},
                 {"fingerprint", m.fingerprint}};
    // Absent in what older versions wrote, as in a machine without one.
    if (m.bundle) made["bundle"] = json(*m.bundle);
    return made;
}
model::Machine machine(const Json& from) {
    model::Machine m;
    m.name = name<model::PartitionName>(from.at("name"));
    m.uid = from.at("uid").get<std::string>();
    m.tenant = name<model::TenantName>(from.at("tenant"));
    m.cpus = from.at("cpus").get<unsigned>();
    m.pin = from.at("pin").get<std::vector<unsigned>>();
    m.memory = Bytes{from.at("memory").get<std::uint64_t>()};
    m.io_weight = from.at("io_weight").get<unsigned>();
    m.image = image(from.at("image"));
    if (from.contains("bundle")) m.bundle = bundle(from.at("bundle"));
    for (const auto& each : from.at("volumes")) m.volumes.push_back(volume_disk(each));
    m.devices = machine_devices(from);
    for (const auto& each : from.at("ports")) m.ports.push_back(port(each));
    // Absent in journals of versions without.
    m.tpm = from.value("tpm", false);
    m.offloads = from.value("offloads", false);
    m.fingerprint = from.at("fingerprint").get<std::string>();
    return m;
}

struct ToJson {
    Json operator()(const model::CreateVolume& a) const { return {{"disk", json(a.disk)}}; }
    Json operator()(const model::DeleteVolume& a) const { return {{"id", json(a.id)}}; }
    Json operator()(const model::CreatePort& a) const { return {{"port", json(a.port)}}; }
    Json operator()(const model::DeletePort& a) const {
        return {{"port", json(a.port)}, {"partition", json(a.partition)}};
    }
    Json operator()(const model::OpenConduit& a) const {
        Json made{{"conduit", json(a.conduit)}, {"rules", json(a.rules)}};
        if (!a.instead.empty()) made["instead"] = json(a.instead);
        return made;
    }
    Json operator()(const model::CloseConduit& a) const {
        return {{"conduit", json(a.conduit)}, {"rules", json(a.rules)}};
    }
    Json operator()(const model::AssignDevice& a) const { return {{"assignment", json(a.assignment)}}; }
    Json operator()(const model::ReleaseDevice& a) const {
        return {{"device", json(a.device)}, {"partition", json(a.partition)}, {"token", a.token}};
    }
    Json operator()(const model::DefineMachine& a) const { return {{"machine", json(a.machine)}}; }
    Json operator()(const model::CreateRouter& a) const {
        return {{"router", Json::parse(model::router_text(a.router))}};
    }
    Json operator()(const model::DeleteRouter& a) const { return {{"tenant", json(a.tenant)}}; }
    Json operator()(const model::CreateGuard& a) const {
        return {{"guard", Json::parse(model::guard_text(a.guard))}};
    }
    Json operator()(const model::DeleteGuard& a) const { return {{"tenant", json(a.tenant)}}; }
    template <class OfPartition>
    Json operator()(const OfPartition& a) const {
        return {{"partition", json(a.partition)}};
    }
};

model::PartitionName partition(const Json& from) {
    return name<model::PartitionName>(from.at("partition"));
}
model::ConduitName conduit(const Json& from) {
    return name<model::ConduitName>(from.at("conduit"));
}

// By "verb kind", which is what a person sees too.
const std::map<std::string, std::function<model::Action(const Json&)>, std::less<>>& readers() {
    static const std::map<std::string, std::function<model::Action(const Json&)>, std::less<>> all{
        {"create volume", [](const Json& j) { return model::CreateVolume{volume_disk(j.at("disk"))}; }},
        {"delete volume", [](const Json& j) { return model::DeleteVolume{volume_id(j.at("id"))}; }},
        {"create port", [](const Json& j) { return model::CreatePort{port(j.at("port"))}; }},
        {"delete port",
         [](const Json& j) { return model::DeletePort{name<model::PortName>(j.at("port")), partition(j)}; }},
        {"open conduit",
         [](const Json& j) {
             return model::OpenConduit{conduit(j), rules(j.at("rules")),
                                       rules(j.value("instead", Json::array()))};
         }},
        {"close conduit",
         [](const Json& j) { return model::CloseConduit{conduit(j), rules(j.at("rules"))}; }},
        {"assign device", [](const Json& j) { return model::AssignDevice{assignment(j.at("assignment"))}; }},
        {"release device",
         [](const Json& j) {
             return model::ReleaseDevice{name<model::DeviceName>(j.at("device")), partition(j),
                                         j.at("token").get<std::uint64_t>()};
         }},
        {"define partition", [](const Json& j) { return model::DefineMachine{machine(j.at("machine"))}; }},
        {"undefine partition", [](const Json& j) { return model::UndefineMachine{partition(j)}; }},
        {"start partition", [](const Json& j) { return model::StartMachine{partition(j)}; }},
        {"stop partition", [](const Json& j) { return model::StopMachine{partition(j)}; }},
        {"create router",
         [](const Json& j) {
             return model::CreateRouter{value(model::parse_router_text(j.at("router").dump()))};
         }},
        {"delete router",
         [](const Json& j) { return model::DeleteRouter{name<model::TenantName>(j.at("tenant"))}; }},
        {"create guard",
         [](const Json& j) {
             return model::CreateGuard{value(model::parse_guard_text(j.at("guard").dump()))};
         }},
        {"delete guard",
         [](const Json& j) { return model::DeleteGuard{name<model::TenantName>(j.at("tenant"))}; }},
    };
    return all;
}

model::Disruption disruption(const std::string& text) {
    using enum model::Disruption;
    for (const auto each : {none, live, restart, detach})
        if (to_string(each) == text) return each;
    throw Malformed{"disruption '" + text + "'"};
}

std::unexpected<Error> corrupt(std::string_view text, const std::string& why) {
    return fail(Code::corrupt, "what is stored is not what was written: " + why,
                "journal: " + printable(text, 120));
}

// Runs `read`; the library's exceptions end here.
template <class F>
auto guarded(std::string_view text, F read) -> Result<decltype(read())> {
    try {
        return read();
    } catch (const Json::exception& error) {
        return corrupt(text, error.what());
    } catch (const Malformed& error) {
        return corrupt(text, error.what);
    }
}

Result<int> version_of(std::string_view text) {
    return guarded(text, [&] { return Json::parse(text).at("version").get<int>(); });
}

Result<std::string> with_version(std::string_view text, int version) {
    return guarded(text, [&] {
        auto json = Json::parse(text);
        json["version"] = version;
        return json.dump();
    });
}

template <class Set>
Json names(const Set& set) {
    auto list = Json::array();
    for (const auto& each : set) list.push_back(json(each));
    return list;
}

}  // namespace

// 2: ports of other kinds than taps, rules with a rate and a mirror. What version 1 has not is what they have
// by default, so its text stands; the number tells a daemon of version 1 that it can't read what it does not
// know. 3: routers. 4: devices of other kinds than serial lines. 5: lines that turn around. 6: guards of
// conduits, and rules that lead through them.
std::span<const StepMigration> step_migrations() {
    static constexpr auto as_it_stands = [](std::string_view text) -> Result<std::string> {
        return std::string(text);
    };
    static const std::array<StepMigration, 5> all{as_it_stands, as_it_stands, as_it_stands, as_it_stands,
                                                  as_it_stands};
    return all;
}

int step_version() {
    return 1 + static_cast<int>(step_migrations().size());
}

std::string encode_step(const model::Step& step) {
    const Json made{{"version", step_version()},
                    {"action", std::string(verb(step.action)) + " " + std::string(kind(step.action))},
                    {"with", std::visit(ToJson{}, step.action)},
                    {"disruption", std::string(to_string(step.disruption))},
                    {"reason", valid_utf8(step.reason)},
                    {"partition", json(step.partition)},
                    {"after", step.after}};
    return made.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::string> migrate_step(std::string_view text, std::span<const StepMigration> migrations) {
    const int newest = 1 + static_cast<int>(migrations.size());
    BULKHEAD_TRY_ASSIGN(const int version, version_of(text));
    if (version > newest)
        return fail(Code::newer, "the journal holds a step of version " + std::to_string(version), {},
                    "version " + std::to_string(newest) + " or older",
                    "run the bulkheadd that wrote it, or a later one");
    if (version < 1) return corrupt(text, "version " + std::to_string(version));
    std::string migrated(text);
    for (int next = version; next < newest; ++next) {
        BULKHEAD_TRY_ASSIGN(migrated, migrations[static_cast<std::size_t>(next - 1)](migrated));
        BULKHEAD_TRY_ASSIGN(migrated, with_version(migrated, next + 1));
    }
    return migrated;
}

Result<model::Step> decode_step(std::string_view text) {
    BULKHEAD_TRY_ASSIGN(const auto current, migrate_step(text, step_migrations()));
    return guarded(text, [&] {
        const auto from = Json::parse(current);
        const auto reader = readers().find(from.at("action").get<std::string>());
        if (reader == readers().end()) throw Malformed{"no such action"};
        model::Step step;
        step.action = reader->second(from.at("with"));
        step.disruption = disruption(from.at("disruption").get<std::string>());
        step.reason = from.at("reason").get<std::string>();
        step.partition = name<model::PartitionName>(from.at("partition"));
        step.after = from.at("after").get<std::set<std::size_t>>();
        return step;
    });
}

std::string encode_permits(const model::Permits& permits) {
    return Json{{"restart", names(permits.restart)},
                {"detach", names(permits.detach)},
                {"delete_volumes", names(permits.delete_volumes)}}
        .dump();
}

Result<model::Permits> decode_permits(std::string_view text) {
    return guarded(text, [&] {
        const auto from = Json::parse(text);
        model::Permits permits;
        for (const auto& each : from.at("restart")) permits.restart.insert(name<model::PartitionName>(each));
        for (const auto& each : from.at("detach")) permits.detach.insert(name<model::DeviceName>(each));
        for (const auto& each : from.at("delete_volumes")) permits.delete_volumes.insert(volume_id(each));
        return permits;
    });
}

}  // namespace bulkhead::apply
