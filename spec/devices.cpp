#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {

void validate_devices(Validation& run) {
    const auto count = check_count(run.findings, "devices", run.in.devices_size(), most::devices);
    Unique places;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& in = run.in.devices(static_cast<int>(i));
        const std::string path = item("devices", i);
        run.devices.declare(run.findings, path + ".name", in.name());
        if (in.kind() != v1alpha1::serial) missing(run.findings, path + ".kind", "serial");
        if (check_absolute_path(run.findings, path + ".at", in.at(),
                                "an absolute path without '..', best a /dev/serial/by-path link"))
            if (const std::string* first = places.put(in.at(), path + ".at"))
                run.findings.add(path + ".at", in_quotes(in.at()) + " is the place of another device", {},
                                 "mend it here or at " + run.findings.place(*first));
        run.out.devices.push_back({model::DeviceName(in.name()), model::DeviceKind::serial, in.at()});
    }
}

void validate_device_uses(Validation& run) {
    std::map<std::string, std::size_t> owners;  // device -> partition
    Unique first_use;
    for (std::size_t i = 0; i < run.out.partitions.size(); ++i) {
        const auto& in = run.in.partitions(static_cast<int>(i));
        const std::string list = item("partitions", i) + ".devices";
        const auto count = check_count(run.findings, list, in.devices_size(), most::serial_devices);
        for (std::size_t j = 0; j < count; ++j) {
            const auto& use = in.devices(static_cast<int>(j));
            const std::string path = item(list, j);
            model::DeviceUse out{model::DeviceName(use.device()), {}};
            if (run.devices.refer(run.findings, path + ".device", use.device()) != Declared::npos) {
                if (const std::string* first = first_use.put(use.device(), path + ".device"))
                    run.findings.add(
                        path + ".device",
                        "device " + in_quotes(use.device()) + " is in use by partition " +
                            in_quotes(run.in.partitions(static_cast<int>(owners[use.device()])).name()) +
                            " already",
                        "one owner per device", "remove it here or at " + run.findings.place(*first));
                owners.try_emplace(use.device(), i);
            }
            if (use.line().empty())
                missing(run.findings, path + ".line", "a serial line setting such as 9600 8N1");
            else if (auto line = model::parse_serial_line(use.line()))
                out.line = *line;
            else
                run.findings.add(path + ".line", line.error());
            run.out.partitions[i].devices.push_back(std::move(out));
        }
    }
}

}  // namespace bulkhead::spec
