// Messages for machines: the field names are those of control.proto and part of the product.
#pragma once

#include <string>

#include "bulkhead/v1alpha1/control.pb.h"
#include "cli/command.hpp"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;

enum class Format { table, wide, json, yaml };

// Of -o; the parser let only known words through.
Format format_of(const Invocation& args);
inline bool for_people(Format format) {
    return format == Format::table || format == Format::wide;
}

// `format` is json or yaml. 64-bit numbers are strings, as protobuf's JSON mapping has it.
std::string machine_text(const google::protobuf::Message& message, Format format);

}  // namespace bulkhead::cli
