#include "cli/output.hpp"

#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>

#include "cli/yaml.hpp"

namespace bulkhead::cli {

Format format_of(const Invocation& args) {
    const std::string word = args.text("output");
    return word == "wide"   ? Format::wide
           : word == "json" ? Format::json
           : word == "yaml" ? Format::yaml
                            : Format::table;
}

std::string machine_text(const google::protobuf::Message& message, Format format) {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    options.always_print_primitive_fields = true;
    options.add_whitespace = format == Format::json;
    std::string json;
    const auto printed = google::protobuf::util::MessageToJsonString(message, &json, options);
    if (!printed.ok()) return {};  // only well-known types can fail, and there are none
    if (format == Format::json) return json;
    // Parsed with its order kept; what protobuf wrote is always well-formed.
    return yaml_text(nlohmann::ordered_json::parse(json, nullptr, false));
}

}  // namespace bulkhead::cli
