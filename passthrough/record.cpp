#include "passthrough/record.hpp"

#include <limits>

#include "base/name.hpp"
#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::passthrough {

std::string encode_record(const model::Assignment& assignment) {
    return "token " + std::to_string(assignment.token) + "\ndevice " + assignment.device.str() +
           "\npartition " + assignment.partition.str() + "\nat " + assignment.at + "\nline " +
           model::to_string(assignment.line) + "\nkind " + std::string(to_string(assignment.kind)) +
           "\nguard " + to_string(assignment.rules) + "\nexpect " + to_string(assignment.expect) +
           "\nterms " + to_string(assignment.terms) + "\n";
}

std::map<std::string, std::string> record_values(std::string_view text) {
    std::map<std::string, std::string> values;
    for (const auto& line : split_text(text, '\n'))
        if (const auto space = line.find(' '); space != std::string::npos)
            values.emplace(line.substr(0, space),
                           line.substr(space + 1));  // a torn rewrite leaves old lines last
    return values;
}

Result<model::Assignment> decode_record(std::string_view text, const std::filesystem::path& path) {
    auto values = record_values(text);
    values.emplace("kind", "serial");  // that of versions which knew no other
    const auto token = parse_number(values["token"], 0, std::numeric_limits<std::uint64_t>::max());
    const auto line = model::parse_serial_line(values["line"]);
    const auto kind = model::parse_device_kind(values["kind"]);
    const auto rules = model::parse_line_rules(values["guard"]);
    const auto expect = model::parse_usb_identity(values["expect"]);
    const auto terms = model::parse_device_terms(values["terms"]);
    if (!terms || !expect || !token || !line || !kind || !rules || !is_label(values["device"]) ||
        !is_label(values["partition"]))
        return fail(Code::corrupt, "the record of the assignment can't be read", path.string());
    return model::Assignment{model::DeviceName(values["device"]),
                             model::PartitionName(values["partition"]),
                             *token,
                             values["at"],
                             *line,
                             *kind,
                             *rules,
                             *expect,
                             *terms};
}

}  // namespace bulkhead::passthrough
