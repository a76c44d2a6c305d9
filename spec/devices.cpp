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

}  // namespace bulkhead::spec
