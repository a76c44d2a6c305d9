// One spec for many gateways: what differs from site to site stands as ${name} in the text, and is filled in
// from a file of values. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "yaml/document.hpp"

namespace bulkhead::cli {

struct SiteValue {
    std::string text;
    yaml::Mark at;  // in the file of values
};
using SiteValues = std::map<std::string, SiteValue>;

// A map of names to scalars: `plant_card: enp2s0`. All that is wrong with it otherwise. A value can't change
// the structure of the text that it is put into: what means something to YAML is refused.
std::expected<SiteValues, Errors> parse_site_values(std::string_view text, std::string_view file_name);

// Each ${name} becomes its value; $${ stands for ${ itself. Lines stay where they are, and those that are a
// comment stay as they are. Errors: a name without
// a value, with its place in the text, and a value that nothing asks for, with its place in the file of
// values.
std::expected<std::string, Errors> fill_in(std::string_view text, std::string_view file_name,
                                           const SiteValues& values, std::string_view values_name);

}  // namespace bulkhead::cli
