// A valid document, and what is told of it after an edit.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "spec/validate.hpp"

namespace bulkhead::spec {

// Line numbers in the tests are those of this text.
inline constexpr std::string_view valid_document = R"(apiVersion: bulkhead/v1alpha1
kind: Gateway
metadata: {name: press-line-3, site: hall-2, labels: {line: "3"}, timeZone: Europe/Vienna}
tenants:
  - {name: acme, quota: {cpus: 2, memory: 512MiB, disk: 1GiB, partitions: 2}}
  - {name: it, quota: {cpus: 1, memory: 512MiB, partitions: 1}}
devices:
  - {name: rs485-1, kind: serial, at: /dev/serial/by-path/one}
  - {name: can-1, kind: serial, at: /dev/serial/by-path/two}
zones:
  - {name: acme-cell, tenant: acme, subnet: 10.20.1.0/24}
  - {name: management, tenant: it, subnet: 10.20.9.0/24}
partitions:
  - name: robot-cell
    tenant: acme
    image: partition-base
    cpus: 2
    pin: 2,4-5
    memory: 192MiB
    ioWeight: 200
    volumes: [{name: data, size: 64MiB, mount: /data}, {name: log, size: 8MiB, mount: /var/log}]
    application: {path: modbus-collector, config: {unit: 1, registers: 0-9, period: 1s}}
    devices: [{device: rs485-1, line: 9600 8N1}, {device: can-1, line: 115200 8N1, protocol: slcan, bitrate: 500000}]
    interfaces: [{zone: acme-cell, address: 10.20.1.10}]
    lock: {by: Eva, reason: acceptance test}
  - name: it-admin
    tenant: it
    image: partition-base
    cpus: 1
    memory: 192MiB
    interfaces: [{zone: management, address: 10.20.9.2}]
    lock: null
conduits:
  - {name: readings, from: robot-cell, to: it-admin, allow: [tcp/8883, icmp], because: "IT collects the readings"}
)";

// Of robot-cell, to be edited.
inline constexpr const char* robot_address = "address: 10.20.1.10}";

struct Edit {
    std::string_view from;  // must be there; its first appearance is replaced
    std::string to;
};

inline std::string edited(const std::vector<Edit>& edits) {
    std::string text(valid_document);
    for (const auto& [from, to] : edits) {
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
    }
    return text;
}

// All errors of the edited document, a line each.
inline std::string told(const std::vector<Edit>& edits) {
    const auto spec = read_spec(edited(edits), "f.yaml");
    if (spec) return "accepted";
    std::string lines;
    for (const auto& error : spec.error()) lines += (lines.empty() ? "" : "\n") + error.text();
    return lines;
}

inline std::string told(std::string_view from, const std::string& to) {
    return told({{from, to}});
}

}  // namespace bulkhead::spec
